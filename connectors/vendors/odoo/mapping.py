"""What Odoo's fields mean. Empty is `false`, a many-to-one is [id, display name], a time is UTC without a zone."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.mapping.staged import Activity, Mapped
from connectors.mapping.tables import ActivityTable, Link, PartyTable, Reader, activity, cells_of, own_cells, party
from connectors.mapping.transforms import Choice
from connectors.records import Landed
from connectors.vendors.odoo import partners

CUSTOMERS = PartyTable(
    kind="organization",
    attributes={
        "name": ("name", "text"),
        "email": ("email", "email"),
        "phone": [("phone", "text"), ("mobile", "text")],
        "website": ("website", "text"),
        "vat": ("vat", "text"),
        "registration_number": ("company_registry", "text"),
        "language": ("lang", "language"),
        "title": ("function", "text"),
        "industry": ("industry_id", "relation"),
        "key:{source}": ("ref", "text"),
    },
    address={
        "street": [("street", "text"), ("street2", "text")],
        "postcode": ("zip", "text"),
        "city": ("city", "text"),
        "region": ("state_id", "relation"),
        "country": ("country_code", "text"),
    },
    observed_at=("write_date", "moment"),
)

_CUSTOMER = (Link("customer", ("partner_id", "relation_id"), "customers", ("partner_id", "relation")),)

ORDERS = ActivityTable(
    kind="order",
    title=[("name", "text")],
    data_class="financial",
    occurred_at=[("date_order", "moment"), ("create_date", "moment")],
    body=[
        ("{}", ("x_lines_summary", "text")),
        ("Customer's reference: {}", ("client_order_ref", "text")),
        ("Net: {}", ("amount_untaxed", "decimal")),
        ("Total: {}", ("amount_total", "decimal")),
    ],
    status=("state", Choice({"draft": "draft", "sent": "quoted", "sale": "confirmed", "done": "confirmed", "cancel": "cancelled"})),
    amount=("amount_total", "decimal"),
    currency=("currency_id", "relation"),
    attributes={
        "number": ("name", "text"),
        "customer_reference": ("client_order_ref", "text"),
        "net": ("amount_untaxed", "decimal"),
        "lines": ("x_lines_summary", "text"),
    },
    links=_CUSTOMER,
)

INVOICES = ActivityTable(
    kind="invoice",
    title=[("name", "text")],
    data_class="financial",
    occurred_at=[("invoice_date", "moment"), ("date", "moment"), ("create_date", "moment")],
    body=[
        ("For order {}", ("invoice_origin", "text")),
        ("Total: {}", ("amount_total", "decimal")),
        ("Open: {}", ("amount_residual", "decimal")),
        ("Due on {}", ("invoice_date_due", "day")),
        ("Customer's reference: {}", ("ref", "text")),
    ],
    status=("payment_state", Choice({"not_paid": "open", "in_payment": "paid"})),
    amount=("amount_total", "decimal"),
    currency=("currency_id", "relation"),
    attributes={
        "number": ("name", "text"),
        "due_on": ("invoice_date_due", "day"),
        "payment_state": ("payment_state", "text"),
        "open_amount": ("amount_residual", "decimal"),
        "net": ("amount_untaxed", "decimal"),
        "order": ("invoice_origin", "text"),
        "customer_reference": ("ref", "text"),
        "state": ("state", "text"),
        "type": ("move_type", "text"),
    },
    links=_CUSTOMER,
)

PAYMENTS = ActivityTable(
    kind="payment",
    title=[("name", "text")],
    data_class="financial",
    occurred_at=[("date", "moment"), ("create_date", "moment")],
    body=[("For {}", ("memo", "text"))],
    status=("state", Choice({"in_process": "paid", "canceled": "cancelled"})),
    amount=("amount", "decimal"),
    currency=("currency_id", "relation"),
    attributes={
        "number": ("name", "text"),
        "invoice": ("memo", "text"),
        "direction": ("payment_type", Choice({"inbound": "in", "outbound": "out"})),
    },
    links=_CUSTOMER,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {"customers": CUSTOMERS, "orders": ORDERS, "invoices": INVOICES, "payments": PAYMENTS}

#: Read beside what the tables name.
_READ = {"customers": ("is_company", "type", "parent_id", "country_id", "active", "comment"), "payments": ("reconciled_invoice_ids",)}

_TITLES = {"order": "Order", "invoice": "Invoice", "payment": "Payment"}


def fields(stream: str) -> set[str]:
    """The fields to ask for."""
    return {path.split(".")[0] for path, _ in cells_of(TABLES[stream])} | set(_READ.get(stream, ()))


def own_fields(own: Mapping[str, Any]) -> set[str]:
    """The fields that the user's own mapping names."""
    return {path.split(".")[0] for path, _ in own_cells(own).values()}


def map_record(record: Landed, own: Mapping[str, Any], links: str | None) -> Mapped:
    """What a record of any stream says."""
    reader, table = Reader(record.payload), TABLES[record.stream]
    if isinstance(table, PartyTable):
        found = partners.told(reader, party(reader, table, (record.source, record.stream, record.key), own))
        url = f"{links}/odoo/contacts/{record.key}" if links else None
        return Mapped(parties=[replace(found, url=url)], claims=list(partners.claims(record, reader)), doubts=reader.doubts)
    return Mapped(activity=_business(reader, activity(reader, table, record.source, own)), doubts=reader.doubts)


def _business(reader: Reader, found: Activity) -> Activity:
    """Titles that a person reads, a credit note's amount below zero, and a draft or cancelled invoice told by its state."""
    title, status, amount = f"{_TITLES[found.kind]} {found.title}", found.status, found.amount
    if found.kind == "invoice":
        status = {"draft": "draft", "cancel": "cancelled"}.get(str(found.attributes.get("state")), status)
        if reader.payload.get("move_type") == "out_refund":
            title, amount = f"Credit note {found.title}", -(amount or Decimal(0))
    return replace(found, title=title, status=status, amount=amount)
