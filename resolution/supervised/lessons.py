"""Decided pairs as lessons: their levels, the answer, and which of them hang together, by a record that both have.

What hangs together is never on both sides of a validation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.compare import Compared, Levels
from resolution.normalize.features import Index

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Fewer decisions of either sort teach nothing of a kind.
FEWEST = 20
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Lessons:
    """Pairs and what is true of them. match: bool[n]; group: int64[n], equal for pairs that hang together."""

    seen: Levels
    match: Flags
    group: Index

    def __len__(self) -> int:
        return len(self.match)

    def take(self, rows: Index) -> "Lessons":
        compared = {name: Compared(of.level[rows], of.term[rows]) for name, of in self.seen.comparisons.items()}
        return Lessons(Levels(self.seen.kind[rows], compared), self.match[rows], self.group[rows])

    def of_kind(self, kind: int) -> "Lessons":
        return self.take(np.flatnonzero(self.seen.kind == kind))

    def missing(self) -> tuple[int, int]:
        """How many matches, and how many others, there are too few to learn from."""
        matches = int(self.match.sum())
        return max(FEWEST - matches, 0), max(FEWEST - (len(self) - matches), 0)


def held_out(decided: Lessons, learner: Callable[[Lessons, Lessons], Floats]) -> Floats:
    """What is said of each pair by who was taught without it and all that hangs together with it: learner(others, asked) -> float64."""
    fold = folds(decided.group)
    said = np.zeros(len(decided))
    for number in range(FOLDS):
        asked, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if len(asked):
            said[asked] = learner(decided.take(others), decided.take(asked))
    return said


def folds(group: Index) -> Index:
    """int64[n]: which of FOLDS folds each pair is in. Groups stay whole; the largest go first, each to the fold with the fewest pairs."""
    _, number, size = np.unique(group, return_inverse=True, return_counts=True)
    fold_of, filled = np.zeros(len(size), np.int64), np.zeros(FOLDS, np.int64)
    for place in np.argsort(-size, kind="stable").tolist():
        fold_of[place] = filled.argmin()
        filled[fold_of[place]] += size[place]
    found: Index = fold_of[number]
    return found


def log_loss(said: Floats, match: Flags) -> Floats:
    """How wrong each of what was said is, in bits: 0 for certainty of what is true, 1 for an even chance."""
    right = np.clip(np.where(match, said, 1.0 - said), 0.001, 0.999)
    loss: Floats = -np.log2(right)
    return loss
