"""Landing a page: its records, position, counts and pending work are committed together, or not at all.

Landing is idempotent. A record is written where its content or its being deleted differs from what is there, and not otherwise; so a page
that is read twice, after a crash or within a lookback, writes nothing the second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.landing import drift, places, quarantine, records
from connectors.landing.counts import Counts, Place
from connectors.landing.records import Prepared
from connectors.records import Gone, Page, Position, Unreadable
from sql.tables import landing


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages, ready to be landed at once. fresh: what the tally has first seen in them; fetched: records as the source gave them;
    size: bytes; position: of the last page, None where the one that is there is to stay."""

    records: Sequence[Prepared]
    fresh: Sequence[tuple[str, str]]
    unreadable: Sequence[Unreadable]
    gone: Sequence[Gone]
    position: Position | None
    fetched: int
    size: int
    pages: int = 1


def ready(page: Page, tally: drift.Tally) -> Batch:
    """The page, its records as they are stored, and counted. This needs no database."""
    prepared, unreadable = records.prepare(page.records)
    tally.add(one.payload for one in page.records if not one.deleted)  # a tombstone has a form of its own, which is no drift
    fetched = len(page.records) + len(page.unreadable)
    size = sum(len(one.payload) + len(one.body or b"") for one in prepared)
    return Batch(prepared, tally.take(), [*page.unreadable, *unreadable], page.gone, page.position, fetched, size)


def joined(batches: Sequence[Batch]) -> Batch:
    """Several as one; only the first may tell of places that are gone, which is said before its records."""
    if len(batches) == 1:
        return batches[0]
    return Batch(
        list(chain.from_iterable(one.records for one in batches)),
        list(chain.from_iterable(one.fresh for one in batches)),
        list(chain.from_iterable(one.unreadable for one in batches)),
        batches[0].gone,
        batches[-1].position,
        sum(one.fetched for one in batches),
        sum(one.size for one in batches),
        len(batches),
    )


def land(connection: Connection, place: Place, batch: Batch, *, settled: bool) -> Counts:
    """Land the batch in the connection's transaction; the caller commits. settled: the stream was read to its end once, so what comes may
    be there already, and a field that is new is news."""
    apart = records.apart(connection, place, batch.records)
    each = list({one.key: one for one in reversed(apart)}.values())[::-1]  # of one that comes twice the later
    outcome = records.write(connection, place, each, new=not settled)
    places.note(connection, (place.source, place.stream), batch.gone, [(one.place, one.key) for one in apart if one.place])
    for one in batch.unreadable:
        quarantine.put(connection, place, one, "pull")
    if each:
        quarantine.release(connection, place, "pull", [one.key for one in each])
    if batch.position is not None:
        remember(connection, place, batch.position)
    written = outcome.added + outcome.changed
    return Counts(
        pages=batch.pages,
        fetched=batch.fetched,
        written=written,
        unchanged=len(each) - written - outcome.tombstoned,
        tombstoned=outcome.tombstoned,
        quarantined=len(batch.unreadable),
        added=outcome.added,
        drift=drift.note(connection, place, batch.fresh, settled=settled),
    )


def position(connection: Connection, place: Place) -> Position | None:
    """Where the last committed page ended."""
    table = landing.cursor
    query = select(table.c.position).where(table.c.source == place.source, table.c.stream == place.stream)
    found = connection.execute(query).scalar_one_or_none()
    return dict(found) if found is not None else None


def versions(connection: Connection, source: str, stream: str, keys: Sequence[str]) -> dict[str, str]:
    """Key -> the `version` in the payload of those that have landed, are not deleted, and have one."""
    table = landing.record
    version = table.c.payload["version"].astext
    listed = any_(literal([f"{source}/{stream}/{key}" for key in keys], ARRAY(TEXT)))  # one parameter, however many keys
    query = select(table.c.key, version).where(table.c.ref == listed)
    found = connection.execute(query.where(table.c.deleted_at.is_(None), version.is_not(None)))
    return {row[0]: row[1] for row in found}


def remember(connection: Connection, place: Place, reached: Position) -> None:
    table = landing.cursor
    row = upsert(table).values(source=place.source, stream=place.stream, position=dict(reached))
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["source", "stream"],
            set_={"position": row.excluded.position, "updated_at": func.now()},
            where=table.c.position.is_distinct_from(row.excluded.position),
        )
    )


def count(connection: Connection, place: Place, counts: Counts) -> None:
    """Add to what the run has come to."""
    table = landing.sync_run
    names = ("pages", "fetched", "written", "unchanged", "tombstoned", "quarantined")
    added = {name: table.c[name] + getattr(counts, name) for name in names if getattr(counts, name)}
    if added:
        connection.execute(update(table).where(table.c.id == place.run_id).values(added))


def declare(connection: Connection, name: str, values: Mapping[str, Any]) -> None:
    """Write the source as it is declared, where that changed."""
    table = landing.source
    row = upsert(table).values(name=name, **values)
    changed = None
    for key in values:
        differs = table.c[key].is_distinct_from(row.excluded[key])
        changed = differs if changed is None else changed | differs
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={key: row.excluded[key] for key in values}, where=changed))
