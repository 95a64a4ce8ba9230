"""What is particular to SAP: sessions, days of the company's own time zone, versions that a change names."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from connectors.connector import Change
from connectors.errors import AuthenticationError, PreconditionError
from connectors.landing.sync import sync_stream
from connectors.vendors.sap_business_one.connector import SapBusinessOne
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.sap_business_one import ROOT, SapBusinessOneWorld


@pytest.fixture
def b1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SapBusinessOneWorld]:
    world = SapBusinessOneWorld(tmp_path)
    monkeypatch.setenv("CROSSWALK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    with world.serve():
        yield world


def payloads(database: Database) -> list[dict[str, object]]:
    with database.begin() as connection:
        return list(connection.execute(select(landing.record.c.payload).where(landing.record.c.deleted_at.is_(None))).scalars())


def logins(world: SapBusinessOneWorld) -> int:
    return sum(one.startswith(f"POST {ROOT}/Login") for one in world.seen)


def test_a_session_outlives_a_sync_and_is_renewed_when_it_has_ended(database: Database, b1: SapBusinessOneWorld) -> None:
    b1.shelf.fill(9)
    source = b1.declaration("erp")
    for _ in range(2):
        sync_stream(database, source, "partners")
    assert logins(b1) == 1
    b1.sessions.clear()
    assert sync_stream(database, source, "partners").status == "succeeded"
    assert logins(b1) == 2


def test_a_wrong_password_is_tried_once(b1: SapBusinessOneWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_SECRET", "conformance-secret-wrong")
    with closing(SapBusinessOne(b1.declaration("erp"))) as connector, pytest.raises(AuthenticationError, match="-304"):
        connector.check()
    assert logins(b1) == 1


def test_a_company_west_of_the_clock_loses_nothing(database: Database, b1: SapBusinessOneWorld) -> None:
    """At two in the night by the server's clock, the company still writes the day before."""
    b1.shelf.now = b1.shelf.now.replace(hour=2)
    source = b1.declaration("erp")
    sync_stream(database, source, "partners")
    b1.shelf.put("1", "Of yesterday, it says")
    assert sync_stream(database, source, "partners").counts.written == 1


def test_pages_that_the_server_cuts_shorter_are_followed(b1: SapBusinessOneWorld) -> None:
    b1.shelf.fill(9)

    def shorter(request: Request, number: int) -> Response | None:
        request.scope["headers"] = [one for one in request.scope["headers"] if one[0] != b"prefer"] + [(b"prefer", b"odata.maxpagesize=2")]
        return None

    b1.trouble = shorter
    with closing(SapBusinessOne(b1.declaration("erp"))) as connector:
        assert [len(page.records) for page in connector.pull("partners", None)] == [2, 2, 2, 2, 1]


def test_no_password_and_no_balance_is_landed(database: Database, b1: SapBusinessOneWorld) -> None:
    b1.shelf.put("1", "Berg", ContactEmployees=[{"InternalCode": 1, "Name": "Anna", "Password": "conformance-secret-of-anna"}])
    sync_stream(database, b1.declaration("erp"), "partners")
    (payload,) = payloads(database)
    assert not {"Password", "CurrentAccountBalance"} & set(payload)
    assert payload["ContactEmployees"] == [{"InternalCode": 1, "Name": "Anna"}]


def test_a_change_names_the_version_that_was_seen(b1: SapBusinessOneWorld) -> None:
    b1.shelf.put("1", "Berg")
    with closing(SapBusinessOne(b1.declaration("erp"))) as connector:
        seen = connector.fetch("partners", "C000001")
        assert seen
        change = Change("partners", "C000001", {"CardName": "Berg & Sohn"}, "k1", seen=seen.payload)
        assert connector.apply(change) == "C000001"
        with pytest.raises(PreconditionError):
            connector.apply(change)
        made = connector.apply(Change("partners", None, {"CardName": "O'Hara"}, "k2"))
        assert connector.find("partners", {"CardName": "O'Hara"}) == [made]
    assert b1.shelf.items["1"].name == "Berg & Sohn"
