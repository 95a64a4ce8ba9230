"""Whether what is said with 80% is true in 80% of cases: the expected calibration error over bins of equal count (Naeini, Cooper and
Hauskrecht 2015).

A bin is a run of cases in order of what was said of them; cases of which the same was said are never told apart by their order.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BINS = 10

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """cases: how many; said: the mean of what was said; was: the share that was true; lowest, highest: what was said at its ends."""

    cases: int
    said: float
    was: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """error: the mean distance of what was said from what was, over bins, each by its cases; brier: the mean square distance over
    cases."""

    bins: tuple[Bin, ...]
    error: float
    brier: float

    @property
    def cases(self) -> int:
        return sum(each.cases for each in self.bins)


def calibrate(said: Floats, was: Floats, bins: int = BINS) -> Calibration | None:
    """The calibration of probabilities said float64[n] of what was float64[n], 0 to 1; None where there are no cases.

    Equal probabilities are given equal outcomes, their mean, before the bins are cut: so the order of the cases does not matter.
    """
    if not len(said):
        return None
    order = np.argsort(said, kind="stable")
    said, outcome = said[order], was[order].astype(np.float64)
    _, group, count = np.unique(said, return_inverse=True, return_counts=True)
    even = (np.bincount(group, outcome) / count)[group]
    cut = np.unique(np.linspace(0, len(said), bins + 1).round().astype(np.int64))
    found = [_bin(said[start:end], even[start:end]) for start, end in pairwise(cut.tolist())]
    error = sum(each.cases * abs(each.said - each.was) for each in found) / len(said)
    return Calibration(tuple(found), float(error), float(np.mean((said - outcome) ** 2)))


def _bin(said: Floats, was: Floats) -> Bin:
    return Bin(len(said), float(said.mean()), float(was.mean()), float(said[0]), float(said[-1]))
