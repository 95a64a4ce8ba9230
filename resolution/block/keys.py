"""Blocking keys: a record's keys depend on that record alone, so that an inverted index of them can be kept and extended.

Two records are candidates when they share a key. A key carries its rule and kind, so keys of different rules never meet, nor do people and
organisations. A record whose kind is unknown has the keys of both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from resolution.block.readings import hashed
from resolution.block.rules import TABLE, Rule, Source
from resolution.normalize.features import ORGANIZATION, PERSON, UNKNOWN, Features, Index
from resolution.normalize.hashing import Hashes, hash_text
from resolution.normalize.profile import Profile

_FOLD = 0xD6E8FEB86659FD93
_ALL = 2**64 - 1


@dataclass(frozen=True, slots=True)
class BlockingKeys:
    """One row for each (record, key): record is a row number of the features, key a stable 64-bit hash that includes the rule.

    record: int64[k]; key: uint64[k]; rule: uint8[k], an index into the table of rules. Keep keys in PostgreSQL as `key.view(np.int64)`.
    """

    record: Index
    key: Hashes
    rule: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Marks:
    """Hashes of records: hash[i] belongs to the record in row[i], rows ascending; a record may have several or none."""

    row: Index
    hash: Hashes

    def only(self, chosen: NDArray[np.bool_]) -> "Marks":
        """The marks of the records that bool[n] `chosen` says."""
        kept = chosen[self.row]
        return self if kept.all() else Marks(self.row[kept], self.hash[kept])

    def cross(self, other: "Marks", either_way: bool = False) -> "Marks":
        """Each mark of a record with each mark of the same record in `other`."""
        if not len(self.row) or not len(other.row):
            return Marks(self.row[:0], self.hash[:0])
        counts = np.bincount(other.row, minlength=int(self.row[-1]) + 1)
        if counts.max() == 1:
            dense = np.zeros(len(counts), np.uint64)
            dense[other.row] = other.hash
            found = dense[self.row]
            left, right = np.flatnonzero(found), found[found != 0]
        else:
            each = counts[self.row]
            left = np.repeat(np.arange(len(self.row)), each)
            first = (np.cumsum(counts) - counts)[self.row] - (np.cumsum(each) - each)
            right = other.hash[np.arange(len(left)) + first[left]]
        start = self.hash[left] if either_way else self.hash[left] * np.uint64(_FOLD)
        return Marks(self.row[left], start + right)

    def once(self) -> "Marks":
        """Each (record, hash) once."""
        if not (self.row[1:] == self.row[:-1]).any():
            return self
        order = np.lexsort((self.hash, self.row))
        row, found = self.row[order], self.hash[order]
        new = np.append(True, (row[1:] != row[:-1]) | (found[1:] != found[:-1]))
        return Marks(row[new], found[new])


class Marking:
    """The marks of the records by source and by rule, each source read once."""

    def __init__(self, features: Features) -> None:
        self.features = features
        self._read: dict[Source, Marks] = {}

    def of_rule(self, rule: Rule, kind: int) -> Marks:
        """The keys of one rule for records of a kind, or of unknown kind; a record may have one more than once."""
        first, *others = (self.of_source(source) for source in rule.sources)
        either_way = rule.either_way
        for other in others:
            first, either_way = first.cross(other, either_way), False
        other_kind = ORGANIZATION if kind == PERSON else PERSON
        found = first.only(self.features.kind != other_kind)
        return Marks(found.row, found.hash + np.uint64(_salt(rule.name, kind)))

    def of_source(self, source: Source) -> Marks:
        if source not in self._read:
            columns = [name for name in self.features.columns if _is_read(source, name)]
            self._read[source] = _together([self._of_column(source, name) for name in columns])
        return self._read[source]

    def forget(self) -> None:
        """Let go of what was read."""
        self._read.clear()

    def _of_column(self, source: Source, name: str) -> Marks:
        column = self.features.columns[name]
        counts, hashes = source.reading.hashes(column.terms)
        rows, codes = column.rows(), column.codes
        given = counts[codes]
        if counts.max(initial=0) <= 1:
            kept = given > 0
            return Marks(rows[kept], hashes[(np.cumsum(counts) - counts)[codes[kept]]])
        starts = (np.cumsum(counts) - counts)[codes] - (np.cumsum(given) - given)
        return Marks(np.repeat(rows, given), hashes[np.arange(given.sum()) + np.repeat(starts, given)])


def _is_read(source: Source, column: str) -> bool:
    return column.startswith(source.column[:-1]) if source.column.endswith("*") else column == source.column


def _together(marks: Sequence[Marks]) -> Marks:
    if len(marks) == 1:
        return marks[0]
    row = np.concatenate([np.zeros(0, np.int64), *(each.row for each in marks)])
    found = np.concatenate([np.zeros(0, np.uint64), *(each.hash for each in marks)])
    order = np.argsort(row, kind="stable")
    return Marks(row[order], found[order])


@cache
def _salt(rule: str, kind: int) -> int:
    return hash_text(f"{rule}/{kind}")


def keys(features: Features) -> BlockingKeys:
    """The blocking keys of all records by every rule that is indexed, each (record, key) once."""
    marking = Marking(features)
    kinds = [kind for kind in (PERSON, ORGANIZATION) if ((features.kind == kind) | (features.kind == UNKNOWN)).any()]
    found = [
        (number, marking.of_rule(rule, kind).once())
        for number, rule in enumerate(TABLE)
        for kind in kinds
        if kind in rule.kinds and rule.indexed
    ]
    return BlockingKeys(
        np.concatenate([np.zeros(0, np.int64), *(marks.row for _, marks in found)]),
        np.concatenate([np.zeros(0, np.uint64), *(marks.hash for _, marks in found)]),
        np.repeat(np.array([number for number, _ in found], np.uint8), [len(marks.row) for _, marks in found]),
    )


def keys_of(profile: Profile) -> list[tuple[int, int]]:
    """`keys` of one record: (the key as a signed integer, as it is kept in PostgreSQL; the rule's number), each key once."""
    read: dict[Source, list[int]] = {}
    found: dict[int, int] = {}
    for number, rule in enumerate(TABLE):
        if not rule.indexed:
            continue
        for kind in rule.kinds:
            if profile.kind in (kind, UNKNOWN):
                salt = _salt(rule.name, kind)
                for key in _crossed(rule, profile, read):
                    found[key + salt & _ALL] = number
    return [(key - 2**64 if key >> 63 else key, number) for key, number in found.items()]


def _crossed(rule: Rule, profile: Profile, read: dict[Source, list[int]]) -> list[int]:
    first: list[int] = []
    for place, source in enumerate(rule.sources):
        if source not in read:
            read[source] = list(_hashes(source, profile))
        if not place:
            first = read[source]
        elif place == 1 and rule.either_way:
            first = [one + two & _ALL for one in first for two in read[source]]
        else:
            first = [one * _FOLD + two & _ALL for one in first for two in read[source]]
        if not first:
            return first
    return first


def _hashes(source: Source, profile: Profile) -> Iterator[int]:
    for column, terms in profile.terms.items():
        if _is_read(source, column):
            for term in terms:
                yield from hashed(source.reading, term)
