"""A Maildir by its connector, from files to parties, and how it stands what is done to mailboxes."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select, text

from connectors import files, sources
from connectors.connector import Fetches
from connectors.landing.quarantine import waiting
from connectors.landing.sync import open_connector, sync_stream
from connectors.sources import SourceDeclaration
from connectors.staging.pending import map_pending
from sql.database import Database
from sql.tables import landing, staging
from tests.integration.forbidding import forbidding
from tests.state import versions


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for part in ("cur", "new", "tmp", ".Sent/cur"):
        (tmp_path / "box" / part).mkdir(parents=True)
    return tmp_path / "box"


@pytest.fixture
def mail(maildir: Path) -> SourceDeclaration:
    text = f'own_domains = ["us.de"]\n[[source]]\nname = "mail"\nkind = "mailbox"\npath = "{maildir}"\n'
    (declaration,) = sources.parse(text)
    return declaration


def write(path: Path, message_id: str, said: str = "hi", headers: str = "From: Anna Berg <a@x.de>\nTo: t@us.de") -> None:
    path.write_text(f"{headers}\nSubject: S\nMessage-ID: <{message_id}>\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\n{said}\n")


def keys(database: Database) -> Sequence[str]:
    table = landing.record
    with database.begin() as connection:
        return connection.execute(select(table.c.key).where(table.c.deleted_at.is_(None)).order_by(table.c.key)).scalars().all()


def test_mails_become_activities_and_parties_and_reading_or_filing_them_changes_nothing(
    database: Database, maildir: Path, mail: SourceDeclaration
) -> None:
    write(maildir / "new/1.M1", "1@x")
    write(maildir / "cur/2.M2:2,", "2@x", headers="From: t@us.de\nTo: Anna Berg <a@x.de>, info@x.de")
    write(maildir / "tmp/3.M3", "3@x")
    assert sync_stream(database, mail, "messages").counts.written == 2
    assert map_pending(database, [mail]).activities == 2
    with database.begin() as connection:
        refs = connection.execute(select(staging.party_record.c.ref).order_by(staging.party_record.c.ref)).scalars().all()
        raw = connection.execute(select(landing.record.c.body).where(landing.record.c.key == "1@x")).scalar_one()
        before = versions(connection)
    assert refs == ["mail/addresses/a@x.de", "mail/addresses/info@x.de"]
    assert raw == (maildir / "new/1.M1").read_bytes()
    shutil.move(maildir / "new/1.M1", maildir / ".Sent/cur/1.M1:2,RS")
    report = sync_stream(database, mail, "messages")
    assert (report.counts.written, report.counts.unchanged >= 1) == (0, True)
    map_pending(database, [mail])
    with database.begin() as connection:
        after = versions(connection)
    # The position moves on with the file's time, and the mail's place is another; nothing that they speak of is written.
    assert {name for name in after if after[name] != before[name]} <= {"landing.cursor", "landing.place"}


def test_mails_of_one_id_are_both_kept_and_a_deleted_one_gets_a_tombstone(
    database: Database, maildir: Path, mail: SourceDeclaration
) -> None:
    write(maildir / "cur/1", "1@x", "one")
    write(maildir / "cur/2", "1@x", "other")
    shutil.copy(maildir / "cur/1", maildir / ".Sent/cur/3")
    (maildir / "cur/4").write_text("From: a@x.de\n\nno id\n")
    (maildir / "cur/5").write_bytes(b"")
    report = sync_stream(database, mail, "messages")
    assert (report.counts.written, report.counts.quarantined) == (3, 1)
    first, second, third = keys(database)
    assert (first, second[:4], third[:7]) == ("1@x", "1@x#", "sha256:")
    (maildir / "cur/2").unlink()
    assert sync_stream(database, mail, "messages").counts.tombstoned == 1
    assert keys(database) == [first, third]


def test_a_mail_too_large_is_told_and_not_read(
    database: Database, maildir: Path, mail: SourceDeclaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 200)
    write(maildir / "cur/1", "1@x")
    write(maildir / "cur/2", "2@x", "x" * 500)
    assert sync_stream(database, mail, "messages").counts.quarantined == 1
    with database.begin() as connection:
        assert connection.execute(select(landing.quarantine.c.reason)).scalar_one() == "it is larger than 200 bytes"


def test_many_pages_land_once_each(database: Database, maildir: Path, mail: SourceDeclaration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PAGE_FILES", 3)
    for number in range(10):
        write(maildir / f"cur/{number}", f"{number}@x")
    assert sync_stream(database, mail, "messages").counts.pages == 4
    assert len(keys(database)) == 10


def test_attachments_are_documents_and_a_broken_one_is_reported(database: Database, maildir: Path, mail: SourceDeclaration) -> None:
    body = (
        'From: a@x.de\nTo: t@us.de\nMessage-ID: <1@x>\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nsee files\n'
        '--b\nContent-Type: text/markdown; name="n.md"\nContent-Disposition: attachment; filename="n.md"\n\n# Note\n'
        '--b\nContent-Type: application/pdf; name="f.pdf"\nContent-Disposition: attachment; filename="f.pdf"\n\n%PDF-broken\n--b--\n'
    )
    (maildir / "cur/1").write_text(body)
    sync_stream(database, mail, "messages")
    assert map_pending(database, [mail]).doubts == 1
    with database.begin() as connection:
        found = connection.execute(select(staging.document).order_by(staging.document.c.ref)).all()
        reason = connection.execute(select(landing.quarantine.c.reason)).scalar_one()
        people = connection.execute(text("select count(*) from staging.participant where item_ref like '%#2'")).scalar_one()
    assert [(row.ref, row.title, row.text.strip(), row.untrusted) for row in found] == [
        ("mail/messages/1@x#1", "n.md", "# Note", True),
        ("mail/messages/1@x#2", "f.pdf", "", True),
    ]
    assert "attachment 2 (f.pdf)" in reason
    assert people == 2


def test_a_folder_that_may_not_be_read_stops_nothing_and_what_came_into_it_meanwhile_is_read(
    database: Database, maildir: Path, mail: SourceDeclaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid = forbidding(monkeypatch)
    monkeypatch.setattr(files, "LOOKBACK", 0)
    write(maildir / "cur/1", "1@x")
    write(maildir / ".Sent/cur/2", "2@x")
    sync_stream(database, mail, "messages")
    write(maildir / ".Sent/cur/3", "3@x")
    write(maildir / "cur/4", "4@x")
    (maildir / "cur/1").unlink()
    forbid(maildir / ".Sent/cur")
    counts = sync_stream(database, mail, "messages").counts
    assert (counts.written, counts.tombstoned, counts.quarantined) == (1, 1, 1)
    assert keys(database) == ["2@x", "4@x"]
    sync_stream(database, mail, "messages")
    forbid(None)
    sync_stream(database, mail, "messages")
    assert keys(database) == ["2@x", "3@x", "4@x"]
    assert waiting(database) == []
    assert sync_stream(database, mail, "messages").counts.quarantined == 0


def test_one_mail_is_read_live_by_its_id_its_digest_or_where_it_lies(maildir: Path, mail: SourceDeclaration) -> None:
    write(maildir / "cur/1", "1@x", "one")
    write(maildir / "cur/2", "1@x", "other")
    (maildir / "cur/3").write_text("From: a@x.de\n\nno id\n")
    connector = open_connector(mail)
    assert isinstance(connector, Fetches)
    (page,) = connector.pull("messages", None)
    for one in page.records:
        for key in (one.key, one.rival or one.key, one.place or ""):
            found = connector.fetch("messages", key)
            assert found is not None
            assert key in (found.key, found.rival, found.place)
    assert [connector.fetch("messages", key) for key in ("2@x", "cur/9", "../cur/1", "\x00")] == [None] * 4
