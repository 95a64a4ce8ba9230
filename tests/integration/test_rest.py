"""Declared APIs of other habits than the conformance suite's: addresses in a header, numbered pages, a password, deletion by a field."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors import sources
from connectors.account.entrance import Patience
from connectors.connector import Fetches
from connectors.errors import (
    ConfigurationError,
    NotFoundError,
    PermanentError,
    PermissionDeniedError,
    SchemaError,
    TransientError,
)
from connectors.landing import deletions
from connectors.landing.sync import open_connector, sync_stream
from connectors.records import Page
from connectors.staging.pending import map_pending
from sql.database import Database
from sql.tables import landing, staging
from tests.integration.conformance.world import HttpWorld, Item
from tests.integration.conformance.worlds.graphql import GraphQlWorld
from tests.integration.streams import sync_source

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
    sync_source(database, declaration)
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


class Rows(HttpWorld):
    """A list without times of change. paging, more: how it is declared; answers: what is given for the requests, instead of the rows."""

    kind, stream = "rest", "things"
    paging, more, size = '{ kind = "whole" }', "", 4

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answers: list[str | dict[str, Any] | list[Any]] = []
        self.hidden, self.phantom = set[str](), list[str]()
        self.trouble = lambda request, number: given(self.answers.pop(0)) if self.answers else None

    def toml(self) -> str:
        return f"""url = "{self.url}"
secret = "env:CONFORMANCE_SECRET"
page_size = {self.size}
requests_per_second = 5000.0
[[source.stream]]
name = "things"
path = "/v2/things"
paging = {self.paging}
{self.more}
[source.mapping.things]
kind = "organization"
name = "name\""""

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return str(payload["name"])

    def routes(self) -> list[Route]:
        return [Route("/v2/things", self._things), Route("/v2/ids", self._things), Route("/v2/things/{key}", self._one)]

    async def _things(self, request: Request) -> Response:
        """Never more than four at once. Of /v2/ids also what is `phantom`; of neither what is `hidden`."""
        query, since = request.query_params, request.query_params.get("since", "")
        rows = [row for row in map(told, self.shelf.living()) if row["id"] not in self.hidden and row["at"] >= since]
        rows += [{"id": key} for key in self.phantom] if request.url.path == "/v2/ids" else []
        first = int(query["offset"]) if "offset" in query else (int(query["page"]) - 1) * 4
        return given(rows[first : first + 4])

    async def _one(self, request: Request) -> Response:
        item = self.shelf.items.get(request.path_params["key"])
        return given(told(item)) if item and not item.deleted else self.refused(404)

    def asked(self) -> list[str]:
        """The single records that were asked for."""
        return [one.partition("?")[0].rpartition("/")[2] for one in self.seen if one.startswith("GET /v2/things/")]

    def when(self, number: int, act: Callable[[], object]) -> None:
        """Do it as the request of that number comes, from 0 on."""
        self.seen.clear()
        self.trouble = lambda request, _: act() and None if len(self.seen) == number + 1 else None

    def read(self) -> list[Page]:
        """What the connector reads, without a database."""
        connector = open_connector(self.declaration("rows"))
        assert connector.door
        connector.door.patience = Patience(deadline=0.5, longest_wait=0.05)
        try:
            return list(connector.pull("things", None))
        finally:
            connector.close()


def told(item: Item) -> dict[str, Any]:
    return {"id": item.key, "name": item.name, "at": item.at.isoformat(), **item.extra}


