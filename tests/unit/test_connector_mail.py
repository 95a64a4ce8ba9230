"""Mails as they come in life: the best text there is, what is new in it, who signed; and the parties behind addresses."""

import time
from datetime import UTC, datetime

import pytest

from connectors.mapping import mails as mail_mapping
from connectors.mapping.correspondents import correspondent, is_own, is_role, name_of_local, split_name
from connectors.records import Landed
from connectors.texts import headers, mime, replies
from connectors.vendors.mailbox.connector import is_mail

AT = datetime(2026, 3, 1, tzinfo=UTC)


def mail(text: bytes | str) -> mime.Mail:
    return mime.parse(text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("=?utf-8?q?Kr=C3=A4mer?= GmbH", "Krämer GmbH"),
        ("=?utf-8?b?S3LDpA==?=\r\n =?utf-8?b?bWVy?=", "Krämer"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        ("=?nonsense?q?abc?=", "abc"),
        ("=?utf-8?b?!!!?=", ""),
        ("plain \udce4 byte", "plain ä byte"),
        ("a\r\n\tb", "a b"),
    ],
)
def test_headers_are_decoded_whatever_they_claim(raw: str, shown: str) -> None:
    assert headers.decode(raw) == shown


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        ('"Berg, Anna" <Anna@X.de>, b@y.de', [("Berg, Anna", "anna@x.de"), ("", "b@y.de")]),
        ("=?utf-8?q?M=C3=BCller=2C_J?= <j@x.de>", [("Müller, J", "j@x.de")]),
        ("Undisclosed recipients:;", []),
        ("Berg, Anna <a@x.de>, b@y.de", [("Berg, Anna", "a@x.de"), ("", "b@y.de")]),
        ("Anna Berg anna@x.de", [("", "anna@x.de")]),
        ("a@@b, <>, x@", []),
        ("Anna <a@x.de>, Other <A@x.de>", [("Anna", "a@x.de")]),
    ],
)
def test_addresses_are_found_or_left_out(raw: str, people: list[tuple[str, str]]) -> None:
    assert headers.addresses([raw]) == people


def test_a_charset_that_lies_does_not_cost_the_text() -> None:
    assert headers.decode_bytes("Grüße".encode(), "us-ascii") == "Grüße"
    assert headers.decode_bytes("Grüße".encode("latin-1"), "utf-8") == "Grüße"
    assert headers.decode_bytes("‘a’".encode("cp1252"), "iso-8859-1") == "‘a’"
    assert headers.decode_bytes("스티해".encode("cp949"), "ks_c_5601-1987") == "스티해"


MULTIPART = (
    "From: Ann <a@x.de>\nTo: b@y.de\nSubject: Hi\nDate: Mon, 2 Mar 2026 10:00:00 +0100\nMessage-ID: <1@x>\n"
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="m"\n\n--m\nContent-Type: multipart/alternative; boundary="a"\n\n'
    "--a\nContent-Type: text/plain; charset=utf-8\n\nplain\n--a\nContent-Type: text/html\n\n<p>rich</p>\n--a--\n"
    '--m\nContent-Type: application/pdf; name="f.pdf"\nContent-Disposition: attachment; filename="f.pdf"\n'
    "Content-Transfer-Encoding: base64\n\naGk=\n--m\nContent-Type: application/ms-tnef; name=winmail.dat\n\nx\n--m--\n"
)


def test_of_alternatives_the_plain_one_is_read_and_files_are_attachments() -> None:
    found = mail(MULTIPART)
    assert (found.text.strip(), [(one.name, one.content) for one in found.attachments]) == ("plain", [("f.pdf", b"hi")])
    assert (found.sender, found.sent_at) == (("Ann", "a@x.de"), datetime(2026, 3, 2, 9, tzinfo=UTC))


