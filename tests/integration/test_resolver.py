"""The resolver on the real database: groups, persistent ids, events, what is written and what is not, and two at once."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from resolution.identity import why
from resolution.identity.resolver import resolve
from resolution.settings import Settings
from resolution.store import identity as crosswalk
from resolution.store import records
from sql.database import Database
from sql.tables import identity, staging
from tests.integration.people_and_companies import acme, address, clear, delete, digest, erase, forget, groups, one_database, party_of, put

BORG = {"name": ["Borg Foods Ltd"], "website": ["borg-foods.co.uk"], "address": [address("4 Mill Lane", "Leeds", "LS1 4AP", "GB")]}
CRM, ERP, OTHER = "crm/companies/1", "erp/customers/7", "crm/companies/2"


@pytest.fixture(scope="module")
def house(server: Database, template: str) -> Iterator[Database]:
    with one_database(server, template) as database:
        yield database


@pytest.fixture
def database(house: Database) -> Database:
    clear(house)
    return house


def events(database: Database) -> list[tuple[Any, ...]]:
    with database.begin() as connection:
        return [(event.kind, event.party_id, event.record_ref, event.other_party_id) for event in crosswalk.events_after(connection, 0)]


def versions(database: Database, schemas: Sequence[str] = ("identity", "golden")) -> dict[str, list[Any]]:
    """Every row of the schemas with the transaction that wrote it."""
    found: dict[str, list[Any]] = {}
    with database.begin() as connection:
        tables = connection.execute(
            text("select schemaname, tablename from pg_tables where schemaname = any(:schemas) order by 1, 2"), {"schemas": list(schemas)}
        )
        for schema, table in tables.all():
            query = text(f'select xmin::text, ctid::text, t::text from {schema}."{table}" t order by 2')
            found[f"{schema}.{table}"] = [tuple(row) for row in connection.execute(query)]
    return found


@contextmanager
def listening(said: list[str]) -> Iterator[None]:
    """Every statement that is sent meanwhile is noted."""

    execute = psycopg.Cursor.execute

    def note(cursor: Any, statement: Any, *rest: Any, **more: Any) -> Any:
        said.append(str(statement))
        return execute(cursor, statement, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", note)
        yield


def test_records_of_one_company_are_one_party_and_others_are_not(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme(vat=["DE136695976"]), OTHER: BORG})
    report = resolve(database)
    assert groups(database) == {frozenset({CRM, ERP}), frozenset({OTHER})}
    assert (report.records, report.created, report.moved) == (3, 2, 3)


def test_a_person_is_never_a_company(database: Database) -> None:
    put(database, {CRM: acme(email=["info@acme-tools.de"])})
    put(database, {"crm/contacts/1": {"name": ["Acme Tools"], "email": ["info@acme-tools.de"], "employer": ["Acme"]}}, kind="person")
    resolve(database)
    assert len(groups(database)) == 2


def test_with_nothing_changed_nothing_is_written(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme(), OTHER: BORG})
    resolve(database)
    before = versions(database)
    assert resolve(database).records == 0
    assert versions(database) == before


def test_an_empty_database_stays_untouched(database: Database) -> None:
    before = versions(database)
    resolve(database)
    assert versions(database) == before


def test_a_change_touches_only_what_hangs_on_it(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme(), OTHER: BORG})
    resolve(database)
    before = versions(database, ["identity"])
    put(database, {OTHER: BORG | {"phone": ["+44 113 496 0000"]}})
    resolve(database)
    after = versions(database, ["identity"])
    assert {table for table in before if before[table] != after[table]} == {
        "identity.blocking_key",
        "identity.event",
        "identity.profile",
    }
    assert events(database)[-1] == ("changed", party_of(database)[OTHER], OTHER, None)
    grown = set(before) - {"identity.pending", "identity.profile"}
    assert all(set(before[table]) <= set(after[table]) for table in grown)
    assert len(set(after["identity.profile"]) - set(before["identity.profile"])) == 1


def test_a_merge_keeps_the_oldest_id_and_leaves_a_redirect(database: Database) -> None:
    put(database, {ERP: {"name": ["Quite Another AG"]}})
    resolve(database)
    put(database, {CRM: acme()})
    resolve(database)
    older, younger = party_of(database)[ERP], party_of(database)[CRM]
    put(database, {ERP: acme()})
    resolve(database)
    assert party_of(database) == {CRM: older, ERP: older}
    with database.begin() as connection:
        assert crosswalk.resolve_party_id(connection, younger) == older
        assert crosswalk.resolve_party_id(connection, "pty_never") is None
        assert crosswalk.party_of_record(connection, CRM) == older
    assert ("merged", older, None, younger) in events(database)


def test_in_a_split_the_larger_part_keeps_the_id(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme(), OTHER: acme()})
    resolve(database)
    former = party_of(database)[CRM]
    put(database, {CRM: BORG})
    resolve(database)
    parties = party_of(database)
    assert parties[ERP] == parties[OTHER] == former
    assert ("split", former, None, parties[CRM]) in events(database)


def test_a_party_id_depends_on_the_founding_record_alone(database: Database) -> None:
    put(database, {OTHER: acme(), CRM: acme()})
    resolve(database)
    assert set(party_of(database).values()) == {"pty_18afbc3fd426bedb"}


def test_a_deleted_record_leaves_and_comes_back_to_the_same_party(database: Database) -> None:
    put(database, {CRM: acme(), OTHER: BORG})
    resolve(database)
    before = party_of(database)
    delete(database, [OTHER])
    assert resolve(database).retired == 1
    assert party_of(database) == {CRM: before[CRM]}
    with database.begin() as connection:
        assert crosswalk.parties(connection, [before[OTHER]])[before[OTHER]].retired
        assert (
            connection.scalar(
                text(
                    "select count(*) from identity.blocking_key k join staging.party_record r on r.id = k.record_id "
                    "where r.deleted_at is not null"
                )
            )
            == 0
        )
    put(database, {OTHER: BORG})
    resolve(database)
    assert party_of(database) == before


def test_an_erased_record_leaves_nothing_but_history(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    resolve(database)
    party_id = party_of(database)[CRM]
    erase(database, [ERP])
    resolve(database)
    assert party_of(database) == {CRM: party_id}
    with database.begin() as connection:
        assert connection.scalar(select(identity.pair.c.left_id)) is None
        assert len(crosswalk.members(connection, party_id)) == 1


def test_an_identifier_shared_by_too_many_stops_linking_and_what_it_linked_is_looked_at_again(database: Database) -> None:
    vat = ["DE136695976"]
    cities = ["Berlin", "Hamburg", "Bremen", "Kiel", "Essen", "Trier"]
    names = ["Adler Optik", "Brandt Logistik", "Cronau Papier", "Dessau Stahl", "Elster Holz", "Falken Druck"]
    companies = {
        f"erp/customers/{number}": {"name": [name], "vat": vat, "address": [address("Weg 1", city, f"1011{number}")]}
        for number, (name, city) in enumerate(zip(names, cities, strict=True))
    }
    settings = Settings(identifier_limit=4)
    few = dict(list(companies.items())[:4])
    put(database, few)
    resolve(database, settings=settings)
    assert groups(database) == {frozenset(few)}
    put(database, companies)
    resolve(database, settings=settings)
    assert groups(database) == {frozenset({ref}) for ref in companies}
    with database.begin() as connection:
        shared = connection.execute(select(identity.shared_identifier)).one()
        assert (shared.meaning, shared.value, shared.records) == ("vat", "DE136695976", 6)
        told = why.pair(connection, "erp/customers/0", "erp/customers/1")["sentences"]
    assert any("too many other records do" in sentence for sentence in told)
    delete(database, list(companies)[4:])
    resolve(database, settings=settings)
    assert groups(database) == {frozenset(few)}


def test_another_limit_in_the_settings_makes_identifiers_shared_and_telling_again(database: Database) -> None:
    names = ("Adler Optik", "Brandt Logistik", "Cronau Papier")
    firms = {f"erp/customers/{number}": {"name": [name], "vat": ["DE136695976"]} for number, name in enumerate(names)}
    put(database, firms)
    for limit, parties in ((3, 1), (2, 3), (3, 1)):
        resolve(database, settings=Settings(identifier_limit=limit))
        with database.begin() as connection:
            shared = connection.execute(select(identity.shared_identifier.c.value, identity.shared_identifier.c.records)).all()
        assert shared == ([("DE136695976", 3)] if parties == 3 else [])
        assert len(groups(database)) == parties


def test_a_block_over_the_cap_makes_no_pairs_and_makes_them_again_below_it(database: Database) -> None:
    same = {f"crm/companies/{number}": {"name": ["Acme Tools GmbH"], "website": ["acme-tools.de"]} for number in range(4)}
    settings = Settings(block_cap=3)
    put(database, dict(list(same.items())[:3]))
    resolve(database, settings=settings)
    assert len(groups(database)) == 1
    put(database, same)
    resolve(database, settings=settings)
    assert len(groups(database)) == 4
    delete(database, ["crm/companies/0"])
    resolve(database, settings=settings)
    assert len(groups(database)) == 1


def test_other_limits_in_the_settings_put_all_records_to_work_again(database: Database) -> None:
    put(database, {f"crm/companies/{number}": acme() for number in range(4)})
    resolve(database)
    assert resolve(database, settings=Settings(block_cap=2)).records == 4
    assert len(groups(database)) == 4
    assert resolve(database, settings=Settings(block_cap=2)).records == 0


def test_the_first_model_is_learned_where_there_are_records_enough(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme(), OTHER: BORG})
    resolve(database, settings=Settings(learn_from=3))
    with database.begin() as connection:
        note = connection.scalar(select(identity.model.c.note).where(identity.model.c.status == "in_force"))
    assert note == "person: as shipped; organization: learned from 3 records"


def test_a_record_that_is_being_changed_stays_pending_and_its_change_is_not_lost(database: Database) -> None:
    put(database, {CRM: acme(), ERP: BORG})
    with database.begin() as mapping:
        row = staging.party_record
        mapping.execute(update(row).where(row.c.ref == ERP).values(attributes=acme(), content_hash=b"new"))
        assert resolve(database).records == 1
        record_id = mapping.scalar(select(row.c.id).where(row.c.ref == ERP))
        mapping.execute(insert(identity.pending).values(record_id=record_id).on_conflict_do_nothing())
    assert resolve(database).records == 1
    assert groups(database) == {frozenset({CRM, ERP})}


def test_a_record_that_is_being_erased_is_not_taken_for_gone(database: Database) -> None:
    put(database, {CRM: acme()})
    resolve(database)
    with database.engine.connect() as erasing:
        change = erasing.begin()
        row = staging.party_record
        erasing.execute(insert(identity.pending).values(record_id=erasing.scalar(select(row.c.id))).on_conflict_do_nothing())
        erasing.execute(row.delete().where(row.c.ref == CRM))
        resolve(database)
        change.rollback()
    resolve(database)
    assert party_of(database).keys() == {CRM}


def test_two_at_once_take_turns_and_lose_nothing(database: Database) -> None:
    put(database, {f"crm/companies/{number}": acme(name=[f"Acme {'abcdef'[number % 6]} Tools GmbH"]) for number in range(60)})
    runs = [threading.Thread(target=resolve, args=(database,), kwargs={"settings": Settings(batch=7)}) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(party_of(database)) == 60
    with database.begin() as connection:
        assert records.list_pending(connection) == []


def test_a_failure_leaves_everything_as_it_was(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    resolve(database)
    put(database, {ERP: BORG})
    before = versions(database)

    def fail(*_: Any) -> None:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr(crosswalk, "write", fail)
        with pytest.raises(RuntimeError, match="power"):
            resolve(database)
    assert versions(database) == before
    resolve(database)
    assert len(groups(database)) == 2


def test_a_run_that_was_stopped_and_taken_up_again_ends_as_one_that_was_not(database: Database) -> None:
    firms = {f"crm/companies/{number}": acme(name=[f"Acme {'abcd'[number % 4]} Tools GmbH"]) for number in range(12)}
    firms |= {f"erp/customers/{number}": firms[f"crm/companies/{number}"] | {"phone": [f"+49 30 12345{number:02}"]} for number in range(12)}
    settings = Settings(batch=5)
    put(database, firms)
    resolve(database, settings=settings)
    whole = digest(database)
    forget(database)

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            resolve(database, progress=stop, settings=settings)
    resolve(database, settings=settings)
    assert digest(database) == whole


def test_one_record_takes_few_statements(database: Database) -> None:
    put(database, {CRM: acme(vat=["DE136695976"]), OTHER: BORG})
    resolve(database)
    put(database, {OTHER: BORG | {"phone": ["+44 113 496 0000"]}})
    resolve(database)
    for ref, record in ((ERP, acme(vat=["DE136695976"])), ("erp/customers/8", {"name": ["Quite Another AG"]}), (CRM, acme())):
        put(database, {ref: record})
        said: list[str] = []
        with listening(said):
            resolve(database)
        assert len(said) <= 13, said  # one asks whether the connection lives, and two count the records, as only a small database does


def test_golden_records_are_to_be_built_for_all_parties_concerned(database: Database) -> None:
    put(database, {CRM: acme(), ERP: BORG, OTHER: BORG})
    resolve(database)
    with database.begin() as connection:
        connection.exec_driver_sql("delete from golden.pending")
    former = party_of(database)
    put(database, {ERP: acme()})
    resolve(database)
    with database.begin() as connection:
        assert set(connection.scalars(text("select party_id from golden.pending"))) == {former[CRM], former[ERP]}
    assert party_of(database) == {CRM: former[CRM], ERP: former[CRM], OTHER: former[OTHER]}


def test_odd_records_are_taken_as_they_are(database: Database) -> None:
    put(database, {
        "a/b/empty": {},
        "a/b/null": {"name": [""], "vat": ["-"], "phone": ["x"], "email": ["@"], "website": ["://"]},
        "a/b/long": {"name": ["A" * 20_000], "email": ["x@y.de"] * 500},
        "a/b/ß|/| \u202e": {"name": ["\ufffd" * 3, "株式会社アクメ"], "address": [{"city": "x"}, {}]},
    }, kind="unknown")  # fmt: skip
    resolve(database)
    assert len(party_of(database)) == 4


def test_progress_is_told_by_batch(database: Database) -> None:
    put(database, {f"crm/companies/{number}": acme(name=[f"Firm {number}"]) for number in range(5)})
    told: list[tuple[int, int]] = []
    resolve(database, progress=lambda done, total: told.append((done, total)), settings=Settings(batch=2))
    assert told == [(2, 5), (4, 5), (5, 5)]
