"""Whatever happens in whatever order, the identities are what one full run over the final records and judgements gives.

Small worlds with few values, so that records meet often, and with low limits, so that blocks and identifiers cross theirs in both
directions. CROSSWALK_TEST_HISTORIES sets how many histories are tried; CROSSWALK_TEST_SHRINK=1 has a failing one made small, which takes
minutes.
"""

import contextlib
import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from resolution.errors import ResolutionError
from resolution.identity import judgements
from resolution.identity.resolver import resolve
from resolution.settings import Settings
from sql.database import Database
from tests.integration.people_and_companies import clear, delete, forget, party_of, put

PHASES = [Phase.generate, *([Phase.shrink] if os.environ.get("CROSSWALK_TEST_SHRINK") else [])]
TRIED = {"derandomize": True, "phases": PHASES, "suppress_health_check": list(HealthCheck)}
HISTORIES = int(os.environ.get("CROSSWALK_TEST_HISTORIES", "12"))
LIMITS = Settings(block_cap=4, identifier_limit=2, keep_bits=-6.0, batch=3)
#: A full run as one batch, and as everything made anew at once.
IN_ONE, ANEW = (LIMITS.model_copy(update=update) for update in ({"batch": 1_000}, {"rebuild_from": 1}))
REFS = [f"{source}/companies/{number}" for source in ("crm", "erp") for number in range(5)]

#: Everything that is derived, by what it means and not by generated ids.
DERIVED = {
    "groups": """
        select string_agg(record.ref, ' ' order by record.ref), string_agg(membership.confidence::text, ' ' order by record.ref),
            min(party.kind)
        from identity.membership membership join staging.party_record record on record.id = membership.record_id
        join identity.party party on party.id = membership.party_id and party.retired_at is null
        where membership.valid_to_at is null group by membership.party_id order by 1""",
    "keys": """
        select record.ref, blocking_key.key, rule
        from identity.blocking_key join staging.party_record record on record.id = record_id order by 1, 2""",
    "pairs": """
        select least(one.ref, two.ref) as a, greatest(one.ref, two.ref) as b, weight, probability, rule, verdict, linked, levels
        from identity.pair join staging.party_record one on one.id = left_id join staging.party_record two on two.id = right_id
        order by 1, 2""",
    "shared": "select meaning, value, records from identity.shared_identifier order by 1, 2",
    "reviews": "select subject, probability, priority, evidence from identity.review where status = 'open' order by 1",
}
attributes = st.fixed_dictionaries(
    {
        "name": st.lists(st.sampled_from(["Acme Tools GmbH", "Acme Tools", "Borg Foods Ltd", "Acme Works AG"]), min_size=1, max_size=1),
        "website": st.lists(st.sampled_from(["acme.de", "borg.co.uk"]), max_size=1),
    },
    optional={
        "vat": st.lists(st.sampled_from(["DE136695976", "DE811569869"]), min_size=1, max_size=1),
        "phone": st.lists(st.sampled_from(["+49 30 1234567", "+44 20 7654321"]), min_size=1, max_size=1),
        "address": st.sampled_from(
            [[{"street": "Hauptstr. 5", "city": "Berlin", "postcode": "10115"}], [{"city": "Leeds", "postcode": "LS1 4AP"}]]
        ),
    },
)
#: Half of the records are there from the beginning, so that what comes later meets them.
origins = st.fixed_dictionaries(dict.fromkeys(REFS[::2], attributes))
steps = st.one_of(
    st.tuples(st.just("put"), st.dictionaries(st.sampled_from(REFS), attributes, min_size=1, max_size=4)),
    st.tuples(st.just("put"), st.dictionaries(st.sampled_from(REFS), attributes, min_size=1, max_size=4)),
    st.tuples(st.just("delete"), st.lists(st.sampled_from(REFS), min_size=1, max_size=2)),
    st.tuples(st.just("resolve"), st.none()),
    st.tuples(st.just("merge"), st.tuples(st.sampled_from(REFS), st.sampled_from(REFS))),
    st.tuples(st.just("split"), st.tuples(st.sampled_from(REFS), st.sampled_from(REFS))),
    st.tuples(st.just("review"), st.tuples(st.integers(0, 5), st.sampled_from(["match", "no_match", "unsure"]))),
    st.tuples(st.just("undo"), st.integers(0, 9)),
)


@dataclass
class History:
    """A world that things happen to."""

    database: Database
    decisions: list[str] = field(default_factory=list)

    def happen(self, step: str, detail: Any) -> None:
        if step == "put":
            put(self.database, detail)
        elif step == "delete":
            delete(self.database, detail)
        elif step == "resolve":
            resolve(self.database, settings=LIMITS)
        else:
            with contextlib.suppress(ResolutionError):  # a steward may ask for what is not possible; then nothing happens
                self.judge(step, detail)

    def judge(self, step: str, detail: Any) -> None:
        parties = party_of(self.database)
        if step == "merge":
            made = judgements.merge(self.database, [parties.get(ref, "") for ref in detail], "ann", "")
        elif step == "split":
            made = judgements.split(self.database, parties.get(detail[0], ""), sorted({ref for ref in detail if ref in parties}), "ann", "")
        elif step == "review":
            ids = self.rows("select id from identity.review where status = 'open' order by subject")
            if not ids:
                return
            made = judgements.decide(self.database, ids[detail[0] % len(ids)][0], detail[1], "ann", "")
        else:
            if not self.decisions:
                return
            decision = self.decisions[detail % len(self.decisions)]
            judgements.undo(self.database, decision, "ann", "")
            self.decisions.remove(decision)
            return
        self.decisions.append(made.decision_id)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def derived(self) -> dict[str, list[tuple[Any, ...]]]:
        return {name: self.rows(query) for name, query in DERIVED.items()}


@pytest.fixture
def world(database: Database) -> Database:
    return database


def begin(world: Database, origin: dict[str, Any]) -> None:
    """A world with its model and limits in force and its first records resolved."""
    clear(world)
    put(world, origin)
    resolve(world, settings=LIMITS)


@settings(max_examples=HISTORIES, **TRIED)
@given(origin=origins, history=st.lists(steps, min_size=5, max_size=12), whole=st.sampled_from([IN_ONE, ANEW]))
def test_any_history_gives_what_a_full_run_gives(
    world: Database, origin: dict[str, Any], history: list[tuple[str, Any]], whole: Settings
) -> None:
    past = History(world)
    begin(world, origin)
    for step, detail in history:
        past.happen(step, detail)
    resolve(world, settings=LIMITS)
    grown = past.derived()
    forget(world)
    resolve(world, settings=whole)
    assert grown == past.derived()


@settings(max_examples=max(HISTORIES // 2, 1), **TRIED)
@given(
    origin=origins, history=st.lists(steps, min_size=2, max_size=8), act=steps.filter(lambda step: step[0] in ("merge", "split", "review"))
)
def test_an_undo_restores_exactly_what_was(
    world: Database, origin: dict[str, Any], history: list[tuple[str, Any]], act: tuple[str, Any]
) -> None:
    past = History(world)
    begin(world, origin)
    for step, detail in history:
        past.happen(step, detail)
    resolve(world, settings=LIMITS)
    before, ids, decided = past.derived(), party_of(world), len(past.decisions)
    past.happen(*act)
    if len(past.decisions) > decided:
        judgements.undo(world, past.decisions[-1], "ann", "")
        assert party_of(world) == ids
        assert past.derived() == before
