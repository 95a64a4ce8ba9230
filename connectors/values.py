"""Values of databases and columnar files: as JSON holds them in a payload, and as a position keeps them and gives them back."""

import base64
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID


def plain(value: Any) -> Any:
    """The value as JSON: an exact number and a time as text, bytes in base64, a length of time in seconds."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return format(value, "f") if value.is_finite() else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(one) for one in value]
    return str(value)


_KEPT: Mapping[type, tuple[str, Callable[[str], Any]]] = {
    datetime: ("datetime", datetime.fromisoformat),
    date: ("date", date.fromisoformat),
    Decimal: ("decimal", Decimal),
    UUID: ("uuid", UUID),
    bytes: ("bytes", base64.b64decode),
}
_BACK = dict(_KEPT.values())


def kept(value: Any) -> Any:
    """The value so that `back` makes the same of it, of its own type."""
    value = bytes(value) if isinstance(value, bytearray | memoryview) else value
    return {_KEPT[type(value)][0]: plain(value)} if type(value) in _KEPT else value


def back(value: Any) -> Any:
    """What `kept` was given."""
    if not isinstance(value, dict):
        return value
    ((name, written),) = value.items()
    return _BACK[name](written)
