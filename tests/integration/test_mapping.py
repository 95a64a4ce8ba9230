"""Mapping: landed records in our words; only what comes out different is written, and what hangs on it is queued."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, text
from sqlalchemy.exc import OperationalError

from connectors.landing import drift, pages
from connectors.landing.counts import Place
from connectors.mapping.staged import Activity, Claim, Mapped, Participant, Party
from connectors.records import Landed, Page, Raw
from connectors.sources import SourceDeclaration
from connectors.staging import loading as writing
from connectors.staging.pending import MappingReport, map_pending
from connectors.texts import reading
from sql import queries
from sql.database import Database
from sql.tables import landing as landing_tables
from sql.tables import staging
from tests.state import versions

AT = datetime(2026, 3, 1, tzinfo=UTC)
CRM = SourceDeclaration("crm", "hubspot")
ERP = SourceDeclaration("erp", "odoo", options={"url": "https://erp.example"})
MAIL = SourceDeclaration("mail", "mailbox", options={"path": "/nowhere"}, own_domains=("us.de",))


def land(database: Database, source: str, stream: str, *records: Raw) -> None:
    with database.begin() as connection:
        pages.land(connection, Place(source, stream), pages.ready(Page(records, {}), drift.Tally()), settled=True)


def company(key: str, name: str, **more: Any) -> Raw:
    deleted = more.pop("deleted", False)
    return Raw(key, {"id": key, "properties": {"name": name, **more}, "associations": {}}, updated_at=AT, deleted=deleted)


def mail(key: str, headers: str, said: str = "hi", day: int = 1) -> Raw:
    return Raw(key, {}, f"{headers}\nMessage-ID: <{key}>\nDate: {day} Mar 2026 10:00:00 +0000\n\n{said}".encode(), AT)


def said(number: int, title: str = "T") -> tuple[Landed, Mapped]:
    """A record that says an activity, who takes part in it, and a party with a claim."""
    activity = Activity("email", title, AT, "internal", False, participants=[Participant("from", f"s/people/{number}")])
    record = Landed(f"s/things/{number}", "s", "things", str(number), {})
    claim = Claim("employment", f"s/people/{number}", f"s/people/{number // 2}")
    return record, Mapped([Party("people", str(number), "person", {"name": [title]})], activity, claims=[claim])


def pending(connection: Connection) -> dict[str, list[str]]:
    found = {
        "resolve": connection.execute(text("select ref from identity.pending join staging.party_record on id = record_id order by ref")),
        "timeline": connection.execute(text("select subject from context.pending where step = 'timeline' order by 1")),
        "passages": connection.execute(text("select subject from context.pending where step = 'passages' order by 1")),
    }
    return {step: list(rows.scalars()) for step, rows in found.items()}


def settle(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("truncate identity.pending, context.pending"))


def parties(database: Database) -> dict[str, Any]:
    table = staging.party_record
    with database.begin() as connection:
        return {row.ref: row for row in connection.execute(select(table).where(table.c.deleted_at.is_(None)))}


def test_a_second_mapping_writes_nothing_and_a_repeated_one_neither(database: Database) -> None:
    land(database, "crm", "companies", company("1", "A"), company("2", "B", hs_parent_company_id="1"))
    assert map_pending(database, [CRM]) == MappingReport(mapped=2, parties=2, claims=1)
    with database.begin() as connection:
        before = versions(connection)
    assert map_pending(database, [CRM]) == MappingReport()
    with database.begin() as connection:
        assert versions(connection) == before
        connection.execute(text("insert into staging.pending select id from landing.record"))
    settle(database)
    assert map_pending(database, [CRM]) == MappingReport(mapped=2)
    with database.begin() as connection:
        assert pending(connection) == {"resolve": [], "timeline": [], "passages": []}


def test_what_changed_is_queued_for_the_next_steps(database: Database) -> None:
    land(database, "crm", "companies", company("1", "A"), company("2", "B"), company("3", "C", hs_parent_company_id="1"))
    deal = {
        "id": "9",
        "properties": {"dealname": "D", "amount": "5", "createdate": "2026-01-01T00:00:00Z"},
        "associations": {"companies": ["1"]},
    }
    land(database, "crm", "deals", Raw("9", deal))
    map_pending(database, [CRM])
    settle(database)
    land(database, "crm", "companies", company("2", "B2"), company("3", "C", hs_parent_company_id="2"))
    land(database, "crm", "deals", Raw("9", deal | {"properties": deal["properties"] | {"amount": "7"}}))
    map_pending(database, [CRM])
    with database.begin() as connection:
        # 3's claim moved from 1 to 2; the deal's amount is no text.
        assert pending(connection) == {
            "resolve": ["crm/companies/1", "crm/companies/2", "crm/companies/3"],
            "timeline": ["crm/deals/9"],
            "passages": [],
        }
    settle(database)
    land(database, "crm", "deals", Raw("9", deal | {"associations": {"companies": ["2"]}}))
    map_pending(database, [CRM])
    with database.begin() as connection:
        assert pending(connection)["timeline"] == ["crm/deals/9"]
        assert connection.execute(select(staging.participant.c.party_ref)).scalars().all() == ["crm/companies/2"]


def test_a_tombstone_takes_its_rows_along_and_a_return_brings_them_back(database: Database) -> None:
    land(database, "crm", "companies", company("1", "A", hs_parent_company_id="2"))
    land(database, "crm", "tickets", Raw("5", {"id": "5", "properties": {"subject": "S"}, "associations": {"companies": ["1"]}}))
    map_pending(database, [CRM])
    settle(database)
    land(database, "crm", "companies", company("1", "A", deleted=True, hs_parent_company_id="2"))
    land(database, "crm", "tickets", Raw("5", {"id": "5", "properties": {"subject": "S"}}, deleted=True))
    map_pending(database, [CRM])
    with database.begin() as connection:
        assert pending(connection) == {"resolve": ["crm/companies/1"], "timeline": ["crm/tickets/5"], "passages": ["crm/tickets/5"]}
        assert [connection.execute(select(table)).all() for table in (staging.activity, staging.participant, staging.claim)] == [[], [], []]
    assert parties(database) == {}
    land(database, "crm", "companies", company("1", "A", hs_parent_company_id="2"))
    map_pending(database, [CRM])
    assert list(parties(database)) == ["crm/companies/1"]


def test_a_payload_that_no_longer_fits_keeps_its_former_rows_and_is_reported(database: Database) -> None:
    land(database, "crm", "companies", company("1", "A"), company("2", "B"))
    map_pending(database, [CRM])
    land(database, "crm", "companies", Raw("1", ["not", "a", "record"]), company("2", {"a": "list"}, city="Bonn"))  # type: ignore[arg-type]
    report = map_pending(database, [CRM])
    assert (report.mapped, report.doubts) == (2, 1)
    with database.begin() as connection:
        reasons = {row.key: row.reason for row in connection.execute(select(landing_tables.quarantine))}
    assert "properties.name" in reasons["2"]
    land(database, "crm", "companies", company("2", "B"))
    map_pending(database, [CRM])
    with database.begin() as connection:
        open_ones = select(landing_tables.quarantine.c.key).where(landing_tables.quarantine.c.resolved_at.is_(None))
        assert "2" not in connection.execute(open_ones).scalars().all()


def test_a_defect_in_mapping_one_record_does_not_stop_the_others(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.vendors.hubspot import mapping as hubspot_mapping

    real = hubspot_mapping.map_record

    def broken(record: Any, *rest: Any) -> Any:
        if record.key == "1":
            raise KeyError("a defect")
        return real(record, *rest)

    land(database, "crm", "companies", company("1", "A"), company("2", "B"))
    map_pending(database, [CRM])
    monkeypatch.setattr(hubspot_mapping, "map_record", broken)
    land(database, "crm", "companies", company("1", "A2"), company("2", "B2"))
    assert map_pending(database, [CRM]).quarantined == 1
    assert {ref: row.attributes["name"] for ref, row in parties(database).items()} == {"crm/companies/1": ["A"], "crm/companies/2": ["B2"]}


def test_a_changed_mapping_maps_its_stream_again_without_a_pull(database: Database) -> None:
    land(database, "crm", "companies", company("1", "A", x_size="9"))
    map_pending(database, [CRM])
    assert map_pending(database, [replace(CRM, mapping={"companies": {"size": "properties.x_size"}})]) == MappingReport(mapped=1, parties=1)
    assert parties(database)["crm/companies/1"].attributes == {"name": ["A"], "size": ["9"]}


def test_mails_are_mapped_again_once_they_are_read_otherwise(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    land(database, "crm", "companies", company("1", "A"))
    land(database, "mail", "messages", mail("1@x", "From: a@x.de\nTo: t@us.de"))
    assert map_pending(database, [CRM, MAIL]).mapped == 2
    monkeypatch.setattr(reading, "VERSION", reading.VERSION + 1)
    assert map_pending(database, [CRM, MAIL]) == MappingReport(mapped=1)


def test_text_that_jsonb_refuses_reaches_staging_replaced(database: Database) -> None:
    land(database, "crm", "companies", company("1", "A\x00B"), company("2", "C\ud800"))
    assert map_pending(database, [CRM]).parties == 2
    assert parties(database)["crm/companies/1"].attributes["name"] == ["A\ufffdB"]


def test_keys_names_and_refs_without_measure_stop_nothing(database: Database) -> None:
    long = "ä" * 5000
    land(database, "crm", "companies", company(long, "A"), company("2", long, hs_parent_company_id=long))
    land(database, "mail", "messages", mail("1@x", f'From: "{long}" <a@x.de>\nTo: t@us.de'))
    report = map_pending(database, [CRM, MAIL])
    assert (report.mapped, report.parties, report.quarantined) == (2, 2, 0)
    assert len(parties(database)["crm/companies/2"].attributes["name"][0]) == 600
    with database.begin() as connection:
        assert "too long to be a key" in connection.execute(select(landing_tables.quarantine.c.reason)).scalar_one()
        assert len(connection.execute(select(staging.claim.c.to_ref)).scalar_one()) < 300


def test_records_of_a_source_that_is_no_longer_declared_wait(database: Database) -> None:
    land(database, "old", "companies", company("1", "A"))
    assert map_pending(database, [CRM]) == MappingReport()
    with database.begin() as connection:
        assert connection.execute(text("select count(*) from staging.pending")).scalar_one() == 1


def test_an_addresss_record_is_the_same_whatever_order_its_mails_came_in(database: Database) -> None:
    mails = [
        mail("1@x", "From: A. Berg <a@x.de>\nTo: t@us.de", "hi\n\n-- \nAnna Berg\nBuyer\nXenon GmbH\nT 040 123456", day=1),
        mail("2@x", "From: Anna Berg <a@x.de>\nTo: t@us.de", day=2),
        mail("3@x", "From: t@us.de\nTo: Berg, Anna <a@x.de>, info@x.de", day=3),
    ]
    for one in reversed(mails):
        land(database, "mail", "messages", one)
        map_pending(database, [MAIL])
    backwards = {ref: (row.kind, row.attributes, row.observed_at, row.content_hash) for ref, row in parties(database).items()}
    with database.begin() as connection:
        for table in (staging.party_record, staging.participant, staging.activity):
            connection.execute(delete(table))
        connection.execute(text("insert into staging.pending select id from landing.record"))
    map_pending(database, [MAIL])
    assert {ref: (row.kind, row.attributes, row.observed_at, row.content_hash) for ref, row in parties(database).items()} == backwards
    assert sorted(backwards) == ["mail/addresses/a@x.de", "mail/addresses/info@x.de"]
    assert backwards["mail/addresses/a@x.de"][1] == {
        "name": ["Anna Berg", "A. Berg"], "email": ["a@x.de"], "title": ["Buyer"], "employer": ["Xenon GmbH"], "phone": ["040 123456"],
    }  # fmt: skip


def test_an_address_in_no_mail_any_more_gets_a_tombstone(database: Database) -> None:
    land(database, "mail", "messages", mail("1@x", "From: a@x.de\nTo: b@x.de"), mail("2@x", "From: a@x.de\nTo: t@us.de"))
    map_pending(database, [MAIL])
    land(database, "mail", "messages", replace(mail("1@x", "From: a@x.de\nTo: b@x.de"), deleted=True))
    map_pending(database, [MAIL])
    assert list(parties(database)) == ["mail/addresses/a@x.de"]
    map_pending(database, [replace(MAIL, own_domains=("us.de", "x.de"))])
    assert parties(database) == {}


def test_a_batch_reads_as_many_rows_of_staging_however_many_there_are(database: Database) -> None:
    """Also where the driver keeps the plans that were made while there were few."""
    batches = [*([said(number)] for number in range(10)), [said(number) for number in range(10, 3000)]]
    for one in batches:
        with database.begin() as connection:
            writing.write(connection, one)
    read = text("select sum(seq_tup_read + idx_tup_fetch) from pg_stat_xact_user_tables where schemaname = 'staging'")
    for one in ([said(1500)], [said(1600, "changed")], [(said(1700)[0], Mapped())]):
        with database.begin() as connection:
            before = connection.execute(read).scalar_one()  # of transactions that are not in the statistics yet
            writing.write(connection, one)
            assert connection.execute(read).scalar_one() - before < 50


def test_an_item_that_waits_already_is_not_written_again_and_not_taken_before_the_commit(database: Database) -> None:
    waiting = text("select ctid, xmin, step, subject from context.pending order by step")
    with database.begin() as connection:
        writing.write(connection, [said(1)])
    with database.begin() as connection:
        before = connection.execute(waiting).all()
        writing.write(connection, [said(1, "changed")])
        assert connection.execute(waiting).all() == before
        with database.begin() as another:
            another.execute(text("set local lock_timeout = '50ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                another.execute(queries.take_context_pending, {"step": "timeline", "batch": 10})
