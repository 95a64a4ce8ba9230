"""Who an Odoo partner is: an organisation (`is_company`), a person, or, under a company with a type other than `contact`, a function or
address of that company: then it is the company's own. Odoo copies a company's VAT number onto the contacts under it; it is not theirs."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.mapping.staged import Claim, Party
from connectors.mapping.tables import Reader
from connectors.records import Landed


def told(reader: Reader, found: Party) -> Party:
    payload, attributes = reader.payload, dict(found.attributes)
    parent = reader.one(("parent_id", "relation"))
    if (country := reader.one(("country_id", "relation"))) and not reader.one(("country_code", "text")) and "address" in attributes:
        attributes["address"] = [{**attributes["address"][0], "country": country}]
    if payload.get("is_company"):
        return replace(found, attributes=attributes)
    if parent and payload.get("type", "contact") != "contact":
        attributes["function"], attributes["name"] = attributes.get("name", []), [parent]
        return replace(found, attributes={name: values for name, values in attributes.items() if values})
    if parent:
        for name in ("vat", "registration_number", "website"):
            attributes.pop(name, None)
        attributes["employer"] = [parent]
    attributes["name"] = reader.all(("name", "person_name"))
    return replace(found, kind="person", attributes={name: values for name, values in attributes.items() if values})


def claims(record: Landed, reader: Reader) -> Iterator[Claim]:
    """Under a company, a person is employed and a company is a branch."""
    parent = reader.one(("parent_id", "relation_id"))
    if not parent or parent == record.key:
        return
    to_ref = f"{record.source}/customers/{parent}"
    if reader.payload.get("is_company"):
        yield Claim("branch", record.ref, to_ref)
    elif reader.payload.get("type", "contact") == "contact":
        title = reader.one(("function", "text"))
        yield Claim("employment", record.ref, to_ref, {"title": title} if title else {})
