"""Odoo by its connector, against the sandbox's stub over real HTTP."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors import sources
from connectors.landing import gathering
from connectors.landing.sync import sync_source, sync_stream
from connectors.sources import SourceDeclaration
from crosswalk.sandbox import Sandbox, build, serve
from sql.database import Database
from sql.tables import landing
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
