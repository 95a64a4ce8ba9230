"""Zendesk by its connector: exports by time, agents, and a cursor that is no longer known."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.connector import Change
from connectors.landing.run import StreamReport
from connectors.landing.sync import backfill, open_connector, sync_stream
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.zendesk import ZendeskWorld


class Desk(ZendeskWorld):
    """With organizations, whose export goes by time, and tickets, which can be made."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.organizations: dict[int, int] = {}
        self.made: list[tuple[str, Any]] = []

    def routes(self) -> list[Route]:
        own = [
            Route("/api/v2/incremental/organizations.json", self._by_time),
            Route("/api/v2/organizations", self._organizations),
            Route("/api/v2/tickets", self._ticket, methods=["POST"]),
        ]
        return [*own, *super().routes()]

    async def _by_time(self, request: Request) -> Response:
        start, size = int(request.query_params["start_time"]), int(request.query_params["per_page"])
        if start > self.shelf.now.timestamp() - 60:
            said = "Too recent start_time. Use a start_time older than 60 seconds"
            return JSONResponse({"error": "InvalidValue", "description": said}, 422)
        later = sorted((at, key) for key, at in self.organizations.items() if at >= start)
        found = later[:size]
        answer = {"organizations": [{"id": key, "name": f"Org {key}", "updated_at": None} for _, key in found], "count": len(found)}
        return JSONResponse({**answer, "end_time": found[-1][0] if found else None, "end_of_stream": len(later) <= size})

    async def _organizations(self, request: Request) -> Response:
        return JSONResponse({"organizations": [{"id": key} for key in self.organizations], "meta": {"has_more": False}})

    async def _ticket(self, request: Request) -> Response:
        self.made.append((request.headers["idempotency-key"], await request.json()))
        return JSONResponse({"ticket": {"id": 7}}, 201)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", desk.token)
    with desk.serve():
        yield desk


def synced(database: Database, desk: Desk, stream: str) -> tuple[StreamReport, set[str]]:
    report = sync_stream(database, desk.declaration("help"), stream)
    table = landing.record
    with database.begin() as connection:
        found = connection.execute(select(table.c.key).where(table.c.stream == stream, table.c.deleted_at.is_(None)))
        return report, set(found.scalars())


def test_organizations_are_exported_by_time_and_the_deleted_show_by_their_ids(database: Database, desk: Desk) -> None:
    desk.organizations = {number: 1000 + number // 3 for number in range(1, 11)}
    report, keys = synced(database, desk, "organizations")
    assert keys == {str(number) for number in range(1, 11)}
    del desk.organizations[4]
    desk.organizations[11] = 2000
    report, keys = synced(database, desk, "organizations")
    assert keys == {str(number) for number in range(1, 12) if number != 4}
    assert report.counts.fetched == 3  # from the last time on: two that had it, and the new one


def test_an_export_by_time_of_the_last_minute_is_left_for_the_next_sync(database: Database, desk: Desk) -> None:
    now = int(desk.shelf.now.timestamp())
    desk.organizations = {1: now - 3600, 2: now - 30}
    assert synced(database, desk, "organizations")[1] == {"1", "2"}
    report, _ = synced(database, desk, "organizations")
    assert (report.status, report.counts.fetched) == ("succeeded", 0)
    desk.shelf.now += timedelta(seconds=90)
    desk.organizations[3] = now
    report, keys = synced(database, desk, "organizations")
    assert (keys, report.counts.fetched) == ({"1", "2", "3"}, 2)
    begin = desk.shelf.now
    report = backfill(database, desk.declaration("help"), "organizations", (begin, None))
    assert (report.status, report.counts.fetched) == ("backfilled", 0)


def test_an_end_user_who_becomes_an_agent_is_no_customer_any_more(database: Database, desk: Desk) -> None:
    desk.shelf.fill(3)
    assert synced(database, desk, "users")[1] == {"1", "2", "3"}
    desk.shelf.put("2", "Name 2", role="agent")
    assert synced(database, desk, "users")[1] == {"1", "3"}


def test_a_cursor_that_is_no_longer_known_leads_to_all_being_exported_anew(database: Database, desk: Desk) -> None:
    desk.shelf.fill(6)
    synced(database, desk, "users")
    desk.shelf.put("7", "Name 7")
    desk.trouble = lambda request, number: desk.refused(400) if request.query_params.get("cursor") == "6" and number < 4 else None
    report, keys = synced(database, desk, "users")
    assert keys == {str(number) for number in range(1, 8)}
    assert report.counts.fetched == 7


def test_a_ticket_is_made_under_its_idempotency_key(desk: Desk) -> None:
    connector = open_connector(desk.declaration("help"))
    try:
        assert connector.apply(Change("tickets", None, {"subject": "Call back"}, "key-1")) == "7"  # type: ignore[attr-defined]
    finally:
        connector.close()
    assert desk.made == [("key-1", {"ticket": {"subject": "Call back"}})]


def test_a_range_is_exported_again(database: Database, desk: Desk) -> None:
    desk.organizations = {number: 1_700_000_000 + number * 86400 for number in range(1, 11)}
    start = datetime.fromtimestamp(desk.organizations[8], UTC)
    backfill(database, desk.declaration("help"), "organizations", (start, None))
    with database.begin() as connection:
        assert set(connection.execute(select(landing.record.c.key)).scalars()) == {"8", "9", "10"}
