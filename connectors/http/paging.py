"""How a vendor parts a long list into pages. A state is a small JSON value, None for the first page; it is kept with the page it follows.

Offsets shift when rows come or go while they are read; where the vendor can sort by id, `After` and `Keyset` read by it, lose nothing, and
reach no limit that the vendor sets to the length of one list.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from connectors.errors import SchemaError
from connectors.http.messages import Answer, Request
from connectors.mapping.tables import at

State = Any


class Paging(Protocol):
    """Both are pure. `following` gives None after the last page."""

    def asking(self, request: Request, state: State) -> Request: ...

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State: ...


@dataclass(frozen=True, slots=True)
class Whole:
    """All in one answer."""

    def asking(self, request: Request, state: State) -> Request:
        del state
        return request

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        del state, answer, records
        return None


@dataclass(frozen=True, slots=True)
class Offset:
    """So many records from an offset on; a page with fewer than `size` is the last, unless the path `more` says whether there are more."""

    size: int
    limit: str = "limit"
    offset: str = "offset"
    where: str = "params"
    more: str = ""

    def asking(self, request: Request, state: State) -> Request:
        return request.having(self.where, {self.limit: self.size, self.offset: state or 0})

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        more = answer.at(self.more) is True if self.more else len(records) >= self.size
        return (state or 0) + len(records) if more and records else None


@dataclass(frozen=True, slots=True)
class Numbered:
    """Pages by their number, from `first`; one with fewer than `size` records is the last, unless the path `last` says their number."""

    size: int
    number: str = "page"
    limit: str = "per_page"
    first: int = 1
    where: str = "params"
    last: str = ""

    def asking(self, request: Request, state: State) -> Request:
        return request.having(self.where, {self.limit: self.size, self.number: self.first if state is None else state})

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        number = self.first if state is None else int(state)
        last = answer.at(self.last) if self.last else None
        more = number < last if isinstance(last, int) else len(records) >= self.size
        return number + 1 if more and records else None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The answer holds, at path `next`, what the next request sends as `send`; where `more` is said, only if that path is true."""

    next: str
    send: str
    where: str = "params"
    limit: Mapping[str, int] | None = None
    more: str = ""

    def asking(self, request: Request, state: State) -> Request:
        request = request.having(self.where, self.limit or {})
        return request if state is None else request.having(self.where, {self.send: state})

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        del state, records
        if self.more and answer.at(self.more) is not True:
            return None
        return answer.at(self.next) or None


@dataclass(frozen=True, slots=True)
class Link:
    """The answer holds the whole address of the next page, at path `next`, or in the Link header with rel=next where no path is said."""

    next: str = ""
    limit: Mapping[str, int] | None = None

    def asking(self, request: Request, state: State) -> Request:
        if state is None:
            return request.having("params", self.limit or {})
        return Request(str(state), request.method, headers=request.headers)

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        del state, records
        found = answer.at(self.next) if self.next else _links(answer).get("next")
        return str(found) if found else None


@dataclass(frozen=True, slots=True)
class After:
    """What comes after the last record of the page before, told by its value at `key`; a page with fewer than `size` is the last, unless
    `more` says."""

    size: int
    key: str = "id"
    send: str = "starting_after"
    limit: str = "limit"
    where: str = "params"
    more: str = ""

    def asking(self, request: Request, state: State) -> Request:
        request = request.having(self.where, {self.limit: self.size})
        return request if state is None else request.having(self.where, {self.send: state})

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        del state
        more = answer.at(self.more) is True if self.more else len(records) >= self.size
        return _last(records, self.key) if more and records else None


@dataclass(frozen=True, slots=True)
class Keyset:
    """What comes after the last record of the page before, for a vendor that is asked by a filter: `asked` makes the request for what has
    a key beyond the state (None for the first page), sorted by it, `size` at most. more: a path that is in an answer which the vendor has
    cut shorter than that."""

    size: int
    asked: Callable[[Request, State], Request]
    key: str = "id"
    more: str = ""

    def asking(self, request: Request, state: State) -> Request:
        return self.asked(request, state)

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        del state
        cut = bool(records and self.more and answer.at(self.more))
        return _last(records, self.key) if cut or len(records) >= self.size else None


def _last(records: Sequence[Any], key: str) -> State:
    """The key of the last record that has one."""
    known = [found for one in records if (found := at(one, key)) is not None]
    if not known:
        raise SchemaError(f"no record of the page has a {key} to go on after")
    return known[-1]


def _links(answer: Answer) -> dict[str, str]:
    """Link header (RFC 8288): rel -> address."""
    links = httpx.Response(200, headers={"Link": answer.headers.get("Link", "")}).links
    return {str(rel): one["url"] for rel, one in links.items() if "url" in one}
