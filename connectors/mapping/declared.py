"""A mapping that is declared whole in crosswalk.toml, for sources whose records only their user knows.

    [source.mapping.customers]
    kind = "organization"                                # or person; or kind_of = ["type", { B = "organization", P = "person" }] beside it
    name = "company_name"                                # our attribute = path in the record
    phone = ["tel", "phone:de"]                          # = [path, transform]
    email = [["mail", "email"], ["billing.mail", "email"]]   # = several of these, all of which count
    address = { street = "street", postcode = "zip", city = "town", country = "country" }
    observed_at = "updated_at"
    claims.parent = { path = "parent_id", stream = "customers" }

    [source.mapping.orders]
    kind = "order"                                       # or deal, invoice, payment, ticket, email, meeting, note
    title = "number"
    occurred_at = "ordered_at"
    amount = "total"
    currency = "currency"
    body = ["note", "text"]
    links.customer = { path = "customer_id", stream = "customers" }

Any other key is an attribute of ours, under its own name.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.errors import ConfigurationError
from connectors.mapping.tables import ActivityTable, Cell, Cells, Claimed, Link, PartyTable, own_cell

Table = PartyTable | ActivityTable

PARTIES = ("person", "organization")

#: What an activity of the kind is, unless `data_class` says otherwise.
ACTIVITIES: Mapping[str, str] = {
    "deal": "financial",
    "email": "personal",
    "invoice": "financial",
    "meeting": "personal",
    "note": "internal",
    "order": "financial",
    "payment": "financial",
    "ticket": "internal",
}

#: Kinds whose text outsiders may have written, unless `untrusted` says otherwise.
FROM_OUTSIDE = ("email", "note", "ticket")

CLASSES = ("public", "internal", "personal", "financial", "sensitive")

#: How a path is read where no transform is said.
TRANSFORM_OF: Mapping[str, str] = {"email": "email", "observed_at": "moment", "occurred_at": "moment", "amount": "decimal"}

OF_PARTY = ("address", "observed_at", "kind_of", "claims")
OF_ACTIVITY = ("title", "data_class", "occurred_at", "body", "status", "amount", "currency", "links", "untrusted")


class _Other(BaseModel):
    """Whom a link or a claim names: the record of that stream with the key that is at the path."""

    model_config = ConfigDict(extra="forbid")

    path: str
    stream: str
    name: str | None = None


def tables(mapping: Mapping[str, Mapping[str, Any]]) -> dict[str, Table]:
    """Stream -> its table. ConfigurationError where a stream's mapping does not say its kind."""
    return {stream: table(stream, fields) for stream, fields in mapping.items()}


def table(stream: str, fields: Mapping[str, Any]) -> Table:
    """The table that the fields of a stream make."""
    found = {name: read(name, said) for name, said in fields.items()}
    kind = found.pop("kind", None)
    if kind is None:
        raise ConfigurationError(f"the mapping of {stream} does not say its kind: {', '.join((*PARTIES, *ACTIVITIES))}")
    return _party(kind, found) if kind in PARTIES else _activity(kind, found)


def named_by(table: Table) -> list[str]:
    """The streams that the table's links and claims name."""
    return [one.stream for one in (table.claims if isinstance(table, PartyTable) else table.links)]


def _party(kind: str, found: Mapping[str, Any]) -> PartyTable:
    said = {name: found[name] for name in OF_PARTY if name in found}
    claims = [Claimed(name, (one.path, "text"), one.stream) for name, one in said.pop("claims", {}).items()]
    attributes = {name: cells for name, cells in found.items() if name not in OF_PARTY}
    return PartyTable(kind, attributes, kinds={one: one for one in PARTIES}, claims=claims, **said)


def _activity(kind: str, found: Mapping[str, Any]) -> ActivityTable:
    links = [
        Link(role, (one.path, "text"), one.stream, (one.name, "text") if one.name else None) for role, one in found.get("links", {}).items()
    ]
    return ActivityTable(
        kind,
        title=listed(found.get("title", ())),
        data_class=found.get("data_class", ACTIVITIES[kind]),
        occurred_at=listed(found.get("occurred_at", ())),
        body=[("{}", one) for one in listed(found.get("body", ()))],
        status=found.get("status", ()),
        amount=found.get("amount"),
        currency=found.get("currency"),
        attributes={name: cell for name, cell in found.items() if name not in OF_ACTIVITY},
        links=tuple(links),
        untrusted=found.get("untrusted", kind in FROM_OUTSIDE),
    )


def read(name: str, said: Any) -> Any:
    """What one key of a stream's mapping says: a word, cells, or others by role. ConfigurationError where it says nothing we know."""
    match name:
        case "kind":
            return _one_of(name, said, (*PARTIES, *ACTIVITIES))
        case "data_class":
            return _one_of(name, said, CLASSES)
        case "untrusted" if isinstance(said, bool):
            return said
        case "address" if isinstance(said, dict):
            return {part: own_cell(part, path) for part, path in said.items()}
        case "links" | "claims" if isinstance(said, dict):
            return {role: _other(f"{name}.{role}", one) for role, one in said.items()}
        case "untrusted" | "address" | "links" | "claims":
            raise ConfigurationError(f"mapping of {name!r}: {'true or false' if name == 'untrusted' else 'a table'} is wanted here")
    return cells(name, said)


def cells(name: str, said: Any) -> Cells:
    """One cell, or several where each is a list of its own."""
    if isinstance(said, list) and said and all(isinstance(one, list) for one in said):
        return [_cell(name, one[0] if len(one) == 1 else one) for one in said]
    return _cell(name, said)


def _cell(name: str, said: Any) -> Cell:
    return own_cell(name, [said, TRANSFORM_OF[name]] if isinstance(said, str) and name in TRANSFORM_OF else said)


def listed(found: Cells) -> Sequence[Cell]:
    return [found] if found and isinstance(found[0], str) else found  # type: ignore[list-item,return-value]


def _other(name: str, said: Any) -> _Other:
    try:
        return _Other.model_validate(said)
    except ValidationError as error:
        raise ConfigurationError(f'mapping of {name!r}: say {{ path = "...", stream = "..." }} ({error.errors()[0]["msg"]})') from None


def _one_of(name: str, said: Any, words: Sequence[str]) -> str:
    if said not in words:
        raise ConfigurationError(f"mapping of {name!r}: {said!r} is none of {', '.join(words)}")
    return str(said)
