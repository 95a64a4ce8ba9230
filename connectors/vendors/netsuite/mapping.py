"""What NetSuite's columns mean. A box is `T` or `F`; a company's contact names it as `company`, and so does a case name who it is for.
Which sign an amount has differs by type: a credit note's is below zero here, any other's above."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.mapping.staged import Activity, Mapped
from connectors.mapping.tables import ActivityTable, Claimed, Link, PartyTable, mapped
from connectors.mapping.transforms import Choice, text
from connectors.records import Landed


@dataclass(frozen=True)
class Status:
    """A letter, alone or after the type (`SalesOrd:B`)."""

    words: Mapping[str, str]

    def __call__(self, value: Any) -> list[Any]:
        return [self.words.get(one.rpartition(":")[2].strip(), one) for one in text(value)]


class Caseless(dict[str, Any]):
    """A row, asked for its columns however they are written."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


CUSTOMERS = PartyTable(
    kind="organization",
    kind_of=("isperson", "text"),
    kinds={"T": "person"},
    attributes={
        "email": [("email", "email"), ("altemail", "email")],
        "phone": [("phone", "text"), ("altphone", "text"), ("mobilephone", "text")],
        "website": ("url", "text"),
        "vat": ("vatregnumber", "text"),
        "industry": ("industry", "text"),
        "status": ("searchstage", "text"),
        "key:{source}": ("entityid", "text"),
    },
    people={"given_name": ("firstname", "text"), "family_name": ("lastname", "text"), "employer": ("companyname", "text")},
    organizations={"name": [("companyname", "text"), ("altname", "text")]},
    address={
        "street": [("addr1", "text"), ("addr2", "text")],
        "postcode": ("zip", "text"),
        "city": ("city", "text"),
        "region": ("state", "text"),
        "country": ("country", "text"),
    },
    observed_at=("lastmodifieddate", "moment"),
    claims=(Claimed("parent", ("parent", "text"), "customers"),),
)

CONTACTS = PartyTable(
    kind="person",
    attributes={
        "given_name": ("firstname", "text"),
        "family_name": ("lastname", "text"),
        "email": [("email", "email"), ("altemail", "email")],
        "phone": [("phone", "text"), ("officephone", "text"), ("mobilephone", "text")],
        "title": ("title", "text"),
    },
    observed_at=("lastmodifieddate", "moment"),
    claims=(Claimed("employment", ("company", "text"), "customers", {"title": ("title", "text")}),),
)

ORDERED = {"A": "pending", "B": "confirmed", "C": "cancelled", "D": "confirmed", "E": "confirmed", "F": "confirmed", "G": "billed"}


def transactions(kind: str, words: Mapping[str, str]) -> ActivityTable:
    return ActivityTable(
        kind=kind,
        title=[("tranid", "text")],
        data_class="financial",
        occurred_at=[("trandate", "moment"), ("createddate", "moment")],
        body=[
            ("{}", ("memo", "text")),
            ("Customer's reference: {}", ("otherrefnum", "text")),
            ("Open: {}", ("foreignamountunpaid", "decimal")),
            ("Due on {}", ("duedate", "day")),
        ],
        status=("status", Status(words)),
        amount=("foreigntotal", "decimal"),
        currency=("currency", "text"),
        attributes={
            "number": ("tranid", "text"),
            "customer_reference": ("otherrefnum", "text"),
            "due_on": ("duedate", "day"),
            "open_amount": ("foreignamountunpaid", "decimal"),
        },
        links=(Link("customer", ("entity", "text"), "customers"),),
    )


CASES = ActivityTable(
    kind="ticket",
    title=[("title", "text")],
    data_class="internal",
    occurred_at=[("startdate", "moment"), ("createddate", "moment")],
    body=[("{}", ("incomingmessage", "text"))],
    status=("stage", Choice({"OPEN": "open", "ESCALATED": "open", "CLOSED": "closed"})),
    attributes={"number": ("casenumber", "text"), "priority": ("priority", "text")},
    links=(Link("customer", ("company", "text"), "customers"), Link("contact", ("contact", "text"), "contacts")),
    untrusted=True,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {
    "customers": CUSTOMERS,
    "contacts": CONTACTS,
    "orders": transactions("order", {**ORDERED, "H": "closed"}),
    "invoices": transactions("invoice", {"A": "open", "B": "paid", "V": "cancelled"}),
    "credit_notes": transactions("invoice", {"A": "open", "B": "paid", "V": "cancelled"}),
    "payments": transactions("payment", {"A": "pending", "B": "paid", "C": "paid", "V": "cancelled"}),
    "cases": CASES,
}

#: Stream -> what a person calls one, and where it is seen.
SEEN = {
    "customers": ("", "common/entity/custjob.nl"),
    "contacts": ("", "common/entity/contact.nl"),
    "orders": ("Order", "accounting/transactions/salesord.nl"),
    "invoices": ("Invoice", "accounting/transactions/custinvc.nl"),
    "credit_notes": ("Credit note", "accounting/transactions/custcred.nl"),
    "payments": ("Payment", "accounting/transactions/custpymt.nl"),
    "cases": ("", "crm/support/supportcase.nl"),
}


def map_record(record: Landed, own: Mapping[str, Any], url: str) -> Mapped:
    """What a record of any stream says, with its address in the account's pages."""
    said = mapped(record.payload, TABLES[record.stream], (record.source, record.stream, record.key), own)
    title, page = SEEN[record.stream]
    if said.activity and title:
        said = replace(said, activity=_titled(said.activity, title, -1 if record.stream == "credit_notes" else 1))
    site = url.replace(".suitetalk.api.", ".app.")
    return said.linked(f"{site}/app/{page}?id={record.key}" if site != url else None)


def _titled(found: Activity, title: str, sign: int) -> Activity:
    return replace(found, title=f"{title} {found.title}", amount=found.amount if found.amount is None else sign * abs(found.amount))