def given(answer: str | dict[str, Any] | list[Any]) -> Response:
    return Response(answer if isinstance(answer, str) else json.dumps(answer), media_type="application/json")


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rows]:
    rows = Rows(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", rows.token)
    with rows.serve():
        yield rows


def living(database: Database) -> set[str]:
    with database.begin() as connection:
        return set(connection.execute(select(landing.record.c.key).where(landing.record.c.deleted_at.is_(None))).scalars())


@pytest.mark.parametrize("count", [1, 4, 7, 8])
@pytest.mark.parametrize("beyond", ["[]", "404", "400", "the last page again"])
def test_pages_by_number_are_read_to_the_last_however_few_a_server_gives(rows: Rows, beyond: str, count: int) -> None:
    rows.paging, rows.size = '{ kind = "page" }', 100
    rows.shelf.fill(count)

    def refuse(request: Request, number: int) -> Response | None:
        if (int(request.query_params["page"]) - 1) * 4 < count or beyond == "[]":
            return None
        left = (count - 1) % 4 + 1
        last = [{"id": one.key, "name": one.name} for one in rows.shelf.living()[-left:]]
        return Response(status_code=int(beyond)) if beyond.isdigit() else given(last)

    rows.trouble = refuse
    if beyond == "400" and count == 8:  # nothing tells it from a list that is too long to be read to its end so
        with pytest.raises(PermanentError):
            rows.read()
        return
    assert {one.key for page in rows.read() for one in page.records} == set(rows.shelf.truth())


def test_a_first_page_that_is_not_found_is_no_empty_list(rows: Rows) -> None:
    rows.paging = '{ kind = "page" }'
    rows.trouble = lambda request, number: Response(status_code=404)
    with pytest.raises(NotFoundError):
        rows.read()


ONE = 'one = "/v2/things/{key}"\n'
SINCE = 'updated = "at"\nsince = { param = "since", lookback = 0 }\n'
IDS = 'ids = { path = "/v2/ids" }\n'


@pytest.mark.parametrize("one", [ONE, ""])
@pytest.mark.parametrize("paging", ["offset", "page"])
def test_a_row_that_moves_to_a_page_listed_already_is_not_thought_deleted(database: Database, rows: Rows, paging: str, one: str) -> None:
    rows.paging, rows.more = f'{{ kind = "{paging}" }}', one
    rows.shelf.fill(12)
    sync_stream(database, rows.declaration("rows"), "things")
    assert len(rows.seen) == 4 + 4  # read, and listed once
    rows.when(4 + 1, lambda: rows.shelf.remove("1"))  # all is read, and a page is listed
    report = sync_stream(database, rows.declaration("rows"), "things")
    assert (report.counts.tombstoned, report.warnings) == (0, ())
    assert living(database) - {"1"} == set(rows.shelf.truth())
    rows.seen.clear()
    assert sync_stream(database, rows.declaration("rows"), "things").counts.tombstoned == 1
    assert living(database) == set(rows.shelf.truth())
    assert len(rows.seen) == 4 + 4 + (2 if one else 4)  # one that is there, and the one that is gone; or all again


@pytest.mark.parametrize("one", [ONE, ""])
def test_a_row_that_moves_to_a_page_read_already_is_read_all_the_same_or_told_of(database: Database, rows: Rows, one: str) -> None:
    rows.paging, rows.more = '{ kind = "offset" }', f"{SINCE}{one}"
    rows.shelf.fill(12)
    rows.when(1, lambda: rows.shelf.remove("1"))
    report = sync_stream(database, rows.declaration("rows"), "things")
    lost = set() if one else {"5"}
    assert living(database) == set(rows.shelf.truth()) - lost
    assert report.counts.written == 12 - len(lost)
    for _ in range(2):
        assert [line.partition(" that")[0] for line in report.warnings] == ([] if one else ["1 records are listed"])
        rows.seen.clear()
        report = sync_stream(database, rows.declaration("rows"), "things")
        assert (report.counts.written, rows.asked()) == (0, [])


def test_ids_that_are_listed_and_never_given_cost_few_requests_and_are_told_of(database: Database, rows: Rows) -> None:
    rows.paging, rows.more = '{ kind = "offset" }', f"{SINCE}{ONE}{IDS}"
    rows.phantom = [f"p{number}" for number in range(50)]
    rows.shelf.fill(8)
    seen = set()
    for _ in range(3):
        rows.seen.clear()
        report = sync_stream(database, rows.declaration("rows"), "things")
        assert len(rows.asked()) == deletions.IN_VAIN
        assert "50 records are listed" in report.warnings[0]
        seen |= set(rows.asked())
    assert len(seen) > deletions.IN_VAIN  # others each time, so that what can be had is had one day
    rows.shelf.remove("3")
    assert sync_stream(database, rows.declaration("rows"), "things").counts.tombstoned == 1
    rows.phantom *= 3
    rows.phantom += [f"q{number}" for number in range(51)]
    rows.seen.clear()
    assert "101 records are listed" in sync_stream(database, rows.declaration("rows"), "things").warnings[0]
    assert rows.asked() == []


def test_what_is_in_quarantine_is_not_asked_for(database: Database, rows: Rows) -> None:
    rows.paging, rows.more = '{ kind = "offset" }', f"{SINCE}{ONE}"
    rows.shelf.fill(3)
    rows.shelf.put("2", "Odd", weight=float("inf"))
    report = sync_stream(database, rows.declaration("rows"), "things")
    assert (report.counts.quarantined, report.warnings, rows.asked()) == (1, (), [])


def test_what_was_passed_over_and_cannot_be_stored_is_quarantined(database: Database, rows: Rows) -> None:
    rows.paging, rows.more = '{ kind = "offset" }', f"{SINCE}{ONE}"
    rows.shelf.fill(12)
    rows.shelf.put("5", "Odd", weight=float("inf"))
    rows.when(1, lambda: rows.shelf.remove("1"))
    report = sync_stream(database, rows.declaration("rows"), "things")
    assert (report.counts.quarantined, report.warnings, "5" in rows.asked()) == (1, (), True)


def test_what_left_the_list_is_gone_though_it_can_still_be_asked_for(database: Database, rows: Rows) -> None:
    rows.paging, rows.more = '{ kind = "offset" }', ONE
    rows.shelf.fill(8)
    sync_stream(database, rows.declaration("rows"), "things")
    rows.hidden = {"3"}
    assert sync_stream(database, rows.declaration("rows"), "things").counts.tombstoned == 1
    rows.seen.clear()
    sync_stream(database, rows.declaration("rows"), "things")
    assert rows.asked() == []


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_record_that_cannot_be_asked_for_stays_and_the_sync_goes_on(
    database: Database, rows: Rows, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "TRIES", 1)
    rows.paging, rows.more = '{ kind = "offset" }', ONE
    rows.shelf.fill(8)
    sync_stream(database, rows.declaration("rows"), "things")
    for key in ("3", "4"):
        rows.shelf.remove(key)
    rows.shelf.put("9", "New")
    rows.trouble = lambda request, _: rows.refused(status) if request.url.path == "/v2/things/3" else None
    report = sync_stream(database, rows.declaration("rows"), "things")
    assert (report.status, report.counts.written) == ("succeeded", 1)
    assert "3" in living(database)
    assert "can't be asked" in report.warnings[0]
    rows.trouble = lambda request, _: None
    sync_stream(database, rows.declaration("rows"), "things")
    assert living(database) == set(rows.shelf.truth())


def test_where_no_single_record_may_be_read_all_is_listed_again(database: Database, rows: Rows) -> None:
    rows.paging, rows.more = '{ kind = "offset" }', ONE
    rows.shelf.fill(8)
    sync_stream(database, rows.declaration("rows"), "things")
    rows.shelf.remove("3")
    rows.trouble = lambda request, _: rows.refused(403) if request.url.path.startswith("/v2/things/") else None
    report = sync_stream(database, rows.declaration("rows"), "things")
    assert (report.counts.tombstoned, report.warnings, len(rows.asked())) == (1, (), 1)


def test_so_many_that_they_are_not_believed_are_not_asked_for(database: Database, rows: Rows) -> None:
    rows.paging, rows.more = '{ kind = "offset" }', ONE
    rows.shelf.fill(40)
    sync_stream(database, rows.declaration("rows"), "things")
    rows.hidden = {str(number) for number in range(1, 31)}
    report = sync_stream(database, rows.declaration("rows"), "things")
    assert (report.counts.tombstoned, rows.asked()) == (0, [])
    assert "lists only 10 of 40" in report.warnings[0]


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ({"rows": []}, SchemaError, "no list of records at data"),
        ({"data": None}, SchemaError, "no list of records at data"),
        ({"data": {"id": 1}}, SchemaError, "no list of records at data"),
        ([{"id": 1}], SchemaError, "no list of records at data"),
        ("", SchemaError, "no list of records at data"),
        ("<html>Sign in</html>", TransientError, "not JSON"),
        ('{"data": [', TransientError, "not JSON"),
        ({"data": [], "next": "https://other.example/v2/things"}, SchemaError, "another host"),
        ({"data": [], "next": "//other.example/v2/things"}, SchemaError, "another host"),
        ({"data": [], "next": {"href": "/v2/things?p=2"}}, SchemaError, "no address"),
        ({"data": [], "next": "http://[/"}, SchemaError, "an address that is none"),
    ],
)
def test_an_answer_that_is_no_page_stops_the_stream_and_says_why(
    rows: Rows, answer: str | dict[str, Any], error: type[Exception], said: str
) -> None:
    rows.paging, rows.more = '{ kind = "link", next = "next" }', 'records = "data"'
    rows.answers = [answer] * 1000
    with pytest.raises(error, match=said):
        rows.read()
    assert {one.partition("?")[0] for one in rows.seen} == {"GET /v2/things"}


