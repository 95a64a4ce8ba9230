"""What the fields of SAP's sales orders and billing documents mean.

A billing document says by its category (the domain VBTYP) what it is. One that cancels another is as cancelled as that one: else the
amount would be taken off twice; a pro forma invoice is never booked. C of the clearing's status says that it was paid.
"""

from collections.abc import Mapping
from dataclasses import replace

from connectors.mapping.staged import Activity
from connectors.mapping.tables import ActivityTable, Link
from connectors.mapping.transforms import Choice, Word
from connectors.records import Landed

_CUSTOMER = (Link("customer", ("SoldToParty", "text"), "partners"),)

ORDERS = ActivityTable(
    kind="order",
    title=[("SalesOrder", "text")],
    data_class="financial",
    occurred_at=[("SalesOrderDate", "moment"), ("CreationDate", "moment")],
    body=[("Customer's reference: {}", ("PurchaseOrderByCustomer", "text")), ("Wanted on {}", ("RequestedDeliveryDate", "day"))],
    status=[
        ("OverallSDDocumentRejectionSts", Word("cancelled", of="c")),
        ("OverallSDProcessStatus", Choice({"A": "open", "B": "in progress", "C": "completed"})),
    ],
    amount=("TotalNetAmount", "decimal"),
    currency=("TransactionCurrency", "text"),
    attributes={"number": ("SalesOrder", "text"), "customer_reference": ("PurchaseOrderByCustomer", "text")},
    links=_CUSTOMER,
)

INVOICES = ActivityTable(
    kind="invoice",
    title=[("BillingDocument", "text")],
    data_class="financial",
    occurred_at=[("BillingDocumentDate", "moment"), ("CreationDate", "moment")],
    body=[("Customer's reference: {}", ("PurchaseOrderByCustomer", "text")), ("Net: {}", ("TotalNetAmount", "decimal"))],
    status=[
        ("BillingDocumentIsCancelled", Word("cancelled", of="true")),
        ("SDDocumentCategory", Word("cancelled", of="n")),
        ("SDDocumentCategory", Word("cancelled", of="s")),
        ("SDDocumentCategory", Word("draft", of="u")),
        ("InvoiceClearingStatus", Word("paid", of="c")),
        ("BillingDocument", Word("issued")),
    ],
    amount=("TotalGrossAmount", "decimal"),
    currency=("TransactionCurrency", "text"),
    attributes={"number": ("BillingDocument", "text"), "net": ("TotalNetAmount", "decimal"), "type": ("BillingDocumentType", "text")},
    links=_CUSTOMER,
)

#: What a billing document is, by its category; 6 is a credit note between companies of one group.
TITLES: Mapping[str, str] = {
    "N": "Cancellation",
    "S": "Cancellation",
    "O": "Credit note",
    "6": "Credit note",
    "P": "Debit note",
    "U": "Pro forma invoice",
}

#: Those that give back.
BACK = ("N", "O", "6")


def business(record: Landed, found: Activity) -> Activity:
    """Titles that a person reads, and an amount below zero where a billing document gives back."""
    category = str(record.payload.get("SDDocumentCategory"))
    title = "Order" if found.kind == "order" else TITLES.get(category, "Invoice")
    amount = found.amount
    if found.kind == "invoice" and category in BACK and amount is not None:
        amount = -abs(amount)
    return replace(found, title=f"{title} {found.title}", amount=amount)
