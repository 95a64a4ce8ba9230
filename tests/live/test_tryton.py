"""Tryton as it runs: what every system is shown to do, and what is particular to it."""

from collections.abc import Iterator

import pytest

from connectors.landing.sync import sync_stream
from sql.database import Database
from tests.live.proof import Proof, Synced, unique
from tests.live.systems.tryton import Tryton, tryton


@pytest.fixture(scope="module")
def running() -> Iterator[Tryton]:
    with tryton() as system:
        yield system


class TestTryton(Proof):
    @pytest.fixture
    def system(self, running: Tryton) -> Tryton:
        return running

    def test_a_new_number_of_a_party_is_a_change_of_the_party(self, system: Tryton, database: Database) -> None:
        """It is a record of its own, and the party's own time of change stays."""
        synced = Synced(system, database)
        key = system.create(unique("Reached"))
        synced.sync()
        system.session.create("party.contact_mechanism", [{"party": int(key), "type": "email", "value": "new@reached.example"}])
        assert synced.sync().counts.written == 1

    def test_a_number_that_is_not_active_any_more_is_one_too(self, system: Tryton, database: Database) -> None:
        synced = Synced(system, database)
        key = system.create(unique("Reached"))
        number = system.session.create("party.contact_mechanism", [{"party": int(key), "type": "email", "value": "old@reached.example"}])
        synced.sync()
        system.session.write("party.contact_mechanism", number, {"active": False})
        assert synced.sync().counts.written == 1

    def test_an_inactive_party_is_gone_until_it_is_active_again(self, system: Tryton, database: Database) -> None:
        synced = Synced(system, database)
        key = system.create(unique("Sleeping"))
        synced.sync()
        system.session.write("party.party", [int(key)], {"active": False})
        assert synced.sync().counts.tombstoned == 1
        assert key not in synced.landed()
        system.session.write("party.party", [int(key)], {"active": True})
        synced.sync()
        assert key in synced.landed()

    def test_a_sale_carries_its_customer_and_its_total(self, system: Tryton, database: Database) -> None:
        report = sync_stream(database, system.declaration(), "sales")
        assert report.counts.fetched > 400
