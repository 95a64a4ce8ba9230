"""Golden records in PostgreSQL: only differences are written, two times are kept, and what is undone leaves no trace in what is believed.

Memberships are written here by hand, as the resolver would: closed and opened, never deleted.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update

from resolution.errors import PartyNotFoundError
from resolution.golden import overrides
from resolution.golden import records as golden
from resolution.golden.overrides import InvalidOverrideError, OverrideNotFoundError, OverrideWithdrawnError
from resolution.golden.records import GoldenReport, NaiveTimeError
from sql import audit
from sql.database import Database
from sql.tables import golden as tables
from sql.tables import identity, landing, staging

GOLDEN_TABLES = (tables.attribute, tables.record, tables.relationship, tables.record_version, tables.affiliation_key, tables.authority)


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


class World:
    """Sources, records and who they belong to, written as the steps before would write them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ids: dict[str, int] = {}
        with database.begin() as connection:
            for name, authority, single in (("crm", 0.7, {}), ("erp", 0.8, {"phone": 0.3}), ("mail", 0.6, {})):
                values = {"name": name, "kind": "csv", "authority": authority, "attribute_authority": single}
                connection.execute(insert(landing.source).values(**values))

    def say(self, ref: str, at: int | None = 0, kind: str = "organization", **attributes: Any) -> None:
        """The record says this (now)."""
        source, stream, key = ref.split("/", 2)
        lists = {name.replace("__", ":"): value if isinstance(value, list) else [value] for name, value in attributes.items()}
        told = {"attributes": lists, "observed_at": None if at is None else day(at)}
        with self.database.begin() as connection:
            if ref in self.ids:
                connection.execute(update(staging.party_record).where(staging.party_record.c.ref == ref).values(**told))
                self._touch(connection, ref)
            else:
                named = {"ref": ref, "source": source, "stream": stream, "key": key, "kind": kind, "content_hash": b""}
                statement = insert(staging.party_record).values(**named, **told).returning(staging.party_record.c.id)
                self.ids[ref] = connection.execute(statement).scalar_one()

    def claim(self, ref: str, *to: str, kind: str = "employment") -> None:
        """The record claims these relations, and no others any longer."""
        with self.database.begin() as connection:
            connection.execute(delete(staging.claim).where(staging.claim.c.origin == ref))
            for position, other in enumerate(to):
                connection.execute(insert(staging.claim).values(origin=ref, position=position, kind=kind, from_ref=ref, to_ref=other))
            self._touch(connection, ref)

    def group(self, party_id: str, *refs: str, kind: str = "organization", confidence: float = 0.9) -> None:
        """Exactly these records are the party from now on."""
        party, membership = identity.party, identity.membership
        with self.database.begin() as connection:
            known = connection.execute(select(party.c.id).where(party.c.id == party_id)).one_or_none()
            if known is None:
                connection.execute(insert(party).values(id=party_id, kind=kind))
            wanted = {self.ids[ref] for ref in refs}
            current = dict(
                connection.execute(select(membership.c.record_id, membership.c.party_id).where(membership.c.valid_to_at.is_(None))).all()
            )
            moved = {record for record, holder in current.items() if (holder == party_id) != (record in wanted)}
            touched = {party_id} | {current[record] for record in moved}
            closing = update(membership).where(membership.c.record_id.in_(moved), membership.c.valid_to_at.is_(None))
            connection.execute(closing.values(valid_to_at=func.now()))
            joined = [record for record in sorted(wanted) if current.get(record) != party_id]
            for record in joined:
                connection.execute(insert(membership).values(record_id=record, party_id=party_id, confidence=confidence))
            connection.execute(update(party).where(party.c.id == party_id).values(retired_at=None if refs else func.now()))
            self._pend(connection, touched)

    def redirect(self, from_id: str, to_id: str) -> None:
        with self.database.begin() as connection:
            connection.execute(insert(identity.redirect).values(from_id=from_id, to_id=to_id))
            self._pend(connection, {from_id, to_id})

    def delete(self, ref: str) -> None:
        with self.database.begin() as connection:
            self._touch(connection, ref)
            connection.execute(update(staging.party_record).where(staging.party_record.c.ref == ref).values(deleted_at=func.now()))
            membership = identity.membership
            gone = update(membership).where(membership.c.record_id == self.ids[ref], membership.c.valid_to_at.is_(None))
            connection.execute(gone.values(valid_to_at=func.now()))

    def build(self, batch: int = golden.BATCH) -> GoldenReport:
        return golden.build(self.database, batch)

    def at(self, party_id: str, **times: datetime) -> dict[str, Any] | None:
        with self.database.begin() as connection:
            return golden.at(connection, party_id, **times)

    def now(self) -> datetime:
        with self.database.begin() as connection:
            moment: datetime = connection.scalar(select(func.clock_timestamp()))
            return moment

    def values(self, party_id: str, **times: datetime) -> dict[str, Any]:
        found = self.at(party_id, **times)
        return {} if found is None else {name: entry["value"] for name, entry in found["document"].items()}

    def _touch(self, connection: Connection, ref: str) -> None:
        membership = identity.membership
        mine = select(membership.c.party_id).where(membership.c.record_id == self.ids[ref], membership.c.valid_to_at.is_(None))
        self._pend(connection, connection.scalars(mine).all())

    def _pend(self, connection: Connection, party_ids: Iterable[str]) -> None:
        for party_id in sorted(party_ids):
            connection.execute(text("insert into golden.pending values (:id) on conflict do nothing"), {"id": party_id})

    def rows(self, query: str) -> list[Any]:
        with self.database.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def versions(self) -> list[Any]:
        """Each row of golden with the transaction that wrote it."""
        return [
            row
            for table in GOLDEN_TABLES
            for row in self.rows(f"select '{table.name}', ctid::text, xmin::text from golden.{table.name} order by 2")
        ]

    def digest(self) -> list[Any]:
        """What golden says, without generated ids and times."""
        found: list[Any] = []
        for table in GOLDEN_TABLES:
            columns = ", ".join(column.name for column in table.columns if column.name != "id" and not column.name.endswith("_at"))
            found.extend(self.rows(f"select '{table.name}', row({columns})::text from golden.{table.name} order by 2"))
        return found


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def acme(world: World) -> World:
    """One organisation of three records, and a person who works there."""
    world.say("crm/companies/1", 10, name="Acme", website="https://acme.de", phone="+49 40 111111", vat="DE136695976")
    world.say("erp/customers/1", 5, name="Acme GmbH", phone="+49 40 222222", address={"city": "Hamburg", "country": "DE"})
    world.say("mail/addresses/info@acme.de", 20, name="ACME Info", email="info@acme.de", phone="+49 40 333333", industry="mills")
    world.say("crm/contacts/1", 10, "person", name="Ann Lee", given_name="Ann", family_name="Lee", email="ann@acme.de")
    world.group("pty_a", "crm/companies/1", "erp/customers/1", "mail/addresses/info@acme.de")
    world.group("pty_p", "crm/contacts/1", kind="person", confidence=1.0)
    world.build()
    return world


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
