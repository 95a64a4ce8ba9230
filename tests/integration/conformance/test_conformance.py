"""What holds of every connector, whatever its source, tried on each vendor's world in turn. A test's name is a column of docs' table."""

import os
import resource
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connectors.check import check
from connectors.connector import Change
from connectors.errors import PreconditionError
from connectors.landing import gathering
from connectors.landing.run import StreamReport
from connectors.landing.sync import open_connector, sync_stream
from connectors.registry import connector_class
from connectors.sources import SourceDeclaration
from connectors.writeback import apply
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.world import HttpWorld, World

MEGABYTES = 96


class Killed(BaseException):
    """The process died: nothing catches it."""


def sync(database: Database, source: SourceDeclaration, world: World) -> StreamReport:
    return sync_stream(database, source, world.stream)


def landed(database: Database, source: SourceDeclaration, world: World) -> dict[str, str]:
    """Key -> name of what has landed and is not deleted."""
    columns = landing.record.c
    with database.begin() as connection:
        rows = connection.execute(
            select(columns.key, columns.payload, columns.body).where(columns.source == source.name, columns.deleted_at.is_(None))
        )
        return {world.key_of(row.key): world.name_of(row.payload, row.body) for row in rows}


def keys_of(database: Database, source: SourceDeclaration, world: World) -> dict[str, str]:
    """The shelf's key -> the landed one."""
    with database.begin() as connection:
        landed = connection.execute(select(landing.record.c.key).where(landing.record.c.source == source.name)).scalars()
        return {world.key_of(key): key for key in landed}


def quarantined(database: Database, source: SourceDeclaration) -> Sequence[str]:
    with database.begin() as connection:
        return (
            connection.execute(
                select(landing.quarantine.c.reason).where(
                    landing.quarantine.c.source == source.name, landing.quarantine.c.resolved_at.is_(None)
                )
            )
            .scalars()
            .all()
        )


