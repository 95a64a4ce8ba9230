"""Resolve a file with no database and no configuration: `crosswalk dedupe`, which is `dedupe` below.

tabular        the file as a table of strings; `delimited`, `lines` and `encoding` read its sorts
infer          what each column means: by its name (`headings`), its values (`forms`), and beside the others (`wording`)
attributes     the columns as raw attributes; `kinds` says who is a person, `one_line` takes addresses apart
grouping       blocked, weighed (`weighing`), clustered; `repeats` groups what stands there word for word; `engines`: here or on Spark
one_to_one     two clean lists linked
summary        what was done, in figures
scored_pairs   the pairs with their evidence
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.dedupe.attributes import raw_of
from resolution.dedupe.engines import engine
from resolution.dedupe.errors import DedupeError
from resolution.dedupe.grouping import Grouping
from resolution.dedupe.infer import MEANINGS, Column, infer
from resolution.dedupe.repeats import group_repeated
from resolution.dedupe.summary import Summary, figures
from resolution.dedupe.tabular import ANSWER, PAIRS, check_output, read_table, write_table
from resolution.normalize import features_of
from resolution.normalize.features import Features
from resolution.normalize.hashing import hash_terms
from resolution.normalize.text import string_array

__all__ = ["Column", "DedupeError", "Options", "Summary", "dedupe", "records_of"]

#: Why a column is the id.
NAMES_RECORD = "names the record"
_ID_NAMES = ("record_id", "id", "recordid", "uuid", "key")


@dataclass(frozen=True, slots=True)
class Options:
    """id_column: where absent it is worked out, or row numbers from 0 serve; fields: column -> meaning (see infer.MEANINGS), over what is
    inferred; ignore: columns not to use; threshold: bits of evidence from which records are joined, where absent the model's own;
    one_to_one: the column that says which of two clean lists a record is of; pairs: where to write the scored pairs, with `sentences` in
    words too; engine: one of engines.NAMES."""

    id_column: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    ignore: Sequence[str] = ()
    threshold: float | None = None
    one_to_one: str | None = None
    pairs: Path | None = None
    sentences: bool = False
    engine: str = "local"


def dedupe(source: Path, out: Path, options: Options, progress: Callable[[str], None] = lambda _: None) -> Summary:
    """Group the records of `source` (csv, parquet or jsonl) and write record_id,entity_id,confidence for each once to `out` (csv or
    parquet). progress: told what is being done, as it begins.

    Raises DedupeError with what is wrong and what to do.
    """
    started = time.perf_counter()
    _check_outputs(source, out, options)
    progress(f"reading {source}")
    records, columns, second = _read(source, options)
    progress(f"comparing {len(records):,} records")
    found = group_repeated(records, options.threshold, engine(options.engine))
    if second is not None:
        from resolution.dedupe.one_to_one import linked

        found = linked(records, found, second, options.threshold)
    progress(f"writing {out}")
    entity = records.refs.take(pa.array(found.label))
    answer = {"record_id": records.refs, "entity_id": entity, "confidence": np.round(found.confidence, 4)}
    write_table(pa.table(answer), out)
    written = _written(records, found, options)
    ids = next((name for name, column in columns.items() if column.why == NAMES_RECORD), "its row's number, from 0")
    seconds = time.perf_counter() - started
    return Summary(ids=ids, columns=columns, pairs_written=written, seconds=seconds, **figures(records, found))


def _check_outputs(source: Path, out: Path, options: Options) -> None:
    check_output(out, ANSWER)
    if options.pairs:
        check_output(options.pairs, PAIRS)
    files = [source.resolve(), out.resolve(), *([options.pairs.resolve()] if options.pairs else [])]
    if len(set(files)) < len(files):
        raise DedupeError(f"{out}: the records, the answer and the pairs need a file each; choose another name")


def _read(source: Path, options: Options) -> tuple[Features, dict[str, Column], NDArray[np.bool_] | None]:
    """The records, what their columns mean, and which are of the second list where two are to be linked; the table itself is let go."""
    table = read_table(source)
    records, columns = records_of(table, source, options)
    if options.one_to_one is None:
        return records, columns, None
    from resolution.dedupe.one_to_one import lists_of

    return records, columns, lists_of(table, options.one_to_one)


def _written(records: Features, found: Grouping, options: Options) -> int | None:
    if options.pairs is None:
        return None
    from resolution.dedupe.scored_pairs import write_pairs

    return write_pairs(records, found, options.pairs, options.sentences)


def records_of(table: pa.Table, source: Path, options: Options) -> tuple[Features, dict[str, Column]]:
    """The records of a table that was read from `source`, their ids as refs, and what its columns were taken to mean."""
    columns = _columns(table, options)
    said = next((name for name, meaning in options.fields.items() if meaning == "id"), None)
    chosen = options.id_column or said or _id_column(table, columns)
    ids = pa.array(np.arange(len(table))).cast(pa.string()) if chosen is None else _record_ids(table, source, chosen)
    for name, column in columns.items():
        if name == chosen:
            columns[name] = replace(column, meaning="id", why=NAMES_RECORD)
        elif column.meaning == "id":
            columns[name] = replace(column, meaning="ignore", why="a number of its own for each record")
    return features_of(raw_of(table, ids, columns)), columns


def _id_column(table: pa.Table, columns: Mapping[str, Column]) -> str | None:
    """The column that names a record: one of ids, of which no two are alike and none is missing."""
    likely = [name for name, column in columns.items() if column.meaning == "id" and not pa.types.is_list(table[name].type)]
    whole = [name for name in likely if pc.count_distinct(table[name], mode="all").as_py() == len(table) and not table[name].null_count]
    return min(whole, key=lambda name: name.lower() not in _ID_NAMES, default=None)


def _record_ids(table: pa.Table, source: Path, column: str) -> pa.StringArray:
    """The id of each row; DedupeError where one is missing or occurs twice."""
    if column not in table.column_names:
        raise DedupeError(f"{source}: there is no column named {column!r}; the columns are {', '.join(table.column_names)}")
    values = table[column]
    if pa.types.is_list(values.type):
        values = pc.binary_join(values, " ")
    if values.null_count:
        row = pc.index(pc.is_null(values), True).as_py()
        raise DedupeError(f"{source}: record {row + 1} has no {column}; every record needs an id (leave --id-column out to number them)")
    ids = string_array(values)
    hashes = np.sort(hash_terms(ids))
    if (hashes[1:] == hashes[:-1]).any() and pc.count_distinct(values).as_py() < len(values):
        distinct, counts = pc.value_counts(values).flatten()
        twice = distinct.filter(pc.greater(counts, 1))
        raise DedupeError(
            f"{source}: {len(twice)} values of {column} occur more than once, such as {twice[0].as_py()!r}; ids have to be unique "
            "(choose another --id-column, or leave it out to number the records)"
        )
    return ids


def _columns(table: pa.Table, options: Options) -> dict[str, Column]:
    for column in (*options.fields, *options.ignore, *filter(None, [options.one_to_one])):
        if column not in table.column_names:
            raise DedupeError(f"there is no column named {column!r}; the columns are {', '.join(table.column_names)}")
    for column, meaning in options.fields.items():
        if meaning not in MEANINGS:
            raise DedupeError(f"{column}={meaning}: this meaning is not known; it is one of {', '.join(MEANINGS)}")
    said = dict(options.fields) | dict.fromkeys(options.ignore, "ignore")
    if options.id_column:
        said[options.id_column] = "id"
    if options.one_to_one:
        said[options.one_to_one] = "ignore"
    return infer(table, said)
