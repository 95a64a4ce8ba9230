"""What the readers of mails and files make of one of each kind; who changes it has all that has landed read again."""

from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from connectors.mapping import mails
from connectors.mapping.correspondents import correspondent
from connectors.mapping.staged import digest
from connectors.records import Landed
from connectors.texts import pages, reading
from tests import bombs

AT = datetime(2026, 3, 1, tzinfo=UTC)

MAIL = """From: "Berg, Anna" <anna.berg@acme.example>
To: team@us.example
Cc: info@acme.example
Subject: =?utf-8?q?Re=3A_F=C3=B6rderung?=
Date: Sun, 1 Mar 2026 10:00:00 +0100
Message-ID: <2@acme.example>
In-Reply-To: <1@us.example>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>We take <b>two</b>.</p><table><tr><td>a</td><td>1</td></tr></table>--<br>Anna Berg<br>Buyer<br>Acme GmbH<br>T +49 30 1234567
<blockquote type=cite>How many?</blockquote>
--b
Content-Type: text/markdown
Content-Disposition: attachment; filename=offer.md

# Offer
--b
Content-Type: message/rfc822

From: Jan <jan@other.example>
Subject: figures.pdf
Date: Sat, 28 Feb 2026 10:00:00 +0000

See the sheet.
--b--
"""

CELLS = b'<row><c r="A1" t="s"><v>0</v></c><c r="C1"><v>1.50</v></c></row><row><c r="A2" t="b"><v>1</v></c></row>'
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
DRAWN = b"BT /F 12 Tf 10 100 Td (Two pumps) Tj 0 -20 Td (by May) Tj ET"
FILES = {
    "pdf": bombs.pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            PAGE,
            b"<</Length %d>>stream\n%s\nendstream" % (len(DRAWN), DRAWN),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    ),
    "docx": bombs.docx(
        b"<w:p><w:r><w:t>One</w:t><w:tab/><w:t>two</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>"
        b"<w:tc><w:p><w:r><w:delText>gone</w:delText><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    ),
    "xlsx": bombs.xlsx(CELLS, b"<si><t>Pumps</t></si>"),
    "pptx": bombs.pptx(b"<a:p><a:r><a:t>Pumps</a:t></a:r></a:p><a:p><a:r><a:t>in May</a:t></a:r></a:p>"),
    "html": b"<html><head><title>t</title></head><body><h1>Pumps</h1><p>in<br>May</p><pre>a  b</pre></body></html>",
    "eml": MAIL.encode(),
    "mail": b"<p>yes</p><blockquote type=cite>no</blockquote>",
}


@pytest.mark.parametrize(
    ("how", "text", "pages"),
    [
        ("pdf", "Two pumps\nby May", 1),
        ("docx", "One\ttwo\na\tb", None),
        ("xlsx", "One\nPumps\t\t1.5\nTRUE", 1),
        ("pptx", "Pumps\nin May", 1),
        ("html", "Pumps\nin\nMay\na b", None),
        ("mail", "yes", None),
    ],
)
def test_the_text_of_each_kind_of_file(how: str, text: str, pages: int | None) -> None:
    assert reading.READERS[how](FILES[how]) == (text, pages)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<div>a</div>b<p>c</p>d", "a\nb\nc\nd"),
        ("<p>a</p>\n<p>b</p>", "a\nb"),
        ("<div>a</div><div><br></div><div>b<br></div><div>c</div>", "a\n\nb\nc"),
        ("a<br><br>b", "a\n\nb"),
        (
            "<table><tr><th>Pump</th><td>120.00</td></tr><tr><td></td><td>a</td><td></td><td><p>b</p></td></tr></table>c",
            "Pump\t120.00\na\nb\nc",
        ),
        ("<ul><li>a <b>b</b> c</li><li>d</li></ul>", "a b c\nd"),
        ("<p>a</p><pre>b\n\nc</pre>d", "a\nb\n\nc\nd"),
    ],
)
def test_a_page_has_a_line_for_each_block_and_cells_are_apart(page: str, text: str) -> None:
    assert pages.text_of_html(page) == text


def test_what_reads_otherwise_has_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this fails, and should: raise reading.VERSION, so that the mails and files of every installation are read again."""
    monkeypatch.setattr(reading, "_READERS", InProcess())
    said = mails.map_record(Landed("mail/messages/2", "mail", "messages", "2", {}, MAIL.encode(), AT), ["us.example"])
    anna = correspondent("addresses", "anna.berg@acme.example", ["Berg, Anna | Acme"], {"title": "Buyer", "phone": "+49 30 1234567"}, AT)
    files = {how: reading.READERS[how](content) for how, content in FILES.items()}
    assert set(files) == set(reading.READERS)
    read = digest(sorted(reading.KINDS.items()), files, asdict(said), asdict(anna)).hex()
    assert (reading.VERSION, read) == (2, "0564c2591e62b4b311b74b0c7a1da387")


class InProcess:
    def read(self, how: str, content: bytes) -> tuple[str, int | None]:
        return reading.READERS[how](content)
