"""What is particular to Microsoft's mail: tokens that are too old, moves, batches that are answered in part, folders that are left out."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors import sources
from connectors.errors import PermissionDeniedError
from connectors.landing.quarantine import waiting
from connectors.landing.retrying import retry
from connectors.landing.sync import open_connector, sync_stream
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.outlook import OutlookWorld


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OutlookWorld]:
    made = OutlookWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", made.secret())
    with made.serve():
        yield made


@pytest.fixture
def source(world: OutlookWorld) -> SourceDeclaration:
    return world.declaration("mail")


def landed(database: Database, world: OutlookWorld) -> dict[str, str]:
    columns = landing.record.c
    with database.begin() as connection:
        rows = connection.execute(select(columns.key, columns.payload).where(columns.deleted_at.is_(None))).all()
    return {world.key_of(row.key): world.name_of(row.payload, None) for row in rows}


def keys(database: Database) -> set[str]:
    with database.begin() as connection:
        return set(connection.execute(select(landing.record.c.key).where(landing.record.c.deleted_at.is_(None))).scalars())


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (410, "syncStateNotFound"),
        (404, "syncStateNotFound"),
        (400, "syncStateNotFound"),
        (410, "resyncRequired"),
        (410, "SyncStateNotFound"),
    ],
)
def test_a_token_that_is_too_old_leads_to_reading_the_folder_anew_and_what_is_gone_is_noticed(
    world: OutlookWorld, source: SourceDeclaration, database: Database, status: int, code: str
) -> None:
    world.too_old = (status, code)
    world.shelf.fill(6)
    sync_stream(database, source, "messages")
    world.shelf.remove("2")
    world.shelf.put("9", "New")
    world.forgotten = len(world.shelf.events)
    report = sync_stream(database, source, "messages")
    assert landed(database, world) == world.shelf.truth()
    assert (report.counts.written, report.counts.tombstoned) == (1, 1)


def test_a_mail_that_is_moved_is_told_as_removed_and_is_no_other_where_it_is_found(
    world: OutlookWorld, source: SourceDeclaration, database: Database
) -> None:
    world.shelf.fill(3)
    sync_stream(database, source, "messages")
    key = world.shelf.ids["2"]
    world.shelf.events += [(key, False), (key, True)]
    report = sync_stream(database, source, "messages")
    assert (report.counts.written, report.counts.tombstoned) == (0, 0)
    assert landed(database, world) == world.shelf.truth()


def test_what_a_batch_did_not_answer_is_asked_for_again_and_what_it_refuses_is_kept_as_unreadable(
    world: OutlookWorld, source: SourceDeclaration, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, busy = OutlookWorld._one, [True]

    def throttled(self: OutlookWorld, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["url"].endswith("/m2/$value") and busy.pop() if busy else False:
            return {"id": asked["id"], "status": 429, "headers": {"Retry-After": "0"}, "body": {"error": {"code": "ApplicationThrottled"}}}
        if asked["url"].endswith("/m3/$value"):
            return {"id": asked["id"], "status": 400, "headers": {}, "body": {"error": {"code": "ErrorMimeContentConversionFailed"}}}
        return answer(self, asked)

    monkeypatch.setattr(OutlookWorld, "_one", throttled)
    world.shelf.fill(4)
    report = sync_stream(database, source, "messages")
    assert report.counts.quarantined == 1
    assert set(landed(database, world)) == {"1", "2", "4"}
    with database.begin() as connection:
        reason = connection.execute(select(landing.quarantine.c.reason)).scalar_one()
    assert reason == "Microsoft does not give it: 400 ErrorMimeContentConversionFailed"


def test_a_mailbox_that_may_not_be_read_stops_no_other_and_takes_nothing_along(
    world: OutlookWorld, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = world.toml().replace('["us@ours.example"]', '["her@ours.example", "us@ours.example"]')
    monkeypatch.setattr(world, "toml", lambda: both)
    source, shut = world.declaration("mail"), {"her"}

    def trouble(request: Request, number: int) -> Response | None:
        """Her mailbox has no folders."""
        mailbox = request.url.path.removeprefix("/v1.0/users/").partition("@")[0]
        if mailbox in shut:
            return JSONResponse({"error": {"code": "ErrorAccessDenied"}}, 403)
        if mailbox == "her":
            return JSONResponse({"value": []}) if request.url.path.endswith(("/mailFolders", "/messages")) else world.refused(404)
        return None

    world.trouble = trouble
    world.shelf.fill(3)
    counts = sync_stream(database, source, "messages").counts
    assert (counts.written, counts.quarantined) == (3, 1)
    (row,) = waiting(database)
    assert (row.key, "the mailbox can't be read" in row.reason) == ("her@ours.example\t", True)
    assert sync_stream(database, source, "messages").counts.quarantined == 1
    shut.symmetric_difference_update({"her", "us"})
    world.shelf.remove("2")
    assert sync_stream(database, source, "messages").counts.tombstoned == 0
    assert [row.key for row in waiting(database)] == ["us@ours.example\t"]
    shut.clear()
    assert sync_stream(database, source, "messages").counts.tombstoned == 1
    assert landed(database, world) == world.shelf.truth()
    assert waiting(database) == []
    shut.update({"her", "us"})
    with pytest.raises(PermissionDeniedError):
        sync_stream(database, source, "messages")
    assert landed(database, world) == world.shelf.truth()
    shut.remove("us")
    with closing(open_connector(source)) as connector:
        assert connector.fetch("messages", next(iter(keys(database)))) is not None
        assert connector.fetch("messages", "her@ours.example\t") is None
    ours = both.replace('"her@ours.example", ', "")
    (alone,) = sources.parse(f'[[source]]\nname = "mail"\nkind = "outlook"\n{ours}')
    sync_stream(database, alone, "messages")
    assert waiting(database) == []


def test_spam_and_what_lies_within_it_and_searches_are_not_asked_for(
    world: OutlookWorld, source: SourceDeclaration, database: Database
) -> None:
    world.shelf.fill(1)
    sync_stream(database, source, "messages")
    assert not [path for path in world.seen if "junk-id" in path or "search-id" in path]


def test_what_is_in_quarantine_is_tried_again_where_it_lies(world: OutlookWorld, source: SourceDeclaration, database: Database) -> None:
    world.shelf.fill(3)
    world.shelf.items["2"].poison = True
    sync_stream(database, source, "messages")
    world.shelf.items["2"].poison = False
    with database.begin() as connection:
        rows = connection.execute(select(landing.quarantine)).all()
    (found,) = retry(database, [source], rows)
    assert "landed" in found.outcome
    assert landed(database, world) == world.shelf.truth()