def test_html_alone_is_read_as_a_person_sees_it() -> None:
    page = "<html><head><style>p{}</style></head><body><p>One<br>two</p><!-- no --><script>x()</script>"
    page += "<blockquote type=cite>old</blockquote></body>"
    assert mail(f"From: a@x.de\nContent-Type: text/html\n\n{page}").text.strip() == "One\ntwo"


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x00\x01\x02", b"no headers at all", b"From: a@x.de", b"Content-Type: multipart/mixed; boundary=\n\nx",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b", b"From: \xff\xfe <\xff@x>\nSubject: \xff\n\n\xff",
        b"Content-Transfer-Encoding: base64\n\n!!!", b"Content-Type: text/plain; charset=\"\xff\"\n\nhi", b"Date: 99 Foo 0\nSubject:\n\n\n",
        b"Content-Disposition: attachment; filename*=utf-9''%ff%fe\nContent-Type: application/x\n\nx",
        b"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: x",
    ],
)  # fmt: skip
def test_nothing_that_a_mail_may_hold_raises(raw: bytes) -> None:
    mime.parse(raw)
    mime.summary(raw)


def test_a_mail_nested_without_end_is_refused_and_not_followed() -> None:
    raw = "".join(f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(400))
    with pytest.raises(ValueError, match="nested too deep"):
        mime.parse(raw.encode())


def test_a_date_from_the_future_gives_way_to_when_it_was_received() -> None:
    raw = "Received: from a by b; Mon, 2 Mar 2026 10:00:00 +0000\nDate: Tue, 3 Mar 2037 10:00:00 +0000\n\nx"
    assert mail(raw).sent_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "new", "signature"),
    [
        ("New.\n\n-- \nAnn Berg\nCEO\n\nOn 1 Mar 2026, Jan <j@x> wrote:\n\n> old", "New.", ("Ann Berg", "CEO")),
        ("Neu.\n\nAm 1. März 2026 um 10:00 schrieb Jan Kok\n<jan@x.de>:\n> alt", "Neu.", ()),
        ("New.\n\n-----Original Message-----\nFrom: x\nold", "New.", ()),
        ("New.\n\nFrom: Jan\nSent: Monday\nTo: Ann\nSubject: x\n\nold", "New.", ()),
        ("Hi,\n\nNew.\n\nBest regards\nAnn\nAnn Berg\nBuyer", "Hi,\n\nNew.\n\nBest regards\nAnn", ("Ann", "Ann Berg", "Buyer")),
        ("---------- Forwarded message ----------\nall of it", "---------- Forwarded message ----------\nall of it", ()),
        ("On Monday we met.\nIt went well.", "On Monday we met.\nIt went well.", ()),
    ],
)
def test_what_is_new_is_told_from_quotes_and_signature(text: str, new: str, signature: tuple[str, ...]) -> None:
    assert replies.split(text) == replies.Reply(new, signature)


@pytest.mark.parametrize(
    "text", ["\n" * 200_000, "On " * 70_000, "> " * 100_000, "From: a\n" * 40_000, "Best regards\n" * 20_000, "--\n" * 60_000]
)
def test_a_hostile_text_takes_no_longer_than_another(text: str) -> None:
    began = time.process_time()
    replies.split(text)
    assert time.process_time() - began < 2


def test_a_signature_gives_title_company_and_numbers() -> None:
    lines = (
        "Anna Berg",
        "Head of Purchasing",
        "Krämer Pumpen GmbH",
        "Am Kanal 4, 20095 Hamburg",
        "T +49 40 1234-56",
        "M 0171 234567",
        "Fax 99 99 99 99",
    )
    assert replies.signature_parts(lines, "Berg, Anna", "kraemer-pumpen.de") == {
        "title": "Head of Purchasing", "company": "Krämer Pumpen GmbH", "phone": "+49 40 1234-56", "mobile": "0171 234567",
    }  # fmt: skip
    assert replies.signature_parts(("Krämer Pumpen",), "Krämer", "kraemer-pumpen.de") == {"company": "Krämer Pumpen"}
    assert replies.signature_parts(("This mail is confidential.",), "Ann", "x.de") == {}


@pytest.mark.parametrize(
    ("shown", "parts"),
    [
        ("Berg, Anna", ("Anna Berg", "")), ("Anna Berg | Krämer GmbH", ("Anna Berg", "Krämer GmbH")), ("'Anna Berg'", ("Anna Berg", "")),
        ("Anna Berg (Krämer GmbH)", ("Anna Berg", "Krämer GmbH")), ("Anna Berg via List", ("Anna Berg", "")), ("a.berg@x.de", ("", "")),
    ],
)  # fmt: skip
def test_a_display_name_gives_name_and_employer(shown: str, parts: tuple[str, str]) -> None:
    assert split_name(shown, "a.berg@x.de") == parts


