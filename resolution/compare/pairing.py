"""Pairs of records compared one comparison at a time, each when it is first asked for, so that pairs can be dropped in between.

A level is a function of the two records' features alone and does not depend on their order. Of several values of a field the most alike
pair counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from resolution.compare import address, identifier
from resolution.compare.bounds import Codes, LevelCodes
from resolution.compare.comparisons import (
    COMPARISONS,
    MISSING,
    PARTS,
    compared_names,
    comparison_of,
    identifier_level,
    may_be_swapped,
    names_in_order,
    pair_kind,
    parts_of_one,
)
from resolution.compare.fields import Compared, Field, by, compact, different
from resolution.compare.terms import Terms
from resolution.normalize.address_columns import parts_of
from resolution.normalize.features import KIND_NAMES, Column, Features, Index, Part, concat_columns
from resolution.normalize.hashing import Hashes

#: pair_kind by the kinds of the two.
_PAIR_KINDS = np.array([[pair_kind(one, two) for two in range(len(KIND_NAMES))] for one in range(len(KIND_NAMES))], np.int8)


def _tabulated(definition: Callable[..., int | tuple[int, ...]], *sizes: int) -> NDArray[np.int8]:
    """What a function of levels gives, by the levels; MISSING, -1, is the last place of each."""
    found = np.array([definition(*levels) for levels in product(*((*range(size), MISSING) for size in sizes))], np.int8)
    return found.reshape(*(size + 1 for size in sizes), *found.shape[1:])


_GIVEN, _FAMILY, _BRANCH = (len(COMPARISONS[name].levels) for name in ("given", "family", "branch"))
_MAY_BE_SWAPPED = _tabulated(may_be_swapped, _GIVEN, _FAMILY).astype(bool)
_NAMES_IN_ORDER = _tabulated(names_in_order, _GIVEN, _FAMILY, _FAMILY, _FAMILY)
_PARTS_OF_ONE = _tabulated(parts_of_one, _GIVEN, _BRANCH).astype(bool)
_IDENTIFIER = np.array([identifier_level(*flags) for flags in product((False, True), repeat=3)], np.int8)
_COUNTED = {
    counted: np.array([address.COUNTED.get(level) == counted for level in (*range(10), MISSING)]) for counted in address.COUNTED.values()
}


@dataclass(frozen=True, slots=True)
class Levels:
    """What a set of pairs looks like; kind int8[p] says which comparison set applies (PERSON or ORGANIZATION, UNKNOWN: never a match)."""

    kind: NDArray[np.int8]
    comparisons: Mapping[str, Compared]


class Columns:
    """The columns of features made ready, each when it is first compared, for all pairings of these features."""

    def __init__(self, features: Features) -> None:
        self.features = features
        self._fields: dict[str, Field] = {}

    def field(self, name: str) -> Field:
        if name not in self._fields:
            if name in ("given", "family"):
                self._fields |= self._names()
            else:
                self._fields[name] = Field(compact(self.features.column(name)))
        return self._fields[name]

    def _names(self) -> dict[str, Field]:
        """Given and family names over one table of terms, since they may be compared with each other."""
        both = concat_columns([compact(self.features.column(name)) for name in ("given", "family")])
        count, terms = len(self.features), Terms(both.terms)
        middle = both.offsets[count]
        given = Column(both.offsets[: count + 1], both.codes[:middle], both.terms)
        family = Column(both.offsets[count:] - middle, both.codes[middle:], both.terms)
        return {"given": Field(given, terms), "family": Field(family, terms)}

    @cached_property
    def address_parts(self) -> tuple[Mapping[str, Part], dict[str, Terms], dict[str, Hashes]]:
        """The parts of the address terms, the terms of those that can be near each other, and what is counted."""
        parts = parts_of(self.field("address").column)
        return parts, {name: Terms(parts[name][1]) for name in PARTS}, address.frequency_terms(parts)


class Pairing:
    """The pairs (left[i], right[i]) of row numbers of the features.

    names: the comparisons there are; kind: int8[p], as in Levels. `columns`, those of the same features, saves making them ready again.
    """

    def __init__(self, features: Features, left: Index, right: Index, columns: Columns | None = None) -> None:
        self.features, self.left, self.right = features, left, right
        self.names = compared_names(frozenset(features.columns))
        self.kind: NDArray[np.int8] = pair_kinds(features, left, right)
        self._columns = columns or Columns(features)
        self._found: dict[str, Compared] = {}

    def __len__(self) -> int:
        return len(self.left)

    def take(self, rows: Index) -> "Pairing":
        """Some of the pairs, with what was compared of them."""
        some = Pairing(self.features, self.left[rows], self.right[rows], self._columns)
        some._found = {name: compared.take(rows) for name, compared in self._found.items()}
        return some

    def compared(self, name: str) -> Compared:
        """One of `names`."""
        if name not in self._found:
            if name in ("given", "family", "order"):
                self._found |= self._names_in_order()
            else:
                special = {"branch": self._branch, "address": self._address, "identifier": self._identifier}
                self._found[name] = special[name]() if name in special else self._alone(name)
        return self._found[name]

    def levels(self) -> Levels:
        """All comparisons."""
        return Levels(self.kind, {name: self.compared(name) for name in self.names})

    def _alone(self, name: str) -> Compared:
        comparison, field = comparison_of(name), self._columns.field(name)
        if comparison is None:
            raise KeyError(name)
        return field.compare(field, self.left, self.right, by(comparison))

    def _branch(self) -> Compared:
        """A branch on one side only is a difference: the other is the parent."""
        branch, has = self._alone("branch"), self._columns.field("branch").first >= 0
        return Compared(np.where(has[self.left] != has[self.right], np.int8(0), branch.level), branch.term)

    def _names_in_order(self) -> dict[str, Compared]:
        """Given and family names in the order that fits them, and which that is."""
        given, family = self._alone("given"), self._alone("family")
        crossed = np.flatnonzero(_MAY_BE_SWAPPED[given.level, family.level])
        one, two = self.left[crossed], self.right[crossed]
        fields, how = (self._columns.field("given"), self._columns.field("family")), by(COMPARISONS["family"])
        first, second = np.full(len(self), MISSING, np.int8), np.full(len(self), MISSING, np.int8)
        first[crossed] = fields[0].compare(fields[1], one, two, how).level
        second[crossed] = fields[0].compare(fields[1], two, one, how).level
        straight = _NAMES_IN_ORDER[given.level, family.level, first, second]
        told = np.where(straight[:, 2] == 0, np.uint64(0), np.uint64(1))
        return {
            "given": Compared(straight[:, 0], given.term * told),
            "family": Compared(straight[:, 1], family.term * told),
            "order": Compared(straight[:, 2], np.zeros(len(self), np.uint64)),
        }

    def _address(self) -> Compared:
        field = self._columns.field("address")
        return field.compare(field, self.left, self.right, self._address_levels)

    def _address_levels(self, _: Terms, one: Codes, two: Codes) -> tuple[LevelCodes, Hashes]:
        parts, near, counted = self._columns.address_parts
        states = np.zeros(len(one), np.uint8)
        for name in address.COMPARED:
            a, b = parts[name][0][one], parts[name][0][two]
            known, equal = (a != 0) & (b != 0), a == b
            if name == "number":
                state = np.where(equal, np.uint8(address.SAME), known * np.uint8(address.OTHER))
            else:
                state = known * np.uint8(address.SAME)
                apart = np.flatnonzero(known & ~equal)
                state[apart] = address.OTHER + different(near[name], a[apart], b[apart], PARTS[name])[0]
            states = states * np.uint8(4) + state
        level = address.LEVELS[states]
        term = np.zeros(len(one), np.uint64)
        for name, hashes in counted.items():
            rows = np.flatnonzero(_COUNTED[name][level])
            agreed = hashes[one[rows]]
            term[rows] = np.where(agreed == hashes[two[rows]], agreed, np.uint64(0))
        return level, term

    def _identifier(self) -> Compared:
        agreed = identifier.agreement(self.features, self.left, self.right, strong_only=False)
        named: dict[str, Compared] = {name: self.compared(name) for name in ("given", "branch") if name in self.names}
        place = 4 * (agreed.shared >= 0) + 2 * agreed.conflict + third_party(named, len(self))
        return Compared(_IDENTIFIER[place], np.zeros(len(self), np.uint64))


def levels(features: Features, left: Index, right: Index) -> Levels:
    """The levels of each pair (left[i], right[i]) of row numbers of the features."""
    if 4 * len(left) < len(features):
        rows, place = np.unique(np.concatenate((left, right)), return_inverse=True)
        features, left, right = features.take(rows), place[: len(left)], place[len(left) :]
    return Pairing(features, left, right).levels()


def third_party(found: Mapping[str, Compared], count: int) -> NDArray[np.bool_]:
    """Which of `count` pairs may share an identifier that is a third party's: `parts_of_one` of each."""
    given, branch = (found[name].level if name in found else np.full(count, MISSING, np.int8) for name in ("given", "branch"))
    third: NDArray[np.bool_] = _PARTS_OF_ONE[given, branch]
    return third


def pair_kinds(features: Features, left: Index, right: Index) -> NDArray[np.int8]:
    """`pair_kind` of each pair."""
    kinds: NDArray[np.int8] = _PAIR_KINDS[features.kind[left], features.kind[right]]
    return kinds
