"""What ERPNext's fields mean. `customer` in an order names the customer's own key; a draft is docstatus 0, a cancelled one 2."""

from collections.abc import Mapping

from connectors.mapping.tables import ActivityTable, Link, PartyTable
from connectors.mapping.transforms import Choice

#: The fields of a customer's primary address; each stands in the customer under its name with `primary_` before it.
ADDRESS = ("address_line1", "address_line2", "pincode", "city", "state", "country")

CUSTOMERS = PartyTable(
    kind="organization",
    kind_of=("customer_type", "text"),
    kinds={"Individual": "person", "Company": "organization", "Partnership": "organization"},
    attributes={
        "name": ("customer_name", "text"),
        "email": ("email_id", "email"),
        "phone": ("mobile_no", "text"),
        "website": ("website", "text"),
        "vat": ("tax_id", "text"),
        "industry": ("industry", "text"),
        "language": ("language", "language"),
        "key:{source}": ("name", "text"),
    },
    address={
        "street": [("primary_address_line1", "text"), ("primary_address_line2", "text")],
        "postcode": ("primary_pincode", "text"),
        "city": ("primary_city", "text"),
        "region": ("primary_state", "text"),
        "country": ("primary_country", "country"),
    },
    observed_at=("modified", "moment"),
)

CONTACTS = PartyTable(
    kind="person",
    attributes={
        "given_name": ("first_name", "text"),
        "family_name": ("last_name", "text"),
        "email": ("email_id", "email"),
        "phone": [("phone", "text"), ("mobile_no", "text")],
        "title": ("designation", "text"),
        "employer": ("company_name", "text"),
    },
    observed_at=("modified", "moment"),
)

ORDERS = ActivityTable(
    kind="order",
    title=[("name", "text")],
    data_class="financial",
    occurred_at=[("transaction_date", "moment"), ("creation", "moment")],
    body=[("Customer's reference: {}", ("po_no", "text")), ("Total: {}", ("grand_total", "decimal"))],
    status=("status", "text"),
    amount=("grand_total", "decimal"),
    currency=("currency", "text"),
    attributes={"number": ("name", "text"), "customer_reference": ("po_no", "text"), "net": ("net_total", "decimal")},
    links=(Link("customer", ("customer", "text"), "customers", ("customer_name", "text")),),
)

INVOICES = ActivityTable(
    kind="invoice",
    title=[("name", "text")],
    data_class="financial",
    occurred_at=[("posting_date", "moment"), ("creation", "moment")],
    body=[("Open: {}", ("outstanding_amount", "decimal")), ("Due on {}", ("due_date", "day"))],
    status=("status", Choice({"Paid": "paid", "Unpaid": "open", "Overdue": "open", "Cancelled": "cancelled", "Draft": "draft"})),
    amount=("grand_total", "decimal"),
    currency=("currency", "text"),
    attributes={"number": ("name", "text"), "due_on": ("due_date", "day"), "open_amount": ("outstanding_amount", "decimal")},
    links=(Link("customer", ("customer", "text"), "customers", ("customer_name", "text")),),
)

PAYMENTS = ActivityTable(
    kind="payment",
    title=[("name", "text")],
    data_class="financial",
    occurred_at=[("posting_date", "moment"), ("creation", "moment")],
    status=("docstatus", Choice({"0": "draft", "1": "paid", "2": "cancelled"})),
    amount=("paid_amount", "decimal"),
    currency=("paid_from_account_currency", "text"),
    attributes={"number": ("name", "text"), "reference": ("reference_no", "text")},
    links=(Link("customer", ("party", "text"), "customers", ("party_name", "text")),),
)

ISSUES = ActivityTable(
    kind="ticket",
    title=[("subject", "text")],
    data_class="internal",
    occurred_at=[("opening_date", "moment"), ("creation", "moment")],
    body=[("{}", ("description", "text"))],
    status=("status", Choice({"Open": "open", "Replied": "open", "On Hold": "open", "Resolved": "closed", "Closed": "closed"})),
    attributes={"priority": ("priority", "text")},
    links=(Link("customer", ("customer", "text"), "customers"), Link("contact", ("contact", "text"), "contacts")),
    untrusted=True,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {
    "customers": CUSTOMERS,
    "contacts": CONTACTS,
    "orders": ORDERS,
    "invoices": INVOICES,
    "payments": PAYMENTS,
    "issues": ISSUES,
}