def test_roles_own_addresses_and_names_in_addresses() -> None:
    assert [is_role(local) for local in ("info", "sales.uk", "orders+de", "no-reply", "buchhaltung", "anna.berg", "infante")] == [
        True
    ] * 5 + [False] * 2
    assert [is_own(address, ["x.de"]) for address in ("a@x.de", "a@mail.x.de", "a@ax.de")] == [True, True, False]
    assert [name_of_local(local) for local in ("anna.berg", "jean-luc_picard", "aberg", "a.berg", "x.y.z")] == [
        ["Anna Berg"],
        ["Jean-Luc Picard"],
        [],
        [],
        [],
    ]


def test_an_address_is_a_person_or_for_a_role_the_organisation() -> None:
    person = correspondent(
        "addresses", "anna@kraemer.de", ["Berg, Anna", "Anni Berg"], {"title": "CEO", "mobile": "0171", "company": "Krämer GmbH"}, AT
    )
    assert (person.kind, person.attributes) == (
        "person",
        {
            "name": ["Anna Berg", "Anni Berg"],
            "phone": ["0171"],
            "title": ["CEO"],
            "employer": ["Krämer GmbH"],
            "email": ["anna@kraemer.de"],
        },
    )
    role = correspondent("addresses", "einkauf@kraemer.de", ["Krämer Pumpen Einkauf"], {"phone": "040"}, AT)
    assert (role.kind, role.attributes) == (
        "organization",
        {"name": ["Krämer Pumpen"], "website": ["kraemer.de"], "email": ["einkauf@kraemer.de"]},
    )
    free = correspondent("addresses", "info@gmail.com", [], {}, AT)
    assert free.attributes == {"email": ["info@gmail.com"]}


def landed(raw: str) -> Landed:
    return Landed("mail/messages/1@x", "mail", "messages", "1@x", {}, raw.encode(), AT)


def test_direction_trust_and_thread() -> None:
    def activity(raw: str) -> tuple[str, bool, str | None]:
        found = mail_mapping.map_record(landed(raw), ["us.de"]).activity
        assert found is not None
        return found.attributes["direction"], found.untrusted, found.thread

    assert activity("From: a@x.de\nTo: b@us.de\nMessage-ID: <1@x>\n\nhi") == ("in", True, "1@x")
    assert activity("From: b@us.de\nTo: a@x.de\nReferences: <0@x> <1@x>\n\nhi") == ("out", False, "0@x")
    assert activity("From: b@us.de\nTo: c@us.de\nSubject: AW: RE: Offer \n\nhi") == ("internal", False, "subject:offer")
    assert activity("From: b@us.de\nTo: c@us.de\nAuthentication-Results: mx; dmarc=fail\nMessage-ID: <1@x>\n\nhi") == (
        "internal",
        True,
        "1@x",
    )


def test_an_attachment_is_a_document_of_the_same_people_and_a_broken_one_keeps_its_name() -> None:
    said = mail_mapping.map_record(landed(MULTIPART.replace("f.pdf", "f.md")), [])
    (document,) = said.documents
    assert (document.suffix, document.title, document.text, document.kind) == ("#1", "f.md", "hi", "attachment")
    assert [one.party_ref for one in document.participants] == ["mail/addresses/a@x.de", "mail/addresses/b@y.de"]


def test_only_mails_are_taken_from_a_maildir() -> None:
    paths = ["cur/1.M1:2,S", "new/2.M2", ".Sent/cur/3", "tmp/4", "dovecot-uidlist", "cur/.hidden", "a/b.EML"]
    assert [is_mail(path) for path in paths] == [True, True, True, False, False, False, True]


def test_a_header_that_is_folded_is_one_whatever_the_lines_end_with() -> None:
    raw = b"From: =?utf-8?q?Anna_?=\n =?utf-8?q?Kr=C3=A4mer?= <a@b.example>\nSubject: one\n\ttwo\nTo: c@d.example\n\nText\n"
    expected = {"from": "Anna Krämer <a@b.example>", "to": "c@d.example", "subject": "one two"}
    assert [mime.summary(raw.replace(b"\n", end)) for end in (b"\n", b"\r\n", b"\r")] == [expected] * 3
