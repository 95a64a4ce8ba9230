"""Named transforms: how a vendor's value becomes ours. A mapping table names them, and so may a user in crosswalk.toml.

A transform takes one value that is there (never null or empty) and returns a list of ours, empty where the value says nothing.
It raises ValueError where the value can't be what it should be, and nothing else whatever the value is.
"""

import re
import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Transform = Callable[[Any], list[Any]]

_BETWEEN_ADDRESSES = re.compile(r"[;,\s]+")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_MILLISECONDS = re.compile(r"-?\d{11,14}")

#: Cuts what is nested or long before it is written out.
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60

#: Part of every mapping's fingerprint: raise it when a transform's result changes.
VERSION = 2


def text(value: Any) -> list[Any]:
    """Trimmed text; numbers become text, and each element of a list is a value."""
    return [trimmed for element in _elements(value) if (trimmed := _written(element, "text"))]


def email(value: Any) -> list[Any]:
    """Addresses, in lower case; several may be separated by comma, semicolon or blank. What has no @ in it is none."""
    parts = [part.strip("<>()\"'").removeprefix("mailto:") for one in text(value) for part in _BETWEEN_ADDRESSES.split(one)]
    addresses = [part.lower() for part in parts if _ADDRESS.fullmatch(part)]
    if parts and not addresses:
        raise ValueError(f"{_short(value)} holds no mail address")
    return addresses


def semicolons(value: Any) -> list[Any]:
    """The parts between semicolons."""
    return [part.strip() for one in text(value) for part in one.split(";") if part.strip()]


def moment(value: Any) -> list[Any]:
    """A time with its zone; UTC where none is given. ISO 8601, `YYYY-MM-DD HH:MM:SS`, or milliseconds since 1970 (also as `/Date(0)/`)."""
    written = value.isoformat() if isinstance(value, date) else _written(value, "a time")
    if of_odata := re.fullmatch(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/", written):
        value = int(of_odata[1])
    try:
        if isinstance(value, int | float) or _MILLISECONDS.fullmatch(written):
            found = datetime.fromtimestamp(int(value) / 1000, UTC)
        else:
            found = datetime.fromisoformat(written)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{_short(value)} is not a time") from error
    if not 1800 < found.year < 2300:
        raise ValueError(f"{_short(value)} is no time of this world")
    return [found if found.tzinfo else found.replace(tzinfo=UTC)]


def seconds(value: Any) -> list[Any]:
    """A time given in seconds since 1970."""
    if not re.fullmatch(r"-?\d{1,11}(\.\d+)?", _written(value, "a number of seconds")):
        raise ValueError(f"{_short(value)} is not a number of seconds")
    return moment(int(float(value) * 1000))


def seconds_day(value: Any) -> list[Any]:
    """The day of a time given in seconds since 1970."""
    return [seconds(value)[0].date().isoformat()]


def day(value: Any) -> list[Any]:
    """A day, as YYYY-MM-DD."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return [value.isoformat()]
    return [moment(value)[0].date().isoformat()]


def decimal(value: Any) -> list[Any]:
    """An exact number of at most 16 digits before the point."""
    try:
        number = value if isinstance(value, Decimal) else Decimal(_written(value, "a number").replace("\u00a0", ""))
    except InvalidOperation as error:
        raise ValueError(f"{_short(value)} is not a number") from error
    if not number.is_finite() or number.copy_abs() >= Decimal(10) ** 16:
        raise ValueError(f"{_short(value)} is not an amount of money")
    return [number.quantize(Decimal("0.01"))]


def relation(value: Any) -> list[Any]:
    """The display name of an Odoo many-to-one: [id, name]."""
    return text(pair(value)[1])


def relation_id(value: Any) -> list[Any]:
    """The id of an Odoo many-to-one, as text."""
    return text(pair(value)[0])


def pair(value: Any) -> tuple[Any, Any]:
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], int):
        return value[0], value[1]
    raise ValueError(f"{_short(value)} is not [id, name]")


def ids(value: Any) -> list[Any]:
    """The ids of the objects of a list, or of one object, as text."""
    found = [one.get("id") if isinstance(one, dict) else None for one in (value if isinstance(value, list) else [value])]
    if None in found:
        raise ValueError(f"{_short(value)} is no list of objects with an id")
    return text(found)


def country_name(value: Any) -> list[Any]:
    """A country's name or code as text: the resolver knows both."""
    return relation(value) if isinstance(value, list) else text(value)


def language(value: Any) -> list[Any]:
    """`de_DE` as `de`."""
    return [one.split("_")[0].split("-")[0].lower() for one in text(value)]


def person_name(value: Any) -> list[Any]:
    """A name in the order it is spoken: `Berg, Anna` is `Anna Berg`."""
    return [spoken(one) for one in text(value)]


def spoken(name: str) -> str:
    """`Family, Given` turned round; anything else as it is."""
    parts = [part.strip() for part in name.split(",")]
    return f"{parts[1]} {parts[0]}" if len(parts) == 2 and all(parts) else name.strip()


@dataclass(frozen=True)
class Choice:
    """The table's word for the value; what the table does not know is `otherwise`, or said as it is."""

    table: Mapping[str, str]
    otherwise: str | None = None

    def __call__(self, value: Any) -> list[Any]:
        return [self.table.get(one, self.otherwise or one) for one in text(value)]


@dataclass(frozen=True)
class Word:
    """The same word for every value that is there; where `of` is given, for that value alone, as of a box that is ticked: `true`."""

    word: str
    of: str | None = None

    def __call__(self, value: Any) -> list[Any]:
        return [self.word] if self.of is None or (isinstance(value, str | int | float) and str(value).lower() == self.of) else []


def _elements(value: Any) -> Iterator[Any]:
    """What a list holds, and the lists in it, however deep; or the value itself."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += reversed(one)
        else:
            yield one


def _written(value: Any, what: str) -> str:
    """A text or number as trimmed text. ValueError, which says what it should have been, for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{_short(value)} is not {what}")
    return str(value).strip()


def _short(value: Any) -> str:
    shown = _SHORT.repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


#: The names that a mapping table, or a user's own mapping, may use.
TRANSFORMS: Mapping[str, Transform] = {
    "text": text,
    "email": email,
    "semicolons": semicolons,
    "moment": moment,
    "day": day,
    "seconds": seconds,
    "seconds_day": seconds_day,
    "decimal": decimal,
    "relation": relation,
    "relation_id": relation_id,
    "ids": ids,
    "country": country_name,
    "language": language,
    "person_name": person_name,
}
