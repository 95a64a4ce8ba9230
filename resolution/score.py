"""Match weights by Fellegi and Sunter (1969), in bits, with term-frequency adjustment and the classes of related parties.

A pair's weight is a function of (its two records, the model): alone, in a batch, from a file or the database it is the same number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolution.features import Features, Index


@dataclass(frozen=True, slots=True)
class Model:
    """Parameters for people and organisations; a value. `version` is the hash of its content.

    document: JSON-able; what `to_json` gives and `Model.from_json` takes.
    """

    document: Mapping[str, Any]
    version: str

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Model":
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Scores:
    """weight: float64[p], posterior log2 odds (prior included: 0 is an even chance); probability: float64[p];
    bits: float32[p, c], what each of `comparisons` adds (term frequency included), columns in the order of `comparisons`."""

    weight: NDArray[np.float64]
    probability: NDArray[np.float64]
    bits: NDArray[np.float32]
    comparisons: tuple[str, ...]


def default_model() -> Model:
    """The model shipped with the product."""
    raise NotImplementedError


def score(features: Features, left: Index, right: Index, model: Model) -> Scores:
    """The weight of each pair (left[i], right[i]) of row numbers of the features."""
    raise NotImplementedError


def learn(features: Features, base: Model | None = None, seed: int = 1) -> Model:
    """A model fitted to these records, starting from `base` (the default model); where there is too little to learn from, `base` stands."""
    raise NotImplementedError
