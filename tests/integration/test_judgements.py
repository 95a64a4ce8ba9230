"""What stewards and the language model decide: it holds, it outranks what it should, and it can be taken back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select, text

from resolution.errors import (
    DecisionNotFoundError,
    DecisionSupersededError,
    InvalidMergeError,
    InvalidSplitError,
    PartyNotFoundError,
    RecordNotFoundError,
    ReviewAlreadyDecidedError,
    ReviewNotAPairError,
    ReviewNotFoundError,
)
from resolution.identity import judgements, why
from resolution.identity.resolver import resolve
from resolution.settings import Settings
from sql import audit
from sql.database import Database
from sql.tables import identity
from tests.integration.people_and_companies import acme, clear, groups, one_database, party_of, put

CRM, ERP, OTHER, FAR = "crm/companies/1", "erp/customers/7", "crm/companies/2", "erp/customers/9"
BORG = {"name": ["Borg Foods Ltd"], "website": ["borg-foods.co.uk"]}
#: Everything is in doubt that no rule decides.
DOUBTFUL = Settings(review_lower=0.0001, review_upper=1.1)


@pytest.fixture(scope="module")
def house(server: Database, template: str) -> Iterator[Database]:
    with one_database(server, template) as database:
        yield database


@pytest.fixture
def database(house: Database) -> Database:
    clear(house)
    return house


def reviews(database: Database) -> dict[str, Any]:
    """Subject -> the latest review of it."""
    with database.begin() as connection:
        return {row.subject: row for row in connection.execute(select(identity.review).order_by(identity.review.c.id))}


def review_of(database: Database, one: str, two: str) -> Any:
    return reviews(database)["|".join(sorted((one, two)))]


def together(database: Database, *refs: str) -> bool:
    parties = party_of(database)
    return len({parties[ref] for ref in refs}) == 1


def test_a_doubtful_pair_is_asked_about_with_its_evidence(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme(vat=["DE136695976"])})
    assert resolve(database, settings=DOUBTFUL).reviews_opened == 1
    review = review_of(database, CRM, ERP)
    assert review.status == "open"
    assert review.evidence["overmatch"] == [{"reason": "weak link", "left": CRM, "right": ERP}]
    assert {"field", "left", "right", "level", "bits"} <= review.evidence["fields"][0].keys()
    assert "bits" in review.evidence["sentence"]
    with database.begin() as connection:
        version = connection.scalar(text("select xmin::text from identity.review"))
    put(database, {OTHER: BORG, ERP: acme(vat=["DE136695976"], language=["de"])})
    resolve(database, settings=DOUBTFUL)
    with database.begin() as connection:
        assert connection.scalar(text("select xmin::text from identity.review")) == version


def test_a_review_is_withdrawn_when_there_is_no_doubt_any_more(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    resolve(database, settings=DOUBTFUL)
    put(database, {ERP: BORG})
    resolve(database, settings=DOUBTFUL)
    assert review_of(database, CRM, ERP).status == "withdrawn"


def test_a_decision_takes_effect_at_once_and_is_audited(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    resolve(database, settings=DOUBTFUL)
    former = party_of(database)[CRM]
    decision = judgements.decide(database, review_of(database, CRM, ERP).id, "no_match", "ann", "two firms")
    assert not together(database, CRM, ERP)
    assert set(decision.party_ids) == {former, *party_of(database).values()}
    closed = review_of(database, CRM, ERP)
    assert (closed.status, closed.decided_by, closed.decision_id) == ("decided", "ann", decision.decision_id)
    with database.begin() as connection:
        assert list(audit.verify(connection)) == []
    with pytest.raises(ReviewAlreadyDecidedError):
        judgements.decide(database, closed.id, "match", "bob", "")


def test_unsure_closes_the_review_and_changes_nothing(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    resolve(database, settings=DOUBTFUL)
    before = party_of(database)
    judgements.decide(database, review_of(database, CRM, ERP).id, "unsure", "ann", "")
    assert party_of(database) == before
    put(database, {ERP: acme(phone=["+49 30 1234567"])})
    resolve(database, settings=DOUBTFUL)
    assert [review.status for review in reviews(database).values()] == ["decided"]


def test_a_never_match_holds_whatever_else_is_said(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    resolve(database)
    judgements.split(database, party_of(database)[CRM], [ERP], "ann", "they told us")
    put(database, {CRM: acme(vat=["DE136695976"]), ERP: acme(vat=["DE136695976"]), OTHER: acme(vat=["DE136695976"])})
    resolve(database)
    assert not together(database, CRM, ERP)


def test_a_steward_outranks_rules(database: Database) -> None:
    put(database, {CRM: acme(vat=["DE136695976"]), ERP: BORG | {"vat": ["DE811569869"]}})
    resolve(database)
    assert not together(database, CRM, ERP)
    judgements.merge(database, sorted(set(party_of(database).values())), "ann", "taken over")
    assert together(database, CRM, ERP)
    put(database, {CRM: acme(vat=["DE136695976"], phone=["+49 30 1234567"])})
    resolve(database)
    assert together(database, CRM, ERP)


def test_joining_two_records_joins_what_belongs_to_either(database: Database) -> None:
    put(database, {CRM: acme(), OTHER: acme(), ERP: BORG, FAR: BORG})
    resolve(database)
    assert groups(database) == {frozenset({CRM, OTHER}), frozenset({ERP, FAR})}
    judgements.merge(database, sorted(set(party_of(database).values())), "ann", "")
    assert together(database, CRM, OTHER, ERP, FAR)
    put(database, {"crm/companies/3": acme(), "crm/companies/4": BORG})
    resolve(database)
    assert together(database, CRM, OTHER, ERP, FAR, "crm/companies/3", "crm/companies/4")


def test_the_latest_word_counts_and_an_undo_puts_the_former_back(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    resolve(database)
    split = judgements.split(database, party_of(database)[CRM], [ERP], "ann", "")
    merge = judgements.merge(database, sorted(set(party_of(database).values())), "bob", "")
    assert together(database, CRM, ERP)
    with pytest.raises(DecisionSupersededError, match=merge.decision_id):
        judgements.undo(database, split.decision_id, "ann", "")
    judgements.undo(database, merge.decision_id, "ann", "")
    assert not together(database, CRM, ERP)
    judgements.undo(database, split.decision_id, "ann", "")
    assert together(database, CRM, ERP)
    with pytest.raises(DecisionNotFoundError):
        judgements.undo(database, split.decision_id, "ann", "")


def test_undoing_a_merge_gives_both_parties_back_their_ids(database: Database) -> None:
    put(database, {CRM: acme()})
    resolve(database)
    put(database, {ERP: BORG, FAR: BORG, OTHER: BORG})
    resolve(database)
    before = party_of(database)
    merge = judgements.merge(database, [before[CRM], before[ERP]], "ann", "")
    assert set(party_of(database).values()) == {before[CRM]}
    judgements.undo(database, merge.decision_id, "ann", "")
    assert party_of(database) == before


def test_undoing_a_decision_puts_its_review_back_into_the_queue(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    resolve(database, settings=DOUBTFUL)
    decision = judgements.decide(database, review_of(database, CRM, ERP).id, "match", "ann", "")
    judgements.undo(database, decision.decision_id, "ann", "")
    review = review_of(database, CRM, ERP)
    assert (review.status, review.decision_id, review.closed_at) == ("open", None, None)
    assert len(reviews(database)) == 1


def test_a_large_split_needs_few_judgements_and_holds(database: Database) -> None:
    refs = [f"crm/companies/{number:02}" for number in range(50)]
    put(database, {ref: acme() for ref in refs})
    resolve(database)
    judgements.split(database, party_of(database)[refs[0]], refs[:25], "ann", "")
    with database.begin() as connection:
        assert len(connection.execute(select(identity.judgement.c.id)).all()) < 60
    put(database, {"crm/companies/new": acme()})
    resolve(database)
    parties = party_of(database)
    assert {parties[ref] for ref in refs[:25]} & {parties[ref] for ref in refs[25:]} == set()


def test_what_is_not_possible_is_refused(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    put(database, {"crm/contacts/1": {"name": ["Ann Smith"]}}, kind="person")
    resolve(database)
    parties = party_of(database)
    company, person = parties[CRM], parties["crm/contacts/1"]
    with pytest.raises(PartyNotFoundError):
        judgements.split(database, "pty_none", [CRM], "ann", "")
    for refs in ([], [CRM, ERP], ["crm/contacts/1"], ["crm/companies/none"]):
        with pytest.raises(InvalidSplitError):
            judgements.split(database, company, refs, "ann", "")
    for ids in ([], [company], [company, company], [company, person]):
        with pytest.raises(InvalidMergeError):
            judgements.merge(database, ids, "ann", "")
    with pytest.raises(ReviewNotFoundError):
        judgements.decide(database, 4711, "match", "ann", "")
    with pytest.raises(ValueError, match="verdict"):
        judgements.decide(database, 4711, "maybe", "ann", "")  # type: ignore[arg-type]
    with pytest.raises(DecisionNotFoundError):
        judgements.undo(database, "dec_none", "ann", "")
    with database.begin() as connection:
        conflict = identity.review.insert().values(kind="conflict", subject="pty:x", status="open", evidence={})
        review_id = connection.scalar(conflict.returning(identity.review.c.id))
    with pytest.raises(ReviewNotAPairError):
        judgements.decide(database, review_id or 0, "match", "ann", "")


class Oracle:
    """A language model that always answers the same."""

    def __init__(self, verdict: str, confidence: str = "high") -> None:
        self.answer = {"verdict": verdict, "confidence": confidence, "reason": "as it seems", "by": "oracle 1"}
        self.asked: list[dict[str, Any]] = []

    def judge(self, pairs: Sequence[dict[str, Any]]) -> Sequence[Mapping[str, Any]]:
        self.asked += pairs
        return [self.answer for _ in pairs]


def test_the_language_model_settles_what_it_is_sure_of_until_the_record_changes(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    oracle = Oracle("no_match")
    report = resolve(database, judge=oracle, settings=DOUBTFUL)
    assert (report.asked, report.judged) == (1, 1)
    assert oracle.asked[0]["left"]["attributes"] == acme()
    assert not together(database, CRM, ERP)
    assert review_of(database, CRM, ERP).decided_by == "oracle 1"
    assert resolve(database, judge=oracle, settings=DOUBTFUL).asked == 0
    put(database, {ERP: acme(phone=["+49 30 1234567"])})
    resolve(database, settings=DOUBTFUL)
    assert together(database, CRM, ERP)


def test_a_steward_outranks_the_language_model(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    resolve(database, judge=Oracle("no_match"), settings=DOUBTFUL)
    parties = sorted(set(party_of(database).values()))
    merge = judgements.merge(database, parties, "ann", "")
    assert together(database, CRM, ERP)
    judgements.undo(database, merge.decision_id, "ann", "")
    assert not together(database, CRM, ERP)


def test_undoing_the_language_model_puts_the_question_to_a_steward(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    oracle = Oracle("no_match")
    resolve(database, judge=oracle, settings=DOUBTFUL)
    judgements.undo(database, review_of(database, CRM, ERP).decision_id, "ann", "")
    assert together(database, CRM, ERP)
    assert resolve(database, judge=oracle, settings=DOUBTFUL).asked == 0
    assert review_of(database, CRM, ERP).status == "open"


def test_what_the_language_model_is_not_sure_of_stays_with_a_steward(database: Database) -> None:
    put(database, {CRM: acme(), ERP: acme()})
    oracle = Oracle("match", "medium")
    assert resolve(database, judge=oracle, settings=DOUBTFUL).judged == 0
    review = review_of(database, CRM, ERP)
    assert (review.status, review.evidence["language_model"]["reason"]) == ("open", "as it seems")
    assert resolve(database, judge=oracle, settings=DOUBTFUL).asked == 0


def test_the_language_model_is_asked_within_its_budget(database: Database) -> None:
    for number in range(4):
        name = ["Adler Optik", "Brandt Papier", "Cronau Stahl", "Dessau Holz"][number]
        firm = {"name": [name], "phone": [f"+49 3{number} 123{number}567"]}
        put(database, {f"crm/companies/{number}": firm, f"erp/customers/{number}": firm})
    settings = DOUBTFUL.model_copy(update={"judge_budget": 3})
    assert resolve(database, judge=Oracle("unsure", "low"), settings=settings).asked == 3
    assert resolve(database, judge=Oracle("unsure", "low"), settings=settings).asked == 1


def test_a_party_says_why_it_is_one(database: Database) -> None:
    put(
        database,
        {CRM: acme(), OTHER: acme(vat=["DE136695976"]), ERP: {"name": ["Acme Werkzeuge"], "vat": ["DE136695976"]}, FAR: BORG},
    )
    resolve(database)
    party_id = party_of(database)[CRM]
    with database.begin() as connection:
        told = why.party(connection, party_id)
        assert [record["ref"] for record in told["records"]] == sorted([CRM, OTHER, ERP])
        assert {link["by"] for link in told["links"]} == {"rule", "weight"}
        assert sorted(told["weakest"]["splits"]) == [[CRM], sorted([OTHER, ERP])]
        assert "DE136695976" in " ".join(told["sentences"])
        with pytest.raises(PartyNotFoundError):
            why.party(connection, "pty_none")


def test_a_pair_says_why_it_is_not_one(database: Database) -> None:
    put(database, {CRM: acme(vat=["DE136695976"]), ERP: acme(vat=["DE811569869"])})
    resolve(database)
    merge = judgements.merge(database, sorted(set(party_of(database).values())), "ann", "one house")
    with database.begin() as connection:
        told = why.pair(connection, CRM, ERP)
        assert (told["verdict"], told["ruling"], told["by"], told["together"]) == (-1, 1, "steward", True)
        assert "A steward (ann) judged them the same: one house." in told["sentences"]
    judgements.undo(database, merge.decision_id, "ann", "")
    with database.begin() as connection:
        told = why.pair(connection, CRM, ERP)
        assert told["sentences"][-1] == "They are two parties, since a rule forbids them to be one."
        near = why.party(connection, party_of(database)[CRM])["near_misses"]
        assert [miss["right"] for miss in near] == [ERP]
        with pytest.raises(RecordNotFoundError, match="none"):
            why.pair(connection, CRM, "crm/companies/none")
