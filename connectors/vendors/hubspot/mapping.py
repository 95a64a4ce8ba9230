"""What HubSpot's properties mean, all of it as data.

`erp_customer_number` is a custom property that many portals have; one by another name is mapped in crosswalk.toml. A deal's own account of
how it stands goes before its stage, whose name a pipeline of the user's own may have in any form.
"""

from collections.abc import Mapping
from typing import Any

from connectors.mapping.staged import Mapped
from connectors.mapping.tables import ActivityTable, Cells, Claimed, Link, PartyTable, cells_of, mapped, own_cells
from connectors.mapping.transforms import Choice, Word
from connectors.records import Landed

_ADDRESS: Mapping[str, Cells] = {
    "street": [("properties.address", "text"), ("properties.address2", "text")],
    "postcode": ("properties.zip", "text"),
    "city": ("properties.city", "text"),
    "region": ("properties.state", "text"),
    "country": ("properties.country", "text"),
}

COMPANIES = PartyTable(
    kind="organization",
    attributes={
        "name": ("properties.name", "text"),
        "website": [("properties.domain", "text"), ("properties.website", "text")],
        "phone": ("properties.phone", "text"),
        "vat": ("properties.vat_number", "text"),
        "industry": ("properties.industry", "text"),
        "status": ("properties.lifecyclestage", "text"),
        "employees": ("properties.numberofemployees", "text"),
        "key:erp": ("properties.erp_customer_number", "text"),
    },
    address=_ADDRESS,
    observed_at=("properties.hs_lastmodifieddate", "moment"),
    claims=(Claimed("parent", ("properties.hs_parent_company_id", "text"), "companies"),),
)

CONTACTS = PartyTable(
    kind="person",
    attributes={
        "given_name": ("properties.firstname", "text"),
        "family_name": ("properties.lastname", "text"),
        "email": [("properties.email", "email"), ("properties.hs_additional_emails", "email")],
        "phone": [("properties.phone", "text"), ("properties.mobilephone", "text")],
        "title": ("properties.jobtitle", "text"),
        "employer": ("properties.company", "text"),
        "status": ("properties.lifecyclestage", "text"),
        "language": ("properties.hs_language", "language"),
    },
    address=_ADDRESS,
    observed_at=("properties.lastmodifieddate", "moment"),
    claims=(
        Claimed(
            "employment",
            [("associations.companies", "text"), ("properties.associatedcompanyid", "text")],
            "companies",
            {"title": ("properties.jobtitle", "text")},
        ),
    ),
)

_LINKS = (
    Link("customer", ("associations.companies", "text"), "companies"),
    Link("contact", ("associations.contacts", "text"), "contacts"),
)

DEALS = ActivityTable(
    kind="deal",
    title=[("properties.dealname", "text")],
    data_class="financial",
    occurred_at=[("properties.createdate", "moment")],
    body=[
        ("Stage: {}", ("properties.dealstage", "text")),
        ("Expected to close on {}", ("properties.closedate", "day")),
        ("{}", ("properties.description", "text")),
    ],
    status=[
        ("properties.hs_is_closed_won", Word("won", "true")),
        ("properties.hs_is_closed", Word("lost", "true")),
        ("properties.dealstage", Choice({"closedwon": "won", "closedlost": "lost"}, otherwise="open")),
    ],
    amount=("properties.amount", "decimal"),
    currency=("properties.deal_currency_code", "text"),
    attributes={
        "stage": ("properties.dealstage", "text"),
        "pipeline": ("properties.pipeline", "text"),
        "closes_on": ("properties.closedate", "day"),
        "owner": ("properties.hubspot_owner_id", "text"),
    },
    links=_LINKS,
)

TICKETS = ActivityTable(
    kind="ticket",
    title=[("properties.subject", "text")],
    data_class="internal",
    occurred_at=[("properties.createdate", "moment")],
    body=[("{}", ("properties.content", "text"))],
    status=("properties.hs_pipeline_stage", Choice({"1": "open", "2": "open", "3": "open", "4": "closed"})),
    attributes={
        "stage": ("properties.hs_pipeline_stage", "text"),
        "category": ("properties.hs_ticket_category", "text"),
        "priority": ("properties.hs_ticket_priority", "text"),
        "closed_on": ("properties.closed_date", "day"),
        "owner": ("properties.hubspot_owner_id", "text"),
    },
    links=_LINKS,
    untrusted=True,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {"companies": COMPANIES, "contacts": CONTACTS, "deals": DEALS, "tickets": TICKETS}

#: The kind of object in a link to a record.
_OBJECTS = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "tickets": "0-5"}


def modified(stream: str) -> str:
    """The property that holds the time of change: contacts have one of their own."""
    return "lastmodifieddate" if stream == "contacts" else "hs_lastmodifieddate"


def properties(stream: str, own: Mapping[str, Any]) -> list[str]:
    """The properties to ask for: those that the table and the user's own fields name."""
    paths = [path for path, _ in (*cells_of(TABLES[stream]), *own_cells(own).values())]
    return sorted({"createdate", modified(stream), *(path.split(".", 1)[1] for path in paths if path.startswith("properties."))})


def map_record(record: Landed, own: Mapping[str, Any], portal: str | None) -> Mapped:
    """What a record of any stream says, with the link back to it where the portal is known."""
    url = f"https://app.hubspot.com/contacts/{portal}/record/{_OBJECTS[record.stream]}/{record.key}" if portal else None
    return mapped(record.payload, TABLES[record.stream], (record.source, record.stream, record.key), own).linked(url)
