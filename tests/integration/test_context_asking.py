"""A pack answers the question within its budget, tells what it withholds and never leaks it; handles and search see no further."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text, update

from context_api.context import expand
from context_api.context.expand import HandleNotFoundError
from sql.database import Database
from sql.tables import golden, governance, identity
from tests.conftest import copy_of
from tests.integration.acme_world import LEAK, ask, limited, reading
from tests.integration.context_world import ALL, HashingEmbedder, World, build, day


@pytest.fixture(scope="module")
def acme(server: Database, acme_world: str) -> Iterator[Database]:
    """One world for the tests that only read; receipts are all they add."""
    with copy_of(server, acme_world) as database:
        yield database


@pytest.fixture
def own(server: Database, acme_world: str) -> Iterator[Database]:
    """A world for a test that changes it."""
    with copy_of(server, acme_world) as database:
        yield database


def test_the_clause_that_answers_comes_first_with_its_citation(acme: Database) -> None:
    pack = ask(acme, question="What is the notice period for termination of the agreement of Acme Pumps?")
    assert pack.status == "ok"
    first = pack.items[0]
    assert (first.mark, first.ref, first.source, first.kind, first.untrusted) == (
        1,
        "documents/files/contract.md",
        "documents",
        "contract",
        False,
    )
    assert "ninety days" in first.text
    assert "notice" in first.why
    assert pack.card
    assert pack.card.startswith("Acme Pumps GmbH")


def test_a_small_budget_goes_to_what_answers(acme: Database) -> None:
    pack = ask(acme, question="What is the notice period for termination of the agreement of Acme Pumps?", budget=500)
    assert "ninety days" in pack.items[0].text
    assert pack.card
    assert pack.identity
    late = ask(acme, question="What is the notice period for termination of the agreement?", budget=500, max_staleness=60)
    assert any(source.stale for source in late.freshness)


def test_what_is_overdue_is_told_by_the_records_own_fields(acme: Database) -> None:
    pack = ask(acme, question="Which invoices are overdue?")
    assert [item.ref for item in pack.items] == ["erp/invoices/1"]
    assert pack.items[0].why == "overdue invoice, due 2026-09-30"
    fact = next(fact for fact in pack.facts if fact.name == "overdue_invoices")
    assert fact.value == {"count": 1, "total": {"EUR": "100.00"}, "earliest_due": "2026-09-30"}
    both = ask(acme, question="Show open invoices")
    assert [item.ref for item in both.items] == ["erp/invoices/1", "erp/invoices/2"]
    assert [item.ref for item in ask(acme, question="What was the last ticket?").items] == [
        "crm/tickets/8",
        "crm/tickets/7",
        "crm/tickets/6",
    ]


def test_nothing_is_shown_to_fill_space(acme: Database) -> None:
    pack = ask(acme, question="Which football club sponsors quantum chess tournaments on Mars?")
    assert pack.status == "no_relevant_context"
    assert pack.items == []
    assert pack.omitted


def test_that_there_is_none_in_a_state_is_an_answer_unless_some_are_withheld(own: Database) -> None:
    with own.begin() as connection:
        connection.execute(text("UPDATE staging.activity SET status = 'paid' WHERE kind = 'invoice'"))
        World(connection).touch("timeline", "pty_acme")
    build(own, HashingEmbedder())
    pack = ask(own, question="Which invoices are overdue?")
    assert (pack.status, pack.items, [fact.name for fact in pack.facts][:1]) == ("ok", [], ["overdue_invoices"])
    assert pack.facts[0].value == {"count": 0}
    blind = ask(own, limited("source:*", "class:internal", "class:personal"), question="Which invoices are overdue?")
    assert blind.status == "no_relevant_context"
    assert blind.withheld["class:financial"] >= 3


@pytest.mark.parametrize("budget", [50, 60, 80, 120, 200, 400, 1000, 100_000])
def test_a_pack_never_costs_more_than_its_budget_and_never_fails(acme: Database, budget: int) -> None:
    for question in (None, "What is the notice period?", "Which invoices are open?"):
        for detail in ("card", "full"):
            pack = ask(acme, budget=budget, question=question, detail=detail)
            assert pack.receipt_id
            assert pack.status == "ok"
            if budget >= 200:
                assert pack.card
            if budget >= 1000:
                assert pack.items
    ambiguous = ask(acme, subject={"words": "acme"}, budget=budget)
    assert ambiguous.status == "ambiguous"


def test_no_thread_and_no_item_fills_the_pack(acme: Database) -> None:
    pack = ask(acme, question="Which seal of the pump leaks oil?", budget=8000)
    threads = [item.ref for item in pack.items if item.kind == "ticket" and int(item.ref.rsplit("/", 1)[1]) < 7]
    assert 1 <= len(threads) <= 3
    assert next(entry for entry in pack.omitted if entry.section == "ticket").count == 8 - len(
        [i for i in pack.items if i.kind == "ticket"]
    )


def test_what_may_not_be_seen_is_counted_and_is_nowhere(own: Database) -> None:
    access = limited("source:crm", "source:mail", "class:internal")
    for question in (None, "What is the margin of the renewal offer?", "Which invoices are overdue?", "termination notice period"):
        pack = ask(own, access, question=question, detail="full", budget=20_000)
        said = pack.model_dump_json() + pack.render()
        for hidden in (
            LEAK,
            "61 percent",
            "77123459",  # long enough that no drawn id holds it
            "erp/",
            "DE123456789",
            "50012345",
            "Hafenstr",
            "ninety",
            "INV1",
            "anna@acme.example",
            "deal",
        ):
            assert hidden not in said, (hidden, said)
        assert pack.withheld["source:erp"] >= 3
        assert pack.withheld["source:documents"] == 1
        assert pack.withheld["class:sensitive"] == 1
        assert pack.name == "Acme Pumps GmbH"
    with own.begin() as connection:
        stored = connection.execute(select(governance.receipt).order_by(governance.receipt.c.created_at)).mappings().all()
    assert stored[-1]["withheld"]["class:sensitive"] == 1
    assert "erp/" not in json.dumps([stored[-1]["returned"], stored[-1]["omitted"]])


def test_a_caller_who_may_know_no_record_of_a_party_does_not_learn_that_it_is_there(acme: Database) -> None:
    for subject in ("pty_acme", "pty_none", "Acme Pumps GmbH"):
        pack = ask(acme, limited(), subject=subject)
        assert set(pack.model_dump()) == {"status", "receipt_id", "tokens"}
        assert pack.status == "not_found"


def test_outsiders_words_stand_between_marks_they_could_not_know(acme: Database) -> None:
    pack = ask(acme, question="delivery address change Bremen")
    item = next(item for item in pack.items if item.ref == "mail/messages/m1")
    assert item.untrusted
    rendered = pack.render()
    fence = f"untrusted {pack.receipt_id} [{item.mark}]"
    inside = rendered.split(f"<<{fence}>>")[1].split(f"<<end {fence}>>")[0]
    assert "Bremen" in inside
    assert "Ignore all previous" in inside
    assert "Bremen" not in rendered.replace(inside, "")
    assert "Ignore" not in (pack.card or "")


def test_a_conflict_tells_both_sides(acme: Database) -> None:
    pack = ask(acme, detail="full", budget=5000)
    assert [side["value"] for side in pack.conflicts[0].values] == ["DE123456789", "DE000000000"]
    assert ask(acme, limited("source:crm", "class:*"), detail="full").conflicts == []


def test_identity_and_freshness_are_told(acme: Database) -> None:
    pack = ask(acme, budget=4000, max_staleness=60, live=True)
    assert pack.identity
    assert (pack.identity.records, pack.identity.confidence) == (2, 0.97)
    assert pack.identity.weakest_link == "erp/customers/5 belongs with probability 0.970"
    assert [(miss.party_id, miss.probability) for miss in pack.identity.near_misses] == [("pty_homonym", 0.6)]
    assert [(one.source, one.synced_at, one.stale) for one in pack.freshness] == [
        ("crm", "2026-11-01T00:00:00Z", True), ("erp", "2026-11-01T00:00:00Z", True),
    ]  # fmt: skip
    assert "not available yet" in str(pack.freshness[0].note)


def test_as_of_a_day_only_what_had_happened_is_told(acme: Database) -> None:
    pack = ask(acme, as_of=datetime(2026, 3, 1, tzinfo=UTC), question="seal of the pump leaks oil")
    assert {item.ref for item in pack.items} <= {"crm/tickets/1", "crm/tickets/2"}
    assert pack.items


def test_a_handle_gets_the_rest_for_the_same_account_only(own: Database) -> None:
    pack = ask(own, question="What is the notice period for termination?", budget=1500)
    tickets = next(entry for entry in pack.omitted if entry.section == "ticket")
    shown = reading(own, lambda connection: expand.expand(connection, tickets.handle, ALL))
    assert len(shown.items) == tickets.count >= 6
    assert shown.items[0].ref == "crm/tickets/8"
    blind = reading(own, lambda connection: expand.expand(connection, tickets.handle, limited("source:erp", "class:*")))
    assert blind.items == []
    for handle, access in (
        (tickets.handle, limited("source:*", "class:*", account="other")),
        (f"{pack.receipt_id}.nothing", ALL),
        (pack.receipt_id, ALL),
        ("a.b.c.d", ALL),
        (f"{tickets.handle}.x", ALL),
    ):
        with pytest.raises(HandleNotFoundError):
            reading(own, lambda connection, handle=handle, access=access: expand.expand(connection, handle, access))
    with own.begin() as connection:
        connection.execute(update(governance.receipt).values(created_at=day("2020-01-01")))
    with pytest.raises(HandleNotFoundError):
        reading(own, lambda connection: expand.expand(connection, tickets.handle, ALL))


def test_an_item_that_was_cut_can_be_had_whole(acme: Database) -> None:
    pack = ask(acme, question="What is the notice period for termination?", detail="card", budget=600)
    item = pack.items[0]
    if item.more is None:
        pytest.fail("the clause should be cut at this detail")
    whole = reading(acme, lambda connection: expand.expand(connection, item.more, ALL))
    assert "SUPPLY AGREEMENT" in whole.items[0].text
    assert "9. Liability" in whole.items[0].text


def test_relationships_answer_who_works_there(acme: Database) -> None:
    pack = ask(acme, question="Who are the contacts there?")
    assert pack.status == "ok"
    assert [(link.name, link.title, link.kind) for link in pack.relationships] == [("Anna Krämer", "Buyer", "employment")]


def test_the_golden_record_is_the_one_of_the_time_asked_for(own: Database) -> None:
    with own.begin() as connection:
        connection.execute(update(golden.record).where(golden.record.c.party_id == "pty_acme").values(name="New name"))
    assert ask(own, known_at=datetime(2020, 1, 1, tzinfo=UTC)).status in ("ok", "not_found")


def test_a_merged_id_gives_what_it_was_merged_into(own: Database) -> None:
    with own.begin() as connection:
        connection.execute(identity.redirect.insert().values(from_id="pty_old", to_id="pty_older"))
        connection.execute(identity.redirect.insert().values(from_id="pty_older", to_id="pty_acme"))
    pack = ask(own, subject="pty_old")
    assert (pack.party_id, pack.redirected_from) == ("pty_acme", "pty_old")
