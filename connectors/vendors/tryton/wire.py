"""Tryton's values on the wire: domains as JSON in base64, and times, days and amounts as objects that name their class."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

TIMES = ("write_date", "create_date")
_CLOCK = ("year", "month", "day", "hour", "minute", "second", "microsecond")

#: Tryton's typed values -> plain ones, losing nothing.
PLAIN: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "datetime": lambda one: datetime(**{part: one[part] for part in _CLOCK}, tzinfo=UTC).isoformat(),
    "date": lambda one: date(one["year"], one["month"], one["day"]).isoformat(),
    "time": lambda one: f"{one['hour']:02}:{one['minute']:02}:{one['second']:02}",
    "timedelta": lambda one: one["seconds"],
    "Decimal": lambda one: one["decimal"],
    "bytes": lambda one: one["base64"],
}


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def decoded(value: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(value))


def changed_since(moment: datetime, parts: Iterable[str]) -> list[Any]:
    """The domain of what changed, or of which a part did, one that is not active any more too."""
    when = {"__class__": "datetime", **{part: getattr(moment.astimezone(UTC), part) for part in _CLOCK}}
    late = ["OR", *([name, ">=", when] for name in TIMES)]
    return [*late, *([part, "where", [late, ["active", "in", [True, False]]]] for part in parts)]


def readable(value: Any) -> Any:
    """The same with plain values for Tryton's typed ones; what is none of them stays as it is."""
    if isinstance(value, list):
        return [readable(one) for one in value]
    if not isinstance(value, dict):
        return value
    try:
        return PLAIN[value["__class__"]](value)
    except (KeyError, ValueError, TypeError):
        return {name: readable(one) for name, one in value.items()}


def told(record: Any) -> Any:
    """With `changed`, the latest time of the record and its parts, and `inactive`."""
    if not isinstance(record, dict):
        return record
    parts = [one for value in record.values() if isinstance(value, list) for one in value if isinstance(one, dict)]
    times = [str(one[name]) for one in (record, *parts) for name in TIMES if one.get(name)]
    return {**record, "changed": max(times, default=None), "inactive": record.get("active", True) is False}
