"""Weighing on a cluster: each pair is sent with its two records to a worker, where the kernel weighs it as it would here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from resolution import block
from resolution.compare import Columns
from resolution.dedupe.weighing import Weighed, Weighing
from resolution.normalize.features import Index
from resolution.score.model import Model
from resolution.spark.exchange import features_of, fields

_SIDES = ("left", "right")
#: A pair's place in the order that the driver wants, its records, and what it weighs.
_WEIGHED = "place long, left long, right long, weight double, margin double"


@dataclass(frozen=True, slots=True)
class Kernel:
    """What a worker needs to weigh pairs: the columns of the records, the model as JSON, the threshold; near: whether to drop the pairs far
    below it."""

    names: tuple[str, ...]
    model: Mapping[str, Any]
    threshold: float | None
    near: bool

    def weigh(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The weighed pairs of batches of (place, left, right, rules, both records)."""
        model = Model.from_json(self.model)
        for batch in batches:
            weighing = Weighing(Columns(features_of(batch, _SIDES, self.names)), model, self.threshold)
            left, right = np.arange(batch.num_rows), np.arange(batch.num_rows) + batch.num_rows
            if self.near:
                found = weighing.near(block.Candidates(left, right, batch.column("rules").to_numpy().view(np.uint64), 0))
            else:
                found = weighing.of(left, right)
            kept = batch.select(["place", "left", "right"]).take(pa.array(found.left))
            yield kept.append_column("weight", pa.array(found.weight)).append_column("margin", pa.array(found.margin))


class FarWeigher:
    """A `grouping.Weigher`: `records` is their frame (see `exchange.table_of`), `candidates` what blocking left on the cluster."""

    def __init__(self, records: DataFrame, candidates: DataFrame, kernel: Kernel) -> None:
        self._records, self._candidates, self._kernel = records, candidates, kernel

    def near(self, found: block.Candidates) -> Weighed:
        """`found` is on the cluster already; those that a shared identifier found come last, as they do here."""
        del found
        place = f"rules & {1 << block.IDENTIFIER} as place"
        return self._weighed(self._candidates.selectExpr(place, "left", "right", "rules"), replace(self._kernel, near=True))

    def of(self, left: Index, right: Index) -> Weighed:
        if not len(left):
            return Weighed(left, right, np.zeros(0), np.zeros(0))
        pairs = pa.table({"place": np.arange(len(left)), "left": left, "right": right, "rules": np.zeros(len(left), np.int64)})
        return self._weighed(self._records.sparkSession.createDataFrame(pairs), self._kernel)

    def _weighed(self, pairs: DataFrame, kernel: Kernel) -> Weighed:
        for side in _SIDES:
            pairs = pairs.join(self._records.selectExpr(f"row as {side}", *fields(kernel.names, side)), side)
        told = pairs.mapInArrow(kernel.weigh, _WEIGHED).toArrow()
        left, right, weight, margin = (told[name].to_numpy() for name in Weighed.__slots__)
        order = np.lexsort((right, left, told["place"].to_numpy()))
        return Weighed(left[order], right[order], weight[order], margin[order])
