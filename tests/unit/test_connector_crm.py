"""The tables of the CRM vendors, each tried on a payload as the vendor sends it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.mapping.staged import Activity, Claim, Mapped, Party
from connectors.mapping.tables import mapped
from connectors.vendors.bottlecrm import mapping as bottlecrm
from connectors.vendors.hubspot import mapping as hubspot
from connectors.vendors.salesforce import mapping as salesforce
from connectors.vendors.salesforce.bulk import typed

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


def test_hubspot_deals_go_by_their_own_account_before_their_stage() -> None:
    def status(**properties: str) -> str | None:
        return activity(told(hubspot.TABLES, "deals", {"id": "7", "properties": {"dealname": "Shelves", **properties}})).status

    assert status(dealstage="1099876", hs_is_closed="true", hs_is_closed_won="true") == "won"
    assert status(dealstage="1099877", hs_is_closed="true", hs_is_closed_won="false") == "lost"
    assert status(dealstage="1099878", hs_is_closed="false", hs_is_closed_won="false") == "open"
    assert [status(dealstage=stage) for stage in ("closedwon", "closedlost", "qualifiedtobuy")] == ["won", "lost", "open"]


STAMPS = {"CreatedDate": MORNING, "LastModifiedDate": MORNING, "SystemModstamp": MORNING, "IsDeleted": False}


def test_salesforce_accounts_of_organizations_and_of_persons() -> None:
    company = {
        "Id": "001A", "Name": "Berg GmbH", "Website": "berg.example", "Phone": "+49 421 5550", "Industry": "Retail", "ParentId": "001B",
        "NumberOfEmployees": 40, "Type": "Customer - Direct", "AccountNumber": "D-1007", "IsPersonAccount": False,
        "BillingStreet": "Am Markt 1", "BillingCity": "Bremen", "BillingPostalCode": "28195", "BillingCountry": "Germany", **STAMPS,
    }  # fmt: skip
    said = told(salesforce.TABLES, "accounts", company)
    found = party(said)
    assert (found.kind, found.observed_at) == ("organization", SEEN)
    assert found.attributes == {
        "name": ["Berg GmbH"], "website": ["berg.example"], "phone": ["+49 421 5550"], "industry": ["Retail"], "employees": ["40"],
        "status": ["Customer - Direct"], "key:erp": ["D-1007"],
        "address": [{"street": "Am Markt 1", "postcode": "28195", "city": "Bremen", "country": "Germany"}],
    }  # fmt: skip
    assert list(said.claims) == [Claim("parent", "crm/accounts/001A", "crm/accounts/001B")]
    person = {
        "Id": "001P", "Name": "Ole Brandt", "FirstName": "Ole", "LastName": "Brandt", "PersonEmail": "ole@brandt.example",
        "PersonMobilePhone": "0170 1", "IsPersonAccount": True, **STAMPS,
    }  # fmt: skip
    found = party(told(salesforce.TABLES, "accounts", person))
    assert (found.kind, found.attributes) == (
        "person",
        {"given_name": ["Ole"], "family_name": ["Brandt"], "email": ["ole@brandt.example"], "phone": ["0170 1"]},
    )


def test_salesforce_contacts_and_leads() -> None:
    someone = {"FirstName": "Anna", "LastName": "Berg", "Email": "Anna@berg.example", "Title": "Buyer", "MobilePhone": "0170 2", **STAMPS}
    said = told(salesforce.TABLES, "contacts", {"Id": "003A", "AccountId": "001A", "MailingCity": "Bremen", **someone})
    assert party(said).attributes["address"] == [{"city": "Bremen"}]
    assert list(said.claims) == [Claim("employment", "crm/contacts/003A", "crm/accounts/001A", {"title": "Buyer"})]
    lead = party(told(salesforce.TABLES, "leads", {"Id": "00QA", "Company": "Berg", "Status": "Working", "City": "Kiel", **someone}))
    assert lead.attributes == {
        "given_name": ["Anna"], "family_name": ["Berg"], "email": ["anna@berg.example"], "phone": ["0170 2"], "title": ["Buyer"],
        "employer": ["Berg"], "status": ["Working"], "address": [{"city": "Kiel"}],
    }  # fmt: skip


def test_salesforce_opportunities_and_cases_are_open_until_they_are_closed() -> None:
    deal = {
        "Id": "006A", "Name": "Shelves", "StageName": "Proposal", "IsWon": False, "IsClosed": False, "Amount": 1200.5,
        "CurrencyIsoCode": "EUR", "CloseDate": "2026-05-01", "AccountId": "001A", "ContactId": "003A", **STAMPS,
    }  # fmt: skip
    found = activity(told(salesforce.TABLES, "opportunities", deal))
    assert (found.status, found.amount, found.currency, found.occurred_at) == ("open", Decimal("1200.50"), "EUR", SEEN)
    assert participants(found) == [("customer", "crm/accounts/001A"), ("contact", "crm/contacts/003A")]
    ends = ({"IsWon": True, "IsClosed": True}, {"IsWon": False, "IsClosed": True})
    assert [activity(told(salesforce.TABLES, "opportunities", deal | end)).status for end in ends] == ["won", "lost"]
    case = {"Id": "500A", "CaseNumber": "00001026", "Subject": "Leak", "Status": "Escalated", "IsClosed": False, "AccountId": "001A"}
    found = activity(told(salesforce.TABLES, "cases", {**case, "Description": "It leaks.", **STAMPS}))
    assert (found.kind, found.status, found.untrusted, found.body) == ("ticket", "open", True, "It leaks.")
    assert found.attributes == {"number": "00001026", "stage": "Escalated"}
    assert activity(told(salesforce.TABLES, "cases", {**case, "IsClosed": True, **STAMPS})).status == "closed"


def test_salesforce_tasks_and_events_name_a_contact_or_a_lead() -> None:
    task = {"Id": "00TA", "Subject": "Call", "ActivityDate": "2026-03-02", "Status": "Completed", "IsClosed": True, "AccountId": "001A"}
    found = activity(told(salesforce.TABLES, "tasks", {**task, "WhoId": "003A", "WhatId": "006A", "TaskSubtype": "Call", **STAMPS}))
    assert (found.kind, found.status, found.occurred_at.date().isoformat()) == ("note", "closed", "2026-03-02")
    assert participants(found) == [("customer", "crm/accounts/001A"), ("contact", "crm/contacts/003A")]
    event = {"Id": "00UA", "Subject": "Visit", "StartDateTime": MORNING, "Location": "Bremen", "WhoId": "00QA", **STAMPS}
    found = activity(told(salesforce.TABLES, "events", event))
    assert (found.kind, found.occurred_at, found.body) == ("meeting", SEEN, "At Bremen")
    assert participants(found) == [("contact", "crm/leads/00QA")]


def test_a_row_of_salesforces_csv_is_what_rest_would_have_given() -> None:
    types = {"Id": "id", "IsWon": "boolean", "Amount": "currency", "Size": "int", "CreatedDate": "datetime", "CloseDate": "date"}
    row = {"Id": "006A", "IsWon": "false", "Amount": "1200.5", "Size": "40", "CreatedDate": "2026-03-02T08:15:00.000Z", "CloseDate": ""}
    assert typed(row, types) == {
        "Id": "006A", "IsWon": False, "Amount": 1200.5, "Size": 40, "CreatedDate": MORNING, "CloseDate": None,
    }  # fmt: skip
