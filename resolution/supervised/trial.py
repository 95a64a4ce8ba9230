"""Whether one model says more of decided pairs than another: mean log loss, with the interval that it may be off by.

Decisions that hang together count as one, so that a merge of many records proves no more than a merge of two.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolution.normalize.features import Index
from resolution.supervised.lessons import log_loss

Floats = NDArray[np.float64]

RESAMPLES = 2_000
#: How sure it has to be that a candidate is better.
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Trial:
    """decided: pairs; groups: how many of them do not hang together; in_force, candidate: mean log loss in bits a decision, lower is
    better; gain: the first less the second, with lower and upper, the bounds of its interval; right_in_force, right_candidate: the share
    of decisions on the right side of even odds."""

    decided: int
    groups: int
    in_force: float
    candidate: float
    gain: float
    lower: float
    upper: float
    right_in_force: float
    right_candidate: float

    @property
    def is_better(self) -> bool:
        """Whether the candidate is better beyond chance."""
        return self.lower > 0

    def to_json(self) -> dict[str, Any]:
        return {name: round(value, 4) for name, value in asdict(self).items()} | {"better": self.is_better}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Trial":
        return Trial(**{name: value for name, value in document.items() if name != "better"})


def compare(in_force: Floats, candidate: Floats, match: NDArray[np.bool_], group: Index) -> Trial:
    """The trial of what two models say, float64[n] each, of pairs that are a match or not, bool[n]; the interval is by bootstrap."""
    _, number, count = np.unique(group, return_inverse=True, return_counts=True)
    losses = [np.bincount(number, log_loss(said, match)) / count for said in (in_force, candidate)]
    right = [float((np.bincount(number, (said >= 0.5) == match) / count).mean()) for said in (in_force, candidate)]
    gains = losses[0] - losses[1]
    drawn = np.random.default_rng(1).integers(0, len(gains), (RESAMPLES, len(gains)))
    tail = (1 - CONFIDENCE) / 2
    lower, upper = np.quantile(gains[drawn].mean(axis=1), [tail, 1 - tail])
    before, after = (float(loss.mean()) for loss in losses)
    return Trial(len(match), len(count), before, after, float(gains.mean()), float(lower), float(upper), right[0], right[1])
