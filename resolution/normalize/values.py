"""Values of many records in columns, and terms made of them: each distinct value is read once, and not at all where a shortcut says what
it means."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution.normalize.features import Column, Index
from resolution.normalize.profile import Terms
from resolution.normalize.readings import Reading
from resolution.normalize.text import Codes, encode, encode_raw


@dataclass(frozen=True, slots=True)
class Values:
    """Values of records: the i-th is distinct[codes[i]] and of the record in rows[i]; none is null."""

    rows: Index
    codes: Codes
    distinct: pa.StringArray

    def where(self, chosen: NDArray[np.bool_]) -> "Values":
        """Those of the values that are chosen."""
        if chosen.all():
            return self
        codes = self.codes[chosen]
        used = np.zeros(len(self.distinct), bool)
        used[codes] = True
        place = np.cumsum(used, dtype=np.int32) - 1
        return Values(self.rows[chosen], place[codes], self.distinct.filter(pa.array(used)))

    def strings(self) -> list[str]:
        """Each value as a string."""
        found: list[str] = self.distinct.take(pa.array(self.codes)).to_pylist()
        return found


def no_values() -> Values:
    return Values(np.zeros(0, np.int64), np.zeros(0, np.int32), pa.array([], pa.string()))


def values_of(rows: Index, values: pa.Array) -> Values:
    """The values that are not null; strings, or dictionary codes of strings."""
    codes, distinct = encode_raw(values)
    given = codes >= 0
    return Values(rows, codes, distinct) if given.all() else Values(rows[given], codes[given], distinct)


def terms_at(rows: Iterable[int], terms: Iterable[str]) -> Values:
    """A term for each of the rows."""
    return values_of(np.array(list(rows), np.int64), pa.array(list(terms), pa.string()))


def read(values: Values, reading: Reading) -> Mapping[str, Values]:
    """The terms that the values give, by column."""
    if reading.alike:
        codes, distinct = encode(reading.alike(values.distinct))
        values = Values(values.rows, codes[values.codes], distinct)
    as_is = np.zeros(len(values.distinct), bool)
    if reading.as_is:
        as_is = reading.as_is(values.distinct).to_numpy(zero_copy_only=False)
    found = _read_each(np.flatnonzero(~as_is), values.distinct, reading.read)
    terms = {column: (np.array(at, np.int64), pa.array(strings, pa.string())) for column, (at, strings) in found.items()}
    if as_is.any():
        at, strings = terms.get(reading.column, (np.zeros(0, np.int64), pa.array([], pa.string())))
        kept = values.distinct if as_is.all() else values.distinct.filter(pa.array(as_is))
        terms[reading.column] = np.concatenate((np.flatnonzero(as_is), at)), pa.concat_arrays([kept, strings])
    return {column: spread(values, at, strings) for column, (at, strings) in terms.items()}


def _read_each(places: Index, distinct: pa.StringArray, convert: Callable[[str], Terms]) -> dict[str, tuple[list[int], list[str]]]:
    """By column the terms of the values at `places`, and at which place each was found."""
    found: dict[str, tuple[list[int], list[str]]] = {}
    for place, value in zip(places.tolist(), distinct.take(pa.array(places)).to_pylist(), strict=True):
        for column, term in convert(value):
            at, terms = found.setdefault(column, ([], []))
            at.append(place)
            terms.append(term)
    return found


def spread(values: Values, places: Index, terms: pa.StringArray) -> Values:
    """terms[i] for each of the values whose code is places[i]; a code may have several terms, or none."""
    encoded = terms.dictionary_encode()
    codes = encoded.indices.to_numpy()
    counts = np.bincount(places, minlength=len(values.distinct))
    if counts.max(initial=0) <= 1:
        term = np.full(len(counts), -1, np.int32)
        term[places] = codes
        flat = term[values.codes]
        given = flat >= 0
        return Values(values.rows, flat, encoded.dictionary) if given.all() else Values(values.rows[given], flat[given], encoded.dictionary)
    codes = codes[np.argsort(places, kind="stable")]
    lengths, starts = counts[values.codes], (np.cumsum(counts) - counts)[values.codes]
    flat = np.arange(lengths.sum()) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return Values(np.repeat(values.rows, lengths), codes[flat], encoded.dictionary)


def joined(parts: Sequence[Values]) -> Values:
    """The values of all parts, one after another, over one table of distinct values."""
    parts = [part for part in parts if len(part.rows)]
    if len(parts) < 2:
        return parts[0] if parts else no_values()
    codes, distinct = encode(pa.concat_arrays([part.distinct for part in parts]))
    ends = np.cumsum([len(part.distinct) for part in parts])
    recoded = [new[part.codes] for new, part in zip(np.split(codes, ends[:-1]), parts, strict=True)]
    return Values(np.concatenate([part.rows for part in parts]), np.concatenate(recoded), distinct)


def column_of(count: int, values: Values) -> Column:
    """The column of `count` records with these terms; one given twice by a record is kept once."""
    rows, codes = values.rows, values.codes
    if (rows[1:] < rows[:-1]).any():
        order = np.argsort(rows, kind="stable")
        rows, codes = rows[order], codes[order]
    several = np.zeros(len(rows), bool)
    several[1:] = rows[1:] == rows[:-1]
    if several.any():
        kept = _first_of_each(rows, codes, several)
        rows, codes = rows[kept], codes[kept]
    return Column(np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=count)))), codes, values.distinct)


def _first_of_each(rows: Index, codes: Codes, several: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which values to keep so that each (row, code) is there once; `several`: which have the row of the one before."""
    several[:-1] |= several[1:]
    some = np.flatnonzero(several)
    _, first = np.unique(rows[some] * (int(codes.max()) + 1) + codes[some], return_index=True)
    kept = ~several
    kept[some[first]] = True
    return kept
