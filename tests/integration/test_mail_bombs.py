"""Mails made to exhaust whoever reads them: each is quarantined with a reason, or read within the limits, and the others are read."""

import base64
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text

from connectors import files, sources
from connectors.landing.sync import sync_stream
from connectors.mapping import mails
from connectors.staging.pending import map_pending
from connectors.texts import mime, pages, reading
from sql.database import Database
from sql.tables import landing
from tests.bombs import docx

SECONDS = 30.0

HEAD = "Message-ID: <bomb@x.example>\nFrom: a@x.example\nTo: b@y.example\nSubject: Bomb\n"
GOOD = "From: a@x.example\nTo: b@y.example\nSubject: Good\nMessage-ID: <good@x.example>\n\nhello\n"


def many_parts(count: int) -> bytes:
    part = "--b\nContent-Type: text/plain\n\nhi\n"
    return f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{part * count}--b--\n".encode()


def nested(depth: int, lines: int) -> bytes:
    """Each line is held against every boundary that it lies within."""
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(depth))
    return (HEAD + parts + "x\n" * lines).encode()


def attached(content: bytes, name: str, count: int = 1) -> bytes:
    part = f'--b\nContent-Type: application/octet-stream; name="{name}"\nContent-Transfer-Encoding: base64\n\n'.encode()
    part += base64.encodebytes(content)
    return f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n".encode() + part * count + b"--b--\n"


def in_html(page: str) -> bytes:
    return f"{HEAD}Content-Type: text/html\n\n{page}".encode()


def test_ten_thousand_parts_are_refused_with_the_reason_and_the_raw_mail_is_kept(database: Database, tmp_path: Path) -> None:
    assert reasons(database, tmp_path, many_parts(10_000)) == ["can't be mapped: ValueError: it has more than 1000 parts"]


@pytest.mark.parametrize(
    ("bomb", "reason"),
    [
        (lambda: nested(200, 1000), "its parts are nested too deep"),
        (lambda: attached(docx([b"<w:p/>" * 200_000] * 400), "bomb.docx"), "kept without its text"),
        (lambda: HEAD.encode() + b"X-Long: " + b"a" * 5_000_000 + b"\n" + b" folded\n" * 500_000 + b"\nhi", None),
        (lambda: HEAD.replace("To: b@y.example", "To: " + "b@y.example, " * 200_000).encode() + b"\nhi", None),
        (lambda: HEAD.replace("Subject: Bomb", "Subject: " + "=?utf-8?q?=41?= " * 100_000).encode() + b"\nhi", None),
        (lambda: in_html("<div>a" * 200_000), None),
        (lambda: in_html("<b>a" * 499 + "<i>b</i>" * 5000), None),
    ],
    ids=["nested", "docx", "long header", "many people", "encoded words", "deep html", "wide html"],
)
def test_a_bomb_is_read_within_the_limits_or_refused_with_the_reason(
    database: Database, tmp_path: Path, bomb: Callable[[], bytes], reason: str | None
) -> None:
    found = reasons(database, tmp_path, bomb())
    assert [reason in one for one in found] == [True] if reason else found == []


def test_a_page_that_its_reader_would_never_end_with_is_given_up(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SECONDS", 2.0)
    assert "takes longer than 2 seconds" in reasons(database, tmp_path, in_html("<!--" * 200_000))[0]


def test_a_mail_that_takes_too_long_to_take_apart_is_given_up(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mime, "SECONDS", 0.2)
    assert "takes longer than" in reasons(database, tmp_path, nested(25, 500_000))[0]


def test_attachments_that_take_long_in_their_number_keep_their_names(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "SECONDS", 0.0)
    (reason,) = reasons(database, tmp_path, attached(b"# Note", "note.md", 3))
    assert "took longer" in reason
    with database.begin() as connection:
        assert connection.execute(text("select count(*) from staging.document")).scalar_one() == 3


def test_a_mail_with_an_attachment_of_a_gigabyte_is_not_read_but_told(database: Database, tmp_path: Path) -> None:
    with (tmp_path / "large.eml").open("wb") as large:
        large.write(attached(b"begin", "huge.iso"))
        large.truncate(1024 * 1024 * 1024)  # sparse
    began = time.process_time()
    assert reasons(database, tmp_path, b"") == ["it is empty", f"it is larger than {files.LARGEST} bytes"]
    assert time.process_time() - began < SECONDS


def test_a_page_is_read_alike_whether_it_goes_to_the_process_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "<p>One<br>two</p><pre>a  b</pre><blockquote type=cite>old</blockquote>" + "<p>x</p>" * 100
    here = reading.visible(page)
    monkeypatch.setattr(reading, "SMALL_PAGE", 0)
    assert reading.visible(page) == here == mime.visible_text(page)
    assert "a  b" not in here  # a text's lines are trimmed as they were
    assert pages.too_deep("<p>" * 600)
    assert not pages.too_deep("<p>a</p><br>" * 600)


def reasons(database: Database, folder: Path, bomb: bytes) -> list[str]:
    """Why what is in quarantine is there, once the bomb and a good mail were synced and mapped; the good one is always read."""
    (folder / "bomb.eml").write_bytes(bomb)
    (folder / "good.eml").write_text(GOOD)
    (source,) = sources.parse(f'[[source]]\nname = "mail"\nkind = "mailbox"\npath = "{folder}"\n')
    began = time.process_time()
    sync_stream(database, source, "messages")
    map_pending(database, [source])
    assert time.process_time() - began < SECONDS
    with database.begin() as connection:
        assert connection.execute(text("select count(*) from staging.activity where title = 'Good'")).scalar_one() == 1
        if bomb:
            assert connection.execute(text("select count(*) from landing.record where key = 'bomb@x.example'")).scalar_one() == 1
        return list(connection.execute(select(landing.quarantine.c.reason).order_by(landing.quarantine.c.reason)).scalars())
