"""HubSpot by its connector, against the sandbox's stub over real HTTP: what a first sync, changes, archiving and erasing come to."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors import sources
from connectors.account.entrance import Patience
from connectors.check import check
from connectors.errors import RateLimitedError
from connectors.landing.sync import open_connector, sync_stream
from connectors.sources import SourceDeclaration
from connectors.vendors.hubspot.connector import HubSpot
from crosswalk.sandbox import Faults, Limits, Sandbox, build, serve
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.tokens import Tokens
from tests.integration.conformance.worlds.hubspot import HubSpotWorld, record
from tests.state import versions

FREE = Limits(100_000, 100_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture
def sandbox(folder: Path) -> Sandbox:
    return build(folder, organizations=30)


def declared(url: str, token: str, more: str = "") -> SourceDeclaration:
    os.environ["SANDBOX_HUBSPOT"] = token
    (declaration,) = sources.parse(
        f'[[source]]\nname = "crm"\nkind = "hubspot"\nurl = "{url}"\nsecret = "env:SANDBOX_HUBSPOT"\n'
        f"requests_per_second = 500.0\nsearches_per_second = 500.0\n{more}"
    )
    return declaration


@pytest.fixture
def crm(sandbox: Sandbox) -> Iterator[SourceDeclaration]:
    with serve(sandbox, limits=FREE) as urls:
        yield declared(urls.hubspot, urls.hubspot_token)


def living(database: Database, stream: str) -> set[str]:
    table = landing.record
    with database.begin() as connection:
        return set(connection.execute(select(table.c.key).where(table.c.stream == stream, table.c.deleted_at.is_(None))).scalars())


def payload(database: Database, ref: str) -> dict:
    with database.begin() as connection:
        return connection.execute(select(landing.record.c.payload).where(landing.record.c.ref == ref)).scalar_one()


def test_everything_is_landed_and_a_second_sync_writes_nothing(database: Database, sandbox: Sandbox, crm: SourceDeclaration) -> None:
    for stream in ("companies", "contacts"):
        sync_stream(database, crm, stream)
        held = getattr(sandbox.crm, stream)
        assert living(database, stream) == {key for key, one in held.items() if not one["archived"]}
    key = next(key for key, one in sandbox.crm.contacts.items() if "associatedcompanyid" in one["properties"] and not one["archived"])
    assert payload(database, f"crm/contacts/{key}")["associations"]["companies"] == sandbox.crm.associations["contacts/companies"][key]
    with database.begin() as connection:
        before = versions(connection)
    reports = [sync_stream(database, crm, stream) for stream in ("companies", "contacts")]
    assert [report.counts.written for report in reports] == [0, 0]
    with database.begin() as connection:
        assert versions(connection) == before


def test_changes_archiving_erasing_and_new_associations_are_found(database: Database, sandbox: Sandbox, crm: SourceDeclaration) -> None:
    sync_stream(database, crm, "contacts")
    contacts = [key for key, one in sandbox.crm.contacts.items() if not one["archived"]]
    archived, erased, moved = contacts[3], contacts[5], contacts[7]
    changed = {ref.rsplit("/", 1)[1] for ref in sandbox.change(10, seed=1) if ref.startswith("crm/contacts/")}
    sandbox.archive(f"crm/contacts/{archived}")
    sandbox.delete(f"crm/contacts/{erased}")
    company = next(iter(sandbox.crm.companies))
    sandbox.crm.associate("contacts", moved, "companies", company)
    sandbox.crm.contacts[moved]["properties"]["lastmodifieddate"] = "2026-11-01T09:00:00.000Z"
    sandbox.revision += 1
    report = sync_stream(database, crm, "contacts")
    assert report.counts.written == len((changed | {moved}) - {archived, erased})
    assert report.counts.tombstoned == 2
    assert {archived, erased} & living(database, "contacts") == set()
    assert company in payload(database, f"crm/contacts/{moved}")["associations"]["companies"]


def test_a_search_is_continued_past_the_vendors_limit_though_all_changed_at_one_time(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HubSpotWorld, "results", 20)
    world = HubSpotWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    with world.serve():
        crm = world.declaration("crm")
        world.shelf.fill(5)
        sync_stream(database, crm, "contacts")
        imported = world.shelf.now + timedelta(seconds=1)
        for number in range(1, 60):
            world.shelf.put(str(number), f"Imported {number}", at=imported)
        assert sync_stream(database, crm, "contacts").counts.written == 59
    assert living(database, "contacts") == set(world.shelf.truth())


def test_associations_are_read_to_the_end_of_each_records_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Many(HubSpotWorld):
        async def _associations(self, request: Request) -> Response:
            inputs = (await request.json())["inputs"]
            results = []
            for one in inputs:
                start = int(one.get("after", 0))
                row = {"from": {"id": one["id"]}, "to": [{"toObjectId": start + number} for number in (1, 2)]}
                results.append(row | ({"paging": {"next": {"after": str(start + 2)}}} if start < 4 else {}))
            return JSONResponse({"status": "COMPLETE", "results": results})

    world = Many(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    world.shelf.fill(2)
    with world.serve():
        connector = open_connector(world.declaration("crm"))
        page = next(connector.pull("contacts", {"since": "2026-03-02T11:00:00+00:00"}))
        connector.close()
    assert [one.payload["associations"] for one in page.records] == [{"companies": ["1", "2", "3", "4", "5", "6"]}] * 2


def test_all_is_read_again_once_a_day_for_what_no_time_of_change_tells(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = HubSpotWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    with world.serve():
        crm = world.declaration("crm")
        world.shelf.fill(3)
        world.shelf.now += timedelta(hours=1)
        world.shelf.put("3", "Fresh")
        sync_stream(database, crm, "contacts")
        world.company = "901"
        counts = []
        for hours in (6, 24, 1):
            world.shelf.now += timedelta(hours=hours)
            world.shelf.put("3", f"Changed in {hours}")
            counts.append(sync_stream(database, crm, "contacts").counts.written)
    assert counts == [1, 1, 3]
    assert payload(database, "crm/contacts/1")["associations"] == {"companies": ["901"]}


def test_what_was_merged_into_another_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Merged(HubSpotWorld):
        async def _one(self, request: Request) -> Response:
            return JSONResponse(record(self.shelf.items["1"]))

    world = Merged(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    world.shelf.fill(2)
    with world.serve(), closing(HubSpot(world.declaration("crm"))) as connector:
        assert connector.fetch("contacts", "2") is None


def test_a_token_is_got_where_hubspot_gives_them_from_2026_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Renewing(HubSpotWorld):
        def routes(self) -> list[Route]:
            return [*super().routes(), Route("/oauth/2026-03/token", self.tokens.answer, methods=["POST"])]

        def open_paths(self) -> tuple[str, ...]:
            return ("/oauth/2026-03/token",)

    world = Renewing(tmp_path)
    monkeypatch.setenv("CONFORMANCE_REFRESH", Tokens.FIRST)
    world.shelf.fill(2)
    oauth = '[source.oauth]\nclient_id = "us"\nrefresh_token = "env:CONFORMANCE_REFRESH"'
    with world.serve(), closing(HubSpot(world.declaration("crm", oauth))) as connector:
        assert connector.count("contacts") == 2


def test_a_limit_is_told_by_either_of_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = HubSpotWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    body = {"status": "error", "message": "You have reached your secondly limit.", "errorType": "RATE_LIMIT", "policyName": "SECONDLY"}
    world.trouble = lambda request, number: JSONResponse(body, 429)
    with world.serve(), closing(HubSpot(world.declaration("crm"))) as connector:
        connector.door.patience = Patience(deadline=0.5)
        with pytest.raises(RateLimitedError, match="429 RATE_LIMIT"):
            connector.count("contacts")


def test_faults_on_the_way_cost_retries_and_no_record(database: Database, sandbox: Sandbox) -> None:
    with serve(sandbox, limits=FREE, faults=Faults(0.25, seed=3, kinds=("500", "truncated", "closed", "content_type"))) as urls:
        report = sync_stream(database, declared(urls.hubspot, urls.hubspot_token, "page_size = 20\n"), "contacts")
    assert report.counts.written == sum(not one["archived"] for one in sandbox.crm.contacts.values())
    with database.begin() as connection:
        retries = connection.execute(select(landing.sync_run.c.retries)).scalar_one()
        failed = connection.execute(select(func.count()).where(landing.access_log.c.failed)).scalar_one()
        paths = connection.execute(select(landing.access_log.c.path).distinct()).scalars().all()
    assert retries == failed > 0
    assert not any("?" in path for path in paths)


def test_check_says_in_a_line_what_is_wrong(crm: SourceDeclaration) -> None:
    assert check(crm).ok
    os.environ["SANDBOX_HUBSPOT"] = "wrong"
    finding = check(crm)
    assert (finding.ok, "\n" in finding.line) == (False, False)
    assert "401 INVALID_AUTHENTICATION" in finding.line
    assert "Renew the secret" in finding.line
    del os.environ["SANDBOX_HUBSPOT"]
    assert "env:SANDBOX_HUBSPOT is empty" in check(crm).line
