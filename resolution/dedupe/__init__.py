"""Resolve a file with no database and no configuration: `crosswalk dedupe`."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolution.dedupe.attributes import raw_of
from resolution.dedupe.errors import DedupeError
from resolution.dedupe.grouping import group
from resolution.dedupe.infer import MEANINGS, Column, infer
from resolution.dedupe.tabular import check_output, read_table, write_table
from resolution.normalize import features_of
from resolution.normalize.features import Features

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
    records, columns = records_of(read_table(source), source, options)
    found = group(records, options.threshold)
    entity = records.refs.take(pa.array(found.label))
    answer = {"record_id": records.refs, "entity_id": entity, "confidence": np.round(found.confidence, 4)}
    write_table(pa.table(answer), out)
    entities, skipped = len(np.unique(found.label)), sum(rule.blocks_skipped for rule in found.blocking)
    meanings = {name: column.meaning for name, column in columns.items()}
    return Summary(len(records), entities, found.compared, skipped, meanings, time.perf_counter() - started)


def records_of(table: pa.Table, source: Path, options: Options) -> tuple[Features, dict[str, Column]]:
    """The records of a table that was read from `source`, their ids as refs, and what its columns were taken to mean."""
    ids = _record_ids(table, source, options)
    columns = _columns(table, options)
    return features_of(raw_of(table, ids, columns)), columns


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


def _columns(table: pa.Table, options: Options) -> dict[str, Column]:
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
