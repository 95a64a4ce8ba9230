"""What HubSpot's properties mean. All of it is data, but for the claims of relationship, which speak of two records.

`erp_customer_number` is a custom property that many portals have; one by another name is mapped in crosswalk.toml.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors.connector import Landed
from connectors.mapping.staged import Activity, Claim, Mapped
from connectors.mapping.tables import ActivityTable, Link, PartyTable, Reader, activity, at, cells_of, own_cells, party
from connectors.mapping.transforms import Choice

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
    address={
        "street": ("properties.address", "text"),
        "postcode": ("properties.zip", "text"),
        "city": ("properties.city", "text"),
        "region": ("properties.state", "text"),
        "country": ("properties.country", "text"),
    },
    observed_at=("properties.hs_lastmodifieddate", "moment"),
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
    address={
        "street": ("properties.address", "text"),
        "postcode": ("properties.zip", "text"),
        "city": ("properties.city", "text"),
        "region": ("properties.state", "text"),
        "country": ("properties.country", "text"),
    },
    observed_at=("properties.lastmodifieddate", "moment"),
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
    status=("properties.dealstage", Choice({"closedwon": "won", "closedlost": "lost"})),
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

#: The stages of a deal that end it; every other is `open`.
ENDED = ("won", "lost")

#: Read for the claims of relationship, beside what the tables name.
_CLAIMED = {"companies": ("hs_parent_company_id",), "contacts": ("associatedcompanyid",)}

#: The kind of object in a link to a record.
_OBJECTS = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "tickets": "0-5"}


def properties(stream: str, own: Mapping[str, Any]) -> set[str]:
    """The properties to ask for: those that the table, the claims and the user's own fields name."""
    paths = [path for path, _ in (*cells_of(TABLES[stream]), *own_cells(own).values())]
    named = {path.split(".", 1)[1] for path in paths if path.startswith("properties.")}
    return named | set(_CLAIMED.get(stream, ()))


def map_record(record: Landed, own: Mapping[str, Any], portal: str | None) -> Mapped:
    """What a record of any stream says."""
    reader, table = Reader(record.payload), TABLES[record.stream]
    url = f"https://app.hubspot.com/contacts/{portal}/record/{_OBJECTS[record.stream]}/{record.key}" if portal else None
    if isinstance(table, PartyTable):
        found = replace(party(reader, table, (record.source, record.stream, record.key), own), url=url)
        return Mapped(parties=[found], claims=list(_claims(record, reader)), doubts=reader.doubts)
    return Mapped(activity=replace(_named(activity(reader, table, record.source, own)), url=url), doubts=reader.doubts)


def _named(found: Activity) -> Activity:
    if found.kind == "deal" and found.status not in ENDED:
        return replace(found, status="open")
    return found


def _claims(record: Landed, reader: Reader) -> Iterator[Claim]:
    """A contact is employed by its companies; a company has a parent."""
    if record.stream == "contacts":
        title = reader.one(("properties.jobtitle", "text"))
        for company in reader.all([("associations.companies", "text"), ("properties.associatedcompanyid", "text")]):
            yield Claim("employment", record.ref, f"{record.source}/companies/{company}", {"title": title} if title else {})
    parent = at(record.payload, "properties.hs_parent_company_id") if record.stream == "companies" else None
    if parent and str(parent) != record.key:
        yield Claim("parent", record.ref, f"{record.source}/companies/{parent}")
