"""From scored pairs to groups: components, completed, then average linkage on log odds under must and never pairs.

The groups are a function of the records and the pairs' weights, not of their order: within a component the records are ordered by ref.
A never pair is never together, whatever a must pair says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution.features import Index

#: (left, right) -> weight float64[p] in bits, for pairs that the caller has not scored.
Scorer = Callable[[Index, Index], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of row numbers."""

    left: Index = field(default_factory=lambda: np.zeros(0, np.int64))
    right: Index = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True)
class Links:
    """Everything said of pairs: scored ones with weight float64[p] in bits, must pairs and never pairs."""

    scored: Pairs
    weight: NDArray[np.float64]
    must: Pairs = field(default_factory=Pairs)
    never: Pairs = field(default_factory=Pairs)


def components(count: int, left: Index, right: Index) -> Index:
    """Label of the connected component of each of `count` nodes: int64[count], the smallest row number of the component."""
    raise NotImplementedError


def cluster(refs: pa.StringArray, links: Links, scorer: Scorer, threshold: float = 0.0) -> Index:
    """Group label of each record: int64[n], the row number of the group's first ref in order.

    Pairs with weight >= threshold and must pairs make components; each is completed by `scorer` (called in bulk) and split by
    average linkage at `threshold` bits, never joining a never pair.
    """
    raise NotImplementedError
