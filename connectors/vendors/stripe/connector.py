"""Stripe: customers, invoices, charges and subscriptions.

Lists are told newest first and can't be asked for changes; those come as events, kept for 30 days, after which all is read again. An event
holds an object as it was, and events may come out of order, so what they name is read anew. Source: docs.stripe.com/api (lists, events,
pagination, errors, idempotent requests, versioning).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar
from urllib.parse import quote

from connectors.apis.api import Api, ApiOptions
from connectors.apis.feed import ExpiredTokenError, Feed, Part
from connectors.apis.paging import After
from connectors.apis.resource import Resource
from connectors.connector import Change
from connectors.errors import ConfigurationError, NotFoundError, PermanentError, SchemaError
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.http.webhooks import STRIPE
from connectors.mapping.staged import Mapped
from connectors.records import Landed, Page, Position, Raw
from connectors.vendors.stripe import mapping
from connectors.vendors.stripe.wire import EVENTS, EXPANDED, KEPT, LISTED, LOOKBACK, VENDOR, lately


class StripeOptions(ApiOptions):
    """url: the API's; a test key (sk_test_) is good for 25 requests a second, a live one for 100, and for 25 of one address."""

    url: str = "https://api.stripe.com"
    requests_per_second: float = 20.0


class Stripe(Api):
    kind = "stripe"
    webhook = STRIPE
    applies_once = True
    Options = StripeOptions
    tables = mapping.TABLES
    vendor: ClassVar[Vendor] = VENDOR

    def resources(self) -> Mapping[str, Resource]:
        paging = After(self.options.page_size, more="has_more")
        return {
            stream: Resource(
                Request(f"/v1/{stream}", params=LISTED.get(stream, {})),
                records="data",
                deleted="deleted",
                paging=paging,
                lists_ids=stream == "customers",  # of what else can be deleted, a draft invoice, an event tells
            )
            for stream in EVENTS
        }

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: of a Feed; its token is the time of an event, in seconds since 1970."""
        return Feed(
            lambda: self._now(stream), lambda state: self._whole(stream, state), lambda token, state: self._changes(stream, token, state)
        ).pages(position)

    def _now(self, stream: str) -> str | None:
        answer = self.api.send(Request("/v1/events", params={"type": EVENTS[stream], "limit": 1}))
        return str(max(lately(answer), *(one["created"] for one in self.rows(self.resources()[stream], answer)), 0))

    def _whole(self, stream: str, state: Any) -> Part:
        resource = self.resources()[stream]
        answer = self.api.send(resource.paging.asking(resource.request, state))
        records = self.rows(resource, answer)
        return Part(*self.raws(stream, resource, records), resource.paging.following(state, answer, records))

    def between(self, stream: str, start: datetime, end: datetime | None) -> Iterator[Page]:
        """What events name, as it is now; ConfigurationError where they are not kept for so long."""
        state: Any = None
        while True:
            try:
                part = self._changes(stream, str(int(start.timestamp())), state, {"created[lt]": int(end.timestamp())} if end else {})
            except ExpiredTokenError as error:
                raise ConfigurationError(str(error), action="Ask for less than 29 days, or sync it whole.") from None
            yield Page(part.records, {}, part.unreadable)
            if (state := part.following) is None:
                return

    def _changes(self, stream: str, token: str, state: Any, more: Mapping[str, int] = MappingProxyType({})) -> Part:
        """One page of events, newest first. state: the event to go on after, and the time of the newest."""
        params: dict[str, str | int] = {
            "type": EVENTS[stream],
            "limit": self.options.page_size,
            "created[gte]": int(token) - int(LOOKBACK.total_seconds()),
            **more,
        }
        answer = self.api.send(Request("/v1/events", params=params | ({"starting_after": state["after"]} if state else {})))
        clock = answer.said_at()
        if clock and clock.timestamp() - int(token) > KEPT.total_seconds():
            raise ExpiredTokenError(f"{stream}: events of so long ago are not kept")
        events = self.rows(self.resources()[stream], answer)
        newest = state["newest"] if state else events[0]["created"] if events else int(token)
        following = {"after": events[-1]["id"], "newest": newest} if answer.at("has_more") is True and events else None
        return Part(*self._named(stream, events), following, str(max(newest, int(token), lately(answer))))

    def _named(self, stream: str, events: Sequence[Any]) -> tuple[list[Raw], list[Any]]:
        """What the events name, each read once."""
        resource = self.resources()[stream]
        raws: list[Raw] = []
        unreadable: list[Any] = []
        objects = {one["data"]["object"]["id"]: one for one in events if one["data"]["object"].get("object") == stream.removesuffix("s")}
        for key in objects:
            read, refused = self.raws(stream, resource, [self._object(stream, key) or {"id": key, "deleted": True}])
            raws, unreadable = raws + read, unreadable + refused
        return raws, unreadable

    def _object(self, stream: str, key: str) -> Any:
        """The object as it is now; None where there is none. One that is deleted has nothing in it that could be expanded."""
        path, more = f"/v1/{stream}/{quote(key, safe='')}", EXPANDED.get(stream)
        try:
            return self.api.get(path, {"expand[]": more} if more else None)
        except NotFoundError:
            return None
        except PermanentError:
            return self.api.get(path)

    def fetch(self, stream: str, key: str) -> Raw | None:
        found = self._object(stream, key)
        raws, _ = self.raws(stream, self.resources()[stream], [found] if found else [])
        return raws[0] if raws else None

    def map(self, record: Landed) -> Mapped:
        return mapping.map_record(record, self.declaration.mapping.get(record.stream, {}))

    def apply(self, change: Change) -> str:
        path = f"/v1/{change.stream}/{change.key}" if change.key else f"/v1/{change.stream}"
        form = {name: str(value) for name, value in change.fields.items()}
        key = self.api.send(Request(path, "POST", form=form, headers={"Idempotency-Key": change.idempotency_key})).at("id")
        if not isinstance(key, str):
            raise SchemaError("the answer to a write holds no id")
        return key
