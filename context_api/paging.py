"""Cursors: where a list goes on, opaque to the caller.

A cursor is the sort key of the last entry shown, so a list may change between two pages without an entry being shown twice or skipped.
It carries no right: what a page shows is decided by the caller's scopes each time.
"""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Query

from context_api.problems import ProblemError

Limit = Annotated[int, Query(ge=1, le=200, description="How many entries at most")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before; leave out for the first page")]


class InvalidCursorError(ProblemError):
    """Not a cursor of this list."""

    def __init__(self) -> None:
        super().__init__(422, "invalid-cursor", "This is no cursor of this list. Give next_cursor of the page before, unchanged, or none.")


def encode(list_name: str, *key: str | float) -> str:
    """The cursor of an entry whose sort key in that list is `key`."""
    return base64.urlsafe_b64encode(json.dumps([list_name, *key], separators=(",", ":")).encode()).decode().rstrip("=")


def decode(list_name: str, cursor: str | None, *types: type[Any]) -> tuple[Any, ...] | None:
    """The sort key, a value of each type; None for no cursor. Raises InvalidCursorError."""
    if cursor is None:
        return None
    try:
        name, *key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidCursorError from error
    if name != list_name or len(key) != len(types) or any(type(value) is not wanted for value, wanted in zip(key, types, strict=True)):
        raise InvalidCursorError
    return tuple(key)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """A moment as a number that a cursor can hold without loss."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(microseconds: int) -> datetime:
    """The moment of that number; raises InvalidCursorError where there is none."""
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise InvalidCursorError from error
