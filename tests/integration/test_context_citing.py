"""One numbering for a whole pack: each mark in it stands for one ref that stands in it, and a ref has one mark."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from context_api.access import Access
from context_api.context import expand, summaries
from context_api.context.pack import ContextPack
from sql.database import Database
from sql.tables import context, governance
from tests.conftest import copy_of
from tests.integration.acme_world import WORDS, ask, limited, reading
from tests.integration.context_world import ALL, HashingEmbedder, World, build

QUESTIONS = (None, "Which invoices are overdue?", "Which tickets are open?", "What is the notice period?", "Who works there?")
BUDGETS = (50, 80, 120, 160, 200, 250, 300, 400, 600, 1_000, 2_000, 100_000)


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


def marks(text: str) -> list[int]:
    return [int(mark) for mark in re.findall(r"\[(\d+)\]", text)]


def resolve(pack: ContextPack) -> dict[int, str]:
    """mark -> ref; fails where the pack breaks the rule."""
    borne = [(one.mark, one.ref) for one in (*pack.items, *pack.sources)]
    stands = dict(borne)
    assert len(stands) == len({ref for _, ref in borne}) == len(set(borne)), "a mark for each ref, a ref for each mark"
    assert not {one.ref for one in pack.items} & {one.ref for one in pack.sources}, "a ref is resolved once"
    cited = {*marks(pack.card or ""), *(mark for fact in pack.facts for mark in fact.marks)}
    assert cited <= stands.keys(), "a mark stands for nothing"
    assert {one.mark for one in pack.sources} <= cited, "a source that nothing cites"
    assert set(marks(pack.render())) == stands.keys()
    assert not any(fact.refs for fact in pack.facts)
    return stands


@pytest.mark.parametrize("budget", BUDGETS)
def test_each_mark_stands_for_one_ref_and_each_ref_has_one_mark(acme: Database, budget: int) -> None:
    for question in QUESTIONS:
        for detail in ("card", "brief", "full"):
            for access in (ALL, limited("source:erp", "class:*"), limited("source:*", "class:internal")):
                pack = ask(acme, access, budget=budget, question=question, detail=detail)
                assert all(may_see(access, ref) for ref in resolve(pack).values())


def may_see(access: Access, ref: str) -> bool:
    return access.may_see(ref.split("/")[0], "internal")


def test_an_invoice_that_the_card_tells_of_is_cited_as_the_item_that_it_is(acme: Database) -> None:
    pack = ask(acme, question="Which invoices are overdue?")
    (invoice,) = pack.items
    assert pack.card
    told = next(sentence for sentence in pack.card.split(". ") if "overdue" in sentence or "open" in sentence)
    assert invoice.mark in marks(told)
    assert next(fact for fact in pack.facts if fact.name == "overdue_invoices").marks == [invoice.mark]
    assert resolve(pack)[marks(pack.card)[0]] == "crm/companies/1"


def test_sources_are_linked_where_that_is_known_and_the_receipt_tells_all_that_was_cited(own: Database) -> None:
    with own.begin() as connection:
        connection.exec_driver_sql("UPDATE staging.party_record SET url = 'https://crm.example/1' WHERE ref = 'crm/companies/1'")
    pack = ask(own, budget=5_000)
    assert {one.ref: one.url for one in pack.sources if one.url} == {"crm/companies/1": "https://crm.example/1"}
    with own.begin() as connection:
        returned = connection.scalar(select(governance.receipt.c.returned).where(governance.receipt.c.id == pack.receipt_id))
    assert sorted(returned or []) == sorted(resolve(pack).values())


def test_passages_of_one_document_share_its_mark_and_its_handle(own: Database) -> None:
    with own.begin() as connection:
        said = (" ".join(f"{word}{number}" for word in WORDS * 10) for number in range(1, 5))
        text = "\n\n".join(f"{number}. Termination {number}\nNotice period of the lease: {more}." for number, more in enumerate(said, 1))
        world = World(connection)
        world.document("documents/files/lease.md", {"erp/customers/5": "party"}, title="Lease", text=text)
    build(own, HashingEmbedder())
    pack = ask(own, question="What is the notice period for termination of the lease?", detail="card", budget=3_000)
    shared = [one for one in pack.items if one.ref == "documents/files/lease.md"]
    assert len(shared) > 1
    assert len({one.mark for one in shared}) == 1
    resolve(pack)
    handle = next(one.more for one in shared if one.more)
    assert "Termination 4" in reading(own, lambda connection: expand.expand(connection, handle, ALL)).items[0].text


class Colleague:
    """Writes summaries that cite one fact by many records, and several facts at once."""

    name = "writer-2"

    def write(self, facts):  # type: ignore[no-untyped-def]
        last = len(facts["facts"])
        return dict.fromkeys(("card", "brief", "full"), f"A customer [1, {last}], of long standing [1][2]. Something is open [2].")


def test_what_a_language_model_wrote_is_renumbered_too(own: Database) -> None:
    with own.begin() as connection:
        connection.execute(context.summary.delete())
        World(connection).touch("summary", "pty_acme")
    summaries.build(own, Colleague())
    for budget in BUDGETS:
        for question in QUESTIONS:
            resolve(ask(own, budget=budget, question=question))
    pack = ask(own, budget=5_000)
    assert pack.card
    assert pack.card.startswith("A customer [")
    assert "," not in pack.card.replace("], of", "")
