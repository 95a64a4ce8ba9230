"""Tryton's records, as version 8.2 gives them, in our words."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.mapping.staged import Activity, Party
from connectors.records import Landed
from connectors.sources import SourceDeclaration
from connectors.vendors.tryton.connector import Tryton, changed_since, error_code
from connectors.vendors.tryton.wire import readable, told


def at(hour: int) -> dict[str, Any]:
    return {"__class__": "datetime", "year": 2026, "month": 3, "day": 2, "hour": hour, "minute": 0, "second": 0, "microsecond": 5}


PARTY: dict[str, Any] = {
    "id": 4,
    "__name__": "party.party",
    "name": "Krämer & Söhne GmbH",
    "code": "4",
    "active": True,
    "create_date": at(8),
    "write_date": at(9),
    "lang": {"code": "de", "id": 2, "__name__": "ir.lang"},
    "addresses": [
        {
            "id": 3,
            "street": "Weg 2",
            "postal_code": "53111",
            "city": "Bonn",
            "subdivision": None,
            "country": {"code": "DE", "id": 1, "__name__": "country.country"},
            "create_date": at(8),
            "write_date": None,
        }
    ],
    "contact_mechanisms": [
        {"id": 5, "type": "email", "value": "info@kraemer.example", "create_date": at(8), "write_date": at(11)},
        {"id": 6, "type": "phone", "value": "+49 228 123456", "create_date": at(8), "write_date": at(8)},
        {"id": 7, "type": "fax", "value": "+49 228 123457", "create_date": at(8), "write_date": at(8)},
    ],
    "identifiers": [{"id": 3, "type": "eu_vat", "code": "DE136695976", "create_date": at(8), "write_date": at(8)}],
}
SALE: dict[str, Any] = {
    "id": 12,
    "__name__": "sale.sale",
    "rec_name": "S-12 [PO-7]",
    "number": "S-12",
    "reference": "PO-7",
    "description": "Two pumps",
    "state": "processing",
    "sale_date": {"__class__": "date", "year": 2026, "month": 2, "day": 28},
    "total_amount": {"__class__": "Decimal", "decimal": "1190.00"},
    "untaxed_amount": {"__class__": "Decimal", "decimal": "1000.00"},
    "currency": {"code": "EUR", "id": 1, "__name__": "currency.currency"},
    "party": {"id": 4, "rec_name": "Krämer & Söhne GmbH", "__name__": "party.party"},
    "create_date": at(8),
    "write_date": None,
}


def tryton() -> Tryton:
    options = {"url": "http://127.0.0.1:9", "database": "live"}
    return Tryton(SourceDeclaration("erp", "tryton", secret="env:TRYTON_KEY", options=options))


def party(payload: dict[str, Any]) -> Party:
    (found,) = tryton().map(Landed("erp/parties/4", "erp", "parties", "4", told(readable(payload)))).parties
    return found


def activity(stream: str, payload: dict[str, Any]) -> Activity:
    found = tryton().map(Landed(f"erp/{stream}/12", "erp", stream, "12", told(readable(payload)))).activity
    assert found is not None
    return found


def test_a_party_with_a_vat_number_is_an_organisation() -> None:
    found = party(PARTY)
    assert found.kind == "organization"
    assert found.attributes == {
        "name": ["Krämer & Söhne GmbH"],
        "email": ["info@kraemer.example"],
        "phone": ["+49 228 123456"],
        "vat": ["DE136695976"],
        "language": ["de"],
        "key:erp": ["4"],
        "address": [{"street": "Weg 2", "postcode": "53111", "city": "Bonn", "country": "DE"}],
    }


def test_all_addresses_of_a_party_are_its_own() -> None:
    works = {"id": 4, "street": "Kai 9", "postal_code": "28217", "city": "Bremen", "subdivision": {"name": "HB"}, "country": None}
    empty = {"id": 5, "street": None, "postal_code": None, "city": None, "subdivision": None, "country": {"code": "DE"}}
    assert party({**PARTY, "addresses": [*PARTY["addresses"], works, empty]}).attributes["address"] == [
        {"street": "Weg 2", "postcode": "53111", "city": "Bonn", "country": "DE"},
        {"street": "Kai 9", "postcode": "28217", "city": "Bremen", "region": "HB"},
    ]


def test_a_party_that_does_not_say_what_it_is_stays_unknown() -> None:
    assert party({**PARTY, "identifiers": []}).kind == "unknown"


def test_a_party_has_changed_when_one_of_its_parts_has() -> None:
    assert told(readable(PARTY))["changed"] == "2026-03-02T11:00:00.000005+00:00"


def test_a_party_that_is_not_active_is_gone() -> None:
    connector = tryton()
    raws, _ = connector.raws("parties", connector.resources()["parties"], [{**PARTY, "active": False}])
    assert raws[0].deleted


def test_a_sale_names_its_customer_and_its_exact_amount() -> None:
    found = activity("sales", SALE)
    assert (found.kind, found.title, found.status) == ("order", "S-12 [PO-7]", "confirmed")
    assert (found.amount, found.currency) == (Decimal("1190.00"), "EUR")
    assert found.occurred_at == datetime(2026, 2, 28, tzinfo=UTC)
    assert [(one.role, one.party_ref, one.name) for one in found.participants] == [("customer", "erp/parties/4", "Krämer & Söhne GmbH")]


def test_what_is_no_typed_value_stays_as_it_is() -> None:
    assert readable({"__class__": "datetime", "year": "soon"}) == {"__class__": "datetime", "year": "soon"}
    assert readable({"__class__": "Unheard", "x": 1}) == {"__class__": "Unheard", "x": 1}


def test_a_change_is_asked_for_in_the_servers_own_zone() -> None:
    domain = changed_since(datetime.fromisoformat("2026-03-02T10:00:00+02:00"), ("addresses",))
    assert [term[:2] for term in domain[1:]] == [["write_date", ">="], ["create_date", ">="], ["addresses", "where"]]
    assert json.dumps(domain).count('"hour": 8') == 4


def test_a_field_that_the_server_lacks_is_told_apart_from_a_server_in_trouble() -> None:
    assert error_code("<title>500</title><p>&#39;sale.opportunity&#39;</p>") == "unknown_name"
    assert error_code("<title>500</title><p>The server is in trouble.</p>") == ""
