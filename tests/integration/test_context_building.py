"""Timelines, passages, summaries, signals and terms follow from staging, identity and golden, and from nothing else."""

import pytest
from sqlalchemy import delete, select, text, update

from context_api.context import passages, summaries, timeline
from sql.database import Database
from sql.tables import context, golden, identity, staging
from tests.integration.context_world import HashingEmbedder, World, build, day, versions


@pytest.fixture
def acme(database: Database) -> Database:
    """Acme, its buyer Anna, an invoice, a ticket, a mail of Anna's with an attachment, and a contract."""
    with database.begin() as connection:
        world = World(connection)
        world.source("crm")
        world.record("crm/companies/1", "pty_acme", name="Acme Pumps GmbH", phone="+49 40 555010", vat="DE123456789", key_erp="ACM-001")
        world.record("crm/contacts/7", "pty_anna", kind="person", name="Anna Krämer", email="anna@acme.example")
        world.record("mail/addresses/anna@acme.example", "pty_anna", kind="person", name="Anna K.", email="anna@acme.example")
        world.party("pty_acme", "Acme Pumps GmbH", "crm/companies/1", vat="DE123456789")
        world.party("pty_anna", "Anna Krämer", "crm/contacts/7", kind="person", email="anna@acme.example")
        world.employs("pty_acme", "pty_anna", "crm/contacts/7")
        world.activity(
            "erp/invoices/9", "invoice", {"crm/companies/1": "customer"}, title="Invoice 9", status="open", amount=120, currency="EUR",
            data_class="financial", attributes={"due_on": "2026-09-30", "number": "INV9"},
        )  # fmt: skip
        world.activity(
            "crm/tickets/3", "ticket", {"crm/companies/1": "customer"}, status="open", body="The pump leaks oil.", untrusted=True
        )
        world.activity(
            "mail/messages/m1", "email", {"mail/addresses/anna@acme.example": "from"}, title="Question", body="When is delivery?"
        )
        world.document("mail/messages/m1#1", {}, kind="attachment", origin="mail/messages/m1", text="Drawing of the pump")
        world.document(
            "documents/files/c.pdf", {"crm/companies/1": "party"}, text="1. Term\nEnds in 2027.", attributes={"expires_on": "2027-01-31"}
        )
    build(database, HashingEmbedder())
    return database


def rows_of(database: Database, party_id: str) -> dict[str, str]:
    with database.begin() as connection:
        table = context.timeline
        return {row.item_ref: row.role for row in connection.execute(select(table).where(table.c.party_id == party_id))}


def test_an_item_of_a_person_is_also_the_employers(acme: Database) -> None:
    assert rows_of(acme, "pty_anna") == {"mail/messages/m1": "from", "mail/messages/m1#1": "from"}
    assert rows_of(acme, "pty_acme") == {
        "erp/invoices/9": "customer",
        "crm/tickets/3": "customer",
        "documents/files/c.pdf": "party",
        "mail/messages/m1": "via Anna K.",
        "mail/messages/m1#1": "via Anna K.",
    }


def test_what_is_open_weighs_more_than_what_is_done(acme: Database) -> None:
    with acme.begin() as connection:
        weight = select(context.timeline.c.importance).where(context.timeline.c.item_ref == "erp/invoices/9")
        before = connection.scalar(weight)
        connection.execute(update(staging.activity).where(staging.activity.c.ref == "erp/invoices/9").values(status="paid"))
        World(connection).touch("timeline", "erp/invoices/9")
    timeline.build(acme)
    with acme.begin() as connection:
        assert connection.scalar(weight) == pytest.approx(before - 0.2)


def test_building_again_with_nothing_or_the_same_pending_writes_no_row(acme: Database) -> None:
    before = versions(acme)
    build(acme, HashingEmbedder())
    assert versions(acme) == before
    with acme.begin() as connection:
        world = World(connection)
        for party_id in ("pty_acme", "pty_anna"):
            world.touch("timeline", party_id)
            world.touch("summary", party_id)
        for ref in ("erp/invoices/9", "crm/tickets/3", "mail/messages/m1", "documents/files/c.pdf"):
            world.touch("timeline", ref)
            world.touch("passages", ref)
    embedder = HashingEmbedder()
    build(acme, embedder)
    assert versions(acme) == before
    assert embedder.embedded == 0
    with acme.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM context.pending")) == 0


def test_only_what_changed_is_written(acme: Database) -> None:
    before = versions(acme)
    with acme.begin() as connection:
        ticket = staging.activity.c.ref == "crm/tickets/3"
        connection.execute(update(staging.activity).where(ticket).values(body="The pump leaks water now."))
        World(connection).touch("timeline", "crm/tickets/3")
        World(connection).touch("passages", "crm/tickets/3")
    embedder = HashingEmbedder()
    build(acme, embedder)
    after = versions(acme)
    assert embedder.embedded == 1
    assert len(set(after["timeline"]) - set(before["timeline"])) == 1
    assert len(set(after["passage"]) - set(before["passage"])) == 1
    assert [after[name] for name in ("signal", "term", "summary")] == [before[name] for name in ("signal", "term", "summary")]


