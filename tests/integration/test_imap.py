"""What is particular to IMAP: numbers that are good for a while, servers with and without QRESYNC, mails that are too large, refusals."""

import os
import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors import errors, sources
from connectors.account.entrance import Patience
from connectors.landing.quarantine import waiting
from connectors.landing.retrying import retry
from connectors.landing.sync import open_connector, sync_stream
from connectors.records import Raw
from connectors.sources import SourceDeclaration
from connectors.vendors.imap import protocol
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.imap import ImapWorld


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapWorld]:
    made = ImapWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", made.secret())
    with made.serve():
        yield made


@pytest.fixture
def source(world: ImapWorld) -> SourceDeclaration:
    return world.declaration("mail")


def landed(database: Database, world: ImapWorld) -> dict[str, str]:
    columns = landing.record.c
    with database.begin() as connection:
        rows = connection.execute(select(columns.key, columns.payload).where(columns.deleted_at.is_(None))).all()
    return {world.key_of(row.key): world.name_of(row.payload, None) for row in rows}


@pytest.mark.parametrize("qresync", [True, False])
def test_what_is_deleted_is_found_by_the_server_or_by_comparing_and_asked_for_only_where_something_is(
    world: ImapWorld, source: SourceDeclaration, database: Database, qresync: bool
) -> None:
    if not qresync:
        world.capabilities = "IMAP4rev1 AUTH=PLAIN"
    world.shelf.fill(9)
    sync_stream(database, source, "messages")
    world.seen.clear()
    sync_stream(database, source, "messages")
    assert "UID FETCH" not in world.seen
    for key in ("1", "5", "9"):
        world.shelf.remove(key)
    assert sync_stream(database, source, "messages").counts.tombstoned == 3
    assert landed(database, world) == world.shelf.truth()
    world.seen.clear()
    sync_stream(database, source, "messages")
    assert "UID FETCH" not in world.seen


def test_a_folder_that_is_numbered_anew_is_read_anew_and_nothing_is_written(
    world: ImapWorld, source: SourceDeclaration, database: Database
) -> None:
    world.shelf.fill(6)
    sync_stream(database, source, "messages")
    world.validity = 8
    world.shelf.remove("2")
    report = sync_stream(database, source, "messages")
    assert (report.counts.written, report.counts.tombstoned, report.counts.fetched) == (0, 1, 5)
    assert landed(database, world) == world.shelf.truth()


def test_a_folder_that_is_numbered_anew_while_it_is_read_ends_the_sync_and_the_next_one_reads_it(
    world: ImapWorld, source: SourceDeclaration, database: Database
) -> None:
    world.shelf.fill(9)

    def renumber(command: str, number: int) -> str | None:
        if number != 4 or world.validity == 8:
            return None
        world.validity = 8
        return ""

    world.trouble = renumber
    with pytest.raises(errors.TransientError, match="numbered anew"):
        sync_stream(database, source, "messages")
    sync_stream(database, source, "messages")
    assert landed(database, world) == world.shelf.truth()


def test_a_mail_too_large_is_kept_in_quarantine_with_its_headers(world: ImapWorld, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(3)
    world.shelf.items["2"].extra["size"] = 65 * 1024 * 1024
    assert sync_stream(database, source, "messages").counts.quarantined == 1
    with database.begin() as connection:
        kept = connection.execute(select(landing.quarantine)).one()
    assert kept.reason == "it is larger than 67108864 bytes"
    assert b"Subject: Name 2" in kept.raw
    assert b"Hello" not in kept.raw
    assert set(landed(database, world)) == {"1", "3"}


def test_a_mail_that_the_server_fails_at_stops_no_other(world: ImapWorld, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(3)
    world.trouble = lambda command, number: "NO it is broken" if "BODY.PEEK" in command and "2" in command.split()[2].split(",") else None
    assert sync_stream(database, source, "messages").counts.quarantined == 1
    assert set(landed(database, world)) == {"1", "3"}


def test_a_folder_that_may_not_be_read_stops_no_other_and_takes_nothing_along(
    world: ImapWorld, source: SourceDeclaration, database: Database
) -> None:
    world.empty = ["Archive", "Shared"]
    world.closed = {"Archive"}
    world.shelf.fill(3)
    counts = sync_stream(database, source, "messages").counts
    assert (counts.written, counts.quarantined) == (3, 1)
    (row,) = waiting(database)
    assert (row.key, "can't be read" in row.reason) == ("Archive\t", True)
    world.closed = {"INBOX"}
    world.shelf.remove("2")
    assert sync_stream(database, source, "messages").counts.tombstoned == 0
    assert [row.key for row in waiting(database)] == ["INBOX\t"]
    world.closed = set()
    assert sync_stream(database, source, "messages").counts.tombstoned == 1
    assert landed(database, world) == world.shelf.truth()
    assert waiting(database) == []
    world.closed = {"Archive", "INBOX", "Shared"}
    with pytest.raises(errors.PermissionDeniedError):
        sync_stream(database, source, "messages")
    assert landed(database, world) == world.shelf.truth()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("NO [NOPERM] not yours", errors.PermissionDeniedError),
        ("NO [NONEXISTENT] no such folder", errors.NotFoundError),
        ("BAD what", errors.PermanentError),
        ("NO [UNAVAILABLE] later", errors.TransientError),
        ("NO [OVERQUOTA] too much", errors.RateLimitedError),
        ("", errors.TransientError),
    ],
)
def test_a_refusal_is_classified_by_its_code_and_a_connection_that_breaks_is_made_again(
    world: ImapWorld, source: SourceDeclaration, said: str, error: type[errors.ConnectorError]
) -> None:
    world.trouble = lambda command, number: said
    connector: Any = open_connector(source)
    connector.door.patience = Patience(attempts=2, longest_wait=0.01)
    with pytest.raises(errors.ConnectorError) as raised:
        connector.check()
    connector.close()
    assert type(raised.value) is error
    assert world.count == (2 if issubclass(error, errors.TransientError) else 1)


