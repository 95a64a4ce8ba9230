"""One record, read at the moment of a question."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors import live
from connectors.account.in_database import InDatabase
from connectors.errors import BreakerOpenError, TransientError
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.erpnext import ErpNextWorld

ASKER = ("agent-7", "is the address still right?")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ErpNextWorld]:
    monkeypatch.setenv("CONFORMANCE_SECRET", ErpNextWorld.TOKEN)
    world = ErpNextWorld(tmp_path)
    world.shelf.fill(2)
    with world.serve():
        yield world


@pytest.fixture
def erp(world: ErpNextWorld) -> SourceDeclaration:
    return world.declaration("erp")


def test_it_is_read_in_the_callers_name_and_lands_nowhere(world: ErpNextWorld, erp: SourceDeclaration, database: Database) -> None:
    found = live.read(database, erp, ("customers", "2"), ASKER)
    assert found is not None
    assert found.payload["customer_name"] == "Name 2"
    assert live.read(database, erp, ("customers", "77"), ASKER) is None
    columns = landing.access_log.c
    with database.begin() as connection:
        rows = connection.execute(select(columns.actor, columns.purpose, columns.path, columns.status).order_by(columns.id)).all()
        assert [tuple(one) for one in rows] == [
            (*ASKER, "/api/resource/Customer/2", 200), (*ASKER, "/api/resource/Customer/77", 404),
        ]  # fmt: skip
        assert connection.execute(select(landing.record.c.id)).first() is None


def test_a_source_that_is_thought_dead_is_not_asked(world: ErpNextWorld, erp: SourceDeclaration, database: Database) -> None:
    for _ in range(3):
        InDatabase(database).heard("erp", TransientError("no answer"))
    with pytest.raises(BreakerOpenError):
        live.read(database, erp, ("customers", "2"), ASKER)
    assert world.seen == []
