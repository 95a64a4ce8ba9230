"""A small world for the console: an organisation of three sources, a person who works there, pairs in doubt, and hostile text.

It is put into staging as the mapping step leaves it; `build` runs the product's own steps from there.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from context_api.context import summaries, timeline
from resolution.golden import records as golden
from resolution.identity import resolver
from sql.database import Database
from sql.tables import context, identity, landing, staging
from sql.tables import golden as golden_tables

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
DAY = datetime(2026, 10, 1, 9, tzinfo=UTC)


def add_records(connection: Connection, records: Sequence[tuple[str, str, dict[str, list[Any]]]]) -> None:
    """Party records (ref, kind, attributes), as the mapping step leaves them."""
    for ref, kind, attributes in records:
        source, stream, key = ref.split("/", 2)
        row = {"ref": ref, "source": source, "stream": stream, "key": key, "origin": ref, "kind": kind, "attributes": attributes}
        url = "javascript:alert(1)" if key == "66" else f"http://{source}.example/{stream}/{key}"
        made = {"url": url, "content_hash": hashlib.blake2b(repr(row).encode(), digest_size=16).digest(), "observed_at": DAY}
        record_id = connection.execute(insert(staging.party_record).values(row | made).returning(staging.party_record.c.id)).scalar_one()
        connection.execute(insert(identity.pending).values(record_id=record_id))


def add_items(connection: Connection, items: Sequence[dict[str, Any]]) -> None:
    """Activities, each with the ref of the party record that takes part, as the mapping step leaves them."""
    for number, item in enumerate(items):
        ref = f"{item['source']}/items/{number}"
        base = {"stream": "items", "origin": ref, "body": "", "data_class": "internal", "untrusted": False, "attributes": {}}
        row = base | {name: value for name, value in item.items() if name != "of"} | {"ref": ref}
        row |= {"url": f"http://{item['source']}.example/items/{number}", "content_hash": hashlib.blake2b(repr(row).encode()).digest()[:16]}
        connection.execute(insert(staging.activity).values(row))
        connection.execute(insert(staging.participant).values(item_ref=ref, position=0, role="customer", party_ref=item["of"]))
        connection.execute(insert(context.pending), [{"step": step, "subject": ref} for step in ("timeline", "passages")])


RECORDS: list[tuple[str, str, dict[str, list[Any]]]] = [
    (
        "crm/companies/1",
        "organization",
        {
            "name": ["Nordwind Pumpen GmbH"],
            "website": ["https://www.nordwind-pumpen.de"],
            "phone": ["+49 40 30901234"],
            "vat": ["DE136695976"],
            "address": [{"street": "Speicherstraße 12", "city": "Hamburg", "postcode": "20457", "country": "DE"}],
        },
    ),
    (
        "erp/customers/ABC-001",
        "organization",
        {
            "name": ["NORDWIND PUMPEN"],
            "vat": ["DE136695976"],
            "payment_terms": ["30 days net"],
            "address": [{"street": "Speicherstr. 12", "city": "Hamburg", "postcode": "20457", "country": "DE"}],
        },
    ),
    ("mail/addresses/info@nordwind-pumpen.de", "organization", {"name": ["Nordwind Pumpen"], "website": ["nordwind-pumpen.de"]}),
    ("crm/contacts/10", "person", {"name": ["Anna Lindqvist"], "email": ["anna@nordwind-pumpen.de"], "title": ["Head of Purchasing"]}),
    ("crm/companies/66", "organization", {"name": [HOSTILE], "website": ["javascript:alert(1)"], "industry": [HOSTILE]}),
]

#: What a steward must tell: names that are alike or the same, and nothing that decides.
RECORDS += [
    (
        "crm/companies/2",
        "organization",
        {"name": ["Kessler Antriebstechnik"], "phone": ["+49 221 555010"], "address": [{"city": "Köln", "country": "DE"}]},
    ),
    (
        "erp/customers/KES-9",
        "organization",
        {"name": ["Kessler Antriebstechnik Rhein GmbH"], "phone": ["+49 221 555099"], "address": [{"city": "Köln", "country": "DE"}]},
    ),
]

RECORDS += [
    ("crm/contacts/20", "person", {"name": ["Maria Schmidt"], "title": ["Buyer"]}),
    ("erp/customers/SCH-1", "person", {"name": ["Maria Schmidt"], "phone": ["+49 30 5550100"]}),
]

#: One person of whom two trusted sources give another date of birth.
RECORDS += [
    (
        ref,
        "person",
        {"name": ["Jonas Feldkamp"], "email": ["jonas.feldkamp@example.org"], "phone": ["+49 40 5550177"], "birth_date": [born]},
    )
    for ref, born in (("crm/contacts/30", "1980-05-01"), ("erp/customers/FEL-1", "1980-01-05"))
]

ITEMS: list[dict[str, Any]] = [
    {
        "source": "erp",
        "kind": "invoice",
        "title": f"INV-{number:04}",
        "status": "open" if number % 9 == 0 else "paid",
        "amount": 100 + number,
        "currency": "EUR",
        "occurred_at": DAY - timedelta(days=number),
        "data_class": "financial",
        "attributes": {"due_on": "2026-02-01"},
        "of": "erp/customers/ABC-001",
    }
    for number in range(60)
] + [
    {
        "source": "crm",
        "kind": "email",
        "title": HOSTILE,
        "body": f"Please send seals. {HOSTILE}",
        "occurred_at": DAY,
        "untrusted": True,
        "of": "crm/companies/1",
    },
]


def build(database: Database) -> None:
    """All steps from staging to context."""
    with database.begin() as connection:
        authority = {"crm": 0.7, "erp": 0.9, "mail": 0.4}
        connection.execute(insert(landing.source), [{"name": name, "kind": "csv", "authority": trust} for name, trust in authority.items()])
        add_records(connection, RECORDS)
        add_items(connection, ITEMS)
    resolver.resolve(database)
    golden.build(database)
    timeline.build(database)
    summaries.build(database)


def party_of(database: Database, ref: str) -> str:
    """The party that holds a record now."""
    record, member = staging.party_record, identity.membership
    query = (
        select(member.c.party_id).join(record, record.c.id == member.c.record_id).where(record.c.ref == ref, member.c.valid_to_at.is_(None))
    )
    with database.begin() as connection:
        return str(connection.scalar(query))


def review_of(database: Database, subject: str) -> int:
    """The id of the review that asks about this."""
    with database.begin() as connection:
        return int(connection.execute(select(identity.review.c.id).where(identity.review.c.subject == subject)).scalars().one())


def golden_rows(database: Database) -> list[tuple[Any, ...]]:
    """All golden records, to be compared before and after."""
    with database.begin() as connection:
        query = select(golden_tables.record.c.party_id, golden_tables.record.c.document, golden_tables.record.c.content_hash)
        return [tuple(row) for row in connection.execute(query.order_by("party_id"))]
