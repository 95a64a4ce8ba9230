"""Odoo by its connector, against the sandbox's stub over real HTTP, and what is particular to it."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors import sources
from connectors.connector import Change
from connectors.landing import gathering
from connectors.landing.sync import sync_stream
from connectors.sources import SourceDeclaration
from connectors.vendors.odoo.connector import Odoo
from crosswalk.sandbox import Sandbox, build, serve
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.odoo import OdooWorld, refusal
from tests.integration.streams import sync_source
from tests.state import versions


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return build(tmp_path, organizations=30)


@pytest.fixture
def erp(sandbox: Sandbox) -> Iterator[SourceDeclaration]:
    with serve(sandbox) as urls:
        os.environ["SANDBOX_ODOO"] = urls.odoo_key
        text = f'[[source]]\nname = "erp"\nkind = "odoo"\nurl = "{urls.odoo}"\nsecret = "env:SANDBOX_ODOO"\npage_size = 7\n'
        text += "requests_per_second = 500.0\n"
        (declaration,) = sources.parse(text)
        yield declaration


def living(database: Database, stream: str) -> set[int]:
    table = landing.record
    with database.begin() as connection:
        keys = connection.execute(select(table.c.key).where(table.c.stream == stream, table.c.deleted_at.is_(None))).scalars()
        return {int(key) for key in keys}


def test_everything_is_landed_and_a_second_sync_writes_nothing(database: Database, sandbox: Sandbox, erp: SourceDeclaration) -> None:
    reports = sync_source(database, erp)
    models = sandbox.erp.models
    assert living(database, "customers") == {key for key, one in models["res.partner"].items() if one["active"]}
    assert living(database, "invoices") == set(models["account.move"])
    assert [report.counts.fetched for report in reports] == [len(model) for model in models.values()]
    with database.begin() as connection:
        before = versions(connection)
    assert [report.counts.written for report in sync_source(database, erp)] == [0, 0, 0, 0]
    with database.begin() as connection:
        assert versions(connection) == before


def test_changes_archiving_and_deletions_are_found(database: Database, sandbox: Sandbox, erp: SourceDeclaration) -> None:
    sync_stream(database, erp, "customers")
    keys = sorted(living(database, "customers"))
    changed = {int(ref.rsplit("/", 1)[1]) for ref in sandbox.change(12, seed=2) if ref.startswith("erp/")}
    sandbox.archive(f"erp/customers/{keys[2]}")
    sandbox.delete(f"erp/customers/{keys[4]}")
    report = sync_stream(database, erp, "customers")
    gone = {keys[2], keys[4]}
    assert report.counts.tombstoned == 2
    assert report.counts.written == len(changed - gone)
    assert living(database, "customers") == set(keys) - gone


def test_a_sync_killed_on_the_way_reads_the_rest_and_no_more(
    database: Database, erp: SourceDeclaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "ROWS", 1)

    class KilledError(Exception):
        pass

    def kill(report: object) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        sync_stream(database, erp, "customers", kill)
    landed = len(living(database, "customers"))
    assert landed == 7
    report = sync_stream(database, erp, "customers")
    assert report.counts.unchanged == 0
    assert report.counts.fetched == len(living(database, "customers")) - landed


@pytest.fixture
def odoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[OdooWorld, Odoo]]:
    world = OdooWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    with world.serve(), closing(Odoo(world.declaration("erp", 'database = "live"'))) as connector:
        yield world, connector


def test_a_server_that_lacks_fields_is_not_asked_for_them_and_its_own_are_read(odoo: tuple[OdooWorld, Odoo]) -> None:
    world, connector = odoo
    world.shelf.put("1", "Berg", colour="blue")
    assert connector.fields("customers") == [
        "active", "create_date", "id", "is_company", "name", "parent_id", "type", "write_date", "x_colour"
    ]  # fmt: skip
    found = connector.fetch("customers", "1")
    assert found
    assert (found.payload["x_colour"], found.payload["parent_id"]) == ("blue", False)


def test_the_database_is_named_where_the_server_has_several(odoo: tuple[OdooWorld, Odoo]) -> None:
    world, connector = odoo
    found = set()
    world.trouble = lambda request, number: found.add(request.headers.get("X-Odoo-Database"))
    connector.check()
    assert found == {"live"}


def test_records_are_written_and_found_again(odoo: tuple[OdooWorld, Odoo]) -> None:
    _, connector = odoo
    made = connector.apply(Change("customers", None, {"name": "Berg"}, "k1"))
    assert connector.find("customers", {"name": "Berg"}) == [made]
    assert connector.apply(Change("customers", made, {"name": "Berg & Sohn"}, "k2")) == made
    found = connector.fetch("customers", made)
    assert found
    assert found.payload["name"] == "Berg & Sohn"
    assert connector.fetch("customers", "99") is None


def test_a_position_that_was_kept_before_times_had_a_zone_is_gone_on_from(odoo: tuple[OdooWorld, Odoo]) -> None:
    world, connector = odoo
    world.shelf.put("1", "Berg")
    (page,) = connector.pull("customers", {"since": "2026-03-02 11:59:00"})
    assert [one.key for one in page.records] == ["1"]
    assert page.position == {"since": "2026-03-02T12:00:01+00:00"}


def test_a_record_that_another_has_locked_is_written_when_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = OdooWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    world.shelf.fill(1)
    world.trouble = lambda request, number: refusal(409, "odoo.exceptions.LockError") if number == 0 else None
    with world.serve(), closing(Odoo(world.declaration("erp"))) as connector:
        assert connector.apply(Change("customers", "1", {"name": "Berg"}, "key-1")) == "1"
    assert world.shelf.items["1"].name == "Berg"
