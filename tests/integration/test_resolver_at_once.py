"""Several at once on one database: resolvers take turns between their transactions, and who changes records waits for none for long.

The turns are set by hand: what another does happens where the first one tells its progress, which is between two of its transactions.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, bindparam, func, select, text, update

from resolution.identity.resolver import resolve
from resolution.settings import Settings
from sql.database import Database
from sql.tables import staging
from tests.conftest import copy_of
from tests.integration.people_and_companies import (
    acme,
    clear,
    delete,
    forget,
    groups,
    hand_over_model,
    one_database,
    put,
    version_in_force,
)
from tests.integration.test_resolver_histories import HISTORIES, LIMITS, REFS, TRIED, History, attributes, begin, origins

#: What another resolver finds in its settings: the same lines, or others, which are in force from then on.
OTHERS = [LIMITS, LIMITS.model_copy(update={"block_cap": 3}), LIMITS.model_copy(update={"keep_bits": -4.0, "identifier_limit": 1})]
FIRMS = [f"crm/companies/{number}" for number in range(8)]
meanwhile = st.one_of(
    st.tuples(st.just("put"), st.dictionaries(st.sampled_from(REFS), attributes, min_size=1, max_size=4)),
    st.tuples(st.just("delete"), st.lists(st.sampled_from(REFS), min_size=1, max_size=2)),
    st.tuples(st.just("resolve"), st.sampled_from(OTHERS)),
)
changes = st.dictionaries(st.sampled_from(REFS), attributes, min_size=6)


@pytest.fixture(scope="module")
def world(server: Database, template: str) -> Iterator[Database]:
    with one_database(server, template) as database:
        yield database


@settings(max_examples=HISTORIES, **TRIED)
@given(origin=origins, again=changes, others=st.lists(meanwhile, min_size=2, max_size=8))
def test_whatever_another_does_between_two_batches_the_end_is_what_one_alone_makes(
    world: Database, origin: dict[str, Any], again: dict[str, Any], others: list[tuple[str, Any]]
) -> None:
    past, left, lines = History(world), list(others), [LIMITS]

    def another(_done: int, _total: int) -> None:
        if left:
            step, detail = left.pop(0)
            if step == "resolve":
                resolve(world, settings=detail)
                lines.append(detail)
            else:
                past.happen(step, detail)

    begin(world, origin)
    put(world, again)
    resolve(world, progress=another, settings=LIMITS)
    resolve(world, settings=lines[-1])
    grown = past.derived()
    forget(world)
    resolve(world, settings=lines[-1].model_copy(update={"batch": 1_000}))
    assert grown == past.derived()


def test_the_same_records_and_model_make_the_same_parties_in_another_database(world: Database, server: Database, template: str) -> None:
    """Though another would choose another model for them, since it never saw those that went."""
    clear(world)
    firms = {f"crm/companies/{number}": acme(name=[f"Acme {'abcdef'[number % 6]} Tools GmbH"]) for number in range(60)}
    put(world, firms)
    resolve(world, settings=Settings(batch=7))
    delete(world, list(firms)[40:])
    resolve(world, settings=Settings(batch=7))
    left = {ref: firms[ref] for ref in list(firms)[:40]}
    with copy_of(server, template) as alone, copy_of(server, template) as another:
        version = hand_over_model(world, alone)
        for each in (alone, another):
            put(each, left)
            resolve(each)
        assert version_in_force(another) != version
        assert version_in_force(alone) == version
        assert History(alone).derived() == History(world).derived()


def queue(connection: Connection, *refs: str) -> None:
    """Put records on the pending list as the mapping does for the two ends of a claim, whose own rows it leaves alone."""
    record = staging.party_record
    for ref in refs:
        record_id = connection.scalar(select(record.c.id).where(record.c.ref == ref))
        row = "insert into identity.pending values (:id) on conflict (record_id) do update set record_id = excluded.record_id"
        connection.execute(text(row).bindparams(bindparam("id", record_id)))


def changed(connection: Connection, ref: str, name: str) -> None:
    row = staging.party_record
    connection.execute(update(row).where(row.c.ref == ref).values(attributes=acme(name=[name]), content_hash=name.encode()))


class Resolving(threading.Thread):
    """A resolver beside the test; `failure` is what it ended with."""

    def __init__(self, database: Database, settings: Settings) -> None:
        super().__init__()
        self.database, self.settings = database, settings
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            resolve(self.database, settings=self.settings)
        except Exception as failure:  # noqa: BLE001  the test looks at it
            self.failure = failure

    def wait_until_it_waits(self) -> None:
        """Until it is done, or waits for a lock."""
        waiting = select(func.count()).select_from(text("pg_stat_activity")).where(text("wait_event_type = 'Lock'"))
        with self.database.engine.connect() as connection:
            while self.is_alive() and not connection.scalar(waiting.where(text("datname = current_database()"))):
                connection.rollback()
                time.sleep(0.01)


def test_a_change_of_model_waits_for_a_sync_that_queues_records_and_not_the_sync_for_it(world: Database) -> None:
    clear(world)
    put(world, {ref: acme() for ref in FIRMS})
    resolve(world)
    put(world, {FIRMS[1]: acme(phone=["+49 30 1234567"])})
    resolver = Resolving(world, Settings(block_cap=3))
    with world.begin() as mapping:
        changed(mapping, FIRMS[-1], "Acme Works AG")
        queue(mapping, FIRMS[-1])
        resolver.start()
        resolver.wait_until_it_waits()
        queue(mapping, FIRMS[0])
        changed(mapping, FIRMS[1], "Acme Foods AG")
        queue(mapping, FIRMS[1])
    resolver.join()
    assert resolver.failure is None
    resolve(world, settings=Settings(block_cap=3))
    assert groups(world) == {frozenset({ref}) for ref in FIRMS}


@pytest.mark.parametrize("few", [True, False])
def test_a_record_that_is_being_queued_is_left_until_later(world: Database, few: bool) -> None:
    clear(world)
    put(world, {ref: acme() for ref in FIRMS})
    resolve(world)
    put(world, {ref: acme(phone=["+49 30 1234567"]) for ref in (FIRMS[:2] if few else FIRMS)})
    resolver = Resolving(world, Settings(batch=10 if few else 5))
    with world.begin() as mapping:
        queue(mapping, FIRMS[0])
        resolver.start()
        resolver.wait_until_it_waits()
        changed(mapping, FIRMS[1], "Acme Works AG")
        queue(mapping, FIRMS[1])
    resolver.join()
    assert resolver.failure is None
    assert resolve(world).records == 2


def test_a_run_goes_on_under_the_lines_that_another_put_in_force_meanwhile(world: Database) -> None:
    clear(world)
    put(world, {ref: acme() for ref in FIRMS})
    others = Settings(block_cap=3)

    def another(done: int, _total: int) -> None:
        if done == 4:
            resolve(world, settings=others)
            put(world, {ref: acme(phone=["+49 30 1234567"]) for ref in FIRMS[4:]})

    resolve(world, progress=another, settings=Settings(batch=4))
    assert resolve(world, settings=others).records == 0
    assert groups(world) == {frozenset({ref}) for ref in FIRMS}


def test_a_record_that_went_is_not_forgotten_when_the_lines_change(world: Database) -> None:
    clear(world)
    put(world, {ref: acme() for ref in FIRMS})
    resolve(world)
    delete(world, FIRMS[:1])
    resolve(world, settings=Settings(review_upper=0.8))
    assert groups(world) == {frozenset(FIRMS[1:])}
