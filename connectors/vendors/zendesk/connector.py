"""Zendesk Support: organizations, end users and tickets, by the incremental exports.

An export goes on after a cursor (for organizations, after a time) and tells what changed, the deleted too; it leaves the last minute out,
so that nothing is passed over, and refuses a time within it. Exports have a limit of their own, ten requests a minute, which no header
tells. Who works in Zendesk is no customer: of users only the end users are kept. The secret is an API token, with `user` its agent's
address; without `user`, an OAuth token.
Source: developer.zendesk.com (incremental exports, rate limits, OAuth refresh tokens, webhooks).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from connectors.account.shared import Rate
from connectors.apis.api import Api, ApiOptions
from connectors.apis.feed import ExpiredTokenError, Feed, Part
from connectors.apis.paging import Cursor
from connectors.apis.resource import Resource
from connectors.connector import Change
from connectors.errors import PermanentError
from connectors.http.authentication import Authentication, Basic
from connectors.http.door import Vendor
from connectors.http.messages import Answer, Request
from connectors.http.webhooks import ZENDESK
from connectors.mapping.staged import Mapped
from connectors.records import Landed, Page, Position, Raw, Unreadable
from connectors.vendors.zendesk import mapping

STREAMS = ("organizations", "users", "tickets")
EXPORTS, TOO_RECENT = "/api/v2/incremental/", "Too recent start_time"


class ZendeskOptions(ApiOptions):
    """url: https://COMPANY.zendesk.com; user: the agent's address, where the secret is an API token; exports_per_minute: of the account."""

    user: str | None = None
    page_size: int = 1000
    requests_per_second: float = 5.0
    exports_per_minute: float = 10.0


class TooRecentError(PermanentError):
    """An export is not to begin within the last minute."""


def error_code(body: Any) -> str:
    """Zendesk's word, such as InvalidAuthentication; of a time that is too recent only the description tells."""
    if str(body.get("description") or "").startswith(TOO_RECENT):
        return TOO_RECENT
    error = body["error"]
    return str(error["title"] if isinstance(error, dict) else error)


class Zendesk(Api):
    kind = "zendesk"
    Options = ZendeskOptions
    tables = mapping.TABLES
    token_url = "{url}/oauth/tokens"
    webhook = ZENDESK
    vendor: ClassVar[Vendor] = Vendor(error_code=error_code, errors={(422, TOO_RECENT): TooRecentError})

    def resources(self) -> Mapping[str, Resource]:
        """How what there is now is listed, for a look, and for the ids of organizations: their export need not tell the deleted."""
        size = min(100, self.options.page_size)
        return {
            stream: Resource(
                Request(f"/api/v2/{stream}"),
                records=stream,
                updated="updated_at",
                paging=Cursor("meta.after_cursor", "page[after]", limit={"page[size]": size}, more="meta.has_more"),
                one=f"/api/v2/{stream}/{{key}}",
                one_at=stream.removesuffix("s"),
                lists_ids=stream == "organizations",
            )
            for stream in STREAMS
        }

    def authentication(self) -> Authentication:
        """A token of an agent is shown as a password of ADDRESS/token."""
        user = self.options.user
        return (
            super().authentication()
            if self.declaration.oauth or not user
            else Basic(self.declaration.name, f"{user}/token", self.declaration.secret)
        )

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: of a Feed; its token is where the export ended."""
        feed = Feed(lambda: None, lambda state: self._part(stream, state), lambda token, state: self._part(stream, state or token))
        return feed.pages(position)

    def between(self, stream: str, start: datetime, end: datetime | None) -> Iterator[Page]:
        after: Any = None
        while True:
            part = self._export(stream, after, int(start.timestamp()))
            records = [one for one in part.records if not (end and one.updated_at and one.updated_at >= end)]
            yield Page(records, {}, part.unreadable)
            if (after := part.following) is None or (part.records and not records):
                return

    def _part(self, stream: str, after: Any) -> Part:
        """What Zendesk no longer goes on after is begun anew."""
        try:
            return self._export(stream, after)
        except PermanentError as error:
            if after is None:
                raise
            raise ExpiredTokenError(f"{stream}: {error}") from error

    def _export(self, stream: str, after: Any, begin: int = 0) -> Part:
        """A page of what changed after a cursor or a time; where there is none, since `begin`."""
        dated = stream == "organizations"
        path = f"{EXPORTS}{stream}.json" if dated else f"{EXPORTS}{stream}/cursor.json"
        params = {"start_time" if dated or after is None else "cursor": after or begin, "per_page": self.options.page_size}
        try:
            answer = self.send(Request(path, params=params))
        except TooRecentError:
            return Part([], token=str(after or begin))
        reached = answer.at("end_time" if dated else "after_cursor") or after
        ended = answer.at("end_of_stream") is True or reached == after
        resource = self.resources()[stream]
        return Part(
            *self.raws(stream, resource, self.rows(resource, answer)),
            following=None if ended else reached,
            token=str(reached) if ended and reached is not None else None,
        )

    def send(self, request: Request) -> Answer:
        if request.path.startswith(EXPORTS):
            per_minute = self.options.exports_per_minute
            time.sleep(self.shared.reserve(f"{self.declaration.name}/exports", Rate(per_minute / 60, max(1, int(per_minute)))))
        return super().send(request)

    def raws(self, stream: str, resource: Resource, records: Sequence[Any]) -> tuple[list[Raw], list[Unreadable]]:
        found, unreadable = super().raws(stream, resource, records)
        return [replace(one, deleted=mapping.is_gone(stream, one.payload)) for one in found], unreadable

    def map(self, record: Landed) -> Mapped:
        return super().map(record).linked(mapping.address(self.options.url, record))

    def apply(self, change: Change) -> str:
        """By its idempotency key a ticket is made once; of the other streams Zendesk knows none."""
        path, kind = f"/api/v2/{change.stream}", change.stream.removesuffix("s")
        headers = {"Idempotency-Key": change.idempotency_key}
        method, path = ("PUT", f"{path}/{change.key}") if change.key else ("POST", path)
        request = Request(path, method, body={kind: dict(change.fields)}, headers=headers)
        again = change.key is not None or change.stream == "tickets"
        return str(self.api.send(request, again=again).at(f"{kind}.id"))
