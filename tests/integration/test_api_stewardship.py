"""A steward's decision takes effect at once, can be undone exactly, is on record, and asks of nobody what they may not see."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import insert, text

from context_api import keys
from sql import audit
from sql.database import Database
from sql.tables import identity
from tests.conftest import copy_of
from tests.integration.api_world import Ask, asking, party_of

ACME, ERP_ACME, BORG = "crm/companies/1", "erp/customers/7", "crm/companies/2"
CRM_ANNA, MAIL_ANNA = "crm/contacts/5", "mail/addresses/anna@acme.example"


@pytest.fixture
def database(server: Database, small_world: str) -> Iterator[Database]:
    with copy_of(server, small_world) as database:
        yield database


@pytest.fixture
def ask(database: Database) -> Iterator[Ask]:
    with asking(database) as ask:
        yield ask


@pytest.fixture(scope="module")
def untouched(server: Database, small_world: str) -> Iterator[Database]:
    """A database for tests that change nothing."""
    with copy_of(server, small_world) as database:
        yield database


@pytest.fixture(scope="module")
def ask_untouched(untouched: Database) -> Iterator[Ask]:
    with asking(untouched) as ask:
        yield ask


def value(database: Database, query: str, **parameters: Any) -> Any:
    with database.begin() as connection:
        return connection.scalar(text(query), parameters)


def open_review(database: Database, left: str, right: str) -> int:
    """A question about two records, as the resolver asks it."""
    ends = sorted((value(database, "select id from staging.party_record where ref = :ref", ref=ref), ref) for ref in (left, right))
    fields = [
        {"field": "name", "left": "acme", "right": "borg", "level": "different", "bits": -2.0, "term_frequency_bits": 0.0},
        {"field": "email", "left": "a@x.example", "right": "b@y.example", "level": "different", "bits": -1.0, "term_frequency_bits": 0.0},
    ]
    row = {
        "kind": "pair",
        "subject": "|".join(sorted((left, right))),
        "left_id": ends[0][0],
        "right_id": ends[1][0],
        "status": "open",
        "probability": 0.5,
        "priority": 1.0,
        "evidence": {"kind": "person", "fields": fields, "sentence": "emails a@x.example and b@y.example differ"},
    }
    with database.begin() as connection:
        return int(connection.execute(insert(identity.review).values(**row).returning(identity.review.c.id)).scalar_one())


def test_a_match_merges_at_once_and_its_undo_restores_the_golden_records(ask: Ask, database: Database) -> None:
    acme, borg = party_of(database, ACME), party_of(database, BORG)
    before = {party: ask("GET", f"/v1/parties/{party}").json() for party in (acme, borg)}
    review = open_review(database, ACME, BORG)
    decided = ask("POST", f"/v1/reviews/{review}/decision", json={"verdict": "match", "reason": "one house"}).json()
    assert set(decided["party_ids"]) == {acme, borg}
    assert party_of(database, BORG) == party_of(database, ACME)
    merged = ask("GET", f"/v1/parties/{borg}").json()
    assert (merged["records"], {merged["party_id"], merged.get("redirected_from") or borg}) == (3, {acme, borg})
    assert ask("GET", f"/v1/reviews/{review}").json()["decided_by"] == "ann"
    undone = ask("POST", f"/v1/decisions/{decided['decision_id']}/undo", json={"reason": "two houses"})
    assert undone.status_code == 200
    assert {party: ask("GET", f"/v1/parties/{party}").json() for party in (acme, borg)} == before


def test_every_act_is_sealed_in_the_audit_chain_and_tied_to_its_request(ask: Ask, database: Database) -> None:
    review = open_review(database, ACME, BORG)
    decided = ask("POST", f"/v1/reviews/{review}/decision", json={"verdict": "no_match", "reason": "two houses"}).json()
    with database.begin() as connection:
        assert list(audit.verify(connection)) == []
    sealed = "select actor from governance.audit where detail ->> 'decision_id' = :id"
    assert value(database, sealed, id=decided["decision_id"]) == "ann"
    tied = "select request ->> 'decision' from governance.receipt where request_id = 'from-the-test' and action = 'decision'"
    assert value(database, tied) == decided["decision_id"]
    override = f"/v1/parties/{party_of(database, BORG)}/overrides/phone"
    ask("PUT", override, json={"value": "+49 30 999", "reason": "x"})
    acts = "select array_agg(distinct request_id) from governance.audit where action in ('review.no_match', 'override.set')"
    assert value(database, acts) == ["from-the-test"]
    keys.create(database, "made-by-hand", ["read"])
    assert value(database, "select request_id from governance.audit order by sequence desc limit 1") is None


def test_a_decision_is_made_once(ask: Ask, database: Database) -> None:
    path = f"/v1/reviews/{open_review(database, ACME, BORG)}/decision"
    body = {"verdict": "no_match", "reason": "two houses"}
    first, second = ask("POST", path, json=body), ask("POST", path, json=body)
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["type"] == "urn:crosswalk:problem:review-already-decided"
    undo = f"/v1/decisions/{first.json()['decision_id']}/undo"
    assert ask("POST", undo, json={"reason": "x"}).status_code == 200
    assert ask("POST", undo, json={"reason": "x"}).status_code == 404


def test_of_two_decisions_at_once_one_is_made(ask: Ask, database: Database) -> None:
    path = f"/v1/reviews/{open_review(database, ACME, BORG)}/decision"
    bodies = [{"verdict": verdict, "reason": "at once"} for verdict in ("match", "no_match", "unsure", "match")]
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(lambda body: ask("POST", path, json=body), bodies))
    assert statuses == [200, 409, 409, 409]


def test_a_split_and_its_undo_restore_the_former_golden_record(ask: Ask, database: Database) -> None:
    party = party_of(database, ACME)
    before = ask("GET", f"/v1/parties/{party}")
    split = ask("POST", f"/v1/parties/{party}/split", json={"record_refs": [ERP_ACME], "reason": "another firm"}).json()
    assert party_of(database, ACME) != party_of(database, ERP_ACME)
    assert "credit_limit" not in ask("GET", f"/v1/parties/{party_of(database, ACME)}").json()["document"]
    ask("POST", f"/v1/decisions/{split['decision_id']}/undo", json={"reason": "the same after all"})
    after = ask("GET", f"/v1/parties/{party}")
    assert (after.json(), after.headers["etag"]) == (before.json(), before.headers["etag"])


def test_an_override_stands_until_it_is_withdrawn(ask: Ask, database: Database) -> None:
    path = f"/v1/parties/{party_of(database, ACME)}"
    put = ask("PUT", f"{path}/overrides/phone", json={"value": "+49 30 999", "reason": "she called"})
    assert ask("GET", path).json()["document"]["phone"]["value"] == "+49 30 999"
    assert ask("PUT", f"{path}/overrides/phone", json={"value": "+49 30 999", "reason": "again"}).json() == put.json()
    assert ask("DELETE", f"{path}/overrides/phone?reason=mistaken").json() == put.json()
    assert "phone" not in ask("GET", path).json()["document"]
    assert ask("DELETE", f"{path}/overrides/phone?reason=mistaken").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/v1/reviews/999/decision", {"verdict": "match", "reason": "x"}, 404, "review-not-found"),
        ("POST", "/v1/reviews/99999999999999999999/decision", {"verdict": "match", "reason": "x"}, 422, "invalid-request"),
        ("POST", "/v1/reviews/1/decision", {"verdict": "perhaps", "reason": "x"}, 422, "invalid-request"),
        ("POST", "/v1/reviews/1/decision", {"verdict": "match", "reason": " "}, 422, "invalid-request"),
        ("POST", "/v1/decisions/dec_none/undo", {"reason": "x"}, 404, "decision-not-found"),
        ("POST", "/v1/parties/pty_none/split", {"record_refs": ["a/b/c"], "reason": "x"}, 404, "party-not-found"),
        ("POST", "/v1/parties/{acme}/split", {"record_refs": ["a/b/c"], "reason": "x"}, 409, "invalid-split"),
        ("POST", "/v1/parties/{acme}/split", {"record_refs": [ACME, ERP_ACME], "reason": "x"}, 409, "invalid-split"),
        ("POST", "/v1/parties/merge", {"party_ids": ["{acme}", "{acme}"], "reason": "x"}, 409, "invalid-merge"),
        ("PUT", "/v1/parties/{acme}/overrides/phone", {"value": "", "reason": "x"}, 422, "invalid-override"),
        ("PUT", "/v1/parties/{acme}/overrides/No Name", {"value": "x", "reason": "x"}, 422, "invalid-override"),
        ("PUT", "/v1/parties/{acme}/overrides/phone", {"value": "x", "reason": "x", "extra": 1}, 422, "invalid-request"),
    ],
)
def test_what_can_not_be_done_is_told_and_changes_nothing(
    ask_untouched: Ask, untouched: Database, method: str, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    acme = party_of(untouched, ACME)
    if "party_ids" in body:
        body = body | {"party_ids": [acme, acme]}
    answer = ask_untouched(method, path.replace("{acme}", acme), json=body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:crosswalk:problem:{code}")
    assert value(untouched, "select count(*) from identity.judgement") == 0


def test_only_a_steward_decides_and_only_of_what_they_may_see(ask: Ask, database: Database) -> None:
    review, party = open_review(database, ACME, ERP_ACME), party_of(database, ACME)
    acts = [
        ("GET", "/v1/reviews", None),
        ("POST", f"/v1/reviews/{review}/decision", {"verdict": "match", "reason": "x"}),
        ("POST", f"/v1/parties/{party}/split", {"record_refs": [ERP_ACME], "reason": "x"}),
        ("PUT", f"/v1/parties/{party}/overrides/phone", {"value": "x", "reason": "x"}),
        ("DELETE", f"/v1/parties/{party}/overrides/phone?reason=x", None),
    ]
    for method, path, body in acts:
        assert ask(method, path, "read", "source:*", "class:*", json=body).status_code == 403
    half = ("steward", "source:crm", "class:*")
    listed = ask("GET", "/v1/reviews", *half).json()
    assert (listed["reviews"], listed["withheld"]) == ([], {"source:erp": 1})
    assert ask("GET", f"/v1/reviews/{review}", *half).status_code == 404
    assert ask(*acts[1][:2], *half, json=acts[1][2]).status_code == 404
    for method, path, body in acts[2:]:
        refused = ask(method, path, *half, json=body)
        assert (refused.status_code, "source:erp" in refused.json()["detail"]) == (403, True)


def test_a_decision_is_undone_only_by_who_may_see_what_it_was_about(ask: Ask, database: Database) -> None:
    party, crm = party_of(database, ACME), ("steward", "source:crm", "class:*")
    split = ask("POST", f"/v1/parties/{party}/split", json={"record_refs": [ERP_ACME], "reason": "another firm"}).json()
    undo = f"/v1/decisions/{split['decision_id']}/undo"
    refused = ask("POST", undo, *crm, json={"reason": "x"})
    assert (refused.status_code, "source:erp" in refused.json()["detail"]) == (403, True)
    assert party_of(database, ACME) != party_of(database, ERP_ACME)
    blind = ask("POST", undo, "steward", "source:*", "class:public", json={"reason": "x"})
    assert (blind.status_code, "class:internal" in blind.json()["detail"]) == (403, True)
    review = open_review(database, ACME, BORG)
    decided = ask("POST", f"/v1/reviews/{review}/decision", *crm, json={"verdict": "no_match", "reason": "x"}).json()
    assert ask("POST", f"/v1/decisions/{decided['decision_id']}/undo", *crm, json={"reason": "x"}).status_code == 200
    assert ask("POST", undo, json={"reason": "x"}).status_code == 200


def test_a_total_tells_how_many_reviews_the_caller_may_see(ask: Ask, database: Database) -> None:
    open_review(database, ACME, BORG)
    open_review(database, ACME, ERP_ACME)
    open_review(database, CRM_ANNA, MAIL_ANNA)
    conflict(database, party_of(database, ACME), "bank_account", "crm/companies/1")
    conflict(database, party_of(database, ACME), "website", "crm/companies/1")
    conflict(database, party_of(database, ACME), "vat", "crm/companies/1", "erp/customers/7")
    orphan(database)
    assert ask("GET", "/v1/reviews?limit=1").json()["total"] == 7
    assert ask("GET", "/v1/reviews?kind=conflict").json()["total"] == 3
    assert ask("GET", "/v1/reviews?status=decided").json()["total"] == 0
    for scopes in (("source:crm", "class:*"), ("source:crm", "class:internal"), ("source:*", "class:financial"), ("source:erp", "class:*")):
        page = ask("GET", "/v1/reviews", "steward", *scopes).json()
        assert page["total"] == len(page["reviews"])


def conflict(database: Database, party: str, attribute: str, *refs: str) -> None:
    """A question which of two values is right."""
    values = [{"value": ref, "record_ref": ref, "source": ref.partition("/")[0]} for ref in refs]
    row = {"kind": "conflict", "subject": f"{party}:{attribute}", "party_id": party, "status": "open"}
    with database.begin() as connection:
        connection.execute(insert(identity.review).values(**row, evidence={"attribute": attribute, "values": values}))


def orphan(database: Database) -> None:
    """A question about records that are no more: nobody can say whose it was."""
    row = {"kind": "pair", "subject": "erp/gone/1|erp/gone/2", "left_id": 998, "right_id": 999, "status": "open", "evidence": {}}
    with database.begin() as connection:
        connection.execute(insert(identity.review).values(**row))


def test_a_review_shows_the_weight_of_a_field_without_the_values_that_are_withheld(ask: Ask, database: Database) -> None:
    review = open_review(database, CRM_ANNA, MAIL_ANNA)
    seen = ask("GET", f"/v1/reviews/{review}")
    assert seen.json()["evidence"]["fields"][1]["left"] == "a@x.example"
    assert {seen.json()[side]["ref"] for side in ("left", "right")} == {CRM_ANNA, MAIL_ANNA}
    partial = ask("GET", f"/v1/reviews/{review}", "steward", "source:*", "class:internal")
    assert [(field["left"], field["bits"]) for field in partial.json()["evidence"]["fields"]] == [("acme", -2.0), (None, -1.0)]
    assert partial.json()["withheld"]["class:personal"] == 3
    for secret in ("a@x.example", "b@y.example", "1234567"):
        assert secret not in partial.text
