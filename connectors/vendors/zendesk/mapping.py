"""What Zendesk's fields mean."""

from collections.abc import Mapping
from typing import Any

from connectors.mapping.tables import ActivityTable, Claimed, Link, PartyTable
from connectors.mapping.transforms import Choice
from connectors.records import Landed

ORGANIZATIONS = PartyTable(
    kind="organization",
    attributes={
        "name": ("name", "text"),
        "website": ("domain_names", "text"),
        "external_id": ("external_id", "text"),
    },
    observed_at=("updated_at", "moment"),
)

USERS = PartyTable(
    kind="person",
    attributes={
        "name": ("name", "person_name"),
        "email": ("email", "email"),
        "phone": ("phone", "text"),
        "language": ("locale", "language"),
        "external_id": ("external_id", "text"),
    },
    observed_at=("updated_at", "moment"),
    claims=(Claimed("employment", ("organization_id", "text"), "organizations"),),
)

TICKETS = ActivityTable(
    kind="ticket",
    title=[("subject", "text")],
    data_class="internal",
    occurred_at=[("created_at", "moment")],
    body=[("{}", ("description", "text"))],
    status=("status", Choice({"new": "open", "pending": "open", "hold": "open", "solved": "closed"})),
    attributes={
        "priority": ("priority", "text"),
        "type": ("type", "text"),
        "channel": ("via.channel", "text"),
        "external_id": ("external_id", "text"),
    },
    links=(Link("contact", ("requester_id", "text"), "users"), Link("customer", ("organization_id", "text"), "organizations")),
    untrusted=True,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {"organizations": ORGANIZATIONS, "users": USERS, "tickets": TICKETS}


def is_gone(stream: str, payload: Mapping[str, Any]) -> bool:
    """Whether the record is deleted, or is no customer's."""
    if stream == "tickets":
        return payload.get("status") == "deleted"
    if stream == "users":
        return payload.get("active") is False or payload.get("role", "end-user") != "end-user"
    return bool(payload.get("deleted_at"))


def address(url: str, record: Landed) -> str:
    """Where an agent sees the record."""
    return f"{url.rstrip('/')}/agent/{record.stream}/{record.key}"
