"""Writing back: once, and only over what was expected, whatever happens on the way."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from connectors.account.entrance import Patience
from connectors.connector import Change, Connector
from connectors.errors import ConfigurationError, PermanentError, PreconditionError, RateLimitedError, TransientError, UnsettledError
from connectors.landing.sync import open_connector
from connectors.writeback import Applied, apply
from sql import audit
from sql.database import Database
from sql.tables import accounts, governance, landing
from tests.integration.conformance.worlds.erpnext import ErpNextWorld

RENAME = Change("customers", "1", {"customer_name": "Acme"}, "key-1", expected={"customer_name": "Name 1"})
MAKE = Change("customers", None, {"customer_name": "New"}, "key-2")


class Killed(BaseException):
    """The process died."""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ErpNextWorld]:
    monkeypatch.setenv("CONFORMANCE_SECRET", ErpNextWorld.TOKEN)
    world = ErpNextWorld(tmp_path)
    world.shelf.fill(3)
    with world.serve():
        yield world


@pytest.fixture
def erp(world: ErpNextWorld) -> Iterator[Connector]:
    connector = open_connector(world.declaration("erp"))
    assert connector.door
    connector.door.patience = Patience(attempts=2, longest_wait=0.01)
    yield connector
    connector.close()


def writes(world: ErpNextWorld) -> list[str]:
    return [one for one in world.seen if not one.startswith("GET")]


def row(database: Database, key: str) -> Any:
    with database.begin() as connection:
        return connection.execute(select(accounts.applied).where(accounts.applied.c.key == key)).one()


def dies(connector: Connector, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    """The process dies when it is about to write, or has written and not yet heard."""
    real = connector.apply  # type: ignore[attr-defined]

    def apply(change: Change) -> str:
        if after:
            real(change)
        raise Killed

    monkeypatch.setattr(connector, "apply", apply)


def test_a_change_is_made_once_and_leaves_an_audit_row_and_who_asked(world: ErpNextWorld, erp: Connector, database: Database) -> None:
    assert apply(database, erp, RENAME, "agent-7") == Applied("1")
    assert apply(database, erp, RENAME, "agent-7") == Applied("1", again=True)
    assert apply(database, erp, MAKE, "agent-7") == Applied("4")
    assert apply(database, erp, MAKE, "agent-7") == Applied("4", again=True)
    assert world.shelf.truth() == {"1": "Acme", "2": "Name 2", "3": "Name 3", "4": "New"}
    assert len(writes(world)) == 2
    with database.begin() as connection:
        rows = connection.execute(select(governance.audit).order_by(governance.audit.c.sequence)).all()
        assert [(one.actor, one.action, one.subject) for one in rows] == [
            ("agent-7", "write_back", "erp/customers/1"), ("agent-7", "write_back", "erp/customers/4"),
        ]  # fmt: skip
        assert rows[0].detail == {"idempotency_key": "key-1", "fields": ["customer_name"], "outcome": "applied"}
        assert list(audit.verify(connection)) == []
        logged = connection.execute(select(landing.access_log.c.actor, landing.access_log.c.purpose).distinct()).all()
        assert [tuple(one) for one in logged] == [("agent-7", "write back")]
    assert "Acme" not in str(row(database, "key-1"))


def test_what_is_not_as_expected_is_left_alone(world: ErpNextWorld, erp: Connector, database: Database) -> None:
    world.shelf.put("1", "Changed by another")
    with pytest.raises(PreconditionError, match="changed meanwhile: customer_name"):
        apply(database, erp, RENAME, "ann")
    world.shelf.remove("2")
    with pytest.raises(PreconditionError, match="not there any more"):
        apply(database, erp, replace(RENAME, key="2", idempotency_key="key-9"), "ann")
    assert writes(world) == []
    assert row(database, "key-1").state == "refused"
    world.shelf.put("1", "Name 1")
    assert apply(database, erp, RENAME, "ann") == Applied("1")  # decided anew, and now it is as expected


def test_a_change_between_our_look_and_our_write_is_noticed_by_the_vendor(
    world: ErpNextWorld, erp: Connector, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = erp.apply  # type: ignore[attr-defined]

    def late(change: Change) -> str:
        world.shelf.put("1", "Changed by another")
        return str(real(change))

    monkeypatch.setattr(erp, "apply", late)
    with pytest.raises(PreconditionError, match="417"):
        apply(database, erp, RENAME, "ann")
    assert world.shelf.truth()["1"] == "Changed by another"


def test_two_at_once_are_one_change_and_of_two_on_one_record_the_second_sees_the_first(world: ErpNextWorld, database: Database) -> None:
    came: list[str] = []

    def call(change: Change) -> None:
        connector = open_connector(world.declaration("erp"))
        try:
            came.append("again" if apply(database, connector, change, "ann").again else "made")
        except PreconditionError:
            came.append("refused")
        finally:
            connector.close()

    def at_once(*changes: Change) -> list[str]:
        came.clear()
        threads = [threading.Thread(target=call, args=(change,)) for change in changes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(came)

    assert at_once(RENAME, RENAME, RENAME) == ["again", "again", "made"]
    assert at_once(MAKE, MAKE) == ["again", "made"]
    other = Change("customers", "2", {"customer_name": "A"}, "key-a", expected={"customer_name": "Name 2"})
    assert at_once(other, replace(other, fields={"customer_name": "B"}, idempotency_key="key-b")) == ["made", "refused"]
    assert len(writes(world)) == 3


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("change", [RENAME, MAKE])
def test_after_a_crash_it_is_found_out_what_was_done(
    world: ErpNextWorld, erp: Connector, database: Database, monkeypatch: pytest.MonkeyPatch, change: Change, after: bool
) -> None:
    with monkeypatch.context() as patch:
        dies(erp, patch, after=after)
        with pytest.raises(Killed):
            apply(database, erp, change, "ann")
    assert row(database, change.idempotency_key).state == "sent"
    assert apply(database, erp, change, "ann").again is after
    assert len(writes(world)) == 1
    assert sorted(world.shelf.truth().values()) == sorted(
        ["Acme", "Name 2", "Name 3"] if change is RENAME else ["Name 1", "Name 2", "Name 3", "New"]
    )


def test_a_lost_answer_is_looked_for_and_one_that_cannot_be_found_is_never_sent_twice(
    world: ErpNextWorld, erp: Connector, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(request: Request, number: int) -> Response | None:
        return world.refused(503) if request.method == "POST" else None

    world.trouble = lost
    with pytest.raises(TransientError, match="503"):
        apply(database, erp, MAKE, "ann")
    world.shelf.put("4", "New")
    world.shelf.put("5", "New")
    world.trouble = lambda request, number: None
    for _ in range(2):
        with pytest.raises(UnsettledError, match="not known"):  # two of them hold what it would hold
            apply(database, erp, MAKE, "ann")
    assert len(writes(world)) == 1
    world.shelf.remove("5")
    assert apply(database, erp, MAKE, "ann") == Applied("4", again=True)
    assert len(writes(world)) == 1


def test_a_new_record_of_which_nothing_plain_is_said_is_not_taken_for_any_that_is_there(
    world: ErpNextWorld, erp: Connector, database: Database
) -> None:
    world.shelf.remove("2")
    world.shelf.remove("3")
    world.trouble = lambda request, number: world.refused(503) if request.method == "POST" else None
    change = replace(MAKE, fields={"links": [{"link_name": "1"}]})
    with pytest.raises(TransientError):
        apply(database, erp, change, "ann")
    with pytest.raises(UnsettledError):
        apply(database, erp, change, "ann")


def test_a_vendor_that_makes_a_change_once_by_itself_is_sent_it_again(
    world: ErpNextWorld, erp: Connector, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    real = erp.apply  # type: ignore[attr-defined]

    def once(change: Change) -> str:
        sent.append(change.idempotency_key)
        if len(sent) == 1:
            raise TransientError("no answer")
        return str(real(change))

    monkeypatch.setattr(erp, "applies_once", True)
    monkeypatch.setattr(erp, "apply", once)
    with pytest.raises(TransientError):
        apply(database, erp, MAKE, "ann")
    assert apply(database, erp, MAKE, "ann") == Applied("4")
    assert sent == ["key-2", "key-2"]


def test_a_new_record_that_was_surely_not_made_is_made_by_the_next_call(world: ErpNextWorld, erp: Connector, database: Database) -> None:
    world.trouble = lambda request, number: world.refused(429) if request.method == "POST" else None
    with pytest.raises(RateLimitedError):
        apply(database, erp, MAKE, "ann")
    world.trouble = lambda request, number: None
    assert apply(database, erp, MAKE, "ann") == Applied("4")


def test_a_key_stands_for_one_change_and_not_every_source_can_be_written_to(
    world: ErpNextWorld, erp: Connector, database: Database, tmp_path: Path
) -> None:
    apply(database, erp, RENAME, "ann")
    with pytest.raises(PermanentError, match="used for another change"):
        apply(database, erp, replace(RENAME, fields={"customer_name": "Else"}), "ann")
    from connectors import sources

    (files,) = sources.parse(f'[[source]]\nname = "files"\nkind = "documents"\npath = "{tmp_path}"\n')
    with pytest.raises(ConfigurationError, match="can't be written to"):
        apply(database, open_connector(files), RENAME, "ann")
