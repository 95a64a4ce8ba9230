"""Salesforce's objects and the queries for them. Which fields an object has differs by org, edition and what the user may see: a query that
names one too many is refused whole, so the vendor is asked for them once."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.errors import ConfigurationError
from connectors.http.messages import Answer, Request
from connectors.mapping.tables import cells_of, own_cells
from connectors.vendors.salesforce.mapping import TABLES

ROOT = "/services/data/v62.0"

#: Stream -> object.
OBJECTS = {
    "accounts": "Account",
    "contacts": "Contact",
    "leads": "Lead",
    "opportunities": "Opportunity",
    "cases": "Case",
    "tasks": "Task",
    "events": "Event",
}

ALWAYS = ("Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp")

#: When somebody last looked at a record.
PASSING = ("LastViewedDate", "LastReferencedDate")

#: Types whose values stand in a query without quotes.
PLAIN = frozenset(("boolean", "int", "double", "currency", "percent", "date", "datetime"))

#: A query is part of the address, which may have 16,384 characters.
LONGEST = 12_000


class Objects:
    """own: stream -> the user's own fields."""

    def __init__(self, send: Callable[[Request], Answer], own: Mapping[str, Mapping[str, Any]]) -> None:
        self.send, self.own = send, own
        self._types: dict[str, dict[str, str]] = {}

    def types(self, stream: str) -> dict[str, str]:
        """Field -> type, as far as the user may see it and a query can hold it."""
        if stream not in self._types:
            fields = self.send(Request(f"{ROOT}/sobjects/{OBJECTS[stream]}/describe")).at("fields")
            self._types[stream] = {one["name"]: one["type"] for one in fields if one["type"] not in ("address", "location", "base64")}
        return self._types[stream]

    def query(self, stream: str, *conditions: str, fields: str = "") -> str:
        """SOQL; without the contacts that the vendor keeps beside accounts of persons."""
        if stream == "contacts" and "IsPersonAccount" in self.types(stream):
            conditions = (*conditions, "IsPersonAccount = false")
        return f"SELECT {fields or ','.join(self.fields(stream))} FROM {OBJECTS[stream]} WHERE {' AND '.join(conditions)}"

    def fields(self, stream: str) -> list[str]:
        """What the table and the user name, and then all other fields, for whoever maps them later; the org's own go first."""
        there, own = self.types(stream), [path for path, _ in own_cells(self.own.get(stream, {})).values()]
        if lacking := [path for path in own if path not in there]:
            raise ConfigurationError(f"{OBJECTS[stream]} has no field {lacking[0]}, or the user may not see it")
        named = [path for path, _ in cells_of(TABLES[stream]) if path in there]
        found = dict.fromkeys([*ALWAYS, *named, *own])
        length = len(",".join(found))
        for name in sorted(there, key=lambda name: (not name.endswith(("__c", "__pc")), name)):
            if name not in found and name not in PASSING and (length := length + len(name) + 1) < LONGEST:
                found[name] = None
        return list(found)


def literal(value: Any, kind: str) -> str:
    """A value as a query has it, by the field's type: numbers, boxes, dates and times as they are; anything else in quotes, escaped."""
    if kind in PLAIN and re.fullmatch(r"[\w.:+-]+", str(value)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    escaped = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
