"""Landing: nothing lost, nothing doubled, nothing written twice; a failure is told with what to do; one sync of a stream at a time."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text, update

from connectors.errors import AlreadyRunningError, PermissionDeniedError
from connectors.landing import pages
from connectors.landing.counts import Place
from connectors.landing.run import Run
from connectors.landing.sync import only_one
from connectors.records import Raw, Unreadable
from sql.database import Database
from sql.tables import landing as tables
from tests.integration.shelf import AT, DECLARATION, Shelf, contents, sync, things
from tests.state import versions


def test_a_second_sync_of_the_same_writes_no_row(database: Database) -> None:
    first = sync(database, Shelf(things(5)))
    assert (first.counts.written, first.counts.fetched, first.counts.pages) == (5, 5, 3)
    with database.begin() as connection:
        before = versions(connection)
    again = sync(database, Shelf(things(5)))
    assert (again.counts.written, again.counts.unchanged) == (0, 5)
    with database.begin() as connection:
        assert versions(connection) == before


def test_only_what_changed_is_written_and_to_be_mapped(database: Database) -> None:
    sync(database, Shelf(things(5)))
    with database.begin() as connection:
        connection.execute(text("truncate staging.pending"))
    changed = [*things(4), Raw("4", {"name": "other"}, updated_at=AT), Raw("5", {"name": "new"})]
    assert sync(database, Shelf(changed)).counts.written == 2
    with database.begin() as connection:
        keys = (
            connection.execute(text("select key from staging.pending join landing.record on id = landing_id order by key")).scalars().all()
        )
    assert keys == ["4", "5"]


def test_a_sync_that_breaks_goes_on_from_its_last_page_and_says_what_to_do(database: Database) -> None:
    with pytest.raises(PermissionDeniedError):
        sync(database, Shelf(things(6), breaks_at=4))
    assert sorted(contents(database)) == ["0", "1", "2", "3"]
    with database.begin() as connection:
        run = connection.execute(select(tables.sync_run)).one()
        assert pages.position(connection, Place("shop", "things")) == {"next": 4}
    assert (run.status, run.error["class"]) == ("failed", "permission")
    assert "right to read" in run.error["action"]
    report = sync(database, Shelf(things(6)))
    assert (report.counts.fetched, sorted(contents(database))) == (2, ["0", "1", "2", "3", "4", "5"])


def test_a_run_whose_process_died_is_marked_by_the_next(database: Database) -> None:
    Run(database, DECLARATION, "things", Shelf([]))
    sync(database, Shelf(things(1)))
    with database.begin() as connection:
        assert connection.execute(select(tables.sync_run.c.status).order_by(tables.sync_run.c.id)).scalars().all() == [
            "abandoned",
            "succeeded",
        ]


def test_what_cannot_be_stored_is_quarantined_and_what_jsonb_refuses_is_kept(database: Database) -> None:
    odd: list[Raw | Unreadable] = [
        Raw("nan", {"x": float("nan")}), Raw("", {"x": 1}), Raw("nul\x00key", {}), Raw("nul", {"x": "a\x00b"}),
        Raw("lone", {"x": "\ud800"}),
        Raw("list", [1, {"a": None}]), Raw("null", None), Unreadable("bad", "its header is torn", b"\xff\x00"),
    ]  # fmt: skip
    report = sync(database, Shelf(odd))
    assert (report.counts.written, report.counts.quarantined) == (4, 4)
    assert contents(database)["nul"][0] == {"x": "a\x00b"}
    with database.begin() as connection:
        quarantined = connection.execute(select(tables.quarantine)).all()
    assert {row.key: row.raw for row in quarantined}["bad"] == b"\xff\x00"
    assert len(quarantined) == 4
    healed = [replace(odd[0], payload={"x": 1}), *odd[3:7]]
    sync(database, Shelf(healed))
    with database.begin() as connection:
        assert connection.execute(select(tables.quarantine.c.resolved_at).where(tables.quarantine.c.key == "nan")).scalar_one() is not None


def test_what_the_source_no_longer_lists_gets_a_tombstone_and_may_come_back(database: Database) -> None:
    sync(database, Shelf(things(3)))
    shelf = Shelf(things(3)[:2])
    assert sync(database, shelf).counts.tombstoned == 1
    assert contents(database)["2"] == ({"name": "a2"}, True)
    sync(database, Shelf(things(3)))
    assert contents(database)["2"] == ({"name": "a2"}, False)


def test_a_listing_that_lacks_most_is_not_believed_unless_told_to(database: Database) -> None:
    sync(database, Shelf(things(50)))
    empty = Shelf(things(50))
    empty.listed = ["0"]
    report = sync(database, empty)
    assert (report.counts.tombstoned, len(report.warnings)) == (0, 1)
    assert "believe_deletions = true" in report.warnings[0]
    assert sync(database, empty, replace(DECLARATION, believe_deletions=True)).counts.tombstoned == 49


def test_a_listing_that_lacks_everything_is_asked_for_again_and_believed_when_it_stays_so(database: Database) -> None:
    class Forgetful(Shelf):
        """An empty answer is given again in the place of its first listings."""

        lost = 2

        def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
            self.lost -= 1
            yield [] if self.lost >= 0 else self.listed

    sync(database, Shelf(things(3)))
    assert sync(database, Forgetful(things(3))).counts.tombstoned == 0
    assert sync(database, Shelf([])).counts.tombstoned == 3


def test_what_lies_on_this_machine_is_listed_as_it_is_and_no_record_of_it_is_asked_for(database: Database) -> None:
    class Here(Shelf):
        asked = 0

        def fetch(self, stream: str, key: str) -> Raw | None:
            self.asked += 1
            return super().fetch(stream, key)

        def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
            self.asked += 1
            return super().list_ids(stream)

    sync(database, Shelf(things(5)))
    here = Here(things(4))
    here.listed.append("never read")
    report = sync(database, here)
    assert (report.counts.tombstoned, here.asked, report.warnings) == (1, 1, ())


def test_two_records_with_one_key_and_different_bodies_are_both_kept_whatever_the_page(database: Database) -> None:
    def mails() -> list[Raw]:
        return [Raw("m", {}, b"one", rival="m#1"), Raw("m", {}, b"two", rival="m#2"), Raw("m", {}, b"one", rival="m#1")]

    for _ in range(2):
        shelf = Shelf(mails())
        shelf.listed = ["m", "m#2"]
        sync(database, shelf)
        assert sorted(contents(database)) == ["m", "m#2"]


def test_a_new_or_changed_field_is_told_once(database: Database) -> None:
    assert sync(database, Shelf(things(2))).counts.drift == ()
    shelf = Shelf([Raw("0", {"name": 7, "colour": "red"}), Raw("1", {"name": "a1"})])
    assert sync(database, shelf).counts.drift == ("name was text, is also number", "colour is new (text)")
    assert sync(database, shelf).counts.drift == ()


def test_two_syncs_of_one_stream_take_turns(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.landing.sync.PATIENCE", "50ms")
    with only_one(database, "sync:shop/things"):
        with pytest.raises(AlreadyRunningError, match="shop/things is already being synced"), only_one(database, "sync:shop/things"):
            pass
        with only_one(database, "sync:shop/others"):
            pass
    with only_one(database, "sync:shop/things"):
        pass


def test_a_declaration_is_written_where_it_changed(database: Database) -> None:
    sync(database, Shelf([]))
    with database.begin() as connection:
        connection.execute(update(tables.source).values(authority=0.9))
    sync(database, Shelf([]))
    with database.begin() as connection:
        row = connection.execute(select(tables.source)).one()
    assert (row.authority, json.dumps(row.settings)) == (0.4, '{"path": "unused", "streams": [], "schedule": null}')


def test_requests_of_long_ago_are_let_go_of_when_a_sync_begins(database: Database) -> None:
    old = {"source": "shop", "correlation_id": "-", "method": "GET", "path": "/", "attempt": 1, "milliseconds": 1, "bytes": 1}
    with database.begin() as connection:
        for days in (400, 1):
            at = datetime.now(UTC) - timedelta(days=days)
            connection.execute(insert(tables.access_log).values(**old, actor="sync", purpose="things", requested_at=at))
    sync(database, Shelf(things(1)))
    with database.begin() as connection:
        (kept,) = connection.execute(select(tables.access_log.c.requested_at)).scalars()
    assert kept > datetime.now(UTC) - timedelta(days=2)
