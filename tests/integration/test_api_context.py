"""Context over HTTP, its handles and receipts; and the feed of what happened to parties."""

from collections.abc import Iterator

import pytest

from sql.database import Database
from tests.conftest import copy_of
from tests.integration.api_world import Ask, asking, party_of


@pytest.fixture
def database(server: Database, small_world: str) -> Iterator[Database]:
    with copy_of(server, small_world) as database:
        yield database


@pytest.fixture
def ask(database: Database) -> Iterator[Ask]:
    with asking(database) as ask:
        yield ask


def test_context_and_its_handles_over_http(ask: Ask) -> None:
    asked = {"subject": {"source": "erp", "key": "7"}, "question": "Which invoices are open?", "purpose": "billing"}
    pack = ask("POST", "/v1/context", json=asked).json()
    assert (pack["status"], pack["items"][0]["ref"]) == ("ok", "erp/invoices/42")
    kept = ask("GET", f"/v1/receipts/{pack['receipt_id']}").json()
    assert (kept["purpose"], kept["tokens"], kept["request_id"]) == ("billing", pack["tokens"], "from-the-test")
    handle = pack["omitted"][0]["handle"]
    assert ask("GET", f"/v1/expand/{handle}").json()["items"]
    stranger = ask("GET", f"/v1/expand/{handle}", "read", "source:*", "class:*")
    assert (stranger.status_code, stranger.json()["type"]) == (404, "urn:crosswalk:problem:handle-not-found")
    assert ask("POST", "/v1/context", json={"subject": "x", "budget": 1}).json()["errors"][0]["field"] == "body.budget"
    assert ask("POST", "/v1/context", json={"subject": "nobody at all"}).json()["status"] == "not_found"


def test_the_feed_of_changes_goes_on_from_its_cursor(ask: Ask, database: Database) -> None:
    first = ask("GET", "/v1/changes").json()
    assert {change["kind"] for change in first["changes"]} >= {"created", "joined"}
    assert ask("GET", f"/v1/changes?cursor={first['next_cursor']}").json()["changes"] == []
    party = party_of(database, "crm/companies/1")
    ask("POST", f"/v1/parties/{party}/split", json={"record_refs": ["erp/customers/7"], "reason": "another firm"})
    news = ask("GET", f"/v1/changes?cursor={first['next_cursor']}").json()
    assert "split" in {change["kind"] for change in news["changes"]}
    partial = ask("GET", "/v1/changes", "read", "source:crm", "class:*")
    assert partial.json()["withheld"]["source:erp"] >= 1
    assert "erp/" not in partial.text
