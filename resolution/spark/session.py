"""The Spark session that the work runs on."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from resolution.dedupe.errors import DedupeError

OLDEST_JAVA = 17
#: What holds where the user's own Spark settings say nothing else; a session that runs already is taken as it is.
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
    """The session that is active, or a new one on what SPARK_MASTER or spark-submit says, else on all processors of this machine.

    DedupeError where Java is missing or too old.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    _check_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # Spark's workers would take whatever `python3` is on the path
    builder = SparkSession.builder.appName("crosswalk dedupe")
    if "SPARK_MASTER" in os.environ:
        builder = builder.master(os.environ["SPARK_MASTER"])
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    advice = f"--engine spark needs Java {OLDEST_JAVA} or newer: install it (Debian, Ubuntu: apt-get install openjdk-17-jre-headless)"
    if java is None or not Path(java).exists():
        raise DedupeError(f"there is no Java here. {advice}, or set JAVA_HOME")
    told = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < OLDEST_JAVA:
        raise DedupeError(f"{java} is {told.splitlines()[0] if told else 'no Java'}. {advice}, and set JAVA_HOME to it")
