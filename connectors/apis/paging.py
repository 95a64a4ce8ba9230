"""How a vendor parts a long list into pages. A state is a small JSON value, None for the first page; it is kept with the page it follows.

Offsets shift when rows come or go while they are read; where the vendor can sort by id, `After` and `Keyset` read by it, lose nothing, and
reach no limit that the vendor sets to the length of one list.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urljoin

import httpx

from connectors.errors import ConnectorError, NotFoundError, SchemaError
from connectors.http.messages import Answer, Request
from connectors.mapping.staged import digest
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
    """So many records from an offset on. The path `more` says whether there are more; without it a page with none is the last, and not one
    with fewer than `size`: a vendor may give fewer than it is asked for."""

    size: int
    limit: str = "limit"
    offset: str = "offset"
    where: str = "params"
    more: str = ""

    def asking(self, request: Request, state: State) -> Request:
        return request.having(self.where, {self.limit: self.size, self.offset: state or 0})

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        more = is_so(answer.at(self.more)) if self.more else True
        return (state or 0) + len(records) if more and records else None


@dataclass(frozen=True, slots=True)
class Numbered:
    """Pages by their number, from `first`, up to the one whose number the path `last` says; without it to an empty one, for a vendor may
    give fewer than it is asked for. Beyond the last many a vendor gives the last once more, or refuses."""

    size: int
    number: str = "page"
    limit: str = "per_page"
    first: int = 1
    where: str = "params"
    last: str = ""

    def asking(self, request: Request, state: State) -> Request:
        return request.having(self.where, {self.limit: self.size, self.number: state["page"] if state else self.first})

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        """state: page, its number; full: how many records the first page had; seen: a digest of the page before; short: that page may well
        have been the last."""
        here, seen = state or {"page": self.first, "full": len(records)}, digest(records).hex()
        last = answer.at(self.last) if self.last else None
        if not records or seen == here.get("seen") or (isinstance(last, int) and here["page"] >= last):
            return None
        return {"page": here["page"] + 1, "full": here["full"], "seen": seen, "short": state is None or len(records) < here["full"]}

    @staticmethod
    def ended(state: State, error: ConnectorError) -> bool:
        """Whether the page was refused because it lies beyond the last: it is not found, or the page before looked like the last. Any other
        refusal may be of a list too long to be read to its end so."""
        return state is not None and (isinstance(error, NotFoundError) or state["short"])


@dataclass(frozen=True, slots=True)
class Cursor:
    """The answer holds, at path `next`, what the next request sends as `send`; where `more` is said, only if that path is true, and then it
    has to."""

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
        if self.more and not is_so(answer.at(self.more)):
            return None
        found = answer.at(self.next) or None
        if not isinstance(found, str | int | None) or (self.more and found is None):
            raise SchemaError(f"the answer says that there are more, and names no cursor at {self.next}")
        return found


@dataclass(frozen=True, slots=True)
class Link:
    """The answer holds the address of the next page, at path `next`, or in the Link header with rel=next where no path is said. base: the
    address of the API, where those addresses may be relative to that of the request."""

    next: str = ""
    limit: Mapping[str, int] | None = None
    base: str = ""

    def asking(self, request: Request, state: State) -> Request:
        if state is None:
            return request.having("params", self.limit or {})
        try:
            address = urljoin(f"{self.base.rstrip('/')}/{request.path.lstrip('/')}", state) if self.base else state
        except ValueError as error:
            raise SchemaError("the source names an address that is none") from error
        return Request(address, request.method, headers=request.headers)

    def following(self, state: State, answer: Answer, records: Sequence[Any]) -> State:
        del state, records
        found = (answer.at(self.next) if self.next else _links(answer).get("next")) or None
        if not isinstance(found, str | None):
            raise SchemaError(f"what the answer holds at {self.next} is no address")
        return found


@dataclass(frozen=True, slots=True)
class After:
    """What comes after the last record of the page before, told by its value at `key`. Which page is the last shows as with `Offset`."""

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
        more = is_so(answer.at(self.more)) if self.more else True
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


class Way:
    """The states of a reading, one after the other; it notices when the source leads in a circle, which would never end. It keeps one of
    them, however long the way is. Source: R. P. Brent, An improved Monte Carlo factorization algorithm, BIT 20 (1980)."""

    def __init__(self) -> None:
        self._kept: State = None
        self._left = self._most = 1

    def on(self, state: State) -> State:
        """The state, None at the end. SchemaError where it was there before."""
        if state is not None and state == self._kept:
            raise SchemaError("the source gives the same page again and again")
        self._left -= 1
        if self._left == 0:
            self._kept, self._most = state, self._most * 2
            self._left = self._most
        return state


#: How it is written that something is not so, where that is no boolean.
NOT_SO = frozenset({"0", "f", "false", "n", "no", "none", "null"})


def is_so(value: Any) -> bool:
    """Whether an API says yes, with a boolean, a number, a word, or a time since when it is so."""
    return bool(value) and str(value).strip().lower() not in NOT_SO


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
