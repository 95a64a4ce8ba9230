"""A vendor's payload in our words, by tables: values are read, refused values are told, and nothing else is lost."""

import io
from decimal import Decimal

import pytest

from connectors.errors import ConfigurationError
from connectors.mapping.staged import clean
from connectors.mapping.tables import Reader, at, own_cells
from connectors.mapping.transforms import TRANSFORMS
from connectors.records import Landed
from connectors.vendors.csv import mapping as csv_mapping
from connectors.vendors.csv.delimited import Delimited, delimiter_of
from connectors.vendors.csv.listing import stream_name
from connectors.vendors.csv.rows import id_column_of, keyed
from connectors.vendors.hubspot import mapping as hubspot_mapping
from connectors.vendors.odoo import mapping as odoo_mapping


def crm(stream: str, properties: dict[str, object], **more: object) -> Landed:
    return Landed(f"crm/{stream}/7", "crm", stream, "7", {"id": "7", "properties": properties, **more})


def erp(stream: str, **fields: object) -> Landed:
    return Landed(f"erp/{stream}/7", "erp", stream, "7", {"id": 7, **fields})


def test_a_company_gives_its_attributes_and_its_parent() -> None:
    said = hubspot_mapping.map_record(
        crm("companies", {"name": " Krämer GmbH ", "domain": "kraemer.de", "address": "Am Wall 1", "address2": "3. OG", "zip": "20095",
                          "city": "Hamburg", "erp_customer_number": "KRA-1",
                          "hs_parent_company_id": "9", "hs_lastmodifieddate": "2026-03-01T10:00:00.000Z"}),
        {}, "42",
    )  # fmt: skip
    (party,) = said.parties
    assert party.attributes == {
        "name": ["Krämer GmbH"], "website": ["kraemer.de"], "key:erp": ["KRA-1"],
        "address": [{"street": "Am Wall 1 3. OG", "postcode": "20095", "city": "Hamburg"}],
    }  # fmt: skip
    assert party.url == "https://app.hubspot.com/contacts/42/record/0-2/7"
    assert str(party.observed_at) == "2026-03-01 10:00:00+00:00"
    assert [(claim.kind, claim.from_ref, claim.to_ref) for claim in said.claims] == [("parent", "crm/companies/7", "crm/companies/9")]


def test_a_contact_has_all_its_addresses_and_is_employed_once_by_each_company() -> None:
    said = hubspot_mapping.map_record(
        crm("contacts", {"firstname": "Ann", "email": "A@x.de", "hs_additional_emails": "b@x.de;c@x.de", "associatedcompanyid": "9",
                         "jobtitle": "CEO"},
            associations={"companies": ["9", "11"]}),
        {"nickname": "properties.nick"}, None,
    )  # fmt: skip
    assert said.parties[0].attributes["email"] == ["a@x.de", "b@x.de", "c@x.de"]
    assert [(claim.to_ref, claim.attributes) for claim in said.claims] == [
        ("crm/companies/9", {"title": "CEO"}), ("crm/companies/11", {"title": "CEO"}),
    ]  # fmt: skip


def test_a_value_that_is_none_is_left_out_and_told_and_the_rest_stands() -> None:
    said = hubspot_mapping.map_record(
        crm("deals", {"dealname": "New line", "amount": "a lot", "closedate": "soon", "dealstage": "closedwon"}), {}, None
    )
    assert said.activity is not None
    assert (said.activity.title, said.activity.status, said.activity.amount) == ("New line", "won", None)
    assert any("properties.amount: 'a lot' is not a number" in doubt for doubt in said.doubts)
    assert any("properties.closedate" in doubt for doubt in said.doubts)


def test_a_ticket_is_untrusted_and_names_company_and_contact() -> None:
    said = hubspot_mapping.map_record(
        crm(
            "tickets",
            {"subject": "Leak", "content": "It leaks.", "hs_pipeline_stage": "4"},
            associations={"companies": ["9"], "contacts": ["3"]},
        ),
        {},
        None,
    )
    assert said.activity is not None
    assert (said.activity.untrusted, said.activity.status, said.activity.body) == (True, "closed", "It leaks.")
    assert [(one.role, one.party_ref) for one in said.activity.participants] == [
        ("customer", "crm/companies/9"),
        ("contact", "crm/contacts/3"),
    ]


