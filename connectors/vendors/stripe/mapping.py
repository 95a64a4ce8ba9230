"""What Stripe's fields mean. Amounts are whole numbers of a currency's smallest unit; `major` puts them beside as people write them.

A customer is an organisation where it has a tax id or a business name, a person where it has an individual's, and else either.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.mapping.staged import Mapped
from connectors.mapping.tables import ActivityTable, Link, PartyTable, mapped
from connectors.mapping.transforms import Choice
from connectors.records import Landed

#: Currencies without a smaller unit, and those with a thousandth (docs.stripe.com/currencies).
WHOLE = frozenset(["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"])
THOUSANDTHS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])

AMOUNTS = ("amount", "amount_refunded", "amount_due", "amount_remaining", "total")

CUSTOMERS = PartyTable(
    kind="unknown",
    kind_of=("crosswalk_kind", "text"),
    kinds={"person": "person", "organization": "organization"},
    attributes={
        "name": [("business_name", "text"), ("individual_name", "text"), ("name", "text")],
        "email": ("email", "email"),
        "phone": ("phone", "text"),
        "vat": ("tax_ids.data.0.value", "text"),
        "language": ("preferred_locales.0", "language"),
        "key:erp": ("metadata.erp_customer_number", "text"),
    },
    address={
        "street": [("address.line1", "text"), ("address.line2", "text")],
        "postcode": ("address.postal_code", "text"),
        "city": ("address.city", "text"),
        "region": ("address.state", "text"),
        "country": ("address.country", "text"),
    },
    observed_at=("created", "seconds"),
)

_CUSTOMER = (Link("customer", ("customer", "text"), "customers", ("customer_name", "text")),)

INVOICES = ActivityTable(
    kind="invoice",
    title=[("crosswalk_title", "text"), ("number", "text")],
    data_class="financial",
    occurred_at=[("created", "seconds")],
    body=[("{}", ("description", "text")), ("Open: {}", ("major.amount_remaining", "decimal")), ("Due on {}", ("due_date", "seconds_day"))],
    status=("status", Choice({"uncollectible": "open", "void": "cancelled"})),
    amount=("major.total", "decimal"),
    currency=("currency", "text"),
    attributes={"number": ("number", "text"), "open_amount": ("major.amount_remaining", "decimal"), "due_on": ("due_date", "seconds_day")},
    links=_CUSTOMER,
)

CHARGES = ActivityTable(
    kind="payment",
    title=[("crosswalk_title", "text"), ("description", "text")],
    data_class="financial",
    occurred_at=[("created", "seconds")],
    status=("status", Choice({"succeeded": "paid"})),
    amount=("major.amount", "decimal"),
    currency=("currency", "text"),
    attributes={"refunded": ("major.amount_refunded", "decimal"), "failure": ("failure_message", "text")},
    links=_CUSTOMER,
)

SUBSCRIPTIONS = ActivityTable(
    kind="order",
    title=[("crosswalk_title", "text"), ("description", "text")],
    data_class="financial",
    occurred_at=[("created", "seconds")],
    status=("status", Choice({"active": "confirmed", "trialing": "confirmed", "canceled": "cancelled"})),
    currency=("currency", "text"),
    attributes={"number": ("id", "text"), "ends_on": ("cancel_at", "seconds_day")},
    links=_CUSTOMER,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {
    "customers": CUSTOMERS,
    "invoices": INVOICES,
    "charges": CHARGES,
    "subscriptions": SUBSCRIPTIONS,
}

_TITLES = {"invoices": "Invoice", "charges": "Payment", "subscriptions": "Subscription"}


def map_record(record: Landed, own: Mapping[str, Any]) -> Mapped:
    """What a record of any stream says."""
    payload = {**record.payload, "major": major(record.payload), "crosswalk_title": _TITLES.get(record.stream)}
    if record.stream == "customers":
        business = payload.get("business_name") or (payload.get("tax_ids") or {}).get("data")
        payload["crosswalk_kind"] = "organization" if business else "person" if payload.get("individual_name") else None
    return mapped(payload, TABLES[record.stream], (record.source, record.stream, record.key), own)


def major(payload: Mapping[str, Any]) -> dict[str, str]:
    """The amounts of a payload in the currency's own unit."""
    currency = str(payload.get("currency") or "").lower()
    exponent = 0 if currency in WHOLE else 3 if currency in THOUSANDTHS else 2
    return {name: str(Decimal(value).scaleb(-exponent)) for name in AMOUNTS if isinstance(value := payload.get(name), int)}
