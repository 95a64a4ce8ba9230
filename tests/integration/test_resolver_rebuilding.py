"""Everything made anew at once gives what the way by batches gives, and what happens meanwhile is not lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from resolution.identity import judgements, rebuilding
from resolution.identity.resolver import resolve
from resolution.settings import Settings
from resolution.store import rebuild, records
from sql.database import Database
from sql.migrate import configuration
from tests.integration import people_and_companies
from tests.integration.people_and_companies import acme, clear, delete, forget, groups, one_database, party_of, put
from tests.integration.test_resolver_histories import History

BATCHES, AT_ONCE = Settings(batch=5, rebuild_from=1_000), Settings(batch=5, rebuild_from=6)
VAT = ["DE136695976"]
FIRMS: dict[str, dict[str, list[Any]]] = {
    f"crm/companies/{number:02}": acme(name=[f"Acme {'abcdef'[number % 6]} Tools GmbH"]) for number in range(18)
}
FIRMS |= {
    f"erp/customers/{number:02}": FIRMS[f"crm/companies/{number:02}"] | {"phone": [f"+49 30 12345{number:02}"]} for number in range(18)
}
FIRMS |= {f"erp/customers/9{number}": {"name": [name], "vat": VAT} for number, name in enumerate(("Adler Optik", "Brandt Logistik"))}


@pytest.fixture(scope="module")
def house(server: Database, template: str) -> Iterator[Database]:
    with one_database(server, template) as database:
        yield database


@pytest.fixture
def database(house: Database) -> Database:
    clear(house)
    return house


def scalar(database: Database, query: str) -> Any:
    with database.begin() as connection:
        return connection.scalar(text(query))


def digest(database: Database) -> dict[str, list[str]]:
    """All but the journal, which tells of the steps on the way."""
    found = people_and_companies.digest(database)
    del found["event"]
    return found


@pytest.mark.parametrize("limits", [{}, {"block_cap": 6}, {"identifier_limit": 1}])
def test_it_gives_what_batches_give(database: Database, limits: dict[str, int]) -> None:
    put(database, FIRMS)
    resolve(database, settings=BATCHES.model_copy(update=limits))
    by_batches = History(database).derived()
    forget(database)
    resolve(database, settings=AT_ONCE.model_copy(update=limits))
    assert History(database).derived() == by_batches


def test_the_tables_are_as_declared_after_it(database: Database) -> None:
    put(database, FIRMS)
    resolve(database, settings=AT_ONCE)
    with database.begin() as connection:
        command.check(configuration(connection))


def test_a_change_of_model_keeps_parties_and_says_nothing_of_what_did_not_change(database: Database) -> None:
    put(database, FIRMS)
    resolve(database, settings=AT_ONCE)
    before, told = party_of(database), scalar(database, "select count(*) from identity.event")
    resolve(database, settings=AT_ONCE.model_copy(update={"review_upper": 0.8}))
    assert party_of(database) == before
    assert scalar(database, "select count(*) from identity.event") == told


def test_judgements_hold(database: Database) -> None:
    put(database, FIRMS)
    resolve(database, settings=AT_ONCE)
    party = party_of(database)["crm/companies/00"]
    judgements.split(database, party, ["crm/companies/00"], "ann", "")
    parted = groups(database)
    forget(database)
    resolve(database, settings=AT_ONCE)
    assert groups(database) == parted


def test_what_changes_meanwhile_is_resolved_after(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, FIRMS)
    weigh = rebuilding._Rebuilding.weigh

    def weigh_and_change(work: Any) -> None:
        weigh(work)
        put(
            database,
            {"crm/companies/00": {"name": ["Another AG"]}, "crm/companies/77": {"name": ["Another AG"], "website": ["another.de"]}},
        )
        delete(database, ["crm/companies/01"])

    monkeypatch.setattr(rebuilding._Rebuilding, "weigh", weigh_and_change)
    resolve(database, settings=AT_ONCE)
    grown = groups(database)
    monkeypatch.undo()
    forget(database)
    resolve(database, settings=BATCHES)
    assert grown == groups(database)
    assert len(party_of(database)) == len(FIRMS)


def test_stopped_at_any_point_it_ends_as_one_that_was_not(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, FIRMS)
    monkeypatch.setattr(rebuilding, "CHUNK", 7)
    resolve(database, settings=AT_ONCE)
    whole = digest(database)
    forget(database)

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    told: list[int] = []

    def stop_after_some(done: int, _: int) -> None:
        told.append(done)
        if len(told) == 4:
            stop()

    for place, name in ((rebuild, "index"), (rebuild, "add_pairs"), (rebuild, "replace"), (rebuild, "list_ungrouped")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, stop)
            with pytest.raises(KeyboardInterrupt):
                resolve(database, settings=AT_ONCE)
    with pytest.raises(KeyboardInterrupt):
        resolve(database, settings=AT_ONCE, progress=stop_after_some)
    resolve(database, settings=AT_ONCE)
    assert digest(database) == whole
    with database.begin() as connection:
        assert records.list_pending(connection) == rebuild.list_ungrouped(connection) == []


def test_it_takes_up_the_profiles_that_were_made(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, FIRMS)
    monkeypatch.setattr(rebuilding, "CHUNK", 7)

    def stop(done: int, _: int) -> None:
        if done == 14:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resolve(database, settings=AT_ONCE, progress=stop)
    assert scalar(database, "select count(*) from identity.next_profile") == 14
    resolve(database, settings=AT_ONCE)
    assert scalar(database, "select count(*) from identity.profile") == len(FIRMS)
