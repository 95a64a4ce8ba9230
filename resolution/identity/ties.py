"""Which records the judgements make one: the steward's matches first, then the language model's.

A steward's match yields only to a steward's no; the language model's yields to any no between what is already tied to either record.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from resolution.cluster import components
from resolution.identity.links import MATCH, NEVER, Weighed
from resolution.normalize.features import Index


def joined_records(refs: Sequence[str], known: Weighed) -> Index:
    """int64[n]: for each of n records the smallest place of those it is made one with. known: pairs of places."""
    by_steward = np.array([by == "steward" for by in known.authority], bool)
    by_model = np.array([by == "language_model" for by in known.authority], bool)
    ties = _Ties(np.arange(len(refs)))
    matches = known.ruling == MATCH
    if (matches & (by_steward | by_model)).any():
        forbidden = _places(known, (known.ruling == NEVER) & by_steward)
        for one, two in sorted(_places(known, matches & by_steward), key=lambda pair: sorted((refs[pair[0]], refs[pair[1]]))):
            ties.join(one, two, forbidden)
        ruled = matches & ~by_steward & ~by_model
        every = np.arange(len(refs))
        closures = _Ties(components(len(refs), np.r_[known.left[ruled], every], np.r_[known.right[ruled], ties.of]))
        forbidden = {pair for pair in _places(known, known.ruling == NEVER) if ties.of[pair[0]] != ties.of[pair[1]]}
        for one, two in sorted(_places(known, matches & by_model), key=lambda pair: sorted((refs[pair[0]], refs[pair[1]]))):
            if closures.join(one, two, forbidden):
                ties.join(one, two, set())
    return ties.of


def _places(known: Weighed, chosen: NDArray[np.bool_]) -> set[tuple[int, int]]:
    return set(zip(known.left[chosen].tolist(), known.right[chosen].tolist(), strict=True))


class _Ties:
    """Groups of places that grow by joining."""

    def __init__(self, of: Index) -> None:
        self.of = of

    def join(self, one: int, two: int, forbidden: set[tuple[int, int]]) -> bool:
        """Join the groups of two places, unless a forbidden pair would then be together; returns whether they are one now."""
        a, b = sorted((int(self.of[one]), int(self.of[two])))
        if a != b:
            if any({int(self.of[left]), int(self.of[right])} == {a, b} for left, right in forbidden):
                return False
            self.of[self.of == b] = a
        return True
