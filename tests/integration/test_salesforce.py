"""What is particular to Salesforce: bulk jobs that outlive a sync, fields that differ by org, the recycle bin, conditional writes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.connector import Change
from connectors.errors import ConfigurationError, PermanentError, PreconditionError
from connectors.landing.sync import sync_stream
from connectors.vendors.salesforce.connector import Salesforce, pause
from connectors.vendors.salesforce.objects import literal
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.salesforce import ROOT, SalesforceWorld


class Org(SalesforceWorld):
    """Every first load is a bulk job; what is written is kept, with the condition it came under."""

    more = "bulk_from = 1"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.written: list[tuple[str, str, str | None, dict[str, object]]] = []
        self.changed_at = "Mon, 02 Mar 2026 08:15:00 GMT"

    def routes(self) -> list[Route]:
        kept = [Route(f"{ROOT}/sobjects/Account/{path}", self._write, methods=["PATCH"]) for path in ("{key}", "{field}/{key}")]
        return [*kept, *super().routes(), Route(f"{ROOT}/sobjects/Account", self._write, methods=["POST"])]

    async def _write(self, request: Request) -> Response:
        until = request.headers.get("If-Unmodified-Since")
        if until and until != self.changed_at:
            return JSONResponse([{"message": "changed", "errorCode": "PRECONDITION_FAILED"}], 412)
        self.written.append((request.method, request.url.path.removeprefix(f"{ROOT}/sobjects/"), until, await request.json()))
        made = request.method == "POST" or "field" in request.path_params
        return JSONResponse({"id": "001NEW", "success": True}, 201) if made else Response(status_code=204)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Org]:
    world = Org(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    with world.serve():
        yield world


def landed(database: Database, world: Org) -> dict[str, str]:
    columns = landing.record.c
    with database.begin() as connection:
        rows = connection.execute(select(columns.key, columns.payload).where(columns.deleted_at.is_(None)))
        return {world.key_of(row.key): row.payload["Name"] for row in rows}


Opened = Callable[..., Salesforce]


@pytest.fixture
def opened(world: Org) -> Iterator[Opened]:
    """Opens the connector, with more lines in its declaration; closed at the end."""
    with ExitStack() as stack:
        yield lambda more="": stack.enter_context(closing(Salesforce(world.declaration("crm", more))))


def test_a_bulk_job_that_a_killed_sync_left_is_read_on_by_the_next(world: Org, opened: Opened) -> None:
    world.shelf.fill(10)
    pages = opened().pull("accounts", None)
    begun, first = next(pages), next(pages)
    assert (len(begun.records), len(first.records)) == (0, 4)
    rest = list(opened().pull("accounts", first.position))
    assert [world.key_of(one.key) for page in rest for one in page.records] == ["5", "6", "7", "8", "9", "10"]
    assert len(world.jobs) == 1
    assert set(rest[-1].position) == {"since"}


def test_a_job_that_is_gone_is_begun_anew(world: Org, opened: Opened) -> None:
    world.shelf.fill(6)
    keys = [one.key for page in opened().pull("accounts", {"page": {"job": "750LOST"}}) for one in page.records]
    assert [world.key_of(key) for key in keys] == ["1", "2", "3", "4", "5", "6"]


def test_a_job_that_failed_says_why(world: Org, opened: Opened) -> None:
    world.shelf.fill(1)
    failed = {"state": "Failed", "errorMessage": "InvalidBatch"}
    world.trouble = lambda request, number: JSONResponse(failed) if "/jobs/query/750" in request.url.path else None
    with pytest.raises(PermanentError, match="failed: InvalidBatch"):
        list(opened().pull("accounts", None))


def test_what_a_bulk_job_gave_is_the_same_by_rest_and_what_lies_in_the_bin_is_gone(database: Database, world: Org) -> None:
    crm = world.declaration("crm")
    world.shelf.fill(10)
    assert sync_stream(database, crm, "accounts").counts.written == 10
    world.shelf.remove("2")  # into the bin
    world.shelf.remove("3")  # emptied from it
    counts = sync_stream(database, crm, "accounts").counts
    assert (counts.written, counts.tombstoned) == (0, 2)
    assert landed(database, world) == world.shelf.truth()
    assert len(world.jobs) == 1


def test_only_fields_that_are_there_are_asked_for_and_the_users_own_must_be(world: Org, opened: Opened) -> None:
    world.shelf.put("1", "A", tier="gold")
    fields = opened().objects.fields("accounts")
    assert {"Id", "SystemModstamp", "Name", "BillingCity", "tier__c", "Fax"} <= set(fields)
    assert not {"Website", "PersonEmail", "BillingAddress", "LastViewedDate"} & set(fields)
    with pytest.raises(ConfigurationError, match="no field Nick__c"):
        opened('[source.mapping.accounts]\ntier = "tier__c"\nnickname = "Nick__c"').check()


def test_contacts_that_stand_beside_accounts_of_persons_are_not_read(opened: Opened) -> None:
    objects = opened().objects
    objects._types["contacts"] = {"Id": "id", "IsPersonAccount": "boolean"}
    asked = objects.query("contacts", "IsDeleted = false", fields="Id")
    assert asked == "SELECT Id FROM Contact WHERE IsDeleted = false AND IsPersonAccount = false"


def test_a_change_is_made_only_if_nothing_changed_and_a_new_record_once(world: Org, opened: Opened) -> None:
    connector = opened('external_id = "Key__c"')
    seen, older = ({"LastModifiedDate": at} for at in ("2026-03-02T09:15:00.000+0100", "2026-03-01T00:00:00.000+0000"))
    assert connector.apply(Change("accounts", "001A", {"Name": "B"}, "k1", seen=seen)) == "001A"
    with pytest.raises(PreconditionError):
        connector.apply(Change("accounts", "001A", {"Name": "C"}, "k2", seen=older))
    assert connector.applies_once
    assert connector.apply(Change("accounts", None, {"Name": "New"}, "k 3")) == "001NEW"
    assert world.written == [
        ("PATCH", "Account/001A", world.changed_at, {"Name": "B"}),
        ("PATCH", "Account/Key__c/k 3", None, {"Name": "New"}),
    ]


def test_what_was_made_is_found_by_what_it_holds(world: Org, opened: Opened) -> None:
    world.shelf.put("7", "O'Neill \\ Sons")
    assert opened().find("accounts", {"Name": "O'Neill \\ Sons"}) == ["001000000000000007"]
    assert opened().find("accounts", {"Name": "O'Neill"}) == []
    said = [literal(*one) for one in ((True, "boolean"), (12.5, "currency"), ("2026-03-02", "date"), ("2026-03-02", "string"))]
    assert said == ["true", "12.5", "2026-03-02", "'2026-03-02'"]


def test_a_day_whose_requests_are_used_up_makes_a_pause() -> None:
    assert [pause({"Sforce-Limit-Info": f"api-usage={used}/5000"}) for used in (18, 5000)] == [0.0, 60.0]  # type: ignore[arg-type]
