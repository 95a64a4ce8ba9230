"""A small world for the API's tests: an organisation in CRM and ERP, a person in CRM and mail, and what happened with them.

Acme Pumps    crm/companies/1 and erp/customers/7, one party by their VAT number; an invoice, a ticket written by an outsider, a contract
Anna Schmidt  crm/contacts/5 and mail/addresses/anna@acme.example, one party by their email
Borg Limited  crm/companies/2, whose VAT number the ERP knows otherwise: nobody's record but its own
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import numpy as np
from fastapi.testclient import TestClient
from httpx import Response
from numpy.typing import NDArray
from sqlalchemy import Connection, insert, text

from context_api import keys
from context_api.app import create_app
from context_api.context import passages, summaries, timeline
from resolution.golden import records as golden
from resolution.identity.resolver import resolve
from sql.database import Database
from sql.tables import context, identity, landing, staging

WHEN = datetime(2026, 3, 1, 9, tzinfo=UTC)
SECRET = "the pump in hall seven leaks"
Ask = Callable[..., Response]


class Letters:
    """An embedder that counts letters: texts that share words come near each other."""

    name = "letters"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = np.full((len(texts), 256), 0.001, np.float32)
        for row, written in enumerate(texts):
            for word in written.lower().split():
                found[row, hashlib.blake2b(word.encode(), digest_size=1).digest()[0]] += 1
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def build(database: Database) -> None:
    """Write the world's records and run every step on them."""
    with database.begin() as connection:
        write(connection)
    resolve(database)
    golden.build(database)
    timeline.build(database)
    passages.build(database, Letters())
    summaries.build(database)


def party_of(database: Database, ref: str) -> str:
    """The party that holds a record now."""
    query = """select party_id from identity.membership join staging.party_record on party_record.id = record_id
               where ref = :ref and valid_to_at is null"""
    with database.begin() as connection:
        return str(connection.scalar(text(query), {"ref": ref}))


@contextmanager
def asking(database: Database) -> Iterator[Ask]:
    """Ask the API over that database: `ask(method, path, *scopes)`, as a steward who sees everything where no scopes are given."""
    with TestClient(create_app(Database(database.url), embedder=Letters())) as client:

        def request(method: str, path: str, *scopes: str, **options: Any) -> Response:
            name = "ann" if not scopes else f"agent-{abs(hash(scopes))}"
            key = keys.create(database, name, scopes or ("steward", "source:*", "class:*")).key
            headers = {"Authorization": f"Bearer {key}", "X-Request-Id": "from-the-test", **options.pop("headers", {})}
            return client.request(method, path, headers=headers, **options)

        yield request


def write(connection: Connection) -> None:
    for name, authority in (("crm", 0.7), ("erp", 0.9), ("mail", 0.3), ("documents", 0.5)):
        connection.execute(insert(landing.source).values(name=name, kind="csv", authority=authority))
        times = {"started_at": WHEN, "finished_at": WHEN}
        connection.execute(insert(landing.sync_run).values(source=name, stream="all", status="succeeded", correlation_id="test", **times))
    record(connection, "crm/companies/1", "organization", name=["Acme Pumps GmbH"], vat=["DE136695976"], website=["acme.example"])
    record(connection, "erp/customers/7", "organization", name=["ACME PUMPS"], vat=["DE136695976"], credit_limit=["5001234"])
    record(connection, "crm/companies/2", "organization", name=["Borg Limited"], website=["borg.example"])
    record(connection, "crm/contacts/5", "person", name=["Anna Schmidt"], email=["anna@acme.example"], phone=["+49 30 1234567"])
    record(connection, "mail/addresses/anna@acme.example", "person", name=["Anna Schmidt"], email=["anna@acme.example"])
    claim = {"kind": "employment", "from_ref": "crm/contacts/5", "to_ref": "crm/companies/1", "attributes": {"title": "Buyer"}}
    connection.execute(insert(staging.claim).values(origin="crm/contacts/5", position=0, **claim))
    invoice = {"status": "open", "amount": 1200457, "currency": "EUR", "attributes": {"due_on": "2026-03-15"}}
    happened(connection, "erp/invoices/42", "invoice", "erp/customers/7", title="Invoice 42", data_class="financial", **invoice)
    happened(connection, "crm/tickets/9", "ticket", "crm/companies/1", title="Leak", body=SECRET, status="open", untrusted=True)
    happened(connection, "crm/tickets/8", "ticket", "crm/companies/1", title="Noise", body="the motor hums", status="closed")
    document = {"kind": "contract", "title": "Supply contract", "media_type": "text/plain", "text": "Acme Pumps shall supply ten pumps."}
    of_item(connection, staging.document, "documents/files/c.txt", "crm/companies/1", data_class="internal", untrusted=False, **document)


def record(connection: Connection, ref: str, kind: str, **attributes: Any) -> int:
    """A party record, to be resolved."""
    source, stream, key = ref.split("/", 2)
    row = {"ref": ref, "source": source, "stream": stream, "key": key, "origin": ref, "kind": kind, "attributes": attributes}
    row |= {"url": f"https://{source}.example/{key}", "content_hash": hashlib.sha256(str(attributes).encode()).digest()[:16]}
    added = insert(staging.party_record).values(**row, observed_at=WHEN).returning(staging.party_record.c.id)
    record_id = int(connection.execute(added).scalar_one())
    connection.execute(insert(identity.pending).values(record_id=record_id))
    return record_id


def happened(connection: Connection, ref: str, kind: str, party_ref: str, **values: Any) -> None:
    """An activity of that party record."""
    usual = {"kind": kind, "occurred_at": WHEN, "data_class": "internal", "untrusted": False, "url": f"https://x.example/{ref}"}
    of_item(connection, staging.activity, ref, party_ref, **(usual | values))


def of_item(connection: Connection, table: Any, ref: str, party_ref: str, **values: Any) -> None:
    source, stream, _key = ref.split("/", 2)
    connection.execute(insert(table).values(ref=ref, source=source, stream=stream, origin=ref, content_hash=ref.encode()[:16], **values))
    connection.execute(insert(staging.participant).values(item_ref=ref, position=0, role="customer", party_ref=party_ref))
    connection.execute(insert(context.pending), [{"step": step, "subject": ref} for step in ("timeline", "passages")])
