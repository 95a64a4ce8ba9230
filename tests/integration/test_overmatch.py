"""A party that may be more than one comes to a steward, though each of its links is strong; the answer splits it or settles it."""

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from resolution.identity import judgements, why
from resolution.identity.resolver import resolve
from resolution.settings import Settings
from resolution.store.reviews import unasked
from sql.database import Database
from sql.tables import identity
from tests.integration.people_and_companies import acme, clear, forget, groups, one_database, party_of, put

ONE, TWO, THREE, FOUR = "crm/companies/1", "crm/companies/2", "erp/customers/3", "erp/customers/4"
ACME, BORG, VAT, LEI, DUNS = "Acme Tools GmbH", "Borg Foods Ltd", "DE136695976", "529900T8BM49AURSDO55", "150483782"
#: Each has an identifier in common with the next one, and nothing with those after it.
CHAIN = {
    ONE: {"name": [ACME], "vat": [VAT]},
    TWO: {"name": [ACME], "vat": [VAT], "lei": [LEI]},
    THREE: {"name": [BORG], "lei": [LEI], "duns": [DUNS]},
    FOUR: {"name": [BORG], "duns": [DUNS]},
}
OLD, MIDDLE, YOUNG = "crm/contacts/1", "erp/persons/2", "mail/addresses/3"
NAME, MAIL = "Ambrose Quillfeather", "ambrose@quill.example"
#: The first and the last differ in the birth date, of which the one between them says nothing.
PEOPLE = {
    OLD: {"name": [NAME], "email": [MAIL], "birth_date": ["1961-03-02"]},
    MIDDLE: {"name": [NAME], "email": [MAIL], "tax_id": ["DE81872495633"]},
    YOUNG: {"name": [NAME], "tax_id": ["DE81872495633"], "birth_date": ["1988-11-27"]},
}


@pytest.fixture(scope="module")
def house(server: Database, template: str) -> Iterator[Database]:
    with one_database(server, template) as database:
        yield database


@pytest.fixture
def database(house: Database) -> Database:
    clear(house)
    return house


def asked(database: Database) -> dict[str, Any]:
    """Subject -> the open review of it."""
    with database.begin() as connection:
        rows = connection.execute(select(identity.review).where(identity.review.c.status == "open"))
        return {row.subject: row for row in rows}


def suspect(database: Database, ref: str) -> list[Mapping[str, Any]]:
    """What the party's explanation says."""
    with database.begin() as connection:
        told: list[Mapping[str, Any]] = why.party(connection, party_of(database)[ref])["suspect"]
        return told


def decide(database: Database, verdict: judgements.Verdict) -> None:
    """Answer the one open review."""
    (review,) = asked(database).values()
    judgements.decide(database, review.id, verdict, "ann", "looked it up")


def test_a_chain_is_asked_about_at_the_link_that_weighs_least(database: Database) -> None:
    put(database, CHAIN)
    resolve(database)
    assert groups(database) == {frozenset(CHAIN)}
    ((subject, review),) = asked(database).items()
    assert subject == f"{TWO}|{THREE}"
    assert review.evidence["overmatch"] == suspect(database, ONE) == [{"reason": "chain"}]
    assert review.probability > Settings().review_upper


def test_two_birth_dates_in_one_party_are_asked_about_where_they_meet(database: Database) -> None:
    put(database, PEOPLE, kind="person")
    resolve(database)
    assert groups(database) == {frozenset(PEOPLE)}
    ((subject, review),) = asked(database).items()
    assert subject == f"{OLD}|{MIDDLE}"
    assert review.evidence["overmatch"] == suspect(database, OLD) == [{"reason": "different birth date", "left": OLD, "right": YOUNG}]


def test_no_splits_the_party_there(database: Database) -> None:
    put(database, CHAIN)
    resolve(database)
    decide(database, "no_match")
    assert groups(database) == {frozenset({ONE, TWO}), frozenset({THREE, FOUR})}
    assert asked(database) == {}


@pytest.mark.parametrize("answer", ["match", "unsure"])
@pytest.mark.parametrize(("records", "kind"), [(CHAIN, "organization"), (PEOPLE, "person")])
def test_any_other_answer_settles_it(database: Database, answer: judgements.Verdict, records: Mapping[str, Any], kind: str) -> None:
    put(database, records, kind)
    resolve(database)
    decide(database, answer)
    forget(database)
    resolve(database)
    assert groups(database) == {frozenset(records)}
    assert asked(database) == {}
    assert suspect(database, next(iter(records))) == []


def test_a_new_contradiction_is_asked_about_though_another_was_settled(database: Database) -> None:
    put(database, PEOPLE, kind="person")
    resolve(database)
    decide(database, "match")
    third = {"name": [NAME], "vat": [VAT], "birth_date": ["1930-01-15"]}
    put(database, {MIDDLE: PEOPLE[MIDDLE] | {"vat": [VAT]}, "crm/contacts/9": third}, kind="person")
    resolve(database)
    (review,) = asked(database).values()
    assert review.evidence["overmatch"] == [{"reason": "different birth date", "left": "crm/contacts/9", "right": YOUNG}]


def test_sound_parties_are_not_asked_about(database: Database) -> None:
    put(database, {ref: acme() for ref in (ONE, TWO, THREE, FOUR)})
    put(database, {OLD: PEOPLE[OLD], MIDDLE: PEOPLE[MIDDLE]}, kind="person")
    resolve(database)
    assert len(groups(database)) == 2
    assert asked(database) == {}


def test_the_language_model_is_not_asked_about_records_that_it_does_not_see(database: Database) -> None:
    put(database, CHAIN)
    resolve(database)
    with database.begin() as connection:
        assert unasked(connection, 10) == []


def test_what_is_asked_does_not_depend_on_the_order_of_arrival(database: Database) -> None:
    found = []
    for order in [*permutations(CHAIN)][::5]:
        clear(database)
        for ref in order:
            put(database, {ref: CHAIN[ref]})
            resolve(database)
        found += [(review.subject, review.priority, review.probability, review.evidence) for review in asked(database).values()]
    assert len(found) == 5
    assert all(each == found[0] for each in found)
