"""Relationships of golden records follow claims, domains and the parties that they point to, and the past ones stay."""

from collections.abc import Callable

import pytest

from sql.database import Database
from tests.integration.golden_world import World, acme_in, day


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def acme(database: Database) -> World:
    return acme_in(database)


@pytest.mark.parametrize("person_first", [True, False])
def test_a_claim_is_picked_up_whichever_record_comes_later(world: World, person_first: bool) -> None:
    def person() -> None:
        world.say("crm/contacts/1", 0, "person", name="Ann Lee")
        world.claim("crm/contacts/1", "crm/companies/1")
        world.group("pty_p", "crm/contacts/1", kind="person")

    def company() -> None:
        world.say("crm/companies/1", 0, name="Acme")
        world.group("pty_a", "crm/companies/1")

    steps: list[Callable[[], None]] = [person, company] if person_first else [company, person]
    for step in steps:
        step()
        world.build()
    query = "select from_party_id, kind, to_party_id, evidence from golden.relationship where known_to_at is null"
    assert world.rows(query) == [("pty_p", "employment", "pty_a", ["crm/contacts/1"])]


def test_an_employer_is_inferred_from_a_domain_that_one_organisation_has(acme: World) -> None:
    query = "select to_party_id, attributes from golden.relationship where from_party_id = 'pty_p' and known_to_at is null"
    assert acme.rows(query) == [("pty_a", {"inferred_from": "domain:acme.de"})]
    acme.say("crm/companies/2", 0, name="Acme Nord", website="acme.de/nord")
    acme.group("pty_n", "crm/companies/2")
    acme.build()
    assert acme.rows(query) == []
    acme.delete("crm/companies/2")
    acme.build()
    assert len(acme.rows(query)) == 1


def test_a_relationship_follows_the_party_that_it_points_to(acme: World) -> None:
    acme.claim("crm/contacts/1", "crm/companies/1")
    acme.build()
    acme.group("pty_b", "crm/companies/1")
    acme.build()
    query = "select to_party_id from golden.relationship where from_party_id = 'pty_p' and known_to_at is null and valid_to_at is null"
    assert acme.rows(query) == [("pty_b",)]


def test_a_changed_employer_leaves_a_past_one(acme: World) -> None:
    acme.say("crm/companies/2", 0, name="Bolt")
    acme.group("pty_b", "crm/companies/2")
    acme.claim("crm/contacts/1", "crm/companies/1")
    acme.build()
    acme.say("crm/contacts/1", 60, name="Ann Lee", email="ann@acme.de")
    acme.claim("crm/contacts/1", "crm/companies/2")
    acme.build()
    query = "select to_party_id, valid_from_at, valid_to_at from golden.relationship where known_to_at is null order by 1"
    assert acme.rows(query) == [("pty_a", day(10), day(60)), ("pty_b", day(60), None)]
