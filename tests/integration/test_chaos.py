"""A source that fails in every way, in seven requests of ten: what lands is the truth all the same, and the report tells what happened.

All is as it is shipped, a hundred times faster. So beset, one or two of a thousand syncs of fifty requests end as failed (by simulation),
for want of a right answer in the five minutes that a request is tried, and the next sync goes on from there.

A page given again is one of the same sync. What came to a former one may come again too, as the first answer to the next, which knows no
answer before it. Where that is an empty one no count of looks would tell it from "nothing changed", whose bytes are the same; each look
would cost every quiet sync a request, and being wrong costs no record: the position stays, so the sync after it asks for the same again.
One that holds something is landed as it came, and mended when those records are read again: nothing that a sync keeps would show it as old.
"""

import asyncio
from dataclasses import asdict
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from connectors.account.entrance import Patience
from connectors.landing.run import StreamReport
from connectors.landing.sync import sync_stream
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.erpnext import ErpNextWorld

FASTER = 100
HALF = b'{"data": [{"name": "1", "customer_name": "Na'
SEED = 11
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


def quick() -> Patience:
    """The shipped patience, all times of it divided by the same."""
    return Patience(**{name: value / FASTER if isinstance(value, float) else value for name, value in asdict(Patience()).items()})


class Late(Response):
    """Comes when nobody waits any more."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(1.2 * quick().timeout)
        await super().__call__(scope, receive, send)


class Cut(Response):
    """The connection is closed in the middle of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5000")]})
        await send({"type": "http.response.body", "body": HALF, "more_body": True})


class ChaoticWorld(ErpNextWorld):
    """Fails in one of the kinds in a tenth of the requests each, the same ones for the same seed. given: a page has been, in this sync."""

    page = 20

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        chance = Random(SEED)
        self.thrown, self.given = dict.fromkeys(KINDS, 0), False

        def trouble(request: Request, number: int) -> Response | None:
            place = int(chance.random() * 10)
            kind = KINDS[place] if place < len(KINDS) else None
            if kind is None or (kind == "repeated" and not self.given):
                self.given = True
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
    monkeypatch.setattr("connectors.account.entrance.Patience", quick)
    return ChaoticWorld(tmp_path)


def landed(database: Database) -> dict[str, str]:
    table = landing.record
    with database.begin() as connection:
        rows = connection.execute(select(table.c.key, table.c.payload).where(table.c.deleted_at.is_(None))).all()
    return {row.key: row.payload["customer_name"] for row in rows}


def synced(database: Database, world: ChaoticWorld, source: SourceDeclaration) -> StreamReport:
    world.given = False
    report = sync_stream(database, source, "customers")
    with database.begin() as connection:
        run = connection.execute(select(landing.sync_run).order_by(landing.sync_run.c.id.desc()).limit(1)).one()
    assert (run.status, run.faults or {}) == ("succeeded", report.faults)
    return report


def test_what_lands_is_the_truth_and_the_report_tells_what_happened(database: Database, world: ChaoticWorld) -> None:
    with world.serve():
        source = world.declaration("erp")
        world.shelf.fill(400)
        report = synced(database, world, source)
        assert landed(database) == world.shelf.truth()
        assert report.counts.written == 400
        thrown = dict(world.thrown)
        assert all(thrown.values())
        assert set(report.faults) == TOLD
        assert report.faults["repeated"] <= thrown["repeated"]
        assert report.faults["transient 500"] == thrown["500"]
        assert report.faults["transient not_json"] == thrown["truncated"] + thrown["content type"]
        for number in range(1, 200, 3):
            world.shelf.put(str(number), f"Changed {number}")
        world.shelf.remove("2")
        world.shelf.put("900", "New")
        report = synced(database, world, source)
        assert landed(database) == world.shelf.truth()
        assert (report.counts.written, report.counts.tombstoned) == (68, 1)


def test_an_old_empty_answer_to_a_sync_that_knows_none_before_it_makes_one_change_late_and_loses_none(
    database: Database, world: ChaoticWorld
) -> None:
    world.trouble = lambda request, number: None
    with world.serve():
        source = world.declaration("erp")
        world.shelf.fill(world.page)  # so that the last answer is an empty one
        synced(database, world, source)
        world.shelf.put("3", "Changed")
        world.repeat_at = len(world.seen)
        assert synced(database, world, source).counts.written == 0
        assert synced(database, world, source).counts.written == 1
        assert landed(database) == world.shelf.truth()
