"""One folder of an IMAP server, from where the last sync left it.

Its state is {"validity", "next", "held", "modseq"}: `held` mails lie below the number `next`; modseq is known once it was read to its end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.errors import PermanentError
from connectors.mapping import mails
from connectors.records import Gone, Page, Raw, Unreadable
from connectors.vendors.imap import protocol
from connectors.vendors.imap.protocol import Fetched
from connectors.vendors.imap.session import Command, MailServer, Opened

PAGE_BYTES = 32 * 1024 * 1024

#: Numbers asked for at once, at first; the span grows where few mails come of it.
SPAN, FEW, MANY = 1000, 250, 4000

#: Numbers asked about at once that may have vanished: all of them make a line that is short enough to be read.
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it was when it was opened. What comes meanwhile is left to the next sync."""

    server: MailServer
    name: str
    now: Opened
    page_size: int

    def place(self, uid: int) -> str:
        """Where a mail lies: in the order of its numbers."""
        return f"{self.name}\t{self.now.validity:010}\t{uid:010}"

    def pages(self, state: Mapping[str, Any]) -> Iterator[tuple[Page, dict[str, Any]]]:
        """Pages, each with the folder's state after it."""
        now, gone, state = self.now, list[Gone](), dict(state)
        if state.get("validity") != now.validity:
            state, gone = {"validity": now.validity, "next": 1, "held": 0}, [Gone.under(f"{self.name}\t")]
        for found in self._new(state["next"]):
            state |= {"next": found[-1].uid + 1, "held": state["held"] + len(found)}
            yield replace(self.page(found), gone=gone), dict(state)
            gone = []
        gone += self._gone(state)
        yield Page([], {}, gone=gone), {"validity": now.validity, "next": now.following, "held": now.exists, "modseq": now.modseq}

    def page(self, found: Sequence[Fetched]) -> Page:
        """The mails with their bytes; one too large with its headers alone."""
        large = {one.uid for one in found if one.size > mails.LARGEST}
        bodies = {one.uid: one.body for one in self._bodies([one.uid for one in found if one.uid not in large])}
        records: list[Raw | Unreadable] = []
        for uid in (one.uid for one in found):
            if uid in large:
                records.append(Unreadable(self.place(uid), mails.TOO_LARGE, self._headers(uid)))
            elif (body := bodies.get(uid)) is not None:
                records.append(mails.record(body, self.place(uid)))
        return mails.page(records, {})

    def fetch(self, numbers: str, what: str) -> list[Fetched]:
        """What the server says of these mails."""
        return protocol.fetched(self.server.ask("UID FETCH", fetching(numbers, what), self.name))

    def _new(self, first: int) -> Iterator[list[Fetched]]:
        """The mails from a number on, without their bytes, a page at a time."""
        for known in self._spans(first, self.now.following - 1, "(UID RFC822.SIZE)"):
            found: list[Fetched] = []
            size = 0
            for one in known:
                if found and (len(found) >= self.page_size or size + one.size > PAGE_BYTES):
                    yield found
                    found, size = [], 0
                found.append(one)
                size += one.size
            if found:
                yield found

    def _spans(self, first: int, last: int, what: str) -> Iterator[list[Fetched]]:
        """What the server says of the mails between two numbers, a span at a time."""
        width = SPAN
        while first <= last:
            end = min(first + width - 1, last)
            found = [one for one in self.fetch(f"{first}:{end}", what) if first <= one.uid <= end]
            yield found
            width = width * 8 if len(found) < FEW else max(SPAN, width // 2) if len(found) > MANY else width
            first = end + 1

    def _bodies(self, numbers: Sequence[int]) -> list[Fetched]:
        """Where the server refuses them together, one by one: a mail that is broken on the server stops no other."""
        try:
            return self.fetch(",".join(map(str, numbers)), "(UID BODY.PEEK[])") if numbers else []
        except PermanentError:
            if len(numbers) == 1:
                return [Fetched(numbers[0], body=b"")]
            return [one for number in numbers for one in self._bodies([number])]

    def _headers(self, uid: int) -> bytes:
        return next((one.body or b"" for one in self.fetch(str(uid), "(UID BODY.PEEK[HEADER])")), b"")

    def _gone(self, state: Mapping[str, Any]) -> list[Gone]:
        """Where a mail was, and is no more: by QRESYNC, or by comparing numbers where there are fewer mails than were read."""
        last = state["next"] - 1
        if state.get("modseq") and self.now.modseq and self.server.capable("QRESYNC"):
            return self._vanished(last, state["modseq"]) if last > 0 and state["modseq"] != self.now.modseq else []
        return self._missing(last) if state["held"] != self.now.exists else []

    def _vanished(self, last: int, modseq: int) -> list[Gone]:
        changed, gone = f"(CHANGEDSINCE {modseq} VANISHED)", list[Gone]()
        for first in range(1, last + 1, MOST):
            asked = f"{first}:{min(first + MOST - 1, last)}"
            said = self.server.ask("UID FETCH", fetching(asked, "(UID)", changed), self.name, "VANISHED")
            gone += [Gone(self.place(start), self.place(end)) for start, end in protocol.vanished(said[1] or [])]
        return gone

    def _missing(self, last: int) -> list[Gone]:
        gone, first = [], 1
        for span in self._spans(1, last, "(UID)"):
            for start in range(0, len(span), SPAN):
                there = span[start : start + SPAN]
                gone.append(Gone(self.place(first), self.place(there[-1].uid), [self.place(one.uid) for one in there]))
                first = there[-1].uid + 1
        return [*gone, Gone(self.place(first), self.place(last))] if first <= last else gone


def fetching(numbers: str, *what: str) -> Command:
    """Ask about these mails."""
    return lambda session: session.uid("FETCH", numbers, *what)
