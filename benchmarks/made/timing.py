"""Seconds, and how they are told."""

import time
from collections.abc import Callable, Sequence


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes by the clock on the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which that part of them lies, the nearest that was measured."""
    return sorted(values)[min(int(part * len(values)), len(values) - 1)]
