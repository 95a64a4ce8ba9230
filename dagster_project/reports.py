"""A step's report as Dagster shows it."""

from dataclasses import asdict
from typing import Any


def counted(report: Any) -> dict[str, int | float | str]:
    """The report's counts, by name; what is no count or word is left out."""
    return {name: value for name, value in asdict(report).items() if isinstance(value, int | float | str)}
