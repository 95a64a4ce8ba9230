"""What Salesforce's fields mean, all of it as data. An account of a person (where an org has those) is a person; the contact that the
vendor keeps beside it is not read. Whom a task or event is with (`WhoId`) is told by the beginning of the id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.mapping.tables import ActivityTable, Cell, Cells, Claimed, Link, PartyTable
from connectors.mapping.transforms import Word, text


@dataclass(frozen=True)
class Prefixed:
    """Ids of one kind of object: the first three letters tell the kind."""

    prefix: str

    def __call__(self, value: Any) -> list[Any]:
        return [one for one in text(value) if one.startswith(self.prefix)]


def _address(prefix: str) -> Mapping[str, Cell]:
    return {
        "street": (f"{prefix}Street", "text"),
        "postcode": (f"{prefix}PostalCode", "text"),
        "city": (f"{prefix}City", "text"),
        "region": (f"{prefix}State", "text"),
        "country": (f"{prefix}Country", "country"),
    }


ACCOUNTS = PartyTable(
    kind="organization",
    kind_of=("IsPersonAccount", Word("person", of="true")),
    kinds={"person": "person"},
    attributes={"phone": [("Phone", "text"), ("PersonMobilePhone", "text")], "status": ("Type", "text")},
    people={
        "given_name": ("FirstName", "text"),
        "family_name": ("LastName", "text"),
        "email": ("PersonEmail", "email"),
        "title": ("PersonTitle", "text"),
    },
    organizations={
        "name": ("Name", "text"),
        "website": ("Website", "text"),
        "industry": ("Industry", "text"),
        "employees": ("NumberOfEmployees", "text"),
        "duns": ("DunsNumber", "text"),
        "key:erp": ("AccountNumber", "text"),
    },
    address=_address("Billing"),
    observed_at=("LastModifiedDate", "moment"),
    claims=(Claimed("parent", ("ParentId", "text"), "accounts"),),
)

_PERSON: dict[str, Cells] = {
    "given_name": ("FirstName", "text"),
    "family_name": ("LastName", "text"),
    "email": ("Email", "email"),
    "phone": [("Phone", "text"), ("MobilePhone", "text")],
    "title": ("Title", "text"),
}

CONTACTS = PartyTable(
    kind="person",
    attributes=_PERSON,
    address=_address("Mailing"),
    observed_at=("LastModifiedDate", "moment"),
    claims=(Claimed("employment", ("AccountId", "text"), "accounts", {"title": ("Title", "text")}),),
)

LEADS = PartyTable(
    kind="person",
    attributes=_PERSON | {"employer": ("Company", "text"), "status": ("Status", "text")},
    address=_address(""),
    observed_at=("LastModifiedDate", "moment"),
)

_CUSTOMER = Link("customer", ("AccountId", "text"), "accounts")
_CONTACT = Link("contact", ("ContactId", "text"), "contacts")
_WHO = (_CUSTOMER, Link("contact", ("WhoId", Prefixed("003")), "contacts"), Link("contact", ("WhoId", Prefixed("00Q")), "leads"))

OPPORTUNITIES = ActivityTable(
    kind="deal",
    title=[("Name", "text")],
    data_class="financial",
    occurred_at=[("CreatedDate", "moment")],
    body=[("Stage: {}", ("StageName", "text")), ("Expected to close on {}", ("CloseDate", "day")), ("{}", ("Description", "text"))],
    status=[("IsWon", Word("won", of="true")), ("IsClosed", Word("lost", of="true")), ("StageName", Word("open"))],
    amount=("Amount", "decimal"),
    currency=("CurrencyIsoCode", "text"),
    attributes={"stage": ("StageName", "text"), "closes_on": ("CloseDate", "day"), "owner": ("OwnerId", "text")},
    links=(_CUSTOMER, _CONTACT),
)

CASES = ActivityTable(
    kind="ticket",
    title=[("Subject", "text")],
    data_class="internal",
    occurred_at=[("CreatedDate", "moment")],
    body=[("{}", ("Description", "text"))],
    status=[("IsClosed", Word("closed", of="true")), ("Status", Word("open"))],
    attributes={
        "number": ("CaseNumber", "text"),
        "stage": ("Status", "text"),
        "category": ("Type", "text"),
        "priority": ("Priority", "text"),
        "closed_on": ("ClosedDate", "day"),
    },
    links=(_CUSTOMER, _CONTACT),
    untrusted=True,
)

TASKS = ActivityTable(
    kind="note",
    title=[("Subject", "text")],
    data_class="internal",
    occurred_at=[("CompletedDateTime", "moment"), ("ActivityDate", "moment"), ("CreatedDate", "moment")],
    body=[("{}", ("Description", "text"))],
    status=[("IsClosed", Word("closed", of="true")), ("Status", Word("open"))],
    attributes={"sort": ("TaskSubtype", "text"), "due_on": ("ActivityDate", "day"), "about": ("WhatId", "text")},
    links=_WHO,
    untrusted=True,
)

EVENTS = ActivityTable(
    kind="meeting",
    title=[("Subject", "text")],
    data_class="internal",
    occurred_at=[("StartDateTime", "moment"), ("ActivityDate", "moment"), ("CreatedDate", "moment")],
    body=[("At {}", ("Location", "text")), ("{}", ("Description", "text"))],
    attributes={"ends_at": ("EndDateTime", "moment"), "about": ("WhatId", "text")},
    links=_WHO,
    untrusted=True,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {
    "accounts": ACCOUNTS,
    "contacts": CONTACTS,
    "leads": LEADS,
    "opportunities": OPPORTUNITIES,
    "cases": CASES,
    "tasks": TASKS,
    "events": EVENTS,
}
