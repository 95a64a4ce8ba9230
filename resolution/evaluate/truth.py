"""What is known to be true of the records of a file: which group each belongs to, or of some pairs whether they are one.

Records and pairs of which nothing is known count neither way.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from resolution.evaluate.quality import Quality, of_groups, of_pairs
from resolution.normalize.features import Index

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: The label of a record of which nothing is known.
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Cases:
    """Pairs of rows, left and right int64[p], and whether each is one party, bool[p]; place: int64[p], which of the pairs asked about each
    is, where they are some of those."""

    left: Index
    right: Index
    match: Flags
    place: Index | None = None

    def take(self, chosen: Flags) -> "Cases":
        return Cases(self.left[chosen], self.right[chosen], self.match[chosen])


class Truth(Protocol):
    """What is known."""

    def quality(self, label: Index) -> Quality:
        """How good the groups label int64[n] are."""
        ...

    def cases(self, left: Index, right: Index) -> Cases:
        """The pairs on which probabilities can be tried; (left[i], right[i]) are those that the resolver weighed."""
        ...

    def standing(self, label: Index) -> Floats | None:
        """Of each record the chance that another one of its group, drawn at random, is the same party; of one alone 1 if no other is.
        NaN where it is not known, None where it is of no record."""
        ...

    def joined_wrongly(self, label: Index) -> Cases:
        """Pairs that are together and should not be: enough of them to show each kind of mistake."""
        ...

    def missed(self, label: Index) -> Cases:
        """Pairs that are apart and should not be."""
        ...


@dataclass(frozen=True, slots=True)
class Partition:
    """Labels int64[n] by record, UNKNOWN where nothing is known."""

    label: Index

    def quality(self, label: Index) -> Quality:
        known = self.label != UNKNOWN
        return of_groups(label[known], self.label[known])

    def cases(self, left: Index, right: Index) -> Cases:
        place = np.flatnonzero((self.label[left] != UNKNOWN) & (self.label[right] != UNKNOWN))
        left, right = left[place], right[place]
        return Cases(left, right, self.label[left] == self.label[right], place)

    def standing(self, label: Index) -> Floats:
        found = np.full(len(label), np.nan)
        rows = np.flatnonzero(self.label != UNKNOWN)
        _, group, size_group = np.unique(label[rows], return_inverse=True, return_counts=True)
        _, true, size_true = np.unique(self.label[rows], return_inverse=True, return_counts=True)
        _, cell, size = np.unique(group * max(len(size_true), 1) + true, return_inverse=True, return_counts=True)
        others = size_group[group] - 1
        found[rows] = np.where(others > 0, (size[cell] - 1) / np.maximum(others, 1), size_true[true] == 1)
        return found

    def joined_wrongly(self, label: Index) -> Cases:
        return self._neighbours(label, self.label)

    def missed(self, label: Index) -> Cases:
        return self._neighbours(self.label, label)

    def _neighbours(self, one: Index, other: Index) -> Cases:
        """Of each group of `one` that holds several of `other`, the pairs where these meet when its records are put in order."""
        rows = np.flatnonzero(self.label != UNKNOWN)
        rows = rows[np.lexsort((rows, other[rows], one[rows]))]
        meet = (one[rows[1:]] == one[rows[:-1]]) & (other[rows[1:]] != other[rows[:-1]])
        left, right = rows[:-1][meet], rows[1:][meet]
        return Cases(left, right, self.label[left] == self.label[right])


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """Some pairs of rows, and whether each is one party."""

    known: Cases

    def quality(self, label: Index) -> Quality:
        records = len(np.unique(np.concatenate((self.known.left, self.known.right))))
        return of_pairs(self._together(label), self.known.match, records)

    def cases(self, left: Index, right: Index) -> Cases:
        del left, right
        return self.known

    def standing(self, label: Index) -> None:
        del label

    def joined_wrongly(self, label: Index) -> Cases:
        return self.known.take(self._together(label) & ~self.known.match)

    def missed(self, label: Index) -> Cases:
        return self.known.take(~self._together(label) & self.known.match)

    def _together(self, label: Index) -> Flags:
        together: Flags = label[self.known.left] == label[self.known.right]
        return together
