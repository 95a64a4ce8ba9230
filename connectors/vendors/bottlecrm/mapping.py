"""What BottleCRM's fields mean. A contact has one account of its own and any number that list it; a deal's `stage_kind` says how it stands,
whatever its stage is called. Accounts, deals and cases record no time of change.
"""

from collections.abc import Mapping

from connectors.mapping.tables import ActivityTable, Cell, Claimed, Link, PartyTable
from connectors.mapping.transforms import Choice

_ADDRESS: Mapping[str, Cell] = {
    "street": ("address_line", "text"),
    "postcode": ("postcode", "text"),
    "city": ("city", "text"),
    "region": ("state", "text"),
    "country": ("country", "country"),
}

ACCOUNTS = PartyTable(
    kind="organization",
    attributes={
        "name": ("name", "text"),
        "email": ("email", "email"),
        "phone": ("phone", "text"),
        "website": ("website", "text"),
        "industry": ("industry", "text"),
        "employees": ("number_of_employees", "text"),
    },
    address=_ADDRESS,
)

CONTACTS = PartyTable(
    kind="person",
    attributes={
        "given_name": ("first_name", "text"),
        "family_name": ("last_name", "text"),
        "email": ("email", "email"),
        "phone": ("phone", "text"),
        "title": ("title", "text"),
        "employer": [("account_detail.name", "text"), ("organization", "text")],
    },
    address=_ADDRESS,
    observed_at=("updated_at", "moment"),
    claims=(Claimed("employment", [("account", "text"), ("linked_accounts", "ids")], "accounts", {"title": ("title", "text")}),),
)

LEADS = PartyTable(
    kind="person",
    attributes={
        "given_name": ("first_name", "text"),
        "family_name": ("last_name", "text"),
        "email": ("email", "email"),
        "phone": ("phone", "text"),
        "title": ("job_title", "text"),
        "employer": ("company_name", "text"),
        "status": ("status", "text"),
    },
    address=_ADDRESS,
    observed_at=("updated_at", "moment"),
)

_LINKS = (
    Link("customer", ("account", "ids"), "accounts", ("account.name", "text")),
    Link("contact", ("contacts", "ids"), "contacts"),
)

OPPORTUNITIES = ActivityTable(
    kind="deal",
    title=[("name", "text")],
    data_class="financial",
    occurred_at=[("created_at", "moment")],
    body=[
        ("Stage: {}", ("stage_label", "text")),
        ("Expected to close on {}", ("closed_on", "day")),
        ("{}", ("description", "text")),
    ],
    status=("stage_kind", "text"),
    amount=("amount", "decimal"),
    currency=("currency", "text"),
    attributes={"stage": ("stage", "text"), "closes_on": ("closed_on", "day"), "probability": ("probability", "text")},
    links=_LINKS,
)

CASES = ActivityTable(
    kind="ticket",
    title=[("name", "text")],
    data_class="internal",
    occurred_at=[("created_at", "moment")],
    body=[("{}", ("description", "text"))],
    status=(
        "status",
        Choice({"New": "open", "Assigned": "open", "Pending": "open", "Closed": "closed", "Rejected": "closed", "Duplicate": "closed"}),
    ),
    attributes={"category": ("case_type", "text"), "priority": ("priority", "text"), "closed_on": ("closed_on", "day")},
    links=_LINKS,
    untrusted=True,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {
    "accounts": ACCOUNTS,
    "contacts": CONTACTS,
    "leads": LEADS,
    "opportunities": OPPORTUNITIES,
    "cases": CASES,
}
