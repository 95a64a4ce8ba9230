"""A set of records on a cluster, and who works on them there."""

from pyspark.sql import SparkSession

from resolution import block
from resolution.compare import Columns
from resolution.dedupe.grouping import Weigher
from resolution.score.model import Model
from resolution.spark.blocking import Blocking
from resolution.spark.exchange import table_of
from resolution.spark.session import kept
from resolution.spark.weighing import FarWeigher, Kernel


class Cluster:
    """A `grouping.Engine` on a Spark session."""

    def __init__(self, session: SparkSession, columns: Columns) -> None:
        self._features = columns.features
        self._names = tuple(self._features.columns)
        self._records = kept(session.createDataFrame(table_of(self._features)), self)
        self._blocking = Blocking(self._records, self._names)

    def candidates(self, likely: block.Likely) -> tuple[block.Candidates, tuple[block.Blocked, ...]]:
        return block.candidates(self._features, likely, self._blocking)

    def weigher(self, model: Model, threshold: float | None) -> Weigher:
        return FarWeigher(self._records, self._blocking.joined, Kernel(self._names, model.to_json(), threshold, near=False))
