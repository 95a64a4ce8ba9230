"""A sync that changed too much is landed and not published; drift is kept as events; what is in quarantine is tried again or dropped."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from connectors.landing import deletions, drift, holds, quarantine
from connectors.landing.counts import Place
from connectors.landing.retrying import retry
from connectors.landing.run import StreamReport
from connectors.landing.sync import only_one
from connectors.records import Raw, Unreadable
from connectors.staging.pending import map_pending
from crosswalk.cli import app
from sql import audit
from sql.database import Database
from sql.tables import governance
from sql.tables import landing as tables
from tests.integration.shelf import DECLARATION, Shelf, contents, sync, things


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """The shelf that is behind the declared source."""
    shelf = Shelf(things(300))
    for module in ("connectors.landing.retrying", "connectors.staging.pending"):
        monkeypatch.setattr(f"{module}.open_connector", lambda *_: shelf)
    return shelf


def refill(shelf: Shelf, records: Sequence[Raw | Unreadable]) -> None:
    shelf.records, shelf.listed = list(records), [one.key for one in records]


def change_most(database: Database, shelf: Shelf) -> StreamReport:
    sync(database, shelf)
    map_pending(database, [DECLARATION])
    refill(shelf, things(300, "changed"))
    return sync(database, shelf)


def test_a_run_that_changes_most_is_landed_and_not_mapped_until_it_is_published(database: Database, shelf: Shelf) -> None:
    report = change_most(database, shelf)
    assert "crosswalk holds publish shop/things" in report.warnings[0]
    assert contents(database)["0"] == ({"name": "changed0"}, False)
    assert map_pending(database, [DECLARATION]).mapped == 0
    assert holds.publish(database, "shop", None, "ann") == ["things"]
    assert holds.publish(database, "shop", None, "ann") == []
    assert map_pending(database, [DECLARATION]).mapped == 300
    with database.begin() as connection:
        assert list(audit.verify(connection)) == []
        row = connection.execute(select(governance.audit)).one()
    assert (row.actor, row.action, row.subject) == ("ann", "publish", "shop/things")


def test_a_first_load_and_a_change_that_is_allowed_are_never_held(database: Database, shelf: Shelf) -> None:
    assert sync(database, shelf).warnings == ()
    refill(shelf, things(300, "changed"))
    assert sync(database, shelf, replace(DECLARATION, most_changed=1.0)).warnings == ()
    assert holds.held(database) == []


def test_deletions_that_are_believed_count_as_changes(database: Database, shelf: Shelf) -> None:
    sync(database, shelf)
    shelf.listed = shelf.listed[:100]
    report = sync(database, shelf, replace(DECLARATION, believe_deletions=True))
    assert report.counts.tombstoned == 200
    assert [row.reason for row in holds.held(database)] == ["one run changed 0 and deleted 200 of 300 records, which is more than 50%"]


def test_ids_are_compared_in_batches_of_which_some_come_twice(database: Database) -> None:
    sync(database, Shelf(things(5)))
    batches = iter([["0", "1"], ["1", "3"], []])
    with deletions.listed(database, batches) as connection, connection.begin():
        assert deletions.missing(connection, Place("shop", "things")) == 2
        assert deletions.tombstone(connection, Place("shop", "things")) == 2
    assert [key for key, (_, deleted) in sorted(contents(database).items()) if deleted] == ["2", "4"]


def test_drift_is_kept_as_events_with_what_is_gone(database: Database, shelf: Shelf) -> None:
    refill(shelf, [Raw(one.key, {"name": "a", "colour": "red"}) for one in shelf.records])
    sync(database, shelf)
    refill(shelf, [Raw(one.key, {"name": 7 if one.key == "3" else "a", "size": "L"}) for one in shelf.records])
    report = sync(database, shelf, replace(DECLARATION, most_changed=1.0))
    assert sorted(report.counts.drift) == [
        "colour is gone: most records had it, and none does that this run has read",
        "name was text, is also number",
        "size is new (text)",
    ]
    with database.begin() as connection:
        rows = connection.execute(select(tables.drift_event).order_by(tables.drift_event.c.path)).all()
    assert [(row.path, row.change, row.before, row.after) for row in rows] == [
        ("colour", "gone", "text", None), ("name", "type", "text", "number"), ("size", "new", None, "text"),
    ]  # fmt: skip
    assert sync(database, shelf).counts.drift == ()


def test_only_the_latest_events_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "KEPT", 3)
    sync(database, Shelf(things(1)))
    for number in range(5):
        sync(database, Shelf([Raw("0", {"name": "a", f"field{number}": 1})]))
    with database.begin() as connection:
        assert connection.execute(select(tables.drift_event.c.path).order_by(tables.drift_event.c.id)).scalars().all() == [
            "field2", "field3", "field4",
        ]  # fmt: skip


def test_what_could_not_be_read_is_read_live_and_what_could_not_be_mapped_is_queued(database: Database, shelf: Shelf) -> None:
    refill(shelf, [Raw("1", {"no": "name"}), Unreadable("2", "torn"), Unreadable("3", "torn")])
    sync(database, shelf)
    assert map_pending(database, [DECLARATION]).quarantined == 1
    refill(shelf, [Raw("1", {"no": "name"}), Raw("2", {"name": "healed"})])
    told = {one.ref: one.outcome for one in retry(database, [DECLARATION], quarantine.waiting(database))}
    assert told["shop/things/1"].startswith("queued")
    assert told["shop/things/2"].startswith("landed")
    assert told["shop/things/3"].startswith("its source does not give it")
    assert contents(database)["2"] == ({"name": "healed"}, False)
    assert (map_pending(database, [DECLARATION]).mapped, {row.key: row.attempts for row in quarantine.waiting(database)}) == (
        1, {"1": 2, "3": 2},
    )  # fmt: skip


def test_a_retry_waits_for_no_sync(database: Database, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.landing.sync.PATIENCE", "50ms")
    refill(shelf, [Unreadable("2", "torn")])
    sync(database, shelf)
    with only_one(database, "sync:shop/things"):
        (told,) = retry(database, [DECLARATION], quarantine.waiting(database))
    assert told.outcome.startswith("not tried: shop/things is already being synced")


def test_what_is_dropped_stays_away_until_it_is_another(database: Database, shelf: Shelf) -> None:
    refill(shelf, [Unreadable("2", "torn", b"x")])
    sync(database, shelf)
    (row,) = quarantine.waiting(database, "shop")
    assert quarantine.drop(database, [row.id], "ann") == ["shop/things/2"]
    sync(database, shelf)
    assert quarantine.waiting(database) == []
    refill(shelf, [Unreadable("2", "torn", b"y")])
    sync(database, shelf)
    (again,) = quarantine.waiting(database)
    assert (again.id, again.dropped_by, again.attempts) == (row.id, None, 2)


def test_the_commands_say_what_waits_and_let_it_through(database: Database, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSWALK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    change_most(database, shelf)
    refill(shelf, [*things(300, "changed"), Unreadable("x", "torn")])
    sync(database, shelf)

    def typed(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output
        return result.output

    assert "one run changed" in typed("holds", "list", "--json")
    assert "one run changed" in typed("status", "--json")
    assert "published shop/things" in typed("holds", "publish", "shop/things", "--as", "ann")
    assert typed("holds", "list").strip() == "none"
    (row,) = quarantine.waiting(database)
    assert "torn" in typed("quarantine", "list", "--source", "shop")
    assert "dropped shop/things/x" in typed("quarantine", "drop", str(row.id), "--as", "ann")
    assert CliRunner().invoke(app, ["quarantine", "drop", str(row.id)]).exit_code != 0
    assert CliRunner().invoke(app, ["holds", "publish", "shop"]).exit_code != 0
