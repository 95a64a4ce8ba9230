"""What is particular to SAP: sessions, days of the system's own time zone, versions that a change names, tokens against forged requests."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from connectors.connector import Change
from connectors.errors import AuthenticationError, PermanentError, PreconditionError
from connectors.landing.sync import sync_stream
from connectors.records import Landed
from connectors.staging.preview import paths_of
from connectors.vendors.sap_business_one.connector import SapBusinessOne
from connectors.vendors.sap_s4hana.connector import SapS4Hana
from sql.database import Database
from sql.tables import landing
from tests.integration.conformance.worlds.sap_business_one import ROOT, SapBusinessOneWorld
from tests.integration.conformance.worlds.sap_s4hana import SapS4HanaWorld


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


def test_the_users_own_fields_of_contacts_are_mapped_and_a_contact_is_not_shown_as_unread(b1: SapBusinessOneWorld) -> None:
    with closing(SapBusinessOne(b1.declaration("erp", '[source.mapping.contacts]\nlei = "U_Lei"\n'))) as connector:
        payload = {"CardCode": "C1", "CardName": "Berg", "ContactEmployees": [{"InternalCode": 1, "Name": "Anna", "U_Lei": "X"}]}
        said = connector.map(Landed("erp/partners/C1", "erp", "partners", "C1", payload))
        assert said.parties[1].attributes["lei"] == ["X"]
    with closing(SapBusinessOne(b1.declaration("plain"))) as plain:
        assert repr(plain.mapping_table("partners")) != repr(connector.mapping_table("partners"))
    paths = paths_of(connector.mapping_table("partners"))
    assert paths
    assert {"ContactEmployees", "BPAddresses", "CardName"} <= paths


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


@pytest.fixture
def s4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SapS4HanaWorld]:
    world = SapS4HanaWorld(tmp_path)
    monkeypatch.setenv("CROSSWALK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CONFORMANCE_SECRET", world.secret())
    with world.serve():
        yield world


def test_a_system_west_of_the_clock_loses_nothing(database: Database, s4: SapS4HanaWorld) -> None:
    s4.shelf.now = s4.shelf.now.replace(hour=2)
    source = s4.declaration("erp")
    sync_stream(database, source, "partners")
    s4.shelf.put("1", "Of yesterday, it says")
    assert sync_stream(database, source, "partners").counts.written == 1


def test_what_only_an_address_tells_is_found_within_a_week(database: Database, s4: SapS4HanaWorld) -> None:
    source = s4.declaration("erp")
    s4.shelf.put("1", "Berg")
    s4.shelf.now += timedelta(days=3)
    s4.shelf.put("2", "Later")
    sync_stream(database, source, "partners")
    s4.shelf.items["1"].extra["to_BusinessPartnerAddress"] = {"results": [{"AddressID": "9", "CityName": "Bremen"}]}
    s4.shelf.now += timedelta(days=3)
    assert sync_stream(database, source, "partners").counts.written == 0
    s4.shelf.now += timedelta(days=5)
    assert sum(sync_stream(database, source, "partners").counts.written for _ in range(2)) == 1
    assert [{"AddressID": "9", "CityName": "Bremen"}] in [payload["to_BusinessPartnerAddress"] for payload in payloads(database)]


def test_links_to_what_was_not_expanded_are_not_landed(database: Database, s4: SapS4HanaWorld) -> None:
    s4.shelf.put("1", "Berg")
    sync_stream(database, s4.declaration("erp"), "partners")
    (payload,) = payloads(database)
    assert payload["@odata.etag"] == 'W/"1"'
    assert not {"__metadata", "to_Supplier"} & set(payload)


def test_orders_are_asked_for_by_the_instant_of_their_change(s4: SapS4HanaWorld) -> None:
    with closing(SapS4Hana(s4.declaration("erp"))) as connector:
        orders = connector.resources()["orders"]
        asked = orders.paging.asking(connector.told_since(orders, "2026-03-02T12:00:00+00:00"), "55")
    assert asked.params["$filter"] == "(LastChangeDateTime ge datetimeoffset'2026-03-02T11:50:00Z') and SalesOrder gt '55'"
    assert (asked.params["$orderby"], asked.params["sap-client"]) == ("SalesOrder asc", "100")


def test_a_write_brings_a_token_and_the_version_that_was_seen(s4: SapS4HanaWorld) -> None:
    with closing(SapS4Hana(s4.declaration("erp"))) as connector:
        made = connector.apply(Change("partners", None, {"OrganizationBPName1": "O'Hara"}, "k1"))
        assert connector.find("partners", {"OrganizationBPName1": "O'Hara"}) == [made]
        seen = connector.fetch("partners", made)
        assert seen
        change = Change("partners", made, {"OrganizationBPName1": "O'Hara & Sons"}, "k2", seen=seen.payload)
        assert connector.apply(change) == made
        with pytest.raises(PreconditionError):
            connector.apply(change)
        with pytest.raises(PermanentError, match="428"):
            connector.apply(Change("partners", made, {"OrganizationBPName1": "Blind"}, "k3"))
        assert connector.fetch("partners", "99") is None
    assert s4.shelf.items[made].name == "O'Hara & Sons"
