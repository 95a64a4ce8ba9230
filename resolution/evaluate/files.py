"""Evaluate a file: `crosswalk eval FILE`. The truth never reaches the resolver: the column that holds it is taken out first."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from resolution.dedupe import DedupeError, Options, records_of
from resolution.dedupe.tabular import read_table
from resolution.evaluate.evaluation import Evaluation, evaluate, of_records
from resolution.evaluate.labels import Groups, groups, labelled_pairs, partition
from resolution.evaluate.mistakes import side_by_side
from resolution.evaluate.truth import Truth


@dataclass(frozen=True, slots=True)
class Asked:
    """truth: the column that names each record's true group; pairs: a file of labelled pairs; one of the two is needed. clusters: a result
    to evaluate, where the file is not to be resolved here. errors: how many mistakes of each sort are shown, at most."""

    truth: str | None = None
    pairs: Path | None = None
    clusters: Path | None = None
    options: Options = field(default_factory=Options)
    errors: int = 10


def evaluate_file(source: Path, asked: Asked) -> Evaluation:
    """How well the file is resolved, or was. Raises DedupeError with what is wrong and what to do."""
    table = read_table(source)
    rest = table.drop_columns([name for name in table.column_names if name == asked.truth])
    records, _ = records_of(rest, source, asked.options)
    truth = _truth(table, source, asked, records.refs)
    if asked.clusters is None:
        return evaluate(records, truth, asked.errors)
    return _held(rest, records.refs, groups(asked.clusters, records.refs), truth, asked.errors)


def _truth(table: pa.Table, source: Path, asked: Asked, refs: pa.StringArray) -> Truth:
    if asked.truth is not None and asked.pairs is None:
        return partition(table, asked.truth, source)
    if asked.pairs is not None and asked.truth is None:
        return labelled_pairs(asked.pairs, refs)
    raise DedupeError(f"{source}: say what is true by --truth COLUMN or by --pairs FILE, and by one of them only")


def _held(table: pa.Table, refs: pa.StringArray, found: Groups, truth: Truth, errors: int) -> Evaluation:
    """Groups that somebody made, held against the truth."""
    started = time.perf_counter()
    wrong = (("joined", truth.joined_wrongly(found.label)), ("missed", truth.missed(found.label)))
    return Evaluation(
        truth.quality(found.label),
        None,
        None,
        None if found.confidence is None else of_records(found.confidence, truth.standing(found.label)),
        tuple(mistake for sort, cases in wrong for mistake in side_by_side(table, refs, sort, cases, errors)),
        time.perf_counter() - started,
    )
