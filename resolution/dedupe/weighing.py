"""What pairs of a file's records weigh, by a model and by the rules, and which of the candidates are worth keeping.

A pair's weight depends on its two records, the model and the threshold alone: in any batch, in any process, it is the same number.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution import block
from resolution.cluster import MUST, NEVER
from resolution.compare import Columns, Levels, Pairing
from resolution.normalize.features import ORGANIZATION, PERSON, Index
from resolution.rules import Shared, decide_levels
from resolution.score import Scores, score_levels
from resolution.score.model import Model
from resolution.score.pruning import above_of

#: The weight that a pair is taken to have where a rule joins it, and the other way round where one forbids it, in bits.
DECIDED = 30.0
#: Pairs so far below the threshold, and below an even chance, are let go: at one in a hundred they decide nothing.
FAR_BELOW = 7.0
#: Of pairs that are parted among threads, so many at least and at most are weighed at once.
FEWEST, MOST = 200_000, 1_000_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Pairs with their weight, and by how much it is above the threshold of their kind; what a rule says is in both."""

    left: Index
    right: Index
    weight: Floats
    margin: Floats


class Weighing:
    """What pairs of the records weigh by a model and the rules."""

    def __init__(self, columns: Columns, model: Model, threshold: float | None) -> None:
        self._columns, self._model = columns, model
        own = [model.threshold(kind) if threshold is None else threshold for kind in (PERSON, ORGANIZATION)]
        self._thresholds = np.array([0.0, *own])

    def of(self, left: Index, right: Index) -> Weighed:
        """These pairs, however little they weigh."""

        def every(left: Index, right: Index) -> Weighed:
            seen = self._pairing(left, right).levels()
            return self._judged(left, right, seen, score_levels(seen, self._model))

        return _in_parts(every, left, right)

    def near(self, found: block.Candidates) -> Weighed:
        """The candidates that are not far below their threshold; a rule may join those that share an identifier whatever they weigh."""
        ruled = (found.rules & np.uint64(1 << block.IDENTIFIER)) != 0
        left, right = (found.left[~ruled], found.right[~ruled]) if ruled.any() else (found.left, found.right)
        floor = min(float(self._thresholds.min()), 0.0) - FAR_BELOW

        def above_floor(left: Index, right: Index) -> Weighed:
            place, seen, scores = above_of(self._pairing(left, right), self._model, floor)
            return self._judged(left[place], right[place], seen, scores)

        return _joined([_in_parts(above_floor, left, right), self.of(found.left[ruled], found.right[ruled])])

    def _pairing(self, left: Index, right: Index) -> Pairing:
        return Pairing(self._columns.features, left, right, self._columns)

    def _judged(self, left: Index, right: Index, seen: Levels, scores: Scores) -> Weighed:
        verdict = decide_levels(self._columns.features, left, right, seen, Shared()).verdict
        weight = np.select([verdict > 0, verdict < 0], [np.maximum(scores.weight, DECIDED), -DECIDED], scores.weight)
        margin = np.select([verdict > 0, verdict < 0], [MUST, NEVER], scores.weight - self._thresholds[seen.kind])
        return Weighed(left, right, weight, margin)


def _in_parts(weigh: Callable[[Index, Index], Weighed], left: Index, right: Index) -> Weighed:
    """What `weigh` gives of the pairs, which it is given a part at a time."""
    processors = os.cpu_count() or 1
    step = min(max(len(left) // processors + 1, FEWEST), MOST)
    parts = [slice(begin, begin + step) for begin in range(0, max(len(left), 1), step)]
    with ThreadPoolExecutor(processors) as threads:  # most of the time goes by in loops over arrays, which leave the interpreter free
        return _joined(list(threads.map(lambda part: weigh(left[part], right[part]), parts)))


def _joined(parts: list[Weighed]) -> Weighed:
    parts = [part for part in parts if len(part.left)] or parts[:1]
    return (
        parts[0] if len(parts) == 1 else Weighed(*(np.concatenate([getattr(part, name) for part in parts]) for name in Weighed.__slots__))
    )
