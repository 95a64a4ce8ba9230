"""Landing a page: its records, position, counts and pending work are committed together, or not at all.

Landing is idempotent. A record is written where its content or its being deleted differs from what is there, and not otherwise; so a page
that is read twice, after a crash or within a lookback, writes nothing the second time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.connector import Page, Position
from connectors.landing import drift, places, quarantine, records
from connectors.landing.counts import Counts, Place
from sql.tables import landing


def land(connection: Connection, place: Place, page: Page, tally: drift.Tally | None = None, *, settled: bool = True) -> Counts:
    """Land the page in the connection's transaction; the caller commits. tally: of the run so far; settled: see drift.note."""
    tally = tally or drift.Tally()
    found = records.apart(connection, place, page.records)
    prepared, unreadable = records.prepare(found)
    unreadable = [*page.unreadable, *unreadable]
    outcome = records.write(connection, place, prepared)
    places.note(connection, (place.source, place.stream), page.gone, [(one.place, one.key) for one in found if one.place])
    for one in unreadable:
        quarantine.put(connection, place, one, "pull")
    if prepared:
        quarantine.release(connection, place, "pull", [one.key for one in prepared])
    tally.add(one.payload for one in page.records)
    remember(connection, place, page.position)
    written = outcome.added + outcome.changed
    return Counts(
        pages=1,
        fetched=len(page.records) + len(page.unreadable),
        written=written,
        unchanged=len(prepared) - written - outcome.tombstoned,
        tombstoned=outcome.tombstoned,
        quarantined=len(unreadable),
        added=outcome.added,
        drift=drift.note(connection, place, tally, settled=settled),
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
    listed = any_(literal(list(keys), ARRAY(TEXT)))  # one parameter, however many keys
    query = select(table.c.key, version).where(table.c.source == source, table.c.stream == stream, table.c.key == listed)
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
