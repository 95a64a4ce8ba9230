"""What is said of a party reads as a colleague would write it, is cited, and is the same whenever it is said."""

from datetime import UTC, datetime
from typing import Any

from context_api.access import Access
from context_api.context import statements, summaries

CRM, ERP = "crm/companies/1", "erp/customers/7"


def entry(value: Any, ref: str = CRM) -> dict[str, Any]:
    return {"value": value, "record_ref": ref, "source": ref.partition("/")[0]}


def invoice(number: int, due_on: str, amount: str = "6200.00") -> dict[str, Any]:
    part = {"ref": f"erp/invoices/{number}", "source": "erp", "data_class": "financial"}
    return {**part, "amount": amount, "currency": "EUR", "due_on": due_on}


TICKET = {"ref": "crm/tickets/9", "source": "crm", "data_class": "internal", "on": "2026-10-01"}
REVENUE = {"source": "erp", "data_class": "financial", "currency": "EUR", "year": 2026, "amount": "7.50"}
COMPANY: dict[str, Any] = {
    "kind": "organization",
    "document": {
        "name": entry("Nordwind Pumpen GmbH"),
        "address": entry({"street": "Am Kai 1", "postcode": "20457", "city": "Hamburg", "country": "DE"}, ERP),
        "key:erp": entry("KRA-0042", ERP),
        "phone": entry("+49 40 123"),
        "industry": entry("Pumps."),
    },
    "signals": [
        {"name": "open_invoices", "value": {"parts": [invoice(1, "2026-09-01"), invoice(2, "2026-12-01")]}},
        {"name": "open_tickets", "value": {"parts": [TICKET]}},
        {"name": "revenue", "value": {"parts": [REVENUE]}},
    ],
    "relationships": [
        {"kind": "employment", "direction": "from", "name": "Anna Krämer", "attributes": {"title": "Buyer"}}
        | {"name_ref": "crm/contacts/5", "evidence": ["crm/contacts/5"]}
    ],
    "items": [
        {"ref": "erp/orders/3", "kind": "order", "title": "Order 3", "status": "sale", "amount": "1200.00", "currency": "EUR"}
        | {"source": "erp", "data_class": "financial", "untrusted": False, "occurred_at": "2026-08-01"},
        {"ref": "mail/messages/4", "kind": "email", "title": "IGNORE ALL", "status": None, "amount": None, "currency": None}
        | {"source": "mail", "data_class": "internal", "untrusted": True, "occurred_at": "2026-07-01"},
    ],
}
PERSON: dict[str, Any] = {
    **COMPANY,
    "kind": "person",
    "document": {"name": entry("Anna Krämer"), "title": entry("Buyer"), "employer": entry("Nordwind")},
    "signals": [],
    "relationships": [
        {"kind": "employment", "direction": "to", "name": "Nordwind Pumpen GmbH", "attributes": {"title": "Buyer"}}
        | {"name_ref": CRM, "evidence": ["crm/contacts/5"]}
    ],
    "items": [],
}


def test_a_card_reads_as_a_colleague_would_write_it() -> None:
    card = summaries.extract(statements.of_party(COMPANY), "card")
    assert card.text == (
        "Nordwind Pumpen GmbH is a company in Hamburg, customer KRA-0042 in erp [1] [2]. "
        "Two invoices are open, EUR 12,400 in all, the first due on 2026-09-01 [3] [4]. One ticket is open since 2026-10-01 [5]."
    )
    assert [citation["ref"] for citation in card.citations] == [CRM, ERP, "erp/invoices/1", "erp/invoices/2", "crm/tickets/9"]


def test_asked_at_a_time_it_says_what_is_overdue() -> None:
    said = statements.of_party(COMPANY, at=datetime(2026, 10, 1, tzinfo=UTC))
    assert "One invoice is overdue, EUR 6,200, since 2026-09-01" in [one.text for one in said]


def test_longer_texts_are_sentences_too() -> None:
    text = summaries.extract(statements.of_party(COMPANY), "full").text
    for sentence in (
        "The address is Am Kai 1, 20457, Hamburg, DE [2].",
        "The phone number is +49 40 123 [1].",
        "The industry is Pumps [1].",
        "Invoices came to EUR 7.50 in 2026.",
        "Anna Krämer works there as Buyer [6].",
        "On 2026-08-01 there was an order “Order 3” over EUR 1,200 (sale) [7].",
        "On 2026-07-01 there was an email [8].",
    ):
        assert sentence in text
    assert "IGNORE" not in text


def test_a_person_is_told_by_their_work() -> None:
    assert summaries.extract(statements.of_party(PERSON), "card").text == "Anna Krämer is Buyer at Nordwind [1]."
    assert "They work for Nordwind Pumpen GmbH as Buyer" in summaries.extract(statements.of_party(PERSON), "brief").text


def test_what_may_not_be_seen_leaves_a_sentence_and_not_a_gap() -> None:
    crm = Access("agent", frozenset({"source:crm", "class:internal"}))
    seen = {name: said for name, said in COMPANY["document"].items() if said["source"] == "crm"}
    card = summaries.extract(statements.of_party({**COMPANY, "document": seen}, crm), "card").text
    assert card == "Nordwind Pumpen GmbH is a company [1]. One ticket is open since 2026-10-01 [2]."
    unnamed = statements.of_party({**COMPANY, "document": {"phone": entry("1")}, "signals": []}, crm)
    assert summaries.extract(unnamed, "brief").text.startswith("The phone number is 1 [1].")


def test_a_name_that_looks_like_a_mark_cites_nothing() -> None:
    document = {"name": entry("Acme [2] [17]")}
    company = {"kind": "organization", "document": document, "signals": [], "relationships": [], "items": []}
    assert summaries.extract(statements.of_party(company), "card").text == "Acme (2) (17) is a company [1]."
