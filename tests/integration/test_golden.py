"""Golden records in PostgreSQL: only differences are written, two times are kept, what is undone leaves no trace in what is believed."""

from collections.abc import Iterable
from datetime import datetime

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from resolution.golden import overrides
from resolution.golden import records as golden
from resolution.golden.records import GoldenReport, NaiveTimeError
from sql.database import Database
from sql.tables import golden as tables
from sql.tables import identity, landing
from tests.integration.golden_world import GOLDEN_TABLES, World, acme_in, day


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def acme(database: Database) -> World:
    return acme_in(database)


def test_a_golden_record_tells_value_source_rule_and_what_lost(acme: World) -> None:
    record = acme.at("pty_a")
    assert record is not None
    assert (record["kind"], record["name"], record["records"], record["confidence"]) == ("organization", "Acme GmbH", 3, 0.9)
    assert record["sources"] == ["crm", "erp", "mail"]
    phone = record["document"]["phone"]
    assert (phone["value"], phone["source"], phone["record_ref"]) == ("+49 40 111111", "crm", "crm/companies/1")
    assert [other["record_ref"] for other in phone["also"]] == ["mail/addresses/info@acme.de", "erp/customers/1"]
    assert (record["document"]["name"]["rule"], phone["rule"], phone["losing"]) == ("authority", "authority", [])


def test_with_nothing_changed_no_row_is_written(acme: World) -> None:
    before = acme.versions()
    with acme.database.begin() as connection:
        connection.execute(insert(tables.pending).from_select(["party_id"], select(identity.party.c.id)))
    report = acme.build()
    assert (report.parties, report.changed, report.opened, report.closed, report.related) == (2, 0, 0, 0, 0)
    assert acme.versions() == before
    assert acme.build() == GoldenReport()


def test_only_the_attribute_that_changed_gets_a_version(acme: World) -> None:
    acme.say("crm/companies/1", 30, name="Acme", website="https://acme.de", phone="+49 40 999999", vat="DE136695976")
    report = acme.build()
    assert report.changed == 1
    changed = acme.rows("select distinct attribute from golden.attribute where known_to_at is not null")
    assert changed == [("phone",)]


def test_a_mere_confirmation_moves_the_current_record_and_opens_no_version(acme: World) -> None:
    acme.say("crm/companies/1", 11, name="Acme", website="https://acme.de", phone="+49 40 111111", vat="DE136695976")
    report = acme.build()
    assert (report.changed, report.opened, report.closed) == (1, 0, 0)
    record = acme.at("pty_a")
    assert record is not None
    assert record["document"]["vat"]["observed_at"] == day(11).isoformat()
    assert record["document"]["vat"]["since"] == day(10).isoformat()


def test_a_change_is_kept_in_both_times(acme: World) -> None:
    before = acme.now()
    acme.say("crm/companies/1", 30, name="Acme", website="https://acme.de", phone="+49 40 999999", vat="DE136695976")
    acme.build()
    assert acme.values("pty_a")["phone"] == "+49 40 999999"
    assert acme.values("pty_a", known_at=before)["phone"] == "+49 40 111111"
    assert acme.values("pty_a", as_of=day(20))["phone"] == "+49 40 111111"
    assert acme.values("pty_a", as_of=day(31))["phone"] == "+49 40 999999"
    assert acme.values("pty_a", as_of=day(31), known_at=before)["phone"] == "+49 40 111111"


def test_of_a_time_before_all_observation_the_earliest_is_assumed(acme: World) -> None:
    record = acme.at("pty_a", as_of=day(-500))
    assert record is not None
    assert record["name"] == "Acme GmbH"
    assert all(entry["assumed"] for entry in record["document"].values())


def test_a_time_without_zone_is_refused(acme: World) -> None:
    with pytest.raises(NaiveTimeError, match="time zone"):
        acme.at("pty_a", as_of=datetime(2026, 1, 1))  # noqa: DTZ001


def test_of_what_nobody_knew_there_is_nothing(acme: World) -> None:
    assert acme.at("pty_none") is None
    assert acme.at("pty_a", known_at=day(-500)) is None


def test_versions_of_belief_meet_without_gap_or_overlap(acme: World) -> None:
    for number in range(1, 5):
        acme.say("erp/customers/1", 20 + number, name=f"Acme {number} GmbH", phone="+49 40 222222")
        acme.build()
    mine = "party_id = 'pty_a' and attribute = 'name' and valid_to_at is null"
    spans = acme.rows(f"select known_from_at, known_to_at from golden.attribute where {mine} order by 1")
    assert len(spans) == 5
    assert [ends for _, ends in spans[:-1]] == [begins for begins, _ in spans[1:]]
    assert spans[-1][1] is None


