"""Where a file is resolved: in this process, or on a Spark cluster."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

from resolution.compare import Columns
from resolution.dedupe.errors import DedupeError
from resolution.dedupe.grouping import Engine, Here

NAMES = ("local", "spark")


def engine(name: str) -> Callable[[Columns], Engine]:
    """The engine of this name; DedupeError where there is none, or what it needs is missing."""
    if name not in NAMES:
        raise DedupeError(f"there is no engine {name}; it is one of {', '.join(NAMES)}")
    if name == "local":
        return Here
    if find_spec("pyspark") is None:
        raise DedupeError("--engine spark needs pyspark, which is an extra: pip install 'crosswalk[spark]', and Java 17 or newer")
    from resolution.spark.engine import Cluster
    from resolution.spark.session import session

    return partial(Cluster, session())
