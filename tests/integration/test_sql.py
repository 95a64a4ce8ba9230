"""Tables and queries of a real PostgreSQL, read as a source."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from connectors import sources
from connectors.check import check
from connectors.errors import ConfigurationError, NotFoundError
from connectors.landing.run import StreamReport
from connectors.landing.sync import backfill, open_connector, sync_stream
from connectors.sources import SourceDeclaration
from connectors.staging.pending import map_pending
from sql.database import Database
from sql.tables import landing, staging
from tests.conftest import copy_of
from tests.integration.streams import sync_source

CUSTOMERS = """
[[source.stream]]
name = "customers"
table = "shop.customers"
key = ["company", "number"]
cursor = "changed_at"
deleted = "gone"

[[source.stream]]
name = "orders"
query = "select id, total::text || ' EUR' as told, total, ordered_on, customer, note from shop.orders where note is distinct from 'a:b'"
key = "id"

[source.mapping.customers]
kind = "organization"
kind_of = ["kind", { P = "person", O = "organization" }]
name = "name"
email = "email"
observed_at = "changed_at"

[source.mapping.orders]
kind = "order"
title = "id"
amount = "total"
occurred_at = "ordered_on"
links.customer = { path = "customer", stream = "customers" }
"""
TABLES = """
create schema shop;
create table shop.customers (company int, number text, kind text, name text, email text, changed_at timestamptz, gone boolean, photo bytea,
    credit numeric(12, 2), ref uuid, tags text[], primary key (company, number));
create table shop.orders (id bigserial primary key, total numeric(12, 2), ordered_on date, customer text, note text);
insert into shop.customers select 1, n::text, case when n % 2 = 0 then 'P' else 'O' end, 'Name ' || n, n || '@x.example',
    '2026-01-01 00:00:00+00', false, '\\x00ff', 10.50, gen_random_uuid(), array['a', 'b'] from generate_series(1, 25) n;