def test_an_item_that_went_leaves_nothing(acme: Database) -> None:
    with acme.begin() as connection:
        connection.execute(delete(staging.activity).where(staging.activity.c.ref == "erp/invoices/9"))
        connection.execute(delete(staging.participant).where(staging.participant.c.item_ref == "erp/invoices/9"))
        World(connection).touch("timeline", "erp/invoices/9")
        World(connection).touch("passages", "erp/invoices/9")
    build(acme, HashingEmbedder())
    assert "erp/invoices/9" not in rows_of(acme, "pty_acme")
    with acme.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM context.passage WHERE item_ref = 'erp/invoices/9'")) == 0
        assert connection.scalar(text("SELECT count(*) FROM context.signal WHERE name IN ('open_invoices', 'revenue')")) == 0
        card = connection.scalar(text("SELECT text FROM context.summary WHERE party_id = 'pty_acme' AND length = 'card'"))
        assert "invoice" not in card


def test_a_merge_moves_the_timeline_and_its_undo_moves_it_back(acme: Database) -> None:
    before = rows_of(acme, "pty_anna"), rows_of(acme, "pty_acme")
    member = identity.membership
    with acme.begin() as connection:
        connection.execute(update(member).where(member.c.party_id == "pty_anna").values(party_id="pty_new"))
        connection.execute(update(golden.relationship).values(from_party_id="pty_new"))
        connection.execute(delete(golden.record).where(golden.record.c.party_id == "pty_anna"))
        World(connection).party("pty_new", "Anna Krämer", "crm/contacts/7", kind="person")
        World(connection).touch("timeline", "pty_anna")
        World(connection).touch("summary", "pty_anna")
    build(acme, HashingEmbedder())
    assert rows_of(acme, "pty_anna") == {}
    assert (rows_of(acme, "pty_new"), rows_of(acme, "pty_acme")) == before
    with acme.begin() as connection:
        for table in ("summary", "term", "signal"):
            assert connection.scalar(text(f"SELECT count(*) FROM context.{table} WHERE party_id = 'pty_anna'")) == 0


def test_an_item_belongs_to_who_employed_the_person_then(acme: Database) -> None:
    with acme.begin() as connection:
        world = World(connection)
        world.record("crm/companies/2", "pty_next", name="Next AG")
        world.party("pty_next", "Next AG", "crm/companies/2")
        connection.execute(update(golden.relationship).values(valid_to_at=day("2026-10-15")))
        world.employs("pty_next", "pty_anna", "crm/contacts/7", valid_from_at=day("2026-10-15"))
        world.activity("mail/messages/m2", "email", {"mail/addresses/anna@acme.example": "from"}, occurred_at="2026-10-20")
    build(acme, HashingEmbedder())
    assert "mail/messages/m2" not in rows_of(acme, "pty_acme")
    assert rows_of(acme, "pty_next") == {"mail/messages/m2": "via Anna K."}


def test_a_transaction_that_fails_leaves_its_subjects_pending(acme: Database) -> None:
    class Broken(HashingEmbedder):
        def embed(self, texts):  # type: ignore[no-untyped-def]
            raise RuntimeError("no model")

    with acme.begin() as connection:
        connection.execute(update(staging.activity).values(body="changed"))
        World(connection).touch("passages", "crm/tickets/3")
    with pytest.raises(RuntimeError):
        passages.build(acme, Broken())
    assert passages.build(acme, HashingEmbedder()).items == 1


def test_summaries_cite_records_and_hold_no_outsiders_words(acme: Database) -> None:
    with acme.begin() as connection:
        rows = {row.length: row for row in connection.execute(select(context.summary).where(context.summary.c.party_id == "pty_acme"))}
    assert rows["card"].text == (
        "Acme Pumps GmbH is a company [1]. One invoice is open, EUR 120, due on 2026-09-30 [2]. "
        "One ticket is open since 2026-10-01 [3]. The last contact was an email on 2026-10-01 [4]."
    )
    assert rows["card"].citations[1] == {"mark": 2, "ref": "erp/invoices/9"}
    assert ["erp", "financial"] in rows["card"].data_classes
    assert "On 2026-10-01 there was a ticket [" in rows["full"].text
    assert "leaks" not in rows["full"].text


def test_a_writers_summary_is_kept_only_if_it_cites_what_it_was_given(acme: Database) -> None:
    class Writer:
        name = "writer-1"
        mark = 1

        def write(self, facts):  # type: ignore[no-untyped-def]
            assert facts["party"] == "Acme Pumps GmbH"
            assert facts["facts"][0] == {"mark": 1, "text": "Acme Pumps GmbH is a company"}
            return dict.fromkeys(("card", "brief", "full"), f"A customer [{self.mark}].")

    writer = Writer()
    for mark, model in ((1, "writer-1"), (99, "extractive")):
        writer.mark = mark
        with acme.begin() as connection:
            connection.execute(text("DELETE FROM context.summary"))
            World(connection).touch("summary", "pty_acme")
        summaries.build(acme, writer)
        with acme.begin() as connection:
            assert connection.scalar(text("SELECT DISTINCT model FROM context.summary")) == model
