"""Resolve a file with no database and no configuration: `crosswalk dedupe`."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution import block
from resolution.cluster import Links, Pairs, cluster
from resolution.compare import levels
from resolution.dedupe.infer import MEANINGS, Reading, infer
from resolution.dedupe.tabular import DedupeError, check_output, read_table, write_table
from resolution.normalize import Flat, Raw, features_of
from resolution.normalize.features import KIND_CODES, KIND_NAMES, Features, Index
from resolution.normalize.hashing import hash_terms, sort_order
from resolution.rules import decide_levels, shared_by_too_many
from resolution.score import probability, score, score_levels
from resolution.score.learn import FEWEST, fit
from resolution.score.model import Model, default_model

__all__ = ["DedupeError", "Options", "Summary", "dedupe"]

#: Candidate pairs per record, at most, and in all at least; blocks are taken from the smallest on until so many pairs are there.
PAIRS_PER_RECORD, PAIRS_AT_LEAST = 8, 4_000_000
LARGEST_BLOCK = 2_000
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


@dataclass(frozen=True, slots=True)
class _Grouping:
    label: Index
    confidence: NDArray[np.float64]
    pairs: int
    skipped: int


def dedupe(source: Path, out: Path, options: Options) -> Summary:
    """Group the records of `source` (csv, parquet or jsonl) and write record_id,entity_id,confidence for each once to `out` (csv or
    parquet).

    Raises DedupeError with what is wrong and what to do.
    """
    started = time.perf_counter()
    check_output(out)
    table = read_table(source)
    ids = _record_ids(table, source, options)
    reading = _reading(table, options)
    records = features_of(_raw(table, ids, reading))
    order = sort_order(hash_terms(ids))  # what is learnt from the records must not depend on the order they came in
    found = _group(records.take(order), options) if len(records) else _Grouping(np.zeros(0, np.int64), np.zeros(0), 0, 0)
    entity, confidence = np.empty(len(ids), np.int64), np.empty(len(ids))
    entity[order], confidence[order] = order[found.label], found.confidence
    write_table(pa.table({"record_id": ids, "entity_id": ids.take(pa.array(entity)), "confidence": np.round(confidence, 4)}), out)
    entities = len(np.unique(found.label))
    return Summary(len(records), entities, found.pairs, found.skipped, reading.meanings, time.perf_counter() - started)


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


def _group(records: Features, options: Options) -> _Grouping:
    keys = block.keys(records)
    cap = block.fitting_cap(keys, max(PAIRS_AT_LEAST, PAIRS_PER_RECORD * len(records)), LARGEST_BLOCK)
    found = block.pairs(keys, cap)
    seen = levels(records, found.left, found.right)
    model = default_model()
    if len(records) >= FEWEST and len(found.left):
        kind = int(records.kind[0])
        fitted = fit(records, seen, found.rules, model.parts[kind], seed=1)
        model = Model.from_json(model.to_json() | {KIND_NAMES[kind]: fitted})
    weight = score_levels(seen, model).weight
    decided = decide_levels(records, found.left, found.right, seen, shared_by_too_many(records))
    later: list[tuple[Index, Index, NDArray[np.float64]]] = []

    def scorer(left: Index, right: Index) -> NDArray[np.float64]:
        later.append((left, right, score(records, left, right, model).weight))
        return later[-1][2]

    links = Links(
        Pairs(found.left, found.right),
        weight,
        must=Pairs(found.left[decided.verdict > 0], found.right[decided.verdict > 0]),
        never=Pairs(found.left[decided.verdict < 0], found.right[decided.verdict < 0]),
    )
    threshold = model.threshold(int(records.kind[0])) if options.threshold is None else options.threshold
    label = cluster(records.refs, links, scorer, threshold)
    everything = [(found.left, found.right, np.where(decided.verdict > 0, 30.0, weight)), *later]
    left, right, weights = (np.concatenate(parts) for parts in zip(*everything, strict=True))
    return _Grouping(label, _confidence(label, left, right, weights), len(left), found.skipped)


def _confidence(label: Index, left: Index, right: Index, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """How sure it is that each record stands where it does: with others, by its mean weight to them; alone, by how unlikely its nearest
    other is."""
    together = label[left] == label[right]
    count, total = np.zeros(len(label)), np.zeros(len(label))
    nearest = np.full(len(label), -np.inf)
    for side in (left, right):
        count += np.bincount(side[together], minlength=len(label))
        total += np.bincount(side[together], np.clip(weight[together], -30, 30), minlength=len(label))
        np.maximum.at(nearest, side[~together], weight[~together])
    joined = probability(total / np.maximum(count, 1))
    return np.where(count > 0, joined, 1.0 - probability(np.maximum(nearest, -200.0)))