insert into shop.customers (company, number, kind, name) values (2, 'a|b', 'O', 'Never changed');
insert into shop.orders (total, ordered_on, customer) select n, '2026-02-03', '1|' || n from generate_series(1, 12) n;
"""


@pytest.fixture
def shop(server: Database, template: str) -> Iterator[Database]:
    """The database that is the source."""
    with copy_of(server, template) as shop:
        run(shop, TABLES)
        yield shop


@pytest.fixture
def declared(shop: Database, monkeypatch: pytest.MonkeyPatch) -> SourceDeclaration:
    monkeypatch.setenv("SHOP", shop.url.render_as_string(hide_password=False))
    (declaration,) = sources.parse(f'[[source]]\nname = "shop"\nkind = "sql"\nsecret = "env:SHOP"\npage_size = 4\n{CUSTOMERS}')
    return declaration


def run(database: Database, statements: str) -> None:
    with database.begin() as connection:
        connection.execute(text(statements.replace(":", r"\:")))


def synced(database: Database, declaration: SourceDeclaration) -> StreamReport:
    return sync_stream(database, declaration, "customers")


def landed(database: Database, stream: str) -> dict[str, Any]:
    table = landing.record
    with database.begin() as connection:
        rows = connection.execute(select(table.c.key, table.c.payload).where(table.c.stream == stream, table.c.deleted_at.is_(None)))
        return {row.key: row.payload for row in rows}


def test_many_rows_with_one_cursor_and_one_without_are_each_read_once(database: Database, declared: SourceDeclaration) -> None:
    report = synced(database, declared)
    assert (report.counts.fetched, report.counts.written) == (26, 26)
    rows = landed(database, "customers")
    assert set(rows) == {*(f"1|{number}" for number in range(1, 26)), "2|a%7Cb"}
    assert {name: rows["1|3"][name] for name in ("credit", "photo", "tags", "gone")} == {
        "credit": "10.50",
        "photo": "AP8=",
        "tags": ["a", "b"],
        "gone": False,
    }


def test_a_second_sync_reads_what_changed_within_the_lookback_and_finds_what_is_gone(
    database: Database, shop: Database, declared: SourceDeclaration
) -> None:
    run(shop, "update shop.customers set changed_at = changed_at + make_interval(hours => number::int) where company = 1")
    synced(database, declared)
    run(shop, "update shop.customers set name = 'New', changed_at = '2026-02-01 00:00:00+00' where number = '7'")
    run(shop, "update shop.customers set gone = true, changed_at = '2026-02-01 00:00:00+00' where number = '9'")
    run(shop, "delete from shop.customers where number = '8'")
    report = synced(database, declared)
    assert (report.counts.fetched, report.counts.written, report.counts.tombstoned) == (4, 1, 2)  # two, the latest, and the one undated
    rows = landed(database, "customers")
    assert rows["1|7"]["name"] == "New"
    assert {"1|8", "1|9"}.isdisjoint(rows)


def test_one_row_from_the_far_future_hides_no_later_change(database: Database, shop: Database, declared: SourceDeclaration) -> None:
    run(shop, "update shop.customers set changed_at = '2999-12-31 00:00:00+00' where number = '1'")
    synced(database, declared)
    run(shop, "update shop.customers set name = 'New', changed_at = now() where number = '7'")
    synced(database, declared)
    assert landed(database, "customers")["1|7"]["name"] == "New"


def test_a_range_is_read_again_by_the_cursor(database: Database, shop: Database, declared: SourceDeclaration) -> None:
    run(shop, "update shop.customers set changed_at = changed_at + make_interval(days => number::int) where company = 1")
    start = datetime(2026, 1, 11, tzinfo=UTC)
    backfill(database, declared, "customers", (start, start + timedelta(days=3)))
    assert set(landed(database, "customers")) == {"1|10", "1|11", "1|12"}
    with pytest.raises(ConfigurationError, match="can't be asked for a part of orders"):
        backfill(database, declared, "orders", (start, None))


def test_a_query_is_a_stream_and_rows_are_mapped_as_it_is_declared(database: Database, declared: SourceDeclaration) -> None:
    reports = sync_source(database, declared)
    assert [one.status for one in reports] == ["succeeded", "succeeded"]
    map_pending(database, [declared])
    assert landed(database, "orders")["3"]["told"] == "3.00 EUR"
    with database.begin() as connection:
        parties = {row.ref: (row.kind, row.attributes) for row in connection.execute(select(staging.party_record))}
        amounts = connection.execute(select(staging.activity.c.amount).where(staging.activity.c.title == "3")).scalar_one()
    assert parties["shop/customers/1|2"] == ("person", {"name": ["Name 2"], "email": ["2@x.example"]})
    assert parties["shop/customers/1|3"][0] == "organization"
    assert amounts == 3


def test_one_row_is_read_live_and_nothing_is_ever_written(database: Database, shop: Database, declared: SourceDeclaration) -> None:
    connector = open_connector(declared)
    try:
        found = connector.fetch("customers", "2|a%7Cb")  # type: ignore[attr-defined]
        assert found.payload["name"] == "Never changed"
        assert connector.fetch("customers", "1|77") is None  # type: ignore[attr-defined]
    finally:
        connector.close()
    writing = declared.options | {"stream": [{"name": "w", "key": "number", "query": "delete from shop.customers returning number"}]}
    with pytest.raises(ConfigurationError):
        sync_stream(database, SourceDeclaration("shop", "sql", secret="env:SHOP", options=writing), "w")
    with shop.begin() as connection:
        assert connection.execute(text("select count(*) from shop.customers")).scalar_one() == 26


def test_what_is_wrong_is_said_without_the_password(declared: SourceDeclaration, tmp_path: Path) -> None:
    missing = declared.options | {"stream": [{"name": "w", "key": "id", "table": "nowhere"}]}
    line = check(SourceDeclaration("shop", "sql", secret="env:SHOP", options=missing)).line
    assert 'relation "nowhere" does not exist' in line
    lacking = declared.options | {"stream": [{"name": "w", "key": "number", "deleted": "Gone", "table": "shop.customers"}]}
    line = check(SourceDeclaration("shop", "sql", secret="env:SHOP", options=lacking)).line
    assert "w has no column 'Gone'; it has company, number, kind" in line
    file = {"url": f"sqlite:///{tmp_path}/none.db", "stream": [{"name": "w", "key": "id", "table": "t"}]}
    connector = open_connector(SourceDeclaration("file", "sql", options=file))
    with pytest.raises(NotFoundError):
        connector.check()
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(ConfigurationError, match=r":4 \(source 1\): url: holds a password") as caught:
        sources.parse(f'[[source]]\nname = "s"\nkind = "sql"\nurl = "postgresql://us:hunter2@h/d"\n{CUSTOMERS}')
    assert "hunter2" not in str(caught.value)
