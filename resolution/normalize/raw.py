"""Raw attributes of many records, turned into columns and not yet read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution.normalize.addresses import strings_of
from resolution.normalize.features import Index
from resolution.normalize.kinds import KIND_CODES
from resolution.normalize.text import usable
from resolution.records import ADDRESS, PartyRecord

Flat = tuple[Index, pa.Array]


@dataclass(frozen=True, slots=True)
class Raw:
    """Raw attributes of n records by column: texts[attribute] = (record rows, values), and addresses as (rows, {part: values}). Values are
    strings, or dictionary codes of strings; null where there is none."""

    ids: Index
    refs: pa.StringArray
    kind: NDArray[np.int8]
    texts: Mapping[str, Flat]
    address_rows: Index
    address_parts: Mapping[str, pa.Array]


def raw_columns(records: Sequence[PartyRecord]) -> Raw:
    """The records' attributes, turned into columns."""
    texts: dict[str, tuple[list[int], list[str]]] = {}
    address_rows: list[int] = []
    addresses: list[Mapping[str, str]] = []
    for row, record in enumerate(records):
        for attribute, values in record.attributes.items():
            for value in values:
                if usable(value):
                    rows, strings = texts.setdefault(attribute, ([], []))
                    rows.append(row)
                    strings.append(value)
                elif attribute == ADDRESS and not isinstance(value, str):
                    address_rows.append(row)
                    addresses.append(strings_of(value))
    found = sorted({part for address in addresses for part in address})
    return Raw(
        np.array([record.id for record in records], np.int64),
        _strings(record.ref for record in records),
        np.array([KIND_CODES[record.kind] for record in records], np.int8),
        {attribute: (np.array(rows, np.int64), _strings(values)) for attribute, (rows, values) in texts.items()},
        np.array(address_rows, np.int64),
        {part: _strings(address.get(part) for address in addresses) for part in found},
    )


def _strings(values: Iterable[str | None]) -> pa.StringArray:
    return pa.array(list(values), pa.string())