def test_paging(world: World, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(3 * world.page + 1)
    report = sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()
    assert report.counts.written == len(world.shelf.truth())
    assert sync(database, source, world).counts.written == 0


def test_increments(world: World, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(2 * world.page)
    sync(database, source, world)
    world.shelf.put("2", "Changed")
    world.shelf.put("90", "New")
    assert sync(database, source, world).counts.written == 2
    assert landed(database, source, world) == world.shelf.truth()


def test_resume_after_every_page(world: World, source: SourceDeclaration, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "ROWS", 1)
    world.shelf.fill(3 * world.page)
    first = True
    for _ in range(10):

        def die(report: StreamReport) -> None:
            if report.status == "running":
                raise Killed

        try:
            sync_stream(database, source, world.stream, die)
        except Killed:
            with database.begin() as connection:
                connection.execute(update(landing.sync_run).values(status="abandoned"))
            assert first or landed(database, source, world)
            first = False
            continue
        break
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()


def test_rate_limit(world: HttpWorld, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(2 * world.page)
    world.trouble = lambda request, number: world.refused(429) if number == 1 else None
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()
    with database.begin() as connection:
        assert connection.execute(select(landing.sync_run.c.retries).where(landing.sync_run.c.source == source.name)).scalar_one() >= 1


def test_expired_token(world: HttpWorld, source: SourceDeclaration, database: Database) -> None:
    """The secret is rotated while a sync is on its way."""
    world.shelf.fill(2 * world.page)

    def rotate(request: object, number: int) -> None:
        if number == 1:
            world.token = "conformance-secret-1"
            os.environ["CONFORMANCE_SECRET"] = world.secret()

    world.trouble = rotate
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()


def test_rotating_token(world: HttpWorld, source: SourceDeclaration, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """By OAuth: access tokens end on the way, each refresh token is good once, and the next sync knows the last one."""
    if not connector_class(world.kind).token_url:
        pytest.skip("it is not asked by OAuth")
    monkeypatch.setenv("CONFORMANCE_REFRESH", world.tokens.FIRST)
    said = f'[source.oauth]\ntoken_url = "{world.url}/oauth/token"\nclient_id = "us"\nrefresh_token = "env:CONFORMANCE_REFRESH"\n'
    source, world.token = world.declaration(source.name, said), ""
    world.shelf.fill(2 * world.page)
    world.trouble = lambda request, number: world.tokens.expire() if number == 1 else None
    sync(database, source, world)
    world.shelf.put("2", "Changed")
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()
    assert len(world.tokens.asked) == 2


def test_late_row(world: World, source: SourceDeclaration, database: Database) -> None:
    """A row that appears with a time of change before the latest one that was seen."""
    world.shelf.fill(world.page)
    sync(database, source, world)
    world.shelf.put("80", "Late", at=world.shelf.now - timedelta(seconds=2))
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()


def test_change_on_the_way(world: HttpWorld, source: SourceDeclaration, database: Database) -> None:
    """While a first sync reads, what it has read changes and goes: whatever stood behind it moves up, and is still read."""
    for number in range(1, 3 * world.page + 1):
        world.shelf.now += timedelta(hours=1)
        world.shelf.put(str(number), f"Name {number}")
    world.shelf.now += timedelta(hours=1)

    def change(request: object, number: int) -> None:
        if number == world.before + 1:
            world.shelf.put("1", "Changed on the way")
            world.shelf.remove("2")

    world.trouble = change
    sync(database, source, world)
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()


def test_deletion(world: World, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(2 * world.page)
    sync(database, source, world)
    world.shelf.remove("3")
    assert sync(database, source, world).counts.tombstoned == 1
    assert landed(database, source, world) == world.shelf.truth()
    world.shelf.put("3", "Back")
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()


def test_drift(world: World, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(world.page)
    sync(database, source, world)
    world.shelf.put("1", "Name 1", surprise="never seen before")
    report = sync(database, source, world)
    assert any("surprise" in line and "new" in line for line in report.counts.drift)


def test_poison_record(world: World, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(2 * world.page)
    world.shelf.items["2"].poison = True
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()
    assert len(quarantined(database, source)) == 1
    world.shelf.put("2", "Healed")
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()


def test_duplicate_page(world: HttpWorld, source: SourceDeclaration, database: Database) -> None:
    """An answer that is given again in the place of the next one."""
    world.shelf.fill(4 * world.page)
    world.repeat_at = 2
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()


def test_clock_skew(world: World, source: SourceDeclaration, database: Database) -> None:
    """The source's clock is years ahead of ours, and then goes back an hour."""
    world.shelf.now = world.shelf.now.replace(year=2031)
    world.shelf.fill(world.page)
    sync(database, source, world)
    world.shelf.put("2", "Changed ahead of us")
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()


def test_empty_source(world: World, source: SourceDeclaration, database: Database) -> None:
    assert check(source).ok
    assert sync(database, source, world).counts.fetched == 0
    world.shelf.put("1", "First")
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()


def test_many_rows_in_bounded_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """100,000 rows (fewer where each is a file or a request of its own) pass through the connector a page at a time: the process holds no
    more than a few pages of them."""
    monkeypatch.setattr(type(world), "page", 1000)
    source = world.declaration("many")
    world.shelf.fill(world.many)
    connector, rows, before, most = open_connector(source), 0, None, 0
    try:
        for page in connector.pull(world.stream, None):
            rows += len(page.records)
            held = resident_megabytes()
            before = before or held
            most = max(most, held)
    finally:
        connector.close()
    assert rows >= world.many
    assert before is not None
    assert most - before < MEGABYTES


def resident_megabytes() -> float:
    """What the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024 / 1024


def test_live_fetch(world: World, source: SourceDeclaration, database: Database) -> None:
    """One record is read at the moment of a question; one that is gone is None."""
    world.shelf.fill(world.page)
    sync(database, source, world)
    keys = keys_of(database, source, world)
    world.shelf.put("1", "Changed since")
    connector = open_connector(source)
    try:
        found = connector.fetch(world.stream, keys["1"])  # type: ignore[attr-defined]
        assert found is not None
        assert world.name_of(found.payload, found.body) == "Changed since"
        world.shelf.remove("2")
        gone = connector.fetch(world.stream, keys["2"])  # type: ignore[attr-defined]
        assert gone is None or gone.deleted
    finally:
        connector.close()


def test_write_back(world: World, source: SourceDeclaration, database: Database) -> None:
    """A change is made once, over what was expected and over nothing else, and a later sync brings it."""
    if not world.renames:
        pytest.skip("nothing is written back to it" if not hasattr(connector_class(world.kind), "apply") else "tried in its own tests")
    world.shelf.fill(world.page)
    sync(database, source, world)
    key = keys_of(database, source, world)["1"]
    change = Change(world.stream, key, {world.renames: "Renamed"}, f"{source.name}-1", expected={world.renames: "Name 1"})
    connector = open_connector(source)
    try:
        assert [apply(database, connector, change, "ann").again for _ in range(2)] == [False, True]
        with pytest.raises(PreconditionError):
            apply(database, connector, replace(change, fields={world.renames: "Late"}, idempotency_key=f"{source.name}-2"), "ann")
    finally:
        connector.close()
    sync(database, source, world)
    assert landed(database, source, world) == world.shelf.truth()
    assert world.shelf.truth()["1"] == "Renamed"
