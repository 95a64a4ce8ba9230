"""Stripe by its connector: events, and what is older than they are kept."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.connector import Change
from connectors.errors import ConfigurationError
from connectors.landing.run import StreamReport
from connectors.landing.sync import backfill, open_connector, sync_stream
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.stripe import StripeWorld


class Account(StripeWorld):
    """Customers can be made, too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.made: list[tuple[str, str, str]] = []

    def routes(self) -> list[Route]:
        return [Route("/v1/customers", self._make, methods=["POST"]), *super().routes()]

    async def _make(self, request: Request) -> Response:
        headers = request.headers
        self.made.append((headers["idempotency-key"], headers["stripe-version"], (await request.body()).decode()))
        return JSONResponse({"id": "cus_77", "object": "customer"})


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    account = Account(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", account.token)
    with account.serve():
        yield account


def synced(database: Database, account: Account) -> tuple[StreamReport, dict[str, str]]:
    report = sync_stream(database, account.declaration("pay"), "customers")
    table = landing.record
    with database.begin() as connection:
        found = connection.execute(select(table.c.key, table.c.payload).where(table.c.deleted_at.is_(None)))
        return report, {row.key: row.payload["name"] for row in found}


def test_what_events_name_is_read_anew_once(database: Database, account: Account) -> None:
    account.shelf.fill(9)
    account.shelf.now += timedelta(days=2)
    account.shelf.put("9", "Nine")
    synced(database, account)
    account.shelf.put("3", "First")
    account.shelf.put("3", "Second")
    account.shelf.remove("4")
    report, names = synced(database, account)
    assert report.counts.fetched == 3  # these two, and the one within the lookback
    assert report.counts.drift == ()
    assert names["cus_3"] == "Second"
    assert "cus_4" not in names


def test_events_of_more_than_a_month_ago_are_not_trusted_to_be_all(database: Database, account: Account) -> None:
    account.shelf.fill(5)
    synced(database, account)
    account.shelf.put("2", "Changed long ago")
    account.shelf.now += timedelta(days=40)
    account.shelf.put("5", "Changed now")
    report, names = synced(database, account)
    assert report.counts.fetched >= 5
    assert (names["cus_2"], names["cus_5"]) == ("Changed long ago", "Changed now")


def test_a_customer_is_made_under_its_idempotency_key_and_the_pinned_version(account: Account) -> None:
    connector = open_connector(account.declaration("pay"))
    try:
        made = connector.apply(Change("customers", None, {"name": "Ann Lee"}, "key-1"))  # type: ignore[attr-defined]
    finally:
        connector.close()
    assert made == "cus_77"
    assert account.made == [("key-1", "2025-03-31.basil", "name=Ann+Lee")]


@pytest.mark.parametrize(("status", "code"), [(409, "idempotency_key_in_use"), (429, "lock_timeout")])
def test_a_write_that_finds_another_at_work_is_sent_again_under_its_key(account: Account, status: int, code: str) -> None:
    busy = JSONResponse({"error": {"type": "idempotency_error" if status == 409 else "invalid_request_error", "code": code}}, status)
    account.trouble = lambda request, number: busy if number == 0 else None
    connector = open_connector(account.declaration("pay"))
    try:
        assert connector.apply(Change("customers", None, {"name": "Ann Lee"}, "key-1")) == "cus_77"  # type: ignore[attr-defined]
    finally:
        connector.close()
    assert len(account.seen) == 2


def test_after_a_quiet_month_only_what_happened_is_read(database: Database, account: Account) -> None:
    account.shelf.fill(9)
    account.shelf.now += timedelta(days=20)
    synced(database, account)
    account.shelf.now += timedelta(days=20)
    report, _ = synced(database, account)
    assert report.counts.fetched == 0
    account.shelf.put("5", "Changed")
    report, names = synced(database, account)
    assert (report.counts.fetched, names["cus_5"]) == (1, "Changed")


def test_a_range_is_read_as_far_as_events_are_kept(database: Database, account: Account) -> None:
    account.shelf.fill(3)
    account.shelf.now += timedelta(days=5)
    account.shelf.put("2", "Changed")
    day = account.shelf.now - timedelta(days=1)
    report = backfill(database, account.declaration("pay"), "customers", (day, None))
    assert report.counts.written == 1
    with pytest.raises(ConfigurationError, match="are not kept"):
        backfill(database, account.declaration("pay"), "customers", (day - timedelta(days=60), None))
