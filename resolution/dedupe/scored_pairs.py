"""The scored pairs of a file, with the evidence for each: what every comparison saw, and what that adds in bits.

A row's weight is the sum of the prior, the bits of its comparisons and what relatives take back, unless a rule decided.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from resolution import explain
from resolution.compare import level_words, levels
from resolution.dedupe.errors import DedupeError
from resolution.dedupe.grouping import Grouping, without_shared
from resolution.normalize.features import KIND_NAMES, Features, Index
from resolution.rules import RULES, Shared, decide_levels
from resolution.score import probability, score_levels

CHUNK = 100_000


def write_pairs(records: Features, found: Grouping, out: Path, sentences: bool) -> int:
    """Write the pairs that were kept to `out` (csv, parquet or jsonl), the likeliest first; returns how many.

    Columns: left_id, right_id, weight (bits), probability, same_entity, kind, rule, prior_bits, related_bits, for each comparison its level
    in words and its bits (term frequency included), and with `sentences` all of it in words.
    """
    order = np.lexsort((found.right, found.left, -found.weight))
    records = without_shared(records)
    with _Writer(out) as writer:
        for start in range(0, max(len(order), 1), CHUNK):
            writer.write(_table(records, found, order[start : start + CHUNK], sentences))
    return len(order)


def _table(records: Features, found: Grouping, rows: Index, sentences: bool) -> pa.Table:
    left, right, weight = found.left[rows], found.right[rows], found.weight[rows]
    seen = levels(records, left, right)
    scores = score_levels(seen, found.model)
    rules = decide_levels(records, left, right, seen, Shared()).rule
    priors = np.array([0.0, *(found.model.parts[kind].prior for kind in (1, 2))])
    told: dict[str, Any] = {
        "left_id": records.refs.take(pa.array(left)),
        "right_id": records.refs.take(pa.array(right)),
        "weight": np.round(weight, 3),
        "probability": np.round(probability(weight), 4),
        "same_entity": found.label[left] == found.label[right],
        "kind": _words(KIND_NAMES, seen.kind),
        "rule": _words(RULES, rules.astype(np.int8)),
        "prior_bits": np.round(priors[seen.kind], 3),
        "related_bits": np.round(scores.related, 3),
    }
    for place, name in enumerate(scores.comparisons):
        told[f"{name}_level"] = _words(level_words(name), seen.comparisons[name].level)
        told[f"{name}_bits"] = np.round(scores.bits[:, place].astype(np.float64), 3)
    if sentences:
        told["sentence"] = pa.array(_sentences(records, found, left, right), pa.string())
    return pa.table(told)


def _words(words: tuple[str, ...], codes: Any) -> pa.StringArray:
    """The word of each code; null for a level below 0, which is that of a value that is missing."""
    return pa.array(words, pa.string()).take(pa.array(codes.astype(np.int32), mask=codes < 0))


def _sentences(records: Features, found: Grouping, left: Index, right: Index) -> Iterator[str]:
    for one, two in zip(left.tolist(), right.tolist(), strict=True):
        yield explain.sentence(explain.pair(records.profile(one), records.profile(two), found.model))


class _Writer:
    """Writes tables of one schema, one after another, to a file that appears whole or not at all."""

    def __init__(self, out: Path) -> None:
        self._out, self._partial = out, out.with_name(f".{out.name}.partial")
        self._sink: Any = None

    def __enter__(self) -> Self:
        return self

    def write(self, table: pa.Table) -> None:
        try:
            if self._sink is None:
                self._sink = _SINKS[self._out.suffix.lower()](self._partial, table.schema)
            self._sink.write_table(table)
        except OSError as error:
            raise DedupeError(f"{self._out}: this can't be written: {error}") from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._sink is not None:
            self._sink.close()
        if kind is None:
            self._partial.replace(self._out)
        else:
            self._partial.unlink(missing_ok=True)


def _csv(file: Path, schema: pa.Schema) -> Any:
    import pyarrow.csv as pa_csv

    return pa_csv.CSVWriter(str(file), schema, write_options=pa_csv.WriteOptions(quoting_style="needed"))


class _Lines:
    def __init__(self, file: Path, _: pa.Schema) -> None:
        self._file = file.open("w", encoding="utf-8")

    def write_table(self, table: pa.Table) -> None:
        from resolution.dedupe.lines import lines_of

        self._file.writelines(lines_of(table))

    def close(self) -> None:
        self._file.close()


_SINKS: dict[str, Callable[[Path, pa.Schema], Any]] = {".csv": _csv, ".parquet": pq.ParquetWriter, ".jsonl": _Lines}