def test_a_wrong_password_is_asked_for_again_once_and_never_told(world: ImapWorld, source: SourceDeclaration, database: Database) -> None:
    os.environ["CONFORMANCE_SECRET"] = "conformance-secret-wrong"
    with pytest.raises(errors.AuthenticationError) as raised:
        sync_stream(database, source, "messages")
    assert "conformance-secret" not in repr(raised.value)
    assert world.seen.count("AUTHENTICATE") == 2
    with database.begin() as connection:
        log = connection.execute(select(landing.access_log.c.method, landing.access_log.c.failed)).all()
    assert [tuple(row) for row in log] == [("LOGIN", True)] * 2


def test_a_server_that_fails_at_every_fifth_command_costs_retries_and_no_mail(
    world: ImapWorld, source: SourceDeclaration, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = random.Random(11)
    faults = ["", "NO [UNAVAILABLE] later", "NO [LIMIT] slow down", "NO [INUSE] busy"]
    monkeypatch.setattr("connectors.account.entrance.Patience", partial(Patience, longest_wait=0.02))
    world.shelf.fill(60)
    world.trouble = lambda command, number: moments.choice(faults) if moments.random() < 0.2 else None
    sync_stream(database, source, "messages")
    for key in ("7", "21"):
        world.shelf.remove(key)
    sync_stream(database, source, "messages")
    assert landed(database, world) == world.shelf.truth()
    with database.begin() as connection:
        assert sum(connection.execute(select(landing.sync_run.c.retries)).scalars()) > 0


def test_a_token_is_told_as_xoauth2_wants_it(world: ImapWorld) -> None:
    world.shelf.fill(1)
    connector = open_connector(world.declaration("mail", 'login = "xoauth2"'))
    assert connector.check() == "127.0.0.1 holds 1 folders to read"
    connector.close()


def test_a_password_goes_over_no_network_in_the_clear() -> None:
    text = '[[source]]\nname = "mail"\nkind = "imap"\nhost = "mail.example"\nuser = "u"\nsecurity = "none"\nsecret = "env:X"\n'
    (declaration,) = sources.parse(text)
    with pytest.raises(errors.ConfigurationError, match="could be read on the way"):
        open_connector(declaration)


@pytest.mark.parametrize(
    ("wire", "name"), [(b"Entw&APw-rfe", "Entwürfe"), (b"a &- b", "a & b"), (b"&U,BTFw-", "台北"), (b"&broken", "&broken")]
)
def test_names_of_folders_are_read(wire: bytes, name: str) -> None:
    assert protocol.decoded(wire) == name
    if wire != b"&broken":
        assert protocol.encoded(name).encode() == wire


@pytest.mark.parametrize(
    ("line", "name", "flags"),
    [
        (b'(\\HasNoChildren \\Junk) "/" "Spam \\"x\\""', 'Spam "x"', {"\\hasnochildren", "\\junk"}),
        (b"() NIL INBOX", "INBOX", set()),
        ((b'(\\Noselect) "/" {3}', b"a b"), "a b", {"\\noselect"}),
    ],
)
def test_lists_of_folders_are_read(line: bytes | tuple[bytes, bytes], name: str, flags: set[str]) -> None:
    found = protocol.listed(line)
    assert found is not None
    assert (found.name, set(found.flags)) == (name, flags)


def test_answers_are_read_wherever_the_number_stands() -> None:
    data: Sequence[Any] = [
        (b"1 (UID 5 BODY[] {2}", b"ab"),
        b")",
        (b"2 (BODY[] {1}", b"c"),
        b" UID 6)",
        b"3 (FLAGS (\\Seen))",
        b'4 (UID 7 BODY[] "")',
        b"5 (UID 8 RFC822.SIZE 12)",
    ]
    assert [(one.uid, one.size, one.body) for one in protocol.fetched(data)] == [(5, 0, b"ab"), (6, 0, b"c"), (7, 0, b""), (8, 12, None)]
    assert protocol.vanished([b"(EARLIER) 1:3,9", b"12"]) == [(1, 3), (9, 9), (12, 12)]


def test_what_is_in_quarantine_is_tried_again_where_it_lies(world: ImapWorld, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(3)
    world.shelf.items["2"].poison = True
    sync_stream(database, source, "messages")
    world.shelf.items["2"].poison = False
    with database.begin() as connection:
        rows = connection.execute(select(landing.quarantine)).all()
    (found,) = retry(database, [source], rows)
    assert "landed" in found.outcome
    assert landed(database, world) == world.shelf.truth()
    world.shelf.remove("2")
    assert sync_stream(database, source, "messages").counts.tombstoned == 1


def test_one_mail_is_read_live(world: ImapWorld, source: SourceDeclaration) -> None:
    world.empty, world.closed = ["Archive"], {"Archive"}
    world.shelf.fill(3)
    connector: Any = open_connector(source)
    found = connector.fetch("messages", "2@conformance.example")
    assert isinstance(found, Raw)
    assert connector.fetch("messages", "7@conformance.example") is None
    connector.close()
