"""A source that fails in every way, in seven requests of ten: what lands is the truth all the same, and the report tells what happened."""

import asyncio
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from connectors.entrance import Patience
from connectors.landing.run import StreamReport
from connectors.landing.sync import sync_stream
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.erpnext import ErpNextWorld

HALF = b'{"data": [{"name": "1", "customer_name": "Na'
KINDS = ("500", "429", "truncated", "timeout", "closed", "repeated", "content type")

#: How each kind is told in the report.
TOLD = {
    "transient 500",
    "rate_limited RateLimitExceededError",
    "transient not_json",
    "transient ReadTimeout",
    "transient RemoteProtocolError",
    "repeated",
}


class Late(Response):
    """Comes when nobody waits any more."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.4)
        await super().__call__(scope, receive, send)


class Cut(Response):
    """The connection is closed in the middle of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5000")]})
        await send({"type": "http.response.body", "body": HALF, "more_body": True})


class ChaoticWorld(ErpNextWorld):
    """Fails in one of the kinds in a tenth of the requests each, the same ones for the same seed."""

    page = 20

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        chance = Random(11)
        self.thrown = dict.fromkeys(KINDS, 0)

        def trouble(request: Request, number: int) -> Response | None:
            place = int(chance.random() * 10)
            kind = KINDS[place] if place < len(KINDS) else None
            if kind is None:
                return None
            self.thrown[kind] += 1
            if kind == "repeated":
                self.repeat_at = number
            return self.failing(kind)

        self.trouble = trouble

    def failing(self, kind: str) -> Response | None:
        match kind:
            case "500":
                return Response("Internal Server Error", 500)
            case "429":
                return JSONResponse({"exc_type": "RateLimitExceededError"}, 429, {"Retry-After": "0"})
            case "truncated":
                return Response(HALF, media_type="application/json")
            case "timeout":
                return Late(b"{}")
            case "closed":
                return Cut()
            case "content type":
                return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>")
        return None


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ChaoticWorld:
    monkeypatch.setenv("CONFORMANCE_SECRET", ChaoticWorld.TOKEN)
    monkeypatch.setenv("CROSSWALK_HOME", str(tmp_path / "home"))
    # In life it would take an hour; and so often wrong, answers are given again more often than the door asks.
    monkeypatch.setattr("connectors.http.door.REPEATS", 20)
    monkeypatch.setattr("connectors.entrance.Patience", partial(Patience, timeout=0.2, longest_wait=0.02, attempts=60))
    return ChaoticWorld(tmp_path)


def landed(database: Database) -> dict[str, str]:
    table = landing.record
    with database.begin() as connection:
        rows = connection.execute(select(table.c.key, table.c.payload).where(table.c.deleted_at.is_(None))).all()
    return {row.key: row.payload["customer_name"] for row in rows}


def synced(database: Database, source: SourceDeclaration) -> StreamReport:
    report = sync_stream(database, source, "customers")
    with database.begin() as connection:
        run = connection.execute(select(landing.sync_run).order_by(landing.sync_run.c.id.desc()).limit(1)).one()
    assert (run.status, run.faults) == ("succeeded", report.faults)
    return report


def test_what_lands_is_the_truth_and_the_report_tells_what_happened(database: Database, world: ChaoticWorld) -> None:
    with world.serve():
        source = world.declaration("erp")
        world.shelf.fill(400)
        report = synced(database, source)
        assert landed(database) == world.shelf.truth()
        assert report.counts.written == 400
        thrown = dict(world.thrown)
        assert all(thrown.values())
        assert set(report.faults) == TOLD
        assert report.faults["transient 500"] == thrown["500"]
        assert report.faults["transient not_json"] == thrown["truncated"] + thrown["content type"]
        for number in range(1, 200, 3):
            world.shelf.put(str(number), f"Changed {number}")
        world.shelf.remove("2")
        world.shelf.put("900", "New")
        reports = [synced(database, source)]
        while landed(database) != world.shelf.truth() and len(reports) < 4:
            # The first answer on a new connection, given again from before, looks as if nothing had changed: then the position stays.
            reports.append(synced(database, source))
        assert landed(database) == world.shelf.truth()
        assert sum(report.counts.written for report in reports) == 68
        assert sum(report.counts.tombstoned for report in reports) == 1