@pytest.mark.parametrize(
    ("fields", "kind", "names", "claims"),
    [
        ({"name": "Krämer GmbH", "is_company": True, "vat": "DE1"}, "organization", ["Krämer GmbH"], []),
        ({"name": "Krämer Köln", "is_company": True, "parent_id": [3, "Krämer GmbH"]}, "organization", ["Krämer Köln"], ["branch"]),
        ({"name": "Berg, Anna", "parent_id": [3, "Krämer GmbH"], "type": "contact", "vat": "DE1"}, "person", ["Anna Berg"], ["employment"]),
        (
            {"name": "Accounts Payable", "parent_id": [3, "Krämer GmbH"], "type": "invoice", "vat": "DE1"},
            "organization",
            ["Krämer GmbH"],
            [],
        ),
        ({"name": "Anna Berg", "type": "contact", "vat": "DE2"}, "person", ["Anna Berg"], []),
    ],
)
def test_a_partner_is_company_branch_person_or_function(fields: dict[str, object], kind: str, names: list[str], claims: list[str]) -> None:
    said = odoo_mapping.map_record(erp("customers", **fields), {}, "https://erp.example")
    (party,) = said.parties
    assert (party.kind, party.attributes["name"], [claim.kind for claim in said.claims]) == (kind, names, claims)
    copied = kind == "person" and "parent_id" in fields
    assert ("vat" in party.attributes) == ("vat" in fields and not copied), "Odoo copies a company's VAT number onto its people"


def test_an_address_of_odoo_has_two_lines() -> None:
    fields = {"name": "A", "is_company": True, "street": "Am Wall 1", "street2": "3. OG", "zip": "20095", "city": "Hamburg"}
    (party,) = odoo_mapping.map_record(erp("customers", **fields), {}, "u").parties
    assert party.attributes["address"] == [{"street": "Am Wall 1 3. OG", "postcode": "20095", "city": "Hamburg"}]


def test_an_invoice_says_what_is_open_and_a_credit_note_is_negative() -> None:
    fields = {"name": "INV/1", "partner_id": [3, "Krämer"], "invoice_date": "2026-01-05", "invoice_date_due": "2026-02-04",
              "amount_total": 119.0,
              "amount_residual": 19.0, "currency_id": [1, "EUR"], "state": "posted", "payment_state": "partial",
              "move_type": "out_invoice"}  # fmt: skip
    invoice = odoo_mapping.map_record(erp("invoices", **fields), {}, "u").activity
    assert invoice is not None
    assert (invoice.title, invoice.status, invoice.amount, invoice.currency) == ("Invoice INV/1", "partial", Decimal("119.00"), "EUR")
    assert (invoice.attributes["due_on"], invoice.attributes["open_amount"]) == ("2026-02-04", "19.00")
    assert [(one.role, one.party_ref, one.name) for one in invoice.participants] == [("customer", "erp/customers/3", "Krämer")]
    refund = odoo_mapping.map_record(erp("invoices", **fields | {"move_type": "out_refund"}), {}, "u").activity
    assert refund is not None
    assert (refund.title, refund.amount) == ("Credit note INV/1", Decimal("-119.00"))
    draft = odoo_mapping.map_record(erp("invoices", **fields | {"state": "draft", "payment_state": "not_paid"}), {}, "u").activity
    assert draft is not None
    assert draft.status == "draft"


def test_a_users_own_field_is_mapped_without_code() -> None:
    own = {"credit_limit": ["x_limit", "decimal"], "name": "x_trading_name"}
    (party,) = odoo_mapping.map_record(erp("customers", name="A", is_company=True, x_limit=500, x_trading_name="B"), own, "u").parties
    assert (party.attributes["credit_limit"], party.attributes["name"]) == (["500.00"], ["A", "B"])
    with pytest.raises(ConfigurationError, match='say "path"'):
        own_cells({"x": ["path", "no such transform"]})
    with pytest.raises(ConfigurationError, match="it has parts"):  # a text among addresses, and no record could be mapped
        own_cells({"address": "properties.whole_address"})


@pytest.mark.parametrize(
    ("transform", "value", "ours"),
    [
        ("text", 12, ["12"]), ("text", ["a", "b "], ["a", "b"]), ("text", "  ", []),
        ("email", "Ann <A@X.de>; b@x.de", ["a@x.de", "b@x.de"]),
        ("decimal", "1234.5", [Decimal("1234.50")]), ("day", "2026-03-01T23:30:00Z", ["2026-03-01"]),
        ("person_name", "Berg, Anna", ["Anna Berg"]), ("language", "de_DE", ["de"]), ("relation", [3, "EUR"], ["EUR"]),
    ],
)  # fmt: skip
def test_transforms_read(transform: str, value: object, ours: list[object]) -> None:
    assert TRANSFORMS[transform](value) == ours


