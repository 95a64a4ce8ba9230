"""Values of a cursor column, which may be times, numbers, or times written as text."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

#: A cursor further ahead of the database's clock than this is no time of change, and is not gone on from.
AHEAD = timedelta(days=1)


def moment(value: Any) -> datetime | None:
    """The time that a cursor is, in UTC where it has no zone; None where it is none."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def earlier(value: Any, lookback: float) -> Any:
    """The cursor to read from, so much before the last one."""
    if isinstance(value, datetime):
        return value - timedelta(seconds=lookback)
    if isinstance(value, date):
        return value - timedelta(days=1)
    if isinstance(value, Decimal):
        return value - Decimal(lookback)
    if isinstance(value, int | float):
        return value - type(value)(lookback)
    return _written(value, timedelta(seconds=lookback)) if isinstance(value, str) else value


def like(value: Any, at: datetime) -> Any:
    """The time as the cursor column has such, or a little earlier: as text, without a zone, or a day."""
    if isinstance(value, str):
        found = moment(value)
        return _written(value, found - at) if found else value
    if isinstance(value, datetime):
        return at if value.tzinfo else at.astimezone(UTC).replace(tzinfo=None)
    return at.date()


def capped(value: Any, clock: Any) -> Any:
    """The cursor, or a day before the database's clock where it is ahead of that by more: one wrong row would hide all later changes."""
    at, now = moment(value), moment(clock)
    if at is None or now is None or at <= now + AHEAD:
        return value
    bound = now - AHEAD
    if isinstance(value, str):
        return _written(value, at - bound)
    if isinstance(value, datetime):
        return bound if value.tzinfo else bound.replace(tzinfo=None)
    return bound.date()


def _written(value: str, less: timedelta) -> str:
    """A time as text, so much earlier, and no later than any way of writing it more exactly; other text as it is."""
    try:
        found = datetime.fromisoformat(value.strip()) - less
    except ValueError:
        return value
    if len(value.strip()) == len("2026-01-01"):
        return (found - timedelta(days=1)).date().isoformat()
    return found.replace(tzinfo=None).isoformat(sep="T" if "T" in value else " ", timespec="seconds")
