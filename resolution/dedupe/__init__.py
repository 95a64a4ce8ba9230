"""Resolve a file with no database and no configuration: `crosswalk dedupe`."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolution.dedupe.grouping import group
from resolution.dedupe.infer import MEANINGS, Reading, infer
from resolution.dedupe.tabular import DedupeError, check_output, read_table, write_table
from resolution.normalize import Flat, Raw, features_of
from resolution.normalize.features import KIND_CODES, Features, Index

__all__ = ["DedupeError", "Options", "Summary", "dedupe", "records_of"]

_ID_NAMES = ("record_id", "id", "recordid", "uuid", "key")


@dataclass(frozen=True, slots=True)
class Options:
    """id_column: where absent it is worked out, or row numbers from 0 serve; fields: column -> meaning (see infer.MEANINGS), over what is
    inferred; ignore: columns not to use; threshold: bits of evidence from which records are joined, where absent the model's own."""

    id_column: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    ignore: Sequence[str] = ()
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """records, entities, pairs compared, blocks skipped as too large, what each column was taken to mean, seconds."""

    records: int
    entities: int
    pairs: int
    skipped_blocks: int
    meanings: Mapping[str, str]
    seconds: float


def dedupe(source: Path, out: Path, options: Options) -> Summary:
    """Group the records of `source` (csv, parquet or jsonl) and write record_id,entity_id,confidence for each once to `out` (csv or
    parquet).

    Raises DedupeError with what is wrong and what to do.
    """
    started = time.perf_counter()
    check_output(out)
    records, reading = records_of(read_table(source), source, options)
    found = group(records, options.threshold)
    entity = records.refs.take(pa.array(found.label))
    answer = {"record_id": records.refs, "entity_id": entity, "confidence": np.round(found.confidence, 4)}
    write_table(pa.table(answer), out)
    entities, skipped = len(np.unique(found.label)), sum(rule.blocks_skipped for rule in found.blocking)
    return Summary(len(records), entities, found.compared, skipped, reading.meanings, time.perf_counter() - started)


def records_of(table: pa.Table, source: Path, options: Options) -> tuple[Features, Reading]:
    """The records of a table that was read from `source`, their ids as refs, and what its columns were taken to mean."""
    ids = _record_ids(table, source, options)
    reading = _reading(table, options)
    return features_of(_raw(table, ids, reading)), reading


def _record_ids(table: pa.Table, source: Path, options: Options) -> pa.StringArray:
    column = options.id_column
    if column is None:
        likely = [
            name
            for name in table.column_names
            if name.lower() in _ID_NAMES and pc.count_distinct(table[name], mode="all").as_py() == len(table)
        ]
        if not likely:
            return pa.array([str(row) for row in range(len(table))], pa.string())
        column = likely[0]
    if column not in table.column_names:
        raise DedupeError(f"{source}: there is no column {column}; the columns are {', '.join(table.column_names)}")
    values = table[column]
    if pa.types.is_list(values.type):
        values = pc.binary_join(values, " ")
    if values.null_count:
        row = pc.index(pc.is_null(values), True).as_py()
        raise DedupeError(f"{source}: record {row + 1} has no {column}; every record needs an id (leave --id-column out to number them)")
    counts = pc.value_counts(values).flatten() if len(values) else (pa.array([]), pa.array([]))
    if len(counts[0]) < len(values):
        twice = counts[0].filter(pc.greater(counts[1], 1))
        raise DedupeError(
            f"{source}: {len(twice)} values of {column} occur more than once, such as {twice[0].as_py()!r}; ids have to be unique "
            "(choose another --id-column, or leave it out to number the records)"
        )
    return values.combine_chunks() if len(values.chunks) != 1 else values.chunk(0)


def _reading(table: pa.Table, options: Options) -> Reading:
    for column in (*options.fields, *options.ignore):
        if column not in table.column_names:
            raise DedupeError(f"there is no column {column}; the columns are {', '.join(table.column_names)}")
    for column, meaning in options.fields.items():
        if meaning not in MEANINGS:
            raise DedupeError(f"{column}={meaning}: this meaning is not known; it is one of {', '.join(MEANINGS)}")
    said = dict(options.fields) | dict.fromkeys(options.ignore, "ignore")
    if options.id_column:
        said[options.id_column] = "id"
    return infer(table, said)


def _flat(column: pa.ChunkedArray, rows: Index) -> Flat:
    if not pa.types.is_list(column.type):
        array = column.combine_chunks()
        return rows, pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    values = pc.list_flatten(column)
    return np.repeat(rows, lengths), values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _raw(table: pa.Table, ids: pa.StringArray, reading: Reading) -> Raw:
    """The table's columns as raw attributes; address columns of one set ('billing') make one address."""
    rows = np.arange(len(table))
    texts: dict[str, list[Flat]] = {}
    addresses: dict[str, dict[str, pa.Array]] = {}
    for column, meaning in reading.meanings.items():
        if meaning in ("id", "ignore"):
            continue
        head, _, part = meaning.partition(".")
        if head == "address":
            values = table[column] if not pa.types.is_list(table[column].type) else pc.list_element(_padded(table[column]), 0)
            parts = addresses.setdefault(reading.groups[column], {})
            spare = part if part not in parts else "street2" if part == "street" else f"{part} of {column}"
            parts[spare] = _flat(values, rows)[1]
            continue
        attribute = {"person_name": "name", "organization_name": "name", "code": f"code:{column}", "category": f"category:{column}"}.get(
            meaning, meaning
        )
        texts.setdefault(attribute, []).append(_flat(table[column], rows))
    joined = {name: (np.concatenate([at for at, _ in flats]), pa.concat_arrays([of for _, of in flats])) for name, flats in texts.items()}
    names = sorted({part for parts in addresses.values() for part in parts})
    blank = pa.nulls(len(table), pa.string())
    stacked = {name: pa.concat_arrays([parts.get(name, blank) for parts in addresses.values()]) for name in names}
    kind = np.full(len(table), KIND_CODES[reading.kind], np.int8)
    return Raw(rows, ids, kind, joined, np.tile(rows, len(addresses)), stacked)


def _padded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists of at least one element, so that a first one can be asked for."""
    return pc.if_else(pc.equal(pc.fill_null(pc.list_value_length(column), 0), 0), pa.scalar([None], column.type), column)
