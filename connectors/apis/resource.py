"""One stream of an API as data: how it is asked for, what its records say of themselves, and how far a reading of it has come."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from connectors.apis.paging import Paging, State, Whole, is_so
from connectors.http.messages import Answer, Request
from connectors.mapping.tables import at
from connectors.mapping.transforms import moment
from connectors.records import Position, Raw

#: A time of our days in seconds since 1970, where `moment` takes numbers for milliseconds.
_SECONDS = re.compile(r"\d{10}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Since:
    """How a vendor is asked for what changed: the parameters for a moment, and how much earlier to ask, since rows appear late."""

    asking: Callable[[datetime], Mapping[str, Any]]
    lookback: timedelta = timedelta(minutes=5)
    where: str = "params"


@dataclass(frozen=True, slots=True)
class Resource:
    """One stream of an API.

    request: what is asked for a page, before paging. records: the path of the list in the answer, '' for the answer itself.
    key, updated, deleted: paths in a record; `deleted` is true of what is gone. since: None where the vendor can't be asked for changes.
    one:     the path of a single record, `{key}` in it, for reading it live. ids: as `request`, for listing ids alone.
    lists_ids: deletions show only by comparing ids. changed: how what changed is listed, where not as the whole is.
    gone:    a list of what is deleted, read after each reading, but not after the first where it can be asked for since.
    refresh: the whole is read again after so many days, by the vendor's clock.
    """

    request: Request
    records: str = ""
    key: str = "id"
    updated: str | None = None
    deleted: str | None = None
    paging: Paging = field(default_factory=Whole)
    since: Since | None = None
    one: str | None = None
    one_at: str = ""
    ids: Request | None = None
    lists_ids: bool = True
    changed: "Resource | None" = None
    gone: "Resource | None" = None
    refresh: int | None = None

    def reads(self, since: str | None) -> "Resource":
        """What is read: changes where there is a time to ask from, else the whole."""
        return self.changed if since and self.changed else self


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the reading of a stream has come. Times are ISO 8601: `since` was asked for, `until` is the latest change seen, `begun` the
    vendor's clock at the first answer; page: the state of the next page; whole: the day when the whole was last read, by it."""

    since: str | None = None
    whole: str | None = None
    until: str | None = None
    begun: str | None = None
    page: State = None

    def after(self, answer: Answer, records: Sequence[Raw], following: State) -> "Reading":
        """With one more answer read."""
        clock = answer.said_at()
        until = _latest(self.until, *(one.updated_at for one in records))
        return Reading(self.since, self.whole, until, self.begun or (clock.isoformat() if clock else None), following)

    def position(self) -> dict[str, Any]:
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}

    def ended(self, resource: Resource) -> dict[str, Any]:
        """The position between two syncs; empty where the vendor can't be asked for changes. Where no change was seen it stays: an empty
        answer may be one that a proxy gave again."""
        seen = (self.until, self.begun) if self.until or not resource.updated else ()
        reached = _latest(self.since, min((moment for one in seen if (moment := _parsed(one))), default=None))
        if not reached or not (resource.changed or resource).since:
            return {}
        day = (self.begun or reached)[:10]
        return {"since": reached, "whole": self.whole or day, "read": day} if resource.refresh else {"since": reached}


def is_gone(record: Any, resource: Resource) -> bool:
    """Whether the record itself says that it is deleted."""
    return bool(resource.deleted and is_so(at(record, resource.deleted)))


def is_outworn(resource: Resource, position: Position) -> bool:
    """Whether the whole is to be read again, after having read what changed for so long."""
    if not resource.refresh or "page" in position or not {"read", "whole"} <= set(position):
        return False
    return (date.fromisoformat(position["read"]) - date.fromisoformat(position["whole"])).days >= resource.refresh


def changed_at(record: Any, resource: Resource) -> datetime | None:
    """The record's own time of change; None where it has none that can be read, which stops nothing."""
    value = at(record, resource.updated) if resource.updated else None
    try:
        if _SECONDS.fullmatch(said := str(value)):
            value = float(said) * 1000
        return moment(value)[0] if value not in (None, "", False) else None
    except (ValueError, OverflowError):
        return None


def _parsed(stamp: str | None) -> datetime | None:
    return moment(stamp)[0] if stamp else None


def _latest(stamp: str | None, *moments: datetime | None) -> str | None:
    found = [one for one in (_parsed(stamp), *moments) if one]
    return max(found).isoformat() if found else None