def test_a_split_and_its_undo_restore_the_former_golden_record_exactly(acme: World) -> None:
    acme.say("crm/companies/1", 40, name="Acme", website="https://acme.de", phone="+49 40 444444", vat="DE136695976")
    acme.claim("crm/contacts/1", "crm/companies/1")
    acme.build()
    overrides.set(acme.database, "pty_a", "industry", "steel", "ann", "they told us")
    acme.build()
    former, believed = acme.at("pty_a"), acme.at("pty_a", as_of=day(30))
    related = acme.rows("select from_party_id, kind, to_party_id, evidence from golden.relationship where known_to_at is null")
    acme.group("pty_b", "crm/companies/1")
    acme.build()
    assert acme.values("pty_b")["phone"] == "+49 40 444444"
    assert acme.values("pty_b", as_of=day(30))["phone"] == "+49 40 111111"
    assert acme.at("pty_a") != former
    acme.group("pty_a", "crm/companies/1", "erp/customers/1", "mail/addresses/info@acme.de")
    acme.group("pty_b")
    acme.build()
    assert acme.at("pty_a") == former
    then = acme.at("pty_a", as_of=day(30))
    assert then is not None
    assert believed is not None
    assert {name: entry["value"] for name, entry in then["document"].items()} == {n: e["value"] for n, e in believed["document"].items()}
    assert acme.rows("select from_party_id, kind, to_party_id, evidence from golden.relationship where known_to_at is null") == related
    assert acme.at("pty_b") is None


def test_a_merged_party_is_followed_and_is_itself_before_the_merge(acme: World) -> None:
    acme.say("crm/companies/2", 0, name="Acme Two", phone="+49 40 777777")
    acme.group("pty_b", "crm/companies/2")
    acme.build()
    before = acme.now()
    acme.group("pty_a", *(ref for ref in acme.ids if ref != "crm/contacts/1"))
    acme.group("pty_b")
    acme.redirect("pty_b", "pty_a")
    acme.build()
    followed = acme.at("pty_b")
    assert followed is not None
    assert (followed["party_id"], followed["redirected_from"], followed["records"]) == ("pty_a", "pty_b", 4)
    then = acme.at("pty_b", known_at=before)
    assert then is not None
    assert (then["party_id"], then["name"], then["records"]) == ("pty_b", "Acme Two", 1)
    assert acme.rows("select count(*) from golden.record") == [(2,)]


def test_a_party_without_records_has_no_golden_record_and_its_past_stays(acme: World) -> None:
    before = acme.now()
    for ref in ("crm/companies/1", "erp/customers/1", "mail/addresses/info@acme.de"):
        acme.delete(ref)
    assert acme.build().retired == 1
    assert acme.at("pty_a") is None
    assert acme.values("pty_a", known_at=before)["name"] == "Acme GmbH"
    assert acme.rows("select count(*) from golden.attribute where party_id = 'pty_a' and known_to_at is null") == [(0,)]


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_batches_do_not_show_in_what_is_written(world: World, batch: int) -> None:
    _village(world)
    world.build(batch)
    found = world.digest()
    with world.database.begin() as connection:
        for table in GOLDEN_TABLES:
            connection.execute(delete(table))
        connection.execute(insert(tables.pending).from_select(["party_id"], select(identity.party.c.id)))
    world.build()
    assert found == world.digest()


def test_a_build_that_dies_anywhere_and_is_finished_later_ends_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _village(world)
    original = golden.store.mark_context
    countdown = 2

    def die(connection: Connection, party_ids: Iterable[str]) -> None:
        nonlocal countdown
        countdown -= 1
        if countdown < 0:
            raise KeyboardInterrupt
        original(connection, party_ids)

    monkeypatch.setattr(golden.store, "mark_context", die)
    for _ in range(30):
        try:
            world.build(1)
            break
        except KeyboardInterrupt:
            countdown = 1
    else:
        pytest.fail("it never ended")
    found = world.digest()
    monkeypatch.undo()
    with world.database.begin() as connection:
        for table in GOLDEN_TABLES:
            connection.execute(delete(table))
        connection.execute(insert(tables.pending).from_select(["party_id"], select(identity.party.c.id)))
    world.build()
    assert found == world.digest()


def _village(world: World) -> None:
    for number in range(3):
        world.say(f"crm/companies/{number}", number, name=f"Firm {number} GmbH", website=f"firm{number}.de")
        world.group(f"pty_z{number}", f"crm/companies/{number}")
        world.say(f"crm/contacts/{number}", number, "person", name=f"Ann {number}", email=f"ann@firm{number}.de")
        world.claim(f"crm/contacts/{number}", f"crm/companies/{(number + 1) % 3}")
        world.group(f"pty_a{number}", f"crm/contacts/{number}", kind="person")


def test_a_source_of_another_authority_has_its_parties_built_again(acme: World) -> None:
    with acme.database.begin() as connection:
        connection.execute(update(landing.source).where(landing.source.c.name == "mail").values(authority=1.0))
    assert acme.build().parties == 1
    assert acme.values("pty_a")["phone"] == "+49 40 333333"


def test_what_is_built_is_left_for_the_context(acme: World) -> None:
    pending = acme.rows("select step, subject from context.pending order by 1, 2")
    assert pending == [("summary", "pty_a"), ("summary", "pty_p"), ("timeline", "pty_a"), ("timeline", "pty_p")]
    assert {
        table.name for table in (tables.pending, tables.relationship_pending) if acme.rows(f"select 1 from golden.{table.name}")
    } == set()
