"""One column made ready for comparing many pairs of records: each distinct pair of values that a bound leaves open is compared once, by the
comparison's definition."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.compare.bounds import UNSURE, Codes, LevelCodes
from resolution.compare.comparisons import Comparison
from resolution.compare.pairs import best_by_pair, value_pairs
from resolution.compare.terms import Terms
from resolution.normalize.features import Column, Index
from resolution.normalize.hashing import Hashes, hash_terms

#: Pairs looked at together, and how many are worth a look at their bounds.
AT_ONCE, WORTH_BOUNDS = 1 << 16, 32


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison over p pairs: level int8[p] (MISSING, or an index into the comparison's levels: 0 = different, higher = more alike);
    term: uint64[p], the hash of the agreed value for the term-frequency adjustment, or 0."""

    level: LevelCodes
    term: Hashes

    def take(self, rows: Index) -> "Compared":
        return Compared(self.level[rows], self.term[rows])


class Compares(Protocol):
    """Compares pairs of codes of terms, equal or not, and gives (levels, hashes of what is agreed on)."""

    def __call__(self, terms: Terms, one: Codes, two: Codes, /) -> tuple[LevelCodes, Hashes]: ...


class Field:
    """A column whose values can be compared: terms, and which of them each record has.

    first: int32[n], the code of a record's first value, -1 where it has none; several: bool[n], where it has more than one.
    """

    def __init__(self, column: Column, terms: Terms | None = None) -> None:
        self.column, self.terms = column, terms or Terms(column.terms)
        counts = np.diff(column.offsets)
        held = np.flatnonzero(counts)
        self.first = np.full(len(counts), -1, np.int32)
        self.first[held] = column.codes[column.offsets[held]]
        self.several = counts > 1 if len(held) < len(column.codes) else None

    def compare(self, other: "Field", left: Index, right: Index, comparison: Compares) -> Compared:
        """The best level of each pair, of the left record's values here and the right one's in `other`, a field of the same terms."""
        level, term = np.full(len(left), -1, np.int8), np.zeros(len(left), np.uint64)
        one, two = self.first[left], other.first[right]
        single = (one >= 0) & (two >= 0)
        if self.several is not None or other.several is not None:
            many = single & (_flags(self, left) | _flags(other, right))
            rows = np.flatnonzero(many)
            values = value_pairs(self.column, other.column, left[rows], right[rows])
            level[rows], term[rows] = best_by_pair(values, *comparison(self.terms, values.left, values.right))
            single &= ~many
        rows = np.flatnonzero(single)
        level[rows], term[rows] = comparison(self.terms, one[rows], two[rows])
        return Compared(level, term)


def _flags(field: Field, rows: Index) -> NDArray[np.bool_]:
    return np.zeros(len(rows), bool) if field.several is None else field.several[rows]


def by(comparison: Comparison) -> Compares:
    """How pairs of codes are compared by a row of the table."""

    def compares(terms: Terms, one: Codes, two: Codes) -> tuple[LevelCodes, Hashes]:
        level = np.full(len(one), len(comparison.levels) - 1, np.int8)
        term = np.zeros(len(one), np.uint64)
        equal = one == two
        apart = np.flatnonzero(~equal)
        level[apart], term[apart] = different(terms, one[apart], two[apart], comparison)
        same = np.flatnonzero(equal)
        codes = one[same]
        term[same] = terms.hashes[codes]
        if comparison.equals is not None:
            level[same] = comparison.equals(terms, codes)
        elif comparison.equal is not None:
            used, place = distinct(codes)
            own = [comparison.equal(value) for value in terms.texts(used)]
            level[same] = np.array(own, np.int8)[place]
        return level, term

    return compares


def different(terms: Terms, one: Codes, two: Codes, comparison: Comparison) -> tuple[LevelCodes, Hashes]:
    """(levels, hashes of the words shared) of pairs of codes of different terms."""
    level, term = np.full(len(one), UNSURE, np.int8), np.zeros(len(one), np.uint64)
    if comparison.shortcut and len(one) > WORTH_BOUNDS:
        for start in range(0, len(one), AT_ONCE):
            a, b = one[start : start + AT_ONCE], two[start : start + AT_ONCE]
            certain = comparison.shortcut(terms, a, b)
            level[start : start + AT_ONCE] = np.where(terms.bounded[a] & terms.bounded[b], certain, np.int8(UNSURE))
    open_ = np.flatnonzero(level == UNSURE)
    low, high = np.minimum(one[open_], two[open_]).astype(np.int64), np.maximum(one[open_], two[open_])
    keys, place = distinct(low * len(terms) + high)
    found, shared = np.empty(len(keys), np.int8), np.zeros(len(keys), np.uint64)
    for start in range(0, len(keys), AT_ONCE):
        chunk = slice(start, start + AT_ONCE)
        found[chunk], shared[chunk] = _by_definition(terms, keys[chunk] // len(terms), keys[chunk] % len(terms), comparison)
    level[open_], term[open_] = found[place], shared[place]
    return level, term


def _by_definition(terms: Terms, one: Index, two: Index, comparison: Comparison) -> tuple[LevelCodes, Hashes | int]:
    left, right = terms.texts(one), terms.texts(two)
    different, shared = comparison.different, comparison.shared
    level = [different(a, b) if a < b else different(b, a) for a, b in zip(left, right, strict=True)]
    if shared is None:
        return np.array(level, np.int8), 0
    words = list(map(shared, left, right, level))
    return np.array(level, np.int8), hash_terms(pa.array(words, pa.string()))


def distinct(codes: Codes) -> tuple[Index, Index]:
    """(distinct codes, the place of each code among them)."""
    encoded = pc.dictionary_encode(pa.array(codes))
    return encoded.dictionary.to_numpy().astype(np.int64), encoded.indices.to_numpy().astype(np.int64)


def compact(column: Column) -> Column:
    """The column over only those terms that it uses, where it may use fewer."""
    if len(column.codes) >= len(column.terms):
        return column
    used, codes = np.unique(column.codes, return_inverse=True)
    parts = column.parts and {name: (part[used], terms) for name, (part, terms) in column.parts.items()}
    return Column(column.offsets, codes.astype(np.int32), column.terms.take(pa.array(used)), parts)
