"""ERPNext: what a customer links to comes along with it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.landing.sync import sync_stream
from connectors.staging.pending import map_pending
from sql.database import Database
from sql.tables import staging
from tests.integration.conformance.worlds.erpnext import ErpNextWorld


def test_a_customer_has_its_primary_address(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    world = ErpNextWorld(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", world.TOKEN)
    world.addresses["Krämer-Billing"] = {
        "address_line1": "Weg 2", "address_line2": "Hof", "pincode": "53111", "city": "Bonn", "state": "NRW", "country": "Germany",
    }  # fmt: skip
    world.shelf.put("1", "Krämer GmbH", customer_primary_address="Krämer-Billing")
    world.shelf.put("2", "No address")
    with world.serve():
        source = world.declaration("erp")
        sync_stream(database, source, "customers")
    map_pending(database, [source])
    with database.begin() as connection:
        found = {row.key: row.attributes for row in connection.execute(select(staging.party_record))}
    assert found["1"]["address"] == [{"street": "Weg 2 Hof", "postcode": "53111", "city": "Bonn", "region": "NRW", "country": "Germany"}]
    assert "address" not in found["2"]
