"""What is particular to BottleCRM: rows that tell of now, lists side by side, tokens that end with 403, and what its lists hide."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.account.entrance import Patience
from connectors.connector import Change, Connector
from connectors.errors import AuthenticationError, PermanentError, PermissionDeniedError
from connectors.landing.sync import open_connector
from tests.integration.conformance.worlds.bottlecrm import BottleCrmWorld

COLLEAGUE = {"id": "p1", "role": "ADMIN", "user_details": {"id": "u1", "email": "o@a.example", "name": "Ole", "last_login": "yesterday"}}


class Deals(BottleCrmWorld):
    """Deals beside the accounts, their owner signing in with every request; what is written is kept."""

    stream = "opportunities"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked, self.written = 0, list[tuple[str, str, Any]]()

    def routes(self) -> list[Route]:
        kept = [Route("/api/opportunities/", self._write, methods=["POST"])]
        kept += [Route("/api/opportunities/{key}/", self._write, methods=["PATCH"])]
        return [*kept, Route("/api/opportunities/", self._deals), *super().routes()]

    async def _deals(self, request: Request) -> Response:
        self.asked += 1
        colleague = {**COLLEAGUE, "user_details": {**COLLEAGUE["user_details"], "last_login": f"{self.asked} minutes ago"}}  # type: ignore[dict-item]
        contacts = [{"id": "c2", "first_name": "B"}, {"id": "c1", "first_name": "A"}][:: 1 if self.asked % 2 else -1]
        deal = {"id": "o1", "name": "Shelves", "days_in_stage": self.asked, "created_on_arrow": f"{self.asked} minutes ago"}
        deal |= {"assigned_to": [colleague], "contacts": contacts, "tags": []}
        return JSONResponse({"opportunities_count": 1, "opportunities": [deal]})

    async def _write(self, request: Request) -> Response:
        body = await request.json()
        if "amount" in body and body["amount"] < 0:
            return JSONResponse({"error": True, "errors": {"amount": ["Too small."]}}, 400)
        self.written.append((request.method, request.url.path, body))
        return JSONResponse({"error": False, "message": "Updated", **({"id": "o2"} if request.method == "POST" else {})})


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deals]:
    world = Deals(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    with world.serve():
        yield world


@pytest.fixture
def crm(world: Deals) -> Iterator[Connector]:
    connector = open_connector(world.declaration("crm"))
    assert connector.door
    connector.door.patience = Patience(attempts=1)
    yield connector
    connector.close()


def test_a_deal_that_only_grew_older_is_the_same_deal(crm: Connector) -> None:
    first, second = ([one.payload for page in crm.pull("opportunities", None) for one in page.records] for _ in range(2))
    assert first == second
    assert first == [
        {
            "id": "o1",
            "name": "Shelves",
            "assigned_to": [{"id": "p1", "name": "Ole", "email": "o@a.example"}],
            "contacts": [{"id": "c1", "first_name": "A"}, {"id": "c2", "first_name": "B"}],
            "tags": [],
        }
    ]


def test_the_longer_of_two_lists_is_read_to_its_end(world: Deals, crm: Connector) -> None:
    world.shelf.fill(31)
    assert {one.key for page in crm.pull("accounts", None) for one in page.records} == set(world.shelf.truth())
    assert {key for batch in crm.list_ids("accounts") for key in batch} == set(world.shelf.truth())
    assert crm.count("accounts") == 31


def test_a_record_that_goes_while_ids_are_listed_hides_no_other(world: Deals, crm: Connector) -> None:
    world.shelf.fill(1500)
    pages = []

    def remove(request: Request, number: int) -> None:
        if request.query_params.get("offset") == "500":
            pages.append(number)
            if len(pages) == 1:
                world.shelf.remove("1")

    world.trouble = remove
    assert {key for batch in crm.list_ids("accounts") for key in batch} >= set(world.shelf.truth())
    assert len(pages) == 2


def test_a_token_that_ended_and_one_held_to_other_scopes_are_told_apart(world: Deals, crm: Connector) -> None:
    world.trouble = lambda request, number: world.refused(401)
    with pytest.raises(AuthenticationError, match="403 no_organization"):
        crm.check()
    denied = {"detail": "This token is not scoped for read access to accounts. It needs the accounts:read scope."}
    world.trouble = lambda request, number: JSONResponse(denied, 403)
    with pytest.raises(PermissionDeniedError, match="403 scope"):
        crm.check()


def test_a_change_is_patched_and_a_new_record_posted(world: Deals, crm: Connector) -> None:
    assert crm.apply(Change("opportunities", "o1", {"amount": 10}, "once")) == "o1"  # type: ignore[attr-defined]
    assert crm.apply(Change("opportunities", None, {"name": "New"}, "twice")) == "o2"  # type: ignore[attr-defined]
    assert world.written == [("PATCH", "/api/opportunities/o1/", {"amount": 10}), ("POST", "/api/opportunities/", {"name": "New"})]
    with pytest.raises(PermanentError, match="400 amount"):
        crm.apply(Change("opportunities", "o1", {"amount": -1}, "thrice"))  # type: ignore[attr-defined]
