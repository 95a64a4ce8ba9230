"""The Spark session that the work runs on."""

import os
import sys
import weakref

from pyspark import SparkConf
from pyspark.sql import DataFrame, SparkSession

from resolution.spark.java import check_java

#: What holds unless spark-submit was told otherwise; a session that runs already is taken as it is.
SETTINGS = {
    "spark.driver.maxResultSize": "0",  # blocks and pairs are brought together on the driver
    "spark.driver.memory": "4g",
    "spark.log.level": "ERROR",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
    "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def session() -> SparkSession:
    """A session beside the one that is active, or a new one on what SPARK_MASTER or spark-submit says (all processors of this machine).

    DedupeError where Java is missing or too old.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        return active.newSession()  # its settings, with views and names of our own
    check_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # Spark's workers would take whatever `python3` is on the path
    settings = SparkConf().setAppName("crosswalk dedupe")
    if "SPARK_MASTER" in os.environ:
        settings.setMaster(os.environ["SPARK_MASTER"])
    for name, value in SETTINGS.items():
        settings.setIfMissing(name, value)
    return SparkSession.builder.config(conf=settings).getOrCreate()


def kept(frame: DataFrame, owner: object) -> DataFrame:
    """The frame, which the cluster keeps for as long as somebody has `owner`: the session may be another's, and go on."""
    weakref.finalize(owner, frame.unpersist).atexit = False
    return frame.persist()
