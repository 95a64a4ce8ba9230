"""Blocking on a cluster: the keys, the choice of rules and the sizes of blocks are those of one machine; the join is Spark's.

The driver is told the keys (record, rule and hash; no value of a record) to choose by, and then the pairs.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from importlib import resources

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from resolution import block
from resolution.block.choice import Use
from resolution.block.keys import Marking, Marks
from resolution.block.rules import TABLE
from resolution.spark.exchange import features_of, fields
from resolution.spark.session import kept


class Blocking:
    """A `block.Blocker` for the records in `frame` (see `exchange.table_of`), whose keys it keeps on the cluster."""

    def __init__(self, frame: DataFrame, names: Sequence[str]) -> None:
        told = frame.selectExpr("row", *fields(names, "own"))
        self._keys = kept(told.mapInArrow(partial(_keys, names), "rule int, kind int, key long, row long"), self)
        self._marks = _by_rule(self._keys.toArrow())
        self.joined: DataFrame | None = None

    def marks(self, rule: int, kind: int) -> Marks:
        return self._marks.get((rule, kind)) or Marks(np.zeros(0, np.int64), np.zeros(0, np.uint64))

    def pairs(self, uses: Sequence[Use]) -> block.Candidates:
        """The pairs, which stay in `joined` (left, right, rules) too."""
        numbers = {rule.name: number for number, rule in enumerate(TABLE)}
        rows = [(use.rule, use.kind, use.cap, numbers.get(TABLE[use.rule].finer_than)) for use in uses]
        session = self._keys.sparkSession
        self._keys.createOrReplaceTempView("keys")
        session.createDataFrame(rows, "rule int, kind int, cap int, coarse int").createOrReplaceTempView("uses")
        self.joined = kept(session.sql(resources.files("resolution.spark").joinpath("make_pairs.sql").read_text("utf-8")), self)
        told = self.joined.toArrow()
        self._keys.unpersist()
        self._marks.clear()
        order = np.lexsort((told["right"].to_numpy(), told["left"].to_numpy()))
        left, right, rules = (told[name].to_numpy()[order] for name in ("left", "right", "rules"))
        return block.Candidates(left, right, rules.view(np.uint64), sum(int((use.blocks.size > use.cap).sum()) for use in uses))


def _by_rule(keys: pa.Table) -> dict[tuple[int, int], Marks]:
    """(rule, kind) -> its keys, in the records' order."""
    rule, kind, key, row = (keys[name].to_numpy() for name in ("rule", "kind", "key", "row"))
    group = rule * len(TABLE) + kind
    order = np.lexsort((row, group))
    group, key, row = group[order], key[order].view(np.uint64), row[order]
    starts = np.flatnonzero(np.diff(group, prepend=-1)).tolist()
    return {
        (int(rule[order[begin]]), int(kind[order[begin]])): Marks(row[begin:end], key[begin:end])
        for begin, end in zip(starts, [*starts[1:], len(group)], strict=True)
    }


def _keys(names: Sequence[str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        marking, row = Marking(features_of(batch, ["own"], names)), batch.column("row").to_numpy()
        for number, rule in enumerate(TABLE):
            for kind in rule.kinds:
                marks = marking.of_rule(rule, kind).once()
                of_rule, of_kind = np.full(len(marks.row), number, np.int32), np.full(len(marks.row), kind, np.int32)
                yield pa.record_batch({"rule": of_rule, "kind": of_kind, "key": marks.hash.view(np.int64), "row": row[marks.row]})
