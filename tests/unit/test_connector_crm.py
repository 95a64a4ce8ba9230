"""The tables of the CRM vendors, each tried on a payload as the vendor sends it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.mapping.staged import Activity, Claim, Mapped, Party
from connectors.mapping.tables import mapped
from connectors.vendors.bottlecrm import mapping as bottlecrm

MORNING = "2026-03-02T08:15:00.000+0000"
SEEN = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


def told(tables: Any, stream: str, payload: dict[str, Any]) -> Mapped:
    found = mapped(payload, tables[stream], ("crm", stream, str(payload.get("id") or payload.get("Id"))), {})
    assert not found.doubts
    return found


def party(found: Mapped) -> Party:
    (one,) = found.parties
    return one


def activity(found: Mapped) -> Activity:
    assert found.activity
    return found.activity


def participants(found: Activity) -> list[tuple[str, str]]:
    return [(one.role, one.party_ref) for one in found.participants]


ADDRESS = {"address_line": "Am Markt 1", "city": "Bremen", "state": "", "postcode": "28195", "country": "DE"}


def test_bottlecrm_accounts() -> None:
    payload = {
        "id": "0b7e", "name": "Berg GmbH", "email": "info@berg.example", "phone": "+49 421 5550", "website": "https://berg.example",
        "industry": "RETAIL", "number_of_employees": 40, "annual_revenue": "1200000.00", "currency": "EUR", **ADDRESS,
        "country_display": "Germany", "created_at": MORNING, "is_active": True, "custom_fields": {},
    }  # fmt: skip
    found = party(told(bottlecrm.TABLES, "accounts", payload))
    assert found.kind == "organization"
    assert found.attributes == {
        "name": ["Berg GmbH"], "email": ["info@berg.example"], "phone": ["+49 421 5550"], "website": ["https://berg.example"],
        "industry": ["RETAIL"], "employees": ["40"],
        "address": [{"street": "Am Markt 1", "postcode": "28195", "city": "Bremen", "country": "DE"}],
    }  # fmt: skip


def test_bottlecrm_contacts_work_for_every_account_that_lists_them() -> None:
    payload = {
        "id": "c1", "first_name": "Anna", "last_name": "Berg", "email": "Anna@berg.example", "phone": "0421 5551", "title": "Buyer",
        "organization": "Berg", "account": "0b7e", "account_detail": {"id": "0b7e", "name": "Berg GmbH"},
        "linked_accounts": [{"id": "0b7e", "name": "Berg GmbH"}, {"id": "77aa", "name": "Berg Logistik"}], **ADDRESS,
        "updated_at": MORNING,
    }  # fmt: skip
    said = told(bottlecrm.TABLES, "contacts", payload)
    found = party(said)
    assert (found.kind, found.observed_at) == ("person", SEEN)
    assert found.attributes["employer"] == ["Berg GmbH", "Berg"]
    assert list(said.claims) == [
        Claim("employment", "crm/contacts/c1", f"crm/accounts/{key}", {"title": "Buyer"}) for key in ("0b7e", "77aa")
    ]


def test_bottlecrm_leads() -> None:
    payload = {
        "id": "l1", "first_name": "Ole", "last_name": "Brandt", "email": "ole@brandt.example", "job_title": "CEO", "status": "in process",
        "company_name": "Brandt KG", "updated_at": MORNING, "contacts": [], "opportunity_amount": "10.00",
    }  # fmt: skip
    found = party(told(bottlecrm.TABLES, "leads", payload))
    assert found.attributes == {
        "given_name": ["Ole"], "family_name": ["Brandt"], "email": ["ole@brandt.example"], "title": ["CEO"], "employer": ["Brandt KG"],
        "status": ["in process"],
    }  # fmt: skip


def test_bottlecrm_opportunities_and_cases_name_their_account_and_contacts() -> None:
    related = {"account": {"id": "0b7e", "name": "Berg GmbH"}, "contacts": [{"id": "c1", "first_name": "Anna", "last_name": "Berg"}]}
    deal = {
        "id": "o1", "name": "Shelves", "stage": "DEMO_BOOKED", "stage_label": "Demo booked", "stage_kind": "open", "amount": "1200.50",
        "currency": "eur", "closed_on": "2026-05-01", "probability": 40, "description": "Forty of them", "created_at": MORNING, **related,
    }  # fmt: skip
    found = activity(told(bottlecrm.TABLES, "opportunities", deal))
    assert (found.status, found.amount, found.currency, found.occurred_at) == ("open", Decimal("1200.50"), "EUR", SEEN)
    assert found.body == "Stage: Demo booked\nExpected to close on 2026-05-01\nForty of them"
    assert participants(found) == [("customer", "crm/accounts/0b7e"), ("contact", "crm/contacts/c1")]
    case = {
        "id": "t1",
        "name": "Broken",
        "status": "Duplicate",
        "priority": "High",
        "description": "It is",
        "created_at": MORNING,
        **related,
    }
    found = activity(told(bottlecrm.TABLES, "cases", case))
    assert (found.kind, found.status, found.untrusted, found.attributes) == ("ticket", "closed", True, {"priority": "High"})
    assert participants(found) == [("customer", "crm/accounts/0b7e"), ("contact", "crm/contacts/c1")]
