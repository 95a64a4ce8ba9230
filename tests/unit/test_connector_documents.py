"""Who a contract is between, its dates, and whom a note names: out of text alone."""

from datetime import UTC, date, datetime

import pytest

from connectors.mapping import documents as document_mapping
from connectors.records import Landed
from connectors.texts import preamble, reading

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "parties"),
    [
        ('This Agreement (the "Agreement") is made as of May 1, 2019 by and between Acme Tools, Inc. ("Company"), a Nevada corporation, '
         'and '
         'TruckIt LLC ("Consultant"). Each of them agrees.', [("Acme Tools, Inc.", "Company"), ("TruckIt LLC", "Consultant")]),
        ('dated June 16, 2004, is made by and between ACME INCORPORATED, '
         'a Nevada corporation (the "Company") and JANE DOE ("Doe"), WHEREAS, the',
         [("ACME INCORPORATED", "Company"), ("JANE DOE", "Doe")]),
        ('Acme Biotech, Inc., with a place of business at 7 Heinz Avenue ("Acme") and KREYA B.V having an '
         'address in Leiden ("Consultant") agree to',
         [("Acme Biotech, Inc.", "Acme"), ("KREYA B.V", "Consultant")]),
        ("This is a hosting agreement between Astro.com and deep systems. The effective term is 12 months",
         [("Astro.com", ""), ("deep systems", "")]),
        ("by and between Yates & Wood Ltd, a company organised under the laws of England and Wales with its registered office at "
         "6 Canal Street, "
         'B5 9TB Birmingham, United Kingdom ("Customer"), and Geisler GmbH & Co. KG ("Supplier"). 1. Subject',
         [("Yates & Wood Ltd", "Customer"), ("Geisler GmbH & Co. KG", "Supplier")]),
        ('between Alpha GmbH ("A"), den Beta N.V. ("B"), and Gamma SAS ("Guarantor"). 1. Subject',
         [("Alpha GmbH", "A"), ("den Beta N.V.", "B"), ("Gamma SAS", "Guarantor")]),
        ("Party A: Xian Energy Co., Ltd. Legal Representative: K Party B: Boxing Gas Co., Ltd. Legal",
         [("Xian Energy Co., Ltd.", ""), ("Boxing Gas Co., Ltd.", "")]),
        ("The weather was good between June and August. Nobody signed anything.", []),
        ("", []),
    ],
)  # fmt: skip
def test_the_parties_of_a_preamble(text: str, parties: list[tuple[str, str]]) -> None:
    found = preamble.parties(text)
    assert [(one.name, one.called) for one in found] == parties


def test_a_party_is_a_person_or_organisation_with_vat_and_address_where_said() -> None:
    text = ('between Krämer GmbH, a company with its registered office at Am Kanal 4, 20095 Hamburg, Germany, '
            'VAT No. DE123456789 ("Supplier"), '
            'and JANE DOE ("Doe"). 1. Subject')  # fmt: skip
    first, second = preamble.parties(text)
    assert (first.kind, first.vat, dict(first.address)) == (
        "organization", "DE123456789", {"street": "Am Kanal 4", "postcode": "20095", "city": "Hamburg", "country": "Germany"},
    )  # fmt: skip
    assert second.kind == "person"


def test_dates_are_read_in_several_forms() -> None:
    assert preamble.dates("entered into as of the 26th day of March 2020, effective as of July 1, 2020, until December 31, 2021") == {
        "dated_on": date(2020, 3, 26), "effective_on": date(2020, 7, 1), "expires_on": date(2021, 12, 31),
    }  # fmt: skip
    assert preamble.dates('made on February 26, 1999, (the "Effective Date")')["effective_on"] == date(1999, 2, 26)
    assert preamble.dates("dated March 45, 2020; the next renewal date is 02 May 2027") == {"renews_on": date(2027, 5, 2)}


def test_a_hostile_opening_is_read_in_time() -> None:
    for text in ("between " * 5000, "(" * 20000, 'a ("b") and ' * 3000, "A and " * 5000, "Party A: " * 3000):
        preamble.parties(text)
        preamble.dates(text)


