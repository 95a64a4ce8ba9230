"""Slack: people, and the messages of the channels that are listed, with their threads.

A channel is told newest first, so it is read backwards, each page from the oldest message of the one before. An edited message keeps its
time, and a deleted one is told nowhere but to those who listen: the last 30 days are read again each time, and what is missing there is
gone. A thread is read again where its latest reply is of the last day before the sync before; a reply to an older message is not heard of.
Methods are limited each by its own tier, a minute. What is refused comes with status 200. The secret is a bot's token (xoxb-) with
users:read, users:read.email, channels:history and, for private channels, groups:history, and the bot is a member of each channel.
Source: docs.slack.dev (conversations.history, conversations.replies, users.list, rate limits).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field

from connectors.apis.api import Api, ApiOptions
from connectors.apis.paging import Cursor
from connectors.apis.resource import Resource
from connectors.connector import Stream
from connectors.errors import NotFoundError
from connectors.http.door import Vendor
from connectors.http.messages import Answer, Request
from connectors.http.webhooks import SLACK
from connectors.mapping.staged import Mapped
from connectors.records import Gone, Landed, Page, Position, Raw
from connectors.vendors.slack import mapping
from connectors.vendors.slack.limits import ERRORS, rate_of, refusal
from connectors.vendors.slack.messages import kept, moment, place, raws_of, written

LOOKBACK, THREADS = timedelta(days=30), timedelta(days=1)


class SlackOptions(ApiOptions):
    """channels: ids (C0123ABCD) of those to read. faster: how much more than by its published tiers Slack may be asked; an app that is sold
    outside of Slack's Marketplace gets one page of 15 messages a minute: `faster = 0.02`, `page_size = 15`."""

    url: str = "https://slack.com"
    channels: Annotated[tuple[str, ...], Field(min_length=1)]
    page_size: int = 200
    faster: float = 1.0


class Slack(Api):
    kind = "slack"
    Options = SlackOptions
    tables = mapping.TABLES
    token_url = "{url}/api/oauth.v2.access"
    webhook = SLACK
    vendor: ClassVar[Vendor] = Vendor(error_code=refusal, refusal=refusal, errors=ERRORS)

    def resources(self) -> Mapping[str, Resource]:
        paging = Cursor("response_metadata.next_cursor", "cursor", limit={"limit": self.options.page_size})
        return {"users": Resource(Request("/api/users.list"), records="members", deleted="deleted", paging=paging)}

    def streams(self) -> Sequence[Stream]:
        return [Stream("users", lists_ids=True), Stream("messages")]

    def check(self) -> str:
        for channel in self.options.channels:
            self._history(channel, "0")
        return f"Slack answers, with {len(self.options.channels)} channels"

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position of messages: {"since": {channel: time of its latest message}}; while one is read also "channel", "until" (its latest),
        and "before", the oldest that was read."""
        if stream == "users":
            yield from super().pull(stream, position)
            return
        here = dict(position or {})
        since, channels = dict(here.get("since", {})), list(self.options.channels)
        begin = channels.index(here["channel"]) if here.get("channel") in channels else 0
        for number, channel in enumerate(channels[begin:]):
            state = here if number == 0 and "channel" in here else {}
            yield from self._channel(channel, since, state)
        yield Page([], {"since": since})

    def between(self, stream: str, start: datetime, end: datetime | None) -> Iterator[Page]:
        """What was written then, with the threads that begin there."""
        if stream == "users":
            yield from super().between(stream, start, end)
        for channel in self.options.channels:
            before, more = written(end) if end else "", True
            while more:
                answer = self._history(channel, written(start - timedelta(microseconds=1)), before)
                records, unreadable = raws_of(channel, answer.at("messages"))
                for one in records:
                    yield from self._thread(channel, one.ts, {}) if one.latest_reply else ()
                yield Page(kept(records), {}, unreadable)
                before, more = min((one.ts for one in records), default=""), answer.at("has_more") is True and bool(records)

    def _channel(self, channel: str, since: dict[str, str], here: Mapping[str, Any]) -> Iterator[Page]:
        """Its messages backwards, each page after the threads that begin in it; at the end, `since` is moved on."""
        known = since.get(channel)
        oldest = written(moment(known) - LOOKBACK) if known else "0"
        until, before, position = here.get("until"), here.get("before"), {"since": dict(since), **here}
        while True:
            answer = self._history(channel, oldest, before)
            records, unreadable = raws_of(channel, answer.at("messages"))
            times = [one.ts for one in records]
            until = until or (max(times) if times else None)
            lower = min(times) if answer.at("has_more") is True and times else None
            for one in records:
                if one.latest_reply and (known is None or moment(one.latest_reply) > moment(known) - THREADS):
                    yield from self._thread(channel, one.ts, position)
            there = [place(channel, one) for one in (oldest, *times, *([before] if before else []))]
            gone = Gone(place(channel, lower or oldest), place(channel, before or "\U0010ffff"), there)
            if lower is None:
                since |= {channel: max(one for one in (until, known) if one)} if until or known else {}
                yield Page(kept(records), {"since": dict(since)}, unreadable, [gone])
                return
            before, position = lower, {"since": dict(since), "channel": channel, "until": until, "before": lower}
            yield Page(kept(records), position, unreadable, [gone])

    def _thread(self, channel: str, parent: str, position: Position) -> Iterator[Page]:
        """The replies of a thread, all anew: without moving the position on."""
        state, gone = None, [Gone.under(place(channel, parent, ""))]
        params = {"channel": channel, "ts": parent, "limit": self.options.page_size}
        while True:
            answer = self.send(Request("/api/conversations.replies", params={**params, **({"cursor": state} if state else {})}))
            records, unreadable = raws_of(channel, answer.at("messages"), parent)
            yield Page(kept(records), position, unreadable, gone)
            state, gone = answer.at("response_metadata.next_cursor"), []
            if not state:
                return

    def _history(self, channel: str, oldest: str, before: str | None = None) -> Answer:
        params = {"channel": channel, "oldest": oldest, "limit": self.options.page_size, "latest": before or ""}
        return self.send(Request("/api/conversations.history", params={name: one for name, one in params.items() if one != ""}))

    def send(self, request: Request) -> Answer:
        rate = rate_of(request.path.rpartition("/")[2], self.options.faster)
        time.sleep(self.shared.reserve(f"{self.declaration.name}{request.path}", rate))
        return super().send(request)

    def fetch(self, stream: str, key: str) -> Raw | None:
        channel, _, ts = key.rpartition("/")
        try:
            if stream == "users":
                found = self.send(Request("/api/users.info", params={"user": key})).at("user")
                return self.raws(stream, self.resources()[stream], [found])[0][0]
            params = {"channel": channel, "ts": ts, "oldest": ts, "latest": ts, "inclusive": "true"}
            messages = self.send(Request("/api/conversations.replies", params=params)).at("messages")
        except NotFoundError:
            return None
        return next((one for one in kept(raws_of(channel, messages)[0]) if one.key == key), None)

    def map(self, record: Landed) -> Mapped:
        return mapping.map_record(record, self.declaration)
