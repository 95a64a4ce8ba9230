"""Precision, recall, F1 and B-cubed (Bagga and Baldwin 1998) of a grouping: exact counts over all pairs, without making the pairs.

Every figure is a function of the partition alone: names of groups and the order of records do not enter. Where nothing was to be found, or
nothing was said, there is nothing wrong in it, and the fraction is 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.normalize.features import Index


@dataclass(frozen=True, slots=True)
class Quality:
    """joined: pairs that were put together; true: pairs that belong together; both: pairs of which both holds; records: how many they are
    among. bcubed_precision, bcubed_recall: means over records; None where only pairs are known."""

    records: int
    joined: int
    true: int
    both: int
    bcubed_precision: float | None = None
    bcubed_recall: float | None = None

    @property
    def precision(self) -> float:
        return self.both / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        return harmonic(self.precision, self.recall)

    @property
    def bcubed(self) -> float | None:
        """The F1 of B-cubed precision and recall."""
        if self.bcubed_precision is None or self.bcubed_recall is None:
            return None
        return harmonic(self.bcubed_precision, self.bcubed_recall)

    def to_json(self) -> dict[str, float | int | None]:
        counts = {"records": self.records, "pairs_joined": self.joined, "pairs_true": self.true, "pairs_both": self.both}
        fractions = {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "bcubed_precision": self.bcubed_precision,
            "bcubed_recall": self.bcubed_recall,
            "bcubed_f1": self.bcubed,
        }
        return counts | {name: value if value is None else round(value, 6) for name, value in fractions.items()}


def harmonic(one: float, two: float) -> float:
    return 2.0 * one * two / (one + two) if one + two else 0.0


def of_groups(found: Index, truth: Index) -> Quality:
    """The quality of the groups found int64[n] against the true ones truth int64[n], in any numbering."""
    if not len(found):
        return Quality(0, 0, 0, 0, 1.0, 1.0)
    _, found, size_found = np.unique(found, return_inverse=True, return_counts=True)
    _, truth, size_true = np.unique(truth, return_inverse=True, return_counts=True)
    cell, size = np.unique(found * len(size_true) + truth, return_counts=True)
    in_found, in_true = size_found[cell // len(size_true)], size_true[cell % len(size_true)]
    square = size.astype(np.float64) ** 2
    return Quality(
        len(found),
        _pairs(size_found),
        _pairs(size_true),
        _pairs(size),
        float((square / in_found).sum() / len(found)),
        float((square / in_true).sum() / len(found)),
    )


def of_pairs(joined: NDArray[np.bool_], true: NDArray[np.bool_], records: int) -> Quality:
    """The quality of what is said of labelled pairs, bool[p] each: whether they were joined, and whether they are one."""
    return Quality(records, int(joined.sum()), int(true.sum()), int((joined & true).sum()))


def _pairs(sizes: Index) -> int:
    return int((sizes * (sizes - 1) // 2).sum())