@pytest.mark.parametrize("link", ["/v2/things?p=2", "?p=2", "things?p=2", "{url}/v2/things?p=2"])
def test_a_link_may_be_relative(rows: Rows, link: str) -> None:
    rows.paging, rows.more = '{ kind = "link", next = "next" }', 'records = "data"'
    rows.answers = [{"data": [{"id": 1}], "next": link.format(url=rows.url)}, {"data": [{"id": 2}]}]
    assert [one.key for page in rows.read() for one in page.records] == ["1", "2"]
    assert rows.seen[1] == "GET /v2/things?p=2"


def test_a_source_that_leads_in_a_circle_is_left(rows: Rows) -> None:
    rows.paging, rows.more = '{ kind = "cursor", next = "next" }', 'records = "data"'
    rows.answers = [{"data": [{"id": number}], "next": f"c{number % 3}"} for number in range(1000)]
    with pytest.raises(SchemaError, match="the same page again and again"):
        rows.read()
    assert len(rows.seen) < 12


@pytest.mark.parametrize("yes", [True, 1, "true", "Y"])
def test_that_there_are_more_is_heard_however_it_is_said(rows: Rows, yes: Any) -> None:
    rows.paging, rows.more = '{ kind = "cursor", next = "next", more = "more" }', 'records = "data"'
    rows.answers = [{"data": [{"id": 1}], "next": "c", "more": yes}, {"data": [{"id": 2}], "next": "d", "more": "false"}]
    assert [one.key for page in rows.read() for one in page.records] == ["1", "2"]
    rows.answers = [{"data": [{"id": 1}], "more": yes}]
    with pytest.raises(SchemaError, match="names no cursor at next"):
        rows.read()


