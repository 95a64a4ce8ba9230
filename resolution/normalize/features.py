"""The normalised, columnar form of party records, on which blocking, comparison and scoring run.

What a record's row holds depends on that record alone: never on the other records it stands beside. So rows may be cut, joined and
stored in any batches without a weight changing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution.normalize.kinds import KIND_CODES, KIND_NAMES, ORGANIZATION, PERSON, UNKNOWN
from resolution.normalize.profile import Profile
from resolution.normalize.text import Codes

Index = NDArray[np.int64]

#: A part of each address as codes into its distinct values, of which the first is ''.
Part = tuple[Codes, pa.StringArray]

__all__ = [
    "KIND_CODES",
    "KIND_NAMES",
    "ORGANIZATION",
    "PERSON",
    "UNKNOWN",
    "Column",
    "Features",
    "Index",
    "Part",
    "empty_column",
    "features_from",
]


@dataclass(frozen=True, slots=True)
class Column:
    """A ragged column: the values of record i are terms[codes[offsets[i]:offsets[i + 1]]].

    terms holds each distinct normalised value once (strings, in no particular order). parts: of addresses, where they are at hand, the
    parts of each term (see `address_columns.parts_of`).
    """

    offsets: Index
    codes: Codes
    terms: pa.StringArray
    parts: Mapping[str, Part] | None = None

    def take(self, indices: Index) -> "Column":
        """The rows at `indices`, in that order; the terms are shared with the whole."""
        starts, lengths = self.offsets[indices], np.diff(self.offsets)[indices]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        flat = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        return Column(offsets, self.codes[flat], self.terms, self.parts)

    def rows(self) -> Index:
        """The record index of each flat value."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def values(self, row: int) -> list[str]:
        """The values of one record as strings."""
        codes = self.codes[self.offsets[row] : self.offsets[row + 1]]
        return [self.terms[int(code)].as_py() for code in codes]


def empty_column(count: int) -> Column:
    return Column(np.zeros(count + 1, np.int64), np.zeros(0, np.int32), pa.array([], pa.string()))


def concat_columns(columns: Sequence[Column]) -> Column:
    """The rows of the columns one after another, over one table of terms."""
    chunks = pa.chunked_array([column.terms for column in columns], pa.string()).dictionary_encode().combine_chunks()
    ends = np.cumsum([len(column.terms) for column in columns])
    recoded = np.split(chunks.indices.to_numpy().astype(np.int32), ends[:-1])
    codes = np.concatenate([new[column.codes] for new, column in zip(recoded, columns, strict=True)])
    lengths = np.concatenate([np.diff(column.offsets) for column in columns])
    return Column(np.concatenate(([0], np.cumsum(lengths))), codes, chunks.dictionary)


@dataclass(frozen=True, slots=True)
class Features:
    """n party records, normalised.

    ids: int64[n]; refs: string[n]; kind: int8[n] (UNKNOWN, PERSON, ORGANIZATION); columns: by field name, each of n rows.
    A field that no record has may be absent: ask with `column`.
    """

    ids: Index
    refs: pa.StringArray
    kind: NDArray[np.int8]
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Column:
        """The column of this name; where no record has the field, an empty one."""
        return self.columns.get(name) or empty_column(len(self))

    def profile(self, row: int) -> Profile:
        """The record in `row` by itself."""
        terms = {name: tuple(column.values(row)) for name, column in self.columns.items()}
        found = {name: values for name, values in terms.items() if values}
        return Profile(int(self.ids[row]), self.refs[row].as_py(), int(self.kind[row]), found)

    def profiles(self) -> list[Profile]:
        """Each record by itself."""
        rows: list[dict[str, list[str]]] = [{} for _ in range(len(self))]
        for name, column in self.columns.items():
            terms: list[str] = column.terms.to_pylist()
            for row, code in zip(column.rows().tolist(), column.codes.tolist(), strict=True):
                rows[row].setdefault(name, []).append(terms[code])
        given = zip(self.ids.tolist(), self.refs.to_pylist(), self.kind.tolist(), rows, strict=True)
        return [Profile(id_, ref, kind, {name: tuple(values) for name, values in of.items()}) for id_, ref, kind, of in given]

    def take(self, indices: Index) -> "Features":
        """The records at `indices`, in that order."""
        columns = {name: column.take(indices) for name, column in self.columns.items()}
        return Features(self.ids[indices], self.refs.take(pa.array(indices)), self.kind[indices], columns)

    @staticmethod
    def concat(parts: Sequence["Features"]) -> "Features":
        """The records of all parts, one after another. At least one part is needed."""
        names = {name: None for part in parts for name in part.columns}
        return Features(
            np.concatenate([part.ids for part in parts]),
            pa.concat_arrays([part.refs for part in parts]),
            np.concatenate([part.kind for part in parts]),
            {name: concat_columns([part.column(name) for part in parts]) for name in names},
        )


def features_from(profiles: Sequence[Profile]) -> Features:
    """The features of records normalised already, in their order."""
    names = list(dict.fromkeys(chain.from_iterable(profile.terms for profile in profiles)))
    terms = pa.array([profile.terms for profile in profiles], pa.struct([(name, pa.list_(pa.string())) for name in names]))
    return Features(
        np.array([profile.id for profile in profiles], np.int64),
        pa.array([profile.ref for profile in profiles], pa.string()),
        np.array([profile.kind for profile in profiles], np.int8),
        {name: _column_from(terms.field(place)) for place, name in enumerate(names)},
    )


def _column_from(lists: pa.ListArray) -> Column:
    """A column from each record's distinct terms."""
    values = lists.values.dictionary_encode()
    return Column(lists.offsets.to_numpy().astype(np.int64), values.indices.to_numpy(), values.dictionary)
