"""A range is read once more: what was missed lands, and where the next sync goes on stays as it is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from connectors.connector import Connector
from connectors.errors import ConfigurationError
from connectors.landing import pages
from connectors.landing.counts import Place
from connectors.landing.sync import backfill, sync_stream
from crosswalk.cli import app
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.world import NOON
from tests.integration.conformance.worlds.erpnext import ErpNextWorld
from tests.integration.shelf import Shelf

PLACE = Place("erp", "customers")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ErpNextWorld]:
    world = ErpNextWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    monkeypatch.setenv("CROSSWALK_HOME", str(tmp_path / "home"))
    with world.serve():
        yield world


def names(database: Database) -> set[str]:
    with database.begin() as connection:
        return {payload["customer_name"] for payload in connection.execute(select(landing.record.c.payload)).scalars()}


def test_a_range_is_read_and_the_position_stays(database: Database, world: ErpNextWorld) -> None:
    source, shelf = world.declaration("erp"), world.shelf
    shelf.fill(5)
    sync_stream(database, source, "customers")
    missed = shelf.now - timedelta(days=30)  # nothing that a lookback would find
    shelf.put("1", "Missed", at=missed)  # a change, which no listing of ids shows
    shelf.put("2", "Missed too, and not in the range", at=missed + timedelta(days=5))
    sync_stream(database, source, "customers")
    assert "Missed" not in names(database)
    with database.begin() as connection:
        before = pages.position(connection, PLACE)
    report = backfill(database, source, "customers", (missed - timedelta(days=1), missed + timedelta(days=1)))
    assert (report.status, report.counts.written) == ("backfilled", 1)
    assert "Missed" in names(database)
    assert not any("not in the range" in name for name in names(database))
    with database.begin() as connection:
        assert pages.position(connection, PLACE) == before
    assert backfill(database, source, "customers", (missed + timedelta(days=2), None)).counts.written == 1


def test_a_range_of_a_stream_that_was_never_read_does_not_count_as_its_end(database: Database, world: ErpNextWorld) -> None:
    world.shelf.fill(6)
    source = world.declaration("erp")
    backfill(database, source, "customers", (world.shelf.now - timedelta(days=1), None))
    with database.begin() as connection:
        assert pages.position(connection, PLACE) is None
    assert sync_stream(database, source, "customers").counts.fetched == 6


def test_a_source_that_cannot_be_asked_so_says_what_to_do() -> None:
    shelf: Connector = Shelf([])
    with pytest.raises(ConfigurationError, match="can't be asked for a part of things"):
        next(shelf.between("things", NOON, None))


def test_the_command_reads_a_range(database: Database, world: ErpNextWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSWALK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    config = tmp_path / "crosswalk.toml"
    config.write_text(f'[[source]]\nname = "erp"\nkind = "erpnext"\nstreams = ["customers"]\n{world.toml()}\n')
    world.shelf.fill(3)
    result = CliRunner().invoke(app, ["sync", "erp", "--from", "2026-01-01", "--config", str(config), "--json"])
    assert result.exit_code == 0, result.output
    assert '"written": 3' in result.output
    assert CliRunner().invoke(app, ["sync", "erp", "--to", "2026-01-01", "--config", str(config)]).exit_code != 0
