"""Where trusted sources disagree a steward is asked; and a steward's override holds, above every source, until it is withdrawn."""

from typing import Any

import pytest
from sqlalchemy import update

from resolution.errors import PartyNotFoundError
from resolution.golden import overrides
from resolution.golden.overrides import InvalidOverrideError, OverrideNotFoundError, OverrideWithdrawnError
from sql import audit
from sql.database import Database
from sql.tables import identity
from tests.integration.golden_world import World, acme_in


@pytest.fixture
def acme(database: Database) -> World:
    return acme_in(database)


def test_a_contradiction_of_trusted_sources_is_a_review_until_it_is_gone(acme: World) -> None:
    acme.say("erp/customers/1", 5, name="Acme GmbH", vat="DE129274202")
    assert acme.build().conflicts == 1
    query = "select subject, status, party_id, evidence from identity.review where kind = 'conflict'"
    ((subject, status, party_id, evidence),) = acme.rows(query)
    assert (subject, status, party_id) == ("pty_a:vat", "open", "pty_a")
    assert {value["record_ref"] for value in evidence["values"]} == {"crm/companies/1", "erp/customers/1"}
    record = acme.at("pty_a")
    assert record is not None
    assert record["document"]["vat"]["conflict"] is True
    override_id = overrides.set(acme.database, "pty_a", "vat", "DE136695976", "ann", "asked the tax office")
    assert acme.build().settled == 1
    assert [row[1] for row in acme.rows(query)] == ["withdrawn"]
    overrides.withdraw(acme.database, override_id, "ann", "no longer sure")
    assert acme.build().conflicts == 1
    assert sorted(row[1] for row in acme.rows(query)) == ["open", "withdrawn"]


def test_a_conflict_that_was_decided_is_not_asked_again(acme: World) -> None:
    acme.say("erp/customers/1", 5, name="Acme GmbH", vat="DE129274202")
    acme.build()
    with acme.database.begin() as connection:
        connection.execute(update(identity.review).values(status="decided"))
    acme.say("erp/customers/1", 6, name="Acme GmbH", vat="DE129274202", industry="mills")
    assert acme.build().conflicts == 0


def test_an_override_holds_is_audited_and_can_be_withdrawn(acme: World) -> None:
    former = acme.at("pty_a")
    override_id = overrides.set(acme.database, "pty_a", "phone", "+49 40 555555", "ann", "called them")
    acme.build()
    entry = acme.at("pty_a")
    assert entry is not None
    phone = entry["document"]["phone"]
    assert (phone["value"], phone["rule"], phone["source"], phone["override_id"]) == ("+49 40 555555", "override", "steward", override_id)
    assert "+49 40 111111" in [other["value"] for other in phone["losing"]]
    assert overrides.set(acme.database, "pty_a", "phone", "+49 40 555555", "ann", "again") == override_id
    overrides.withdraw(acme.database, override_id, "bob", "they moved")
    acme.build()
    assert acme.at("pty_a") == former
    assert acme.rows("select actor, action from governance.audit order by sequence") == [
        ("ann", "override.set"),
        ("bob", "override.withdraw"),
    ]
    with acme.database.begin() as connection:
        assert list(audit.verify(connection)) == []


def test_another_value_takes_the_place_of_an_override(acme: World) -> None:
    overrides.set(acme.database, "pty_a", "phone", "+49 40 555555", "ann", "called them")
    acme.build()
    overrides.set(acme.database, "pty_a", "phone", "+49 40 666666", "ann", "called again")
    acme.build()
    assert acme.values("pty_a")["phone"] == "+49 40 666666"
    assert acme.rows("select count(*) from golden.override where withdrawn_at is null") == [(1,)]


def test_an_override_goes_with_its_record(acme: World) -> None:
    overrides.set(acme.database, "pty_a", "phone", "+49 40 555555", "ann", "called them")
    acme.group("pty_b", "crm/companies/1")
    acme.build()
    assert acme.values("pty_b")["phone"] == "+49 40 555555"
    assert acme.values("pty_a")["phone"] != "+49 40 555555"


def test_an_override_outlives_its_record(acme: World) -> None:
    overrides.set(acme.database, "pty_a", "phone", "+49 40 555555", "ann", "called them")
    acme.delete("crm/companies/1")
    acme.build()
    assert acme.values("pty_a")["phone"] == "+49 40 555555"


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("Phone", "1"),
        ("phone", ""),
        ("phone", {"a": 1}),
        ("phone", "a\0b"),
        ("address", {"planet": "Mars"}),
        ("note", float("nan")),
        ("note", "x" * 20_000),
    ],
)
def test_a_senseless_override_is_refused(acme: World, attribute: str, value: Any) -> None:
    with pytest.raises(InvalidOverrideError):
        overrides.set(acme.database, "pty_a", attribute, value, "ann", "why not")
    assert acme.rows("select count(*) from golden.override") == [(0,)]


def test_an_override_of_nobody_and_a_second_withdrawal_are_refused(acme: World) -> None:
    with pytest.raises(PartyNotFoundError, match="pty_none"):
        overrides.set(acme.database, "pty_none", "phone", "1", "ann", "why not")
    with pytest.raises(OverrideNotFoundError):
        overrides.withdraw(acme.database, 99, "ann", "why not")
    override_id = overrides.set(acme.database, "pty_a", "phone", "1", "ann", "why not")
    overrides.withdraw(acme.database, override_id, "ann", "why not")
    with pytest.raises(OverrideWithdrawnError):
        overrides.withdraw(acme.database, override_id, "ann", "why not")
