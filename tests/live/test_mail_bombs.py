"""Mails as large as they come, in a process whose memory is watched: one of a gigabyte is told, not read, one below the limit is read."""

import base64
import multiprocessing
import resource
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.landing.sync import sync_stream
from connectors.mapping import mails
from connectors.sources import SourceDeclaration
from connectors.staging.pending import map_pending
from sql.database import Database
from sql.tables import landing
from tests.live.systems.dovecot import Dovecot, dovecot

#: What a process may hold that has a mail as large as may be in its hands: that a dozen times over, and what it holds anyway.
MEGABYTES = 1024
LINE = base64.encodebytes(bytes(range(54)))


@pytest.fixture(scope="module")
def system() -> Iterator[Dovecot]:
    with dovecot(filled=False) as system:
        yield system


def test_a_gigabyte_is_kept_in_quarantine_with_its_headers_within_the_limits_of_memory(system: Dovecot, database: Database) -> None:
    system.deliver(head("good") + b"\nhello\n")
    deliver(system, "huge", 1024)
    deliver(system, "large", mails.LARGEST // 1024 // 1024 - 1)
    assert peak_of(system.declaration(), database) < MEGABYTES
    with database.begin() as connection:
        kept = connection.execute(select(landing.quarantine)).all()
        keys = set(connection.execute(select(landing.record.c.key)).scalars())
    assert [(one.reason, b"Subject: huge" in one.raw) for one in kept] == [(mails.TOO_LARGE, True)]
    assert keys == {"good@live.example", "large@live.example"}


def head(name: str) -> bytes:
    return f"From: a@x.example\nTo: b@y.example\nSubject: {name}\nMessage-ID: <{name}@live.example>\n".encode()


def deliver(system: Dovecot, name: str, megabytes: int) -> None:
    """A mail with an attachment of so many megabytes, written piece by piece."""
    path = Path(system.home / "made")
    with path.open("wb") as made:
        made.write(head(name) + b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/octet-stream; name=a.bin\n")
        made.write(b"Content-Transfer-Encoding: base64\n\n")
        for _ in range(megabytes):
            made.write(LINE * (1024 * 1024 // (len(LINE) + 1)))  # over the wire a line's end is two bytes
        made.write(b"--b--\n")
    system.take(path)


def peak_of(declaration: SourceDeclaration, database: Database) -> float:
    """The most memory, in megabytes, that a process holds which syncs and maps."""
    here, there = multiprocessing.Pipe()
    url = database.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(target=work, args=(declaration, url, there))
    process.start()
    try:
        return float(here.recv())
    finally:
        process.join()


def work(declaration: SourceDeclaration, url: str, answer: Connection) -> None:
    database = Database(url)
    sync_stream(database, declaration, "messages")
    map_pending(database, [declaration])
    answer.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
