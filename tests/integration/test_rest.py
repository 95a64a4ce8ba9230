"""Declared APIs of other habits than the conformance suite's: addresses in a header, numbered pages, a password, deletion by a field."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors import sources
from connectors.landing.sync import sync_source
from connectors.mapping.pending import map_pending
from sql.database import Database
from sql.tables import landing, staging
from tests.integration.conformance.world import HttpWorld

ORDERS = [{"no": f"A-{number}", "total": number * 10, "on": "2026-03-02", "by": {"id": number % 3}, "state": 1} for number in range(1, 8)]
PEOPLE = [{"id": number, "mail": f"{number}@x.example", "gone": number == 2, "at": f"2026-03-0{number + 1}"} for number in range(3)]


class Shop(HttpWorld):
    kind, stream = "rest", "orders"

    def toml(self) -> str:
        return f"""url = "{self.url}"
secret = "env:CONFORMANCE_SECRET"
page_size = 3
requests_per_second = 5000.0
headers = {{ "Api-Version" = "2026-01" }}
[source.auth]
kind = "basic"
user = "us"
[[source.stream]]
name = "people"
path = "/people"
records = "result.rows"
deleted = "gone"
updated = "at"
paging = {{ kind = "page", page = "p", limit = "n", last = "result.pages" }}
since = {{ param = "q", format = "date", form = "changed>={{}}" }}
lists_ids = false
[[source.stream]]
name = "orders"
path = "/orders"
key = "no"
paging = {{ kind = "link", limit = "n" }}
[source.mapping.people]
kind = "person"
email = "mail"
[source.mapping.orders]
kind = "order"
title = "no"
amount = "total"
occurred_at = "on"
status = ["state", {{ 1 = "open", 2 = "paid" }}]
links.customer = {{ path = "by.id", stream = "people" }}"""

    def authorised(self, request: Request) -> bool:
        pair = base64.b64encode(f"us:{self.token}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {pair}" and request.headers.get("api-version") == "2026-01"

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return str(payload["no"])

    def routes(self) -> list[Route]:
        return [Route("/people", self._people), Route("/orders", self._orders)]

    async def _people(self, request: Request) -> Response:
        number, size = int(request.query_params["p"]), 2
        rows = [one for one in PEOPLE if f"changed>={one['at']}" >= request.query_params.get("q", "")]
        return JSONResponse({"result": {"rows": rows[(number - 1) * size : number * size], "pages": 2}})

    async def _orders(self, request: Request) -> Response:
        start = int(request.query_params.get("from", 0))
        more = {"Link": f'<{self.url}/orders?n=3&from={start + 3}>; rel="next"'} if start + 3 < len(ORDERS) else None
        return JSONResponse(ORDERS[start : start + 3], headers=more)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", shop.token)
    with shop.serve():
        yield shop


def test_an_api_is_read_and_mapped_as_it_is_declared(database: Database, shop: Shop) -> None:
    (declaration,) = sources.parse(f'[[source]]\nname = "shop"\nkind = "rest"\n{shop.toml()}')
    reports = sync_source(database, declaration)
    assert [str(one.error) for one in reports if one.error] == []
    map_pending(database, [declaration])
    with database.begin() as connection:
        people = connection.execute(select(staging.party_record.c.ref).where(staging.party_record.c.deleted_at.is_(None))).scalars().all()
        orders = connection.execute(select(staging.activity).order_by(staging.activity.c.title)).all()
        gone = connection.execute(select(landing.record.c.key).where(landing.record.c.deleted_at.is_not(None))).scalars().all()
    assert sorted(people) == ["shop/people/0", "shop/people/1"]
    assert gone == ["2"]
    assert [one.title for one in orders] == [f"A-{number}" for number in range(1, 8)]
    assert (orders[6].amount, orders[6].status) == (70, "open")


def test_changes_are_asked_for_in_the_apis_own_form(database: Database, shop: Shop) -> None:
    (declaration,) = sources.parse(f'[[source]]\nname = "shop"\nkind = "rest"\nstreams = ["people"]\n{shop.toml()}')
    sync_source(database, declaration)
    shop.seen.clear()
    (report,) = sync_source(database, declaration)
    assert "q=changed%3E%3D2026-03-0" in shop.seen[0]
    assert report.counts.written == 0


def test_an_api_that_gives_tokens_is_asked_by_oauth(database: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_REFRESH", shop.tokens.FIRST)
    monkeypatch.setenv("CROSSWALK_HOME", str(shop.folder / "home"))
    said = shop.toml().replace('secret = "env:CONFORMANCE_SECRET"\n', "").replace('[source.auth]\nkind = "basic"\nuser = "us"\n', "")
    oauth = f'[source.oauth]\ntoken_url = "{shop.url}/oauth/token"\nclient_id = "us"\nrefresh_token = "env:CONFORMANCE_REFRESH"\n'
    (declaration,) = sources.parse(f'[[source]]\nname = "shop"\nkind = "rest"\nstreams = ["orders"]\n{said}\n{oauth}')
    (report,) = sync_source(database, declaration)
    assert report.counts.written == len(ORDERS)
    assert len(shop.tokens.asked) == 1