@pytest.mark.parametrize(
    ("transform", "value"),
    [("text", {"a": 1}), ("text", True), ("email", "nobody"), ("decimal", "1e30"), ("decimal", "NaN"), ("moment", "32.13.2026"),
     ("relation", "x"),
     ("moment", 10**30), ("moment", "0001-01-01T00:00:00+14:00")],
)  # fmt: skip
def test_transforms_refuse_what_they_cannot_read(transform: str, value: object) -> None:
    with pytest.raises(ValueError):
        TRANSFORMS[transform](value)


def test_paths_reach_into_lists_and_keys_with_dots() -> None:
    payload = {"a": [{"b": 1}], "x.y": 2}
    assert (at(payload, "a.0.b"), at(payload, "x.y"), at(payload, "a.7.b"), at(payload, "a.b.c")) == (1, 2, None, None)


def test_text_that_the_database_cannot_hold_is_replaced() -> None:
    assert clean({"a\x00": ["x\x00y", "\ud800"]}) == {"a\ufffd": ["x\ufffdy", "\ufffd"]}
    assert Reader({"n": "a\x00b"}).all(("n", "text")) == ["a\ufffdb"]


def test_columns_are_understood_by_their_headings() -> None:
    row = {
        "Kundennr": "7",
        "Firma": "Krämer GmbH",
        "E-Mail": "INFO@kraemer.de",
        "PLZ": "20095",
        "Ort": "Hamburg",
        "USt-ID": "DE1",
        "Rabatt": "3 %",
    }
    (party,) = csv_mapping.map_record(Landed("x/rows/7", "x", "rows", "7", row), {"Kundennr": "key:erp"}, None, {}).parties
    assert party.kind == "organization"
    assert party.attributes == {
        "key:erp": ["7"], "name": ["Krämer GmbH"], "email": ["info@kraemer.de"], "vat": ["DE1"], "rabatt": ["3 %"],
        "address": [{"postcode": "20095", "city": "Hamburg"}],
    }  # fmt: skip


def rows(text: str, id_column: str | None = None) -> list[object]:
    table = Delimited(io.BytesIO(text.encode()), None, None, utf8=True)
    return list(keyed(table, id_column_of(table, id_column)))


def test_a_table_keeps_every_row_or_says_why_not() -> None:
    found = rows('id;name\n1;A\n1;B\n;C\n2;D;E\n\n3;"F\nG"\n')
    keys = [one.key for one in found]
    assert keys[0] == "1"
    assert keys[1].startswith("1#")
    assert keys[-1] == "3"
    assert [getattr(one, "reason", "") for one in found][2:4] == ["line 4: its id is empty", "line 5: 3 cells under 2 headings"]


def test_rows_without_an_id_are_known_by_what_they_say() -> None:
    first, again = rows("name,city\nA,B\n"), rows("name,city\nX,Y\nA,B\n")
    assert first[0].key == again[1].key  # type: ignore[attr-defined]
    with pytest.raises(ConfigurationError, match="there is no column 'nr'"):
        rows("name\nA\n", id_column="nr")


def test_delimiters_and_names_of_files() -> None:
    assert (delimiter_of("a;b;c,d\n"), delimiter_of("a\tb\n"), delimiter_of("a\n")) == (";", "\t", ",")
    assert (stream_name("Exports/Kunden 2026.csv"), stream_name("2026.csv")) == ("exports_kunden_2026", "file_2026")


@pytest.mark.parametrize(
    ("row", "kind", "told"),
    [
        ({"Company": "Acme GmbH", "City": "Ulm"}, "organization", {"name": ["Acme GmbH"]}),
        ({"First Name": "Ann", "Company": "Acme GmbH"}, "person", {"given_name": ["Ann"], "employer": ["Acme GmbH"]}),
        ({"Name": "Ann Lee", "Company": "Acme GmbH"}, "person", {"name": ["Ann Lee"], "employer": ["Acme GmbH"]}),
        ({"Name": "Ann Lee", "Company": ""}, "unknown", {"name": ["Ann Lee"]}),
    ],
)
def test_a_company_column_names_the_row_or_its_employer(row: dict[str, str], kind: str, told: dict[str, list[str]]) -> None:
    record = Landed("c/rows/1", "c", "rows", "1", row, None, None)
    (party,) = csv_mapping.map_record(record, {}, None, {}).parties
    assert party.kind == kind
    assert {name: values for name, values in party.attributes.items() if name != "address"} == told
