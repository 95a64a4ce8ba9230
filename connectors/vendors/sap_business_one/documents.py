"""What the fields of SAP Business One's documents, payments and service calls mean. Amounts stand in the company's currency and, where the
document's is another, in that one too."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.mapping.staged import Activity
from connectors.mapping.tables import ActivityTable, Link
from connectors.mapping.transforms import Choice, Word, text
from connectors.records import Landed


@dataclass(frozen=True)
class Number:
    """A number that names a record; 0 and what is below name none."""

    def __call__(self, value: Any) -> list[Any]:
        return [one for one in text(value) if not one.startswith("-") and one != "0"]


CURRENCY = Choice({"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP"})
CANCELLED = ("Cancelled", Word("cancelled", of="tyes"))
OF_DOCUMENT = (
    Link("customer", ("CardCode", "text"), "partners", ("CardName", "text")),
    Link("contact", ("ContactPersonCode", Number()), "contacts"),
)


def document(kind: str, open_word: str, closed_word: str) -> ActivityTable:
    return ActivityTable(
        kind=kind,
        title=[("DocNum", "text")],
        data_class="financial",
        occurred_at=[("DocDate", "moment"), ("CreationDate", "moment")],
        body=[
            ("Customer's reference: {}", ("NumAtCard", "text")),
            ("Total: {}", ("DocTotal", "decimal")),
            ("Paid: {}", ("PaidToDate", "decimal")),
            ("Due on {}", ("DocDueDate", "day")),
            ("{}", ("Comments", "text")),
        ],
        status=[CANCELLED, ("DocumentStatus", Choice({"bost_Open": open_word, "bost_Close": closed_word}))],
        amount=("DocTotal", "decimal"),
        currency=("DocCurrency", CURRENCY),
        attributes={
            "number": ("DocNum", "text"),
            "customer_reference": ("NumAtCard", "text"),
            "due_on": ("DocDueDate", "day"),
            "tax": ("VatSum", "decimal"),
            "paid": ("PaidToDate", "decimal"),
        },
        links=OF_DOCUMENT,
    )


PAYMENTS = ActivityTable(
    kind="payment",
    title=[("DocNum", "text")],
    data_class="financial",
    occurred_at=[("DocDate", "moment"), ("TransferDate", "moment")],
    body=[("{}", ("Remarks", "text"))],
    status=[CANCELLED, ("DocNum", Word("paid"))],
    currency=("DocCurrency", CURRENCY),
    attributes={"number": ("DocNum", "text"), "reference": ("TransferReference", "text")},
    links=OF_DOCUMENT,
)

SERVICE_CALLS = ActivityTable(
    kind="ticket",
    title=[("Subject", "text")],
    data_class="internal",
    occurred_at=[("CreationDate", "moment")],
    body=[("{}", ("Description", "text")), ("Resolution: {}", ("Resolution", "text"))],
    status=("Status", Choice({"-3": "open", "-2": "open", "-1": "closed"})),
    attributes={
        "number": ("DocNum", "text"),
        "priority": ("Priority", Choice({"scp_Low": "low", "scp_Medium": "medium", "scp_High": "high"})),
        "item": ("ItemCode", "text"),
    },
    links=(
        Link("customer", ("CustomerCode", "text"), "partners", ("CustomerName", "text")),
        Link("contact", ("ContactCode", Number()), "contacts"),
    ),
    untrusted=True,
)

TABLES: Mapping[str, ActivityTable] = {
    "orders": document("order", "open", "closed"),
    "invoices": document("invoice", "open", "paid"),
    "credit_notes": document("invoice", "open", "paid"),
    "payments": PAYMENTS,
    "service_calls": SERVICE_CALLS,
}


_TITLES = {"orders": "Order", "invoices": "Invoice", "credit_notes": "Credit note", "payments": "Payment"}


def told(record: Landed, found: Activity) -> Activity:
    """Titles that a person reads; amounts in the document's currency, and a credit note's below zero."""
    payload, amount = record.payload, found.amount
    if found.kind == "payment":
        amount = _paid(payload)
    elif _number(payload.get("DocTotalFc")):
        amount = _number(payload["DocTotalFc"])
    if record.stream == "credit_notes" and amount is not None:
        amount = -amount
    title = _TITLES.get(record.stream)
    return replace(found, title=f"{title} {found.title}" if title else found.title, amount=amount)


def _paid(payload: Mapping[str, Any]) -> Decimal:
    """Cash, transfer, cheques, cards and bills of exchange."""
    listed = [(payload.get("PaymentChecks"), "CheckSum"), (payload.get("PaymentCreditCards"), "CreditSum")]
    parts = [one.get(name) for many, name in listed for one in (many or ())]
    return sum((_number(one) for one in (*parts, *(payload.get(name) for name in _MEANS))), Decimal(0))


_MEANS = ("CashSum", "TransferSum", "BillOfExchangeAmount")


def _number(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value)).quantize(Decimal("0.01"))
