"""Mail by a vendor's API: each mailbox, or each folder of it, tells what changed by a feed of its own.

A mail lies where its feed says it does, and is known by its Message-ID; so one mail in two mailboxes, or in two folders, is one record. A
mailbox that may not be read stops no other: it is quarantined, and what landed of it stays.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import ClassVar

from connectors.apis.api import Api
from connectors.apis.feed import Feed
from connectors.connector import Stream
from connectors.errors import (
    AuthenticationError,
    ConnectorError,
    NotFoundError,
    PermanentError,
    PermissionDeniedError,
    RateLimitedError,
    TransientError,
)
from connectors.http.messages import TOO_LARGE
from connectors.mapping import mails
from connectors.mapping.staged import Mapped
from connectors.records import Gone, Landed, Page, Position, Raw, Unreadable

#: Id -> the mail's bytes, or why they can't be had; a mail that is gone meanwhile is not there.
Bodies = Mapping[str, bytes | str]


@dataclass(frozen=True, slots=True)
class Got:
    """One mail of a batch: its bytes (None of one that is not wanted), or the error that it was answered by, and how long to wait."""

    key: str
    content: bytes | None = None
    error: type[ConnectorError] | None = None
    said: str = ""
    wait: float = 0.0


class MailApi(Api):
    """A vendor says the feeds of a mailbox, and how mails are got by their ids, `most` at once."""

    derived_stream = "addresses"
    most: ClassVar[int]

    @abstractmethod
    def feeds(self, mailbox: str) -> Mapping[str, Feed]:
        """What tells of the mailbox's mails, by where they lie."""

    @abstractmethod
    def batch(self, mailbox: str, ids: Sequence[str]) -> Iterator[Got]:
        """What the vendor gives of the mails, asked for in one request; at most `most` of them."""

    @abstractmethod
    def ids(self, mailbox: str, message_id: str) -> Sequence[str]:
        """The ids of the mails with this Message-ID."""

    def check(self) -> str:
        count = 0
        for mailbox in self.options.mailboxes:
            self.ids(mailbox, "check@crosswalk.invalid")
            count += len(self.feeds(mailbox))
        return f"{self.kind} answers at {self.base_url()}: {len(self.options.mailboxes)} mailboxes, {count} folders"

    def streams(self) -> Sequence[Stream]:
        return [Stream("messages")]

    def map(self, record: Landed) -> Mapped:
        return mails.map_record(record, self.declaration.own_domains)

    def mapping_table(self, stream: str) -> object:
        return stream

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: {"feeds": {where: that feed's position}, "closed": the mailboxes that could not be read}. PermissionDeniedError or
        NotFoundError where none can be."""
        del stream
        read, closed = dict((position or {}).get("feeds", {})), set((position or {}).get("closed", ()))
        there, failed = set[str](), list[ConnectorError]()

        def reached() -> Position:
            return {"feeds": dict(read), **({"closed": sorted(closed)} if closed else {})}

        for mailbox in self.options.mailboxes:
            opened = [Gone(f"{mailbox}\t")] if mailbox in closed else []
            closed.discard(mailbox)
            try:
                for where, feed in self.feeds(mailbox).items():
                    there.add(where)
                    for page in feed.pages(read.get(where)):
                        read[where] = page.position
                        yield replace(page, position=reached(), gone=[*opened, *page.gone])
                        opened = []
            except (NotFoundError, PermissionDeniedError) as error:
                there |= {where for where in read if where.startswith(f"{mailbox}\t") or where == mailbox}
                failed.append(error)
                closed.add(mailbox)
                reason = f"the mailbox can't be read ({error}): what landed of it is kept as it was"
                yield Page([], reached(), [Unreadable(f"{mailbox}\t", reason)])
            else:
                if opened:
                    yield Page([], reached(), gone=opened)
        for where in [where for where in read if where not in there]:
            del read[where]
            yield Page([], reached(), gone=[Gone.under(f"{where}\t")])
        for mailbox in sorted(closed.difference(self.options.mailboxes)):
            closed.remove(mailbox)
            yield Page([], reached(), gone=[Gone(f"{mailbox}\t")])
        if failed and len(failed) == len(self.options.mailboxes):
            raise failed[0]

    def fetch(self, stream: str, key: str) -> Raw | None:
        """The mail, out of the first mailbox that has it, or of where it lies; one without a Message-ID can't be asked for but so."""
        del stream
        where, _, last = key.rpartition("\t")
        if where:  # without the last part it is a whole mailbox, in quarantine
            found, _ = self.landed(where.partition("\t")[0], where, {last: None} if last else {})
            return next(iter(found), None)
        for mailbox in self.options.mailboxes:
            try:
                ids = self.ids(mailbox, mails.message_id_of(key))
            except (NotFoundError, PermissionDeniedError):
                continue
            found, _ = self.landed(mailbox, mailbox, dict.fromkeys(ids))
            for one in found:
                if key in (one.key, one.rival):
                    return replace(one, place=None)
        return None

    def landed(self, mailbox: str, where: str, changed: Mapping[str, datetime | None]) -> tuple[list[Raw], list[Unreadable]]:
        """The mails of a mailbox with these ids, as they are landed."""
        found = in_halves(list(changed), lambda ids: self._bodies(mailbox, ids)) if changed else {}
        read = [one_of(f"{where}\t{key}", found[key], at) for key, at in changed.items() if key in found]
        return [one for one in read if isinstance(one, Raw)], [one for one in read if isinstance(one, Unreadable)]

    def _bodies(self, mailbox: str, ids: Sequence[str]) -> Bodies:
        found: dict[str, bytes | str] = {}
        for start in range(0, len(ids), self.most):
            left = dict.fromkeys(ids[start : start + self.most])
            self.api.patiently(partial(self._batch, mailbox, left, found))
        return found

    def _batch(self, mailbox: str, left: dict[str, None], found: dict[str, bytes | str], number: int) -> None:
        """Ask for those that are left, and take off what was answered. What is refused for its own sake is kept as unreadable; a credential
        that ended on the way is renewed once; where the right is missing nothing goes on."""
        waits = [0.0]
        for one in self.batch(mailbox, list(left)):
            error = one.error
            if error is AuthenticationError and number == 1:
                self.api.authentication.renew()
            elif error and issubclass(error, AuthenticationError | PermissionDeniedError):
                raise error(one.said)
            elif error and issubclass(error, TransientError):
                waits.append(one.wait)
            else:
                del left[one.key]
                if error is None and one.content is not None:
                    found[one.key] = one.content
                elif error and error is not NotFoundError:
                    found[one.key] = one.said
        if left:
            raise RateLimitedError(f"{len(left)} mails of a batch were not given", wait=max(waits) or None)


def one_of(place: str, content: bytes | str, changed_at: datetime | None) -> Raw | Unreadable:
    return Unreadable(place, content) if isinstance(content, str) else mails.record(content, place, changed_at)


def in_halves(ids: Sequence[str], ask: Callable[[Sequence[str]], Bodies]) -> Bodies:
    """What `ask` gives; where that is too large an answer, of fewer at once; of one that alone is too large, that it is so."""
    try:
        return ask(ids)
    except PermanentError as error:
        if error.code != TOO_LARGE:
            raise
    if len(ids) == 1:
        return {ids[0]: mails.TOO_LARGE}
    return {**in_halves(ids[: len(ids) // 2], ask), **in_halves(ids[len(ids) // 2 :], ask)}
