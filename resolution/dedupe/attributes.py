"""A file's columns as the raw attributes of its records, by what each column was taken for."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.dedupe import one_line
from resolution.dedupe.infer import Column
from resolution.dedupe.kinds import kinds_of
from resolution.dedupe.tabular import first_values
from resolution.normalize import Flat, Raw
from resolution.normalize.features import ORGANIZATION, PERSON, Index
from resolution.normalize.text import string_array

_OF_PEOPLE = ("person_name", "given_name", "birth_date")
_OF_COMPANIES = ("organization_name", "employer")


def raw_of(table: pa.Table, ids: pa.StringArray, columns: Mapping[str, Column]) -> Raw:
    """The raw attributes of the rows, each of the kind that it is; ids: one for each row.

    Address columns of one set ('billing') make one address; an address in one line is taken apart. What a column of companies holds is
    where a person works, and what an organisation is called.
    """
    rows = np.arange(len(table))
    kinds = kinds_of(table, {name: column.meaning for name, column in columns.items()})
    texts: dict[str, list[Flat]] = {}
    for name, column in columns.items():
        if column.meaning not in ("id", "ignore", "kind") and not column.meaning.startswith("address."):
            for attribute, flat in _attributes(name, column.meaning, _flat(table[name], rows), kinds):
                texts.setdefault(attribute, []).append(flat)
    joined = {name: (np.concatenate([at for at, _ in flats]), _stacked([of for _, of in flats])) for name, flats in texts.items()}
    addresses = [_whole(parts) for parts in _addresses(table, columns).values()]
    names = sorted({part for parts in addresses for part in parts})
    blank = pa.nulls(len(table), pa.string())
    stacked = {name: _stacked([parts.get(name, blank) for parts in addresses]) for name in names}
    return Raw(rows, ids, kinds, joined, np.tile(rows, len(addresses)), stacked)


def _stacked(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.ChunkedArray:
    """The columns one after another, without copying."""
    chunks = [chunk for column in columns for chunk in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])]
    return pa.chunked_array(chunks, pa.string())


def _attributes(name: str, meaning: str, flat: Flat, kinds: NDArray[np.int8]) -> list[tuple[str, Flat]]:
    """The attributes that a column gives: one for people, another for organisations, where it means something else to each."""
    if meaning in ("code", "category"):
        return [(f"{meaning}:{name}", flat)]
    if meaning == "family_name":  # of an organisation it is the one field for a name that the source has
        return [("family_name", _of(flat, kinds, PERSON)), ("name", _of(flat, kinds, ORGANIZATION))]
    if meaning in _OF_COMPANIES:
        return [("employer", _of(flat, kinds, PERSON)), ("name", _of(flat, kinds, ORGANIZATION))]
    if meaning in _OF_PEOPLE:
        return [("name" if meaning == "person_name" else meaning, _of(flat, kinds, PERSON))]
    return [(meaning, flat)]


def _of(flat: Flat, kinds: NDArray[np.int8], kind: int) -> Flat:
    rows, values = flat
    chosen = kinds[rows] == kind
    if chosen.all():
        return flat
    return (rows[chosen], values.filter(pa.array(chosen))) if chosen.any() else (rows[:0], values.slice(0, 0))


def _flat(column: pa.ChunkedArray, rows: Index) -> Flat:
    if not pa.types.is_list(column.type):
        return rows, column
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    return np.repeat(rows, lengths), pc.list_flatten(column)


def _addresses(table: pa.Table, columns: Mapping[str, Column]) -> dict[str, dict[str, pa.Array]]:
    """Set of address columns -> part -> values, one for each row."""
    found: dict[str, dict[str, pa.Array]] = {}
    for name, column in columns.items():
        head, _, part = column.meaning.partition(".")
        if head == "address":
            parts = found.setdefault(column.group, {})
            spare = part if part not in parts else "street2" if part == "street" else f"{part} of {name}"
            parts[spare] = first_values(table[name])
    return found


def _whole(parts: dict[str, pa.Array]) -> Mapping[str, pa.Array]:
    """The parts of an address; of one whose street column is the whole of it, what the line says."""
    if "street" not in parts or {"city", "postcode"} & set(parts):
        return parts
    apart = one_line.parts_of(string_array(parts["street"]))
    return parts if apart is None else parts | {name: values for name, values in apart.items() if name == "street" or name not in parts}
