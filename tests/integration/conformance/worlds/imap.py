"""A stub of an IMAP server, written from RFC 3501 and 7162: as much as a reader needs. Dovecot itself is asked in tests/live.

A mail's number is the number of the item's last change, so a changed item is another mail, and the old one has vanished.
"""

import base64
import bisect
import operator
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from tests.integration.conformance.mailing import SKIPS, OfMail, message
from tests.integration.conformance.world import Item, World

number = operator.attrgetter("change")
Trouble = Callable[[str, int], str | None]


class ImapWorld(OfMail, World):
    """trouble: asked for each command after the login, with its number; what it returns is answered instead of it. empty: folders beside
    INBOX; closed: those that may be listed, and not read."""

    kind = "imap"
    skips: ClassVar = {**SKIPS, "duplicate_page": "each answer carries the tag of its own command"}
    capabilities = "IMAP4rev1 AUTH=PLAIN ENABLE CONDSTORE QRESYNC"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.token, self.validity, self.port, self.count = "conformance-secret-0", 7, 0, 0
        self.trouble: Trouble = lambda command, number: None
        self.seen: list[str] = []
        self.empty, self.closed = list[str](), set[str]()

    def toml(self) -> str:
        return (
            f'host = "127.0.0.1"\nport = {self.port}\nsecurity = "none"\nuser = "us@ours.example"\nsecret = "env:CONFORMANCE_SECRET"\n'
            f"page_size = {self.page}\nrequests_per_second = 5000.0"
        )

    def secret(self) -> str:
        return self.token

    def refused(self, status: int) -> str:
        return {429: "NO [LIMIT] slow down", 503: "NO [UNAVAILABLE] later"}.get(status, "NO [SERVERBUG] broken")

    def mails(self) -> list[Item]:
        """By their numbers."""
        return self.shelf._kept("mails", lambda: sorted(self.shelf.living(), key=lambda one: one.change))

    @contextmanager
    def serve(self) -> Iterator[None]:
        world = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                Conversation(world, self).go()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        with Server(("127.0.0.1", 0), Session) as server:
            self.port = server.server_address[1]
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            yield
            server.shutdown()


class Conversation:
    """One connection."""

    def __init__(self, world: ImapWorld, wire: socketserver.StreamRequestHandler) -> None:
        self.world, self.wire, self.known = world, wire, ""

    def say(self, *lines: str | bytes) -> None:
        self.wire.wfile.write(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\r\n" for line in lines))

    def go(self) -> None:
        self.say(f"* OK [CAPABILITY {self.world.capabilities}] ready")
        while line := self.wire.rfile.readline().decode():
            tag, _, command = line.strip().partition(" ")
            name = " ".join(command.split()[: 2 if command.startswith("UID") else 1]).upper()
            self.world.seen.append(name)
            if name == "LOGOUT":
                self.say("* BYE", f"{tag} OK")
                return
            answer = self.before(name, command) if name in ("CAPABILITY", "AUTHENTICATE", "ENABLE") else self.after(name, command)
            if answer is None:
                self.say("* BYE it is over")
                return
            self.say(f"{tag} {answer}")

    def before(self, name: str, command: str) -> str:
        if name == "CAPABILITY":
            self.say(f"* CAPABILITY {self.world.capabilities}")
        elif name == "ENABLE":
            self.say("* ENABLED QRESYNC")
        else:
            self.say("+ ")
            said = base64.b64decode(self.wire.rfile.readline()).decode()
            self.known = said.split("auth=Bearer ")[1].rstrip("\1") if "XOAUTH2" in command else said.split("\0")[2]
            if self.known != self.world.token:
                return "NO [AUTHENTICATIONFAILED] who are you"
        return "OK done"

    def after(self, name: str, command: str) -> str | None:
        """A session that was begun with a secret of before is ended by the server."""
        number, self.world.count = self.world.count, self.world.count + 1
        trouble = self.world.trouble(command, number)
        if trouble is not None:
            return trouble or None
        if self.known != self.world.token:
            return None
        return {"LIST": self.folders, "EXAMINE": self.examine, "UID FETCH": self.fetch, "UID SEARCH": self.search}[name](command)

    def folders(self, command: str) -> str:
        self.say(*(f'* LIST (\\HasNoChildren) "/" {name}' for name in self.world.empty))
        self.say('* LIST (\\HasNoChildren) "/" INBOX', '* LIST (\\HasNoChildren \\Junk) "/" "Werbung"', '* LIST (\\NoSelect) "/" "up"')
        return "OK done"

    def examine(self, command: str) -> str:
        name = command.partition('"')[2].rstrip('"')
        assert name in ("INBOX", *self.world.empty), command
        if name in self.world.closed:
            return "NO [NOPERM] not for you"
        if name in self.world.empty:
            self.say("* 0 EXISTS", "* OK [UIDVALIDITY 1]", "* OK [UIDNEXT 1]")
            return "OK [READ-ONLY] done"
        shelf = self.world.shelf
        self.say(f"* {len(self.world.mails())} EXISTS", f"* OK [UIDVALIDITY {self.world.validity}]", f"* OK [UIDNEXT {shelf.changes + 1}]")
        if "CONDSTORE" in self.world.capabilities:
            self.say(f"* OK [HIGHESTMODSEQ {shelf.changes + 1}]")
        return "OK [READ-ONLY] done"

    def fetch(self, command: str) -> str:
        found = re.fullmatch(r"UID FETCH (\S+) (\([^)]*\))(?: \(CHANGEDSINCE (\d+) VANISHED\))?", command)
        assert found, command
        numbers, what, since = found.groups()
        first, last = (int(one) for one in (numbers.split(":") if ":" in numbers else (numbers.split(",")[0], numbers.split(",")[-1])))
        wanted = None if ":" in numbers else set(map(int, numbers.split(",")))
        mails = self.world.mails()
        here = mails[
            bisect.bisect_left(mails, first, key=lambda one: one.change) : bisect.bisect_right(mails, last, key=lambda one: one.change)
        ]
        if since:
            alive = {one.change for one in here}
            self.say(f"* VANISHED (EARLIER) {','.join(str(uid) for uid in range(first, last + 1) if uid not in alive) or 4_000_000_000}")
            here = [one for one in here if one.change > int(since)]
        lines: list[str | bytes] = []
        for place, one in enumerate(here, 1):
            if wanted is None or one.change in wanted:
                lines += self.told(place, one, what)
        self.say(*lines)
        return "OK done"

    def told(self, place: int, item: Item, what: str) -> list[str | bytes]:
        content = message(item)
        if "BODY.PEEK" not in what:
            return [f"* {place} FETCH (UID {item.change} RFC822.SIZE {item.extra.get('size', len(content))} FLAGS (\\Seen))"]
        section = "HEADER" if "HEADER" in what else ""
        content = content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if section else content
        return [f"* {place} FETCH (BODY[{section}] {{{len(content)}}}\r\n".encode() + content + f" UID {item.change})".encode()]

    def search(self, command: str) -> str:
        wanted = re.fullmatch(r'UID SEARCH HEADER Message-ID "<(.*)@conformance.example>"', command)
        assert wanted, command
        item = self.world.shelf.items.get(wanted.group(1))
        self.say(f"* SEARCH {item.change if item and not item.deleted else ''}".rstrip())
        return "OK done"