def test_a_vendor_that_gives_fewer_than_it_is_asked_for_is_read_to_the_end(rows: Rows) -> None:
    rows.shelf.fill(9)
    rows.paging = '{ kind = "offset" }'
    rows.size = 100
    assert sum(len(page.records) for page in rows.read()) == 9


def test_hostile_values_are_quarantined_one_by_one(rows: Rows, database: Database) -> None:
    rows.more = 'updated = "at"\ndeleted = "gone"\nlists_ids = false'
    values = (
        '{"id": 1, "name": null, "at": 1e999}', '{"id": "2", "at": NaN}', '{"id": 3, "at": "never", "gone": "false"}',
        '{"id": null}', '{"id": {"a": 1}}', '{"id": true}', '{"id": 1.5}', '{"id": ""}', 'null', '7', '[]',
        '{"id": "4\\u0000"}', '{"id": "7", "gone": "2026-03-02"}', '{"id": 123456789012345678901234567890, "at": 1772000000}',
        '{"id": 6, "deep": {"a": [null, {"b": null}]}, "gone": 0}',
    )  # fmt: skip
    rows.answers = [f"[{','.join(values)}]"]
    report = sync_stream(database, rows.declaration("rows"), "things")
    assert living(database) == {"3", "123456789012345678901234567890", "6"}
    assert report.counts.tombstoned == 1
    assert report.counts.quarantined == 11
    map_pending(database, [rows.declaration("rows")])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('since = { param = "q", form = "changed" }\nupdated = "at"', "needs {} once"),
        ('one = "/v2/things"', "needs {key}"),
    ],
)
def test_a_declaration_that_would_ask_for_something_else_is_refused(rows: Rows, wrong: str, said: str) -> None:
    rows.more = wrong
    with pytest.raises((ConfigurationError, ValueError), match=said):
        open_connector(rows.declaration("rows"))


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GraphQlWorld]:
    graph = GraphQlWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", graph.token)
    with graph.serve():
        yield graph


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ({"errors": [{"message": "no", "extensions": "odd"}]}, PermanentError, "200 error"),
        ({"errors": ["no"]}, PermanentError, "200 error"),
        ({"errors": {"message": "no"}}, PermanentError, "200 error"),
        ({"errors": [{"type": "FORBIDDEN"}], "data": {"customers": {"nodes": []}}}, PermissionDeniedError, "200 FORBIDDEN"),
        ({"data": None}, SchemaError, "no list of records at data.customers.nodes"),
        ({"data": {"customers": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}}}, SchemaError, "names no cursor"),
    ],
)
def test_an_answer_of_graphql_that_is_no_page_stops_the_stream_and_says_why(
    graph: GraphQlWorld, answer: dict[str, Any], error: type[Exception], said: str
) -> None:
    graph.trouble = lambda request, number: JSONResponse(answer)
    connector = open_connector(graph.declaration("graph"))
    with pytest.raises(error, match=said):
        list(connector.pull("customers", None))
    connector.close()


@pytest.mark.parametrize("answer", [{"errors": [{"type": "NOT_FOUND"}]}, {"data": {"customer": None}}, {"data": {"customer": {"id": "9"}}}])
def test_a_record_that_graphql_has_not_or_that_is_another_is_none(graph: GraphQlWorld, answer: dict[str, Any]) -> None:
    graph.trouble = lambda request, number: JSONResponse(answer)
    connector = open_connector(graph.declaration("graph"))
    assert isinstance(connector, Fetches)
    assert connector.fetch("customers", "1") is None
    connector.close()