CONTRACT = (
    'Service Agreement\nAgreement No. NI-7\nThis Service Agreement (the "Agreement") is entered into as of 5 May 2025 by and between '
    'Example Ltd ("Supplier"), and Krämer GmbH ("Customer"). The next renewal date is 05 May 2027. It is governed by the laws of Germany.'
)


def test_a_contract_names_its_parties_in_order_and_ours_is_no_party_record() -> None:
    record = Landed(
        "documents/files/c/a.txt", "documents", "files", "c/a.txt", {"path": "c/a.txt", "media_type": "text/plain"}, CONTRACT.encode(), AT
    )
    said = document_mapping.map_record(record, ["EXAMPLE LTD."])
    (document,) = said.documents
    assert (document.kind, document.dated_on, document.attributes) == (
        "contract", date(2025, 5, 5), {"renews_on": "2027-05-05", "number": "NI-7", "law": "Germany"},
    )  # fmt: skip
    assert [(one.role, one.party_ref, one.name) for one in document.participants] == [
        ("party", "documents/parties/c/a.txt#1", "Example Ltd"), ("party", "documents/parties/c/a.txt#2", "Krämer GmbH"),
    ]  # fmt: skip
    assert [(one.key, one.kind, str(one.observed_at)) for one in said.parties] == [
        ("c/a.txt#2", "organization", "2025-05-05 00:00:00+00:00")
    ]


NOTE = (
    "# Call with Krämer, 2026-01-02\n\n- **Company:** Krämer Pumpen, Hamburg\n- **Spoke to:** Anna Berg (Buyer), Jan Kok\n"
    "- **By:** Tom Us\n\nDear Maria said."
)


def test_a_note_names_only_those_of_its_header() -> None:
    record = Landed(
        "documents/files/notes/n.md",
        "documents",
        "files",
        "notes/n.md",
        {"path": "notes/n.md", "media_type": "text/markdown"},
        NOTE.encode(),
        AT,
    )
    said = document_mapping.map_record(record, [])
    assert [(one.kind, one.attributes) for one in said.parties] == [
        ("organization", {"name": ["Krämer Pumpen"], "address": [{"city": "Hamburg"}]}),
        ("person", {"name": ["Anna Berg"], "employer": ["Krämer Pumpen"], "title": ["Buyer"]}),
        ("person", {"name": ["Jan Kok"], "employer": ["Krämer Pumpen"]}),
    ]
    assert [(one.kind, one.to_ref[-2:]) for one in said.claims] == [("employment", "#1"), ("employment", "#1")]
    assert said.documents[0].kind == "note"


def test_a_file_without_text_is_known_to_be_there() -> None:
    record = Landed(
        "documents/files/plan.dwg",
        "documents",
        "files",
        "plan.dwg",
        {"path": "plan.dwg", "media_type": "application/octet-stream"},
        None,
        AT,
    )
    (document,) = document_mapping.map_record(record, []).documents
    assert (document.kind, document.text, document.title) == ("other", "", "plan.dwg")


def test_media_types_are_told_by_name() -> None:
    assert [reading.media_type(name) for name in ("a.PDF", "b.md", "c")] == ["application/pdf", "text/markdown", "application/octet-stream"]
    assert reading.read("Grüße\r\n".encode(), "text/plain", "a.txt") == ("Grüße\n", None)
    assert reading.read(b"GIF89a", "image/gif", "a.gif") == ("", None)


@pytest.mark.parametrize(
    ("said", "company"),
    [
        ("Acme", ("Acme", "")),
        ("Rhegard Papierfabrik, Berlin", ("Rhegard Papierfabrik", "Berlin")),
        ("Acme, Inc.", ("Acme, Inc.", "")),
        ("Acme, Inc., Boston", ("Acme, Inc.", "Boston")),
        (",", (",", "")),
    ],
)
def test_a_company_of_a_note_may_have_its_city_beside_it(said: str, company: tuple[str, str]) -> None:
    assert document_mapping._company(said) == company


def test_a_party_in_capitals_keeps_its_abbreviated_legal_form() -> None:
    text = (
        "This Agreement is entered into as of 16 July 2025 by and\n"
        'between GUNPF TECHNIK GMBH & CO. KG, a company ("Customer"), and Example Ltd ("Supplier").'
    )
    assert [party.name for party in preamble.parties(text)] == ["GUNPF TECHNIK GMBH & CO. KG", "Example Ltd"]
