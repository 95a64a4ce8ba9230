"""A small world of party records for the resolver's tests, written to staging as a mapping would."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from sql.database import Database
from sql.tables import identity, staging


@contextmanager
def one_database(server: Database, template: str) -> Iterator[Database]:
    """A database for all tests of a module, each of which begins with `clear`."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    database = Database(server.url.set(database=name))
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield database
        database.close()
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


Attributes = Mapping[str, list[Any]]


def put(database: Database, records: Mapping[str, Attributes], kind: str = "organization") -> None:
    """Insert or change records by ref; each becomes pending if anything in it is new."""
    table = staging.party_record
    with database.begin() as connection:
        for ref, attributes in records.items():
            source, stream, key = ref.split("/", 2)
            digest = hashlib.sha256(json.dumps(attributes, sort_keys=True).encode()).digest()
            row = {
                "ref": ref, "source": source, "stream": stream, "key": key, "kind": kind, "attributes": dict(attributes),
                "content_hash": digest, "deleted_at": None,
            }  # fmt: skip
            statement = insert(table).values(row)
            changed = connection.scalar(
                statement.on_conflict_do_update(
                    index_elements=["ref"],
                    set_={name: statement.excluded[name] for name in ("kind", "attributes", "content_hash", "deleted_at")},
                    where=(table.c.content_hash != digest) | table.c.deleted_at.is_not(None),
                ).returning(table.c.id)
            )
            if changed:
                connection.execute(insert(identity.pending).values(record_id=changed).on_conflict_do_nothing())


def delete(database: Database, refs: Iterable[str]) -> None:
    """Mark records as deleted at their source."""
    table = staging.party_record
    with database.begin() as connection:
        ids = list(
            connection.scalars(table.update().where(table.c.ref.in_(list(refs))).values(deleted_at=func.now()).returning(table.c.id))
        )
        if ids:
            rows = [{"record_id": record_id} for record_id in sorted(ids)]
            connection.execute(insert(identity.pending).on_conflict_do_nothing(), rows)


def erase(database: Database, refs: Iterable[str]) -> None:
    """Remove records without a trace in staging."""
    table = staging.party_record
    with database.begin() as connection:
        ids = list(connection.scalars(table.delete().where(table.c.ref.in_(list(refs))).returning(table.c.id)))
        connection.execute(insert(identity.pending).on_conflict_do_nothing(), [{"record_id": record_id} for record_id in sorted(ids)])


def party_of(database: Database) -> dict[str, str]:
    """Ref -> current party id."""
    record, membership = staging.party_record, identity.membership
    query = select(record.c.ref, membership.c.party_id).join(membership, membership.c.record_id == record.c.id)
    with database.begin() as connection:
        return {row.ref: row.party_id for row in connection.execute(query.where(membership.c.valid_to_at.is_(None)))}


def groups(database: Database) -> set[frozenset[str]]:
    """The groups of refs, singles too."""
    found: dict[str, set[str]] = {}
    for ref, party_id in party_of(database).items():
        found.setdefault(party_id, set()).add(ref)
    return {frozenset(group) for group in found.values()}


def acme(**more: list[Any]) -> dict[str, list[Any]]:
    return {"name": ["Acme Tools GmbH"], "website": ["acme-tools.de"], "address": [address("Hauptstrasse 5", "Berlin", "10115")], **more}


def address(street: str, city: str, postcode: str, country: str = "DE") -> dict[str, str]:
    return {"street": street, "city": city, "postcode": postcode, "country": country}


def forget(database: Database) -> None:
    """All that is derived goes, and is pending again: records, judgements and the model stay."""
    derived = ("profile", "ungrouped", "blocking_key", "pair", "membership", "party", "redirect", "event", "shared_identifier", "review")
    with database.begin() as connection:
        for name in derived:
            connection.exec_driver_sql(f"delete from identity.{name}")
        connection.exec_driver_sql("insert into identity.pending select id from staging.party_record on conflict do nothing")


def clear(database: Database) -> None:
    """A world without records, which is quicker than a new database."""
    forget(database)
    with database.begin() as connection:
        for name in ("staging.party_record", "identity.judgement", "identity.pending", "identity.model", "golden.pending"):
            connection.exec_driver_sql(f"delete from {name}")


def hand_over_model(giver: Database, taker: Database) -> str:
    """Put the model that is in force in one database in force in another, which has none yet; returns its version."""
    with giver.begin() as connection:
        row = connection.execute(select(identity.model).where(identity.model.c.status == "in_force")).one()
    with taker.begin() as connection:
        connection.execute(insert(identity.model).values(row._asdict()))
    return str(row.version)


def version_in_force(database: Database) -> str:
    with database.begin() as connection:
        return str(connection.scalar(select(identity.model.c.version).where(identity.model.c.status == "in_force")))


def digest(database: Database) -> dict[str, list[str]]:
    """Every row of the identity schema without generated ids and moments, records named by ref."""
    with database.begin() as connection:
        refs = {str(row.id): row.ref for row in connection.execute(select(staging.party_record.c.id, staging.party_record.c.ref))}
        found: dict[str, list[str]] = {}
        for table in identity.pending.metadata.sorted_tables:
            if table.schema == "identity":
                rows = [dict(row._mapping) for row in connection.execute(select(table))]
                found[table.name] = sorted(str({name: _meant(name, value, refs) for name, value in row.items()}) for row in rows)
        return found


def _meant(name: str, value: Any, refs: Mapping[str, str]) -> Any:
    if name.endswith("_at") or name in ("id", "sequence", "decision_id"):
        return value is None
    return refs.get(str(value), value) if name.endswith("_id") else value
