"""Sources, records and who they belong to, for the tests of golden records.

Memberships are written here by hand, as the resolver would: closed and opened, never deleted.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from resolution.golden import records as golden
from resolution.golden.records import GoldenReport
from sql.database import Database
from sql.tables import golden as tables
from sql.tables import identity, landing, staging

GOLDEN_TABLES = (tables.attribute, tables.record, tables.relationship, tables.record_version, tables.affiliation_key, tables.authority)


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


class World:
    """Sources, records and who they belong to, written as the steps before would write them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ids: dict[str, int] = {}
        with database.begin() as connection:
            for name, authority, single in (("crm", 0.7, {}), ("erp", 0.8, {"phone": 0.3}), ("mail", 0.6, {})):
                values = {"name": name, "kind": "csv", "authority": authority, "attribute_authority": single}
                connection.execute(insert(landing.source).values(**values))

    def say(self, ref: str, at: int | None = 0, kind: str = "organization", **attributes: Any) -> None:
        """The record says this (now)."""
        source, stream, key = ref.split("/", 2)
        lists = {name.replace("__", ":"): value if isinstance(value, list) else [value] for name, value in attributes.items()}
        told = {"attributes": lists, "observed_at": None if at is None else day(at)}
        with self.database.begin() as connection:
            if ref in self.ids:
                connection.execute(update(staging.party_record).where(staging.party_record.c.ref == ref).values(**told))
                self._touch(connection, ref)
            else:
                named = {"ref": ref, "source": source, "stream": stream, "key": key, "kind": kind, "content_hash": b""}
                statement = insert(staging.party_record).values(**named, **told).returning(staging.party_record.c.id)
                self.ids[ref] = connection.execute(statement).scalar_one()

    def claim(self, ref: str, *to: str, kind: str = "employment") -> None:
        """The record claims these relations, and no others any longer."""
        with self.database.begin() as connection:
            connection.execute(delete(staging.claim).where(staging.claim.c.origin == ref))
            for position, other in enumerate(to):
                connection.execute(insert(staging.claim).values(origin=ref, position=position, kind=kind, from_ref=ref, to_ref=other))
            self._touch(connection, ref)

    def group(self, party_id: str, *refs: str, kind: str = "organization", confidence: float = 0.9) -> None:
        """Exactly these records are the party from now on."""
        party, membership = identity.party, identity.membership
        with self.database.begin() as connection:
            known = connection.execute(select(party.c.id).where(party.c.id == party_id)).one_or_none()
            if known is None:
                connection.execute(insert(party).values(id=party_id, kind=kind))
            wanted = {self.ids[ref] for ref in refs}
            current = dict(
                connection.execute(select(membership.c.record_id, membership.c.party_id).where(membership.c.valid_to_at.is_(None))).all()
            )
            moved = {record for record, holder in current.items() if (holder == party_id) != (record in wanted)}
            touched = {party_id} | {current[record] for record in moved}
            closing = update(membership).where(membership.c.record_id.in_(moved), membership.c.valid_to_at.is_(None))
            connection.execute(closing.values(valid_to_at=func.now()))
            joined = [record for record in sorted(wanted) if current.get(record) != party_id]
            for record in joined:
                connection.execute(insert(membership).values(record_id=record, party_id=party_id, confidence=confidence))
            connection.execute(update(party).where(party.c.id == party_id).values(retired_at=None if refs else func.now()))
            self._pend(connection, touched)

    def redirect(self, from_id: str, to_id: str) -> None:
        with self.database.begin() as connection:
            connection.execute(insert(identity.redirect).values(from_id=from_id, to_id=to_id))
            self._pend(connection, {from_id, to_id})

    def delete(self, ref: str) -> None:
        with self.database.begin() as connection:
            self._touch(connection, ref)
            connection.execute(update(staging.party_record).where(staging.party_record.c.ref == ref).values(deleted_at=func.now()))
            membership = identity.membership
            gone = update(membership).where(membership.c.record_id == self.ids[ref], membership.c.valid_to_at.is_(None))
            connection.execute(gone.values(valid_to_at=func.now()))

    def build(self, batch: int = golden.BATCH) -> GoldenReport:
        return golden.build(self.database, batch)

    def at(self, party_id: str, **times: datetime) -> dict[str, Any] | None:
        with self.database.begin() as connection:
            return golden.at(connection, party_id, **times)

    def now(self) -> datetime:
        with self.database.begin() as connection:
            moment: datetime = connection.scalar(select(func.clock_timestamp()))
            return moment

    def values(self, party_id: str, **times: datetime) -> dict[str, Any]:
        found = self.at(party_id, **times)
        return {} if found is None else {name: entry["value"] for name, entry in found["document"].items()}

    def _touch(self, connection: Connection, ref: str) -> None:
        membership = identity.membership
        mine = select(membership.c.party_id).where(membership.c.record_id == self.ids[ref], membership.c.valid_to_at.is_(None))
        self._pend(connection, connection.scalars(mine).all())

    def _pend(self, connection: Connection, party_ids: Iterable[str]) -> None:
        for party_id in sorted(party_ids):
            connection.execute(text("insert into golden.pending values (:id) on conflict do nothing"), {"id": party_id})

    def rows(self, query: str) -> list[Any]:
        with self.database.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def versions(self) -> list[Any]:
        """Each row of golden with the transaction that wrote it."""
        return [
            row
            for table in GOLDEN_TABLES
            for row in self.rows(f"select '{table.name}', ctid::text, xmin::text from golden.{table.name} order by 2")
        ]

    def digest(self) -> list[Any]:
        """What golden says, without generated ids and times."""
        found: list[Any] = []
        for table in GOLDEN_TABLES:
            columns = ", ".join(column.name for column in table.columns if column.name != "id" and not column.name.endswith("_at"))
            found.extend(self.rows(f"select '{table.name}', row({columns})::text from golden.{table.name} order by 2"))
        return found


def acme_in(database: Database) -> World:
    """One organisation of three records, and a person who works there."""
    world = World(database)
    world.say("crm/companies/1", 10, name="Acme", website="https://acme.de", phone="+49 40 111111", vat="DE136695976")
    world.say("erp/customers/1", 5, name="Acme GmbH", phone="+49 40 222222", address={"city": "Hamburg", "country": "DE"})
    world.say("mail/addresses/info@acme.de", 20, name="ACME Info", email="info@acme.de", phone="+49 40 333333", industry="mills")
    world.say("crm/contacts/1", 10, "person", name="Ann Lee", given_name="Ann", family_name="Lee", email="ann@acme.de")
    world.group("pty_a", "crm/companies/1", "erp/customers/1", "mail/addresses/info@acme.de")
    world.group("pty_p", "crm/contacts/1", kind="person", confidence=1.0)
    world.build()
    return world
