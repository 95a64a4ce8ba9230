"""A party is found by whatever names it, in search and as a subject, as far as the caller may know of it; and nothing is guessed."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from context_api.context import search, store
from context_api.context.pack import Subject
from sql.database import Database
from tests.conftest import copy_of
from tests.integration.acme_world import ask, limited, reading
from tests.integration.context_world import ALL


@pytest.fixture(scope="module")
def acme(server: Database, acme_world: str) -> Iterator[Database]:
    """One world for the tests that only read; receipts are all they add."""
    with copy_of(server, acme_world) as database:
        yield database


@pytest.mark.parametrize(
    ("subject", "status", "party_id"),
    [
        ("pty_acme", "ok", "pty_acme"),
        ({"party_id": "pty_acme"}, "ok", "pty_acme"),
        ({"party_id": "pty_unknown"}, "not_found", None),
        ({"ref": "erp/customers/5"}, "ok", "pty_acme"),
        ({"ref": "erp/invoices/1"}, "ok", "pty_acme"),
        ("crm/companies/1", "ok", "pty_acme"),
        ({"source": "erp", "key": "5"}, "ok", "pty_acme"),
        ({"source": "erp", "key": "acm-001"}, "ok", "pty_acme"),
        ({"source": "mail", "key": "5"}, "not_found", None),
        ({"identifier": "DE 123 456 789"}, "ok", "pty_acme"),
        ({"identifier": "ANNA@acme.example"}, "ok", "pty_anna"),
        ({"identifier": "+49 171 1234567"}, "ok", "pty_anna"),
        ("040/5550110", "ok", "pty_acme"),
        ({"identifier": "www.acme.example"}, "ok", "pty_acme"),
        ({"words": "Kraemer"}, "ok", "pty_anna"),
        ({"words": "acme pumps gmbh"}, "ok", "pty_acme"),
        ({"words": "Acme Pumps"}, "ambiguous", None),
        ("nobody at all", "not_found", None),
        ("%'; -- & | ! <-> :*", "not_found", None),
        ("\x00", "not_found", None),
    ],
)
def test_a_subject_is_found_in_every_form_and_never_guessed(acme: Database, subject: Any, status: str, party_id: str | None) -> None:
    pack = ask(acme, subject=subject)
    assert (pack.status, pack.party_id) == (status, party_id)
    if status == "ambiguous":
        assert {candidate.party_id for candidate in pack.candidates} == {"pty_acme", "pty_homonym"}


def test_search_finds_by_everything_and_says_why(acme: Database) -> None:
    def found(query: str, access: Access = ALL) -> list[tuple[str, str]]:
        page = reading(acme, lambda connection: search.search(connection, query, access, 10, None))
        return [(hit.party_id, hit.why) for hit in page.results]

    assert found("DE123456789") == [("pty_acme", "vat DE123456789 (erp/customers/5)")]
    assert found("ACM-001")[0] == ("pty_acme", "key:erp ACM-001 (crm/companies/1)")
    assert found("crm/companies/1")[0] == ("pty_acme", "record crm/companies/1")
    assert found("anna@acme.example")[0][0] == "pty_anna"
    assert {party for party, _why in found("acme pum")} == {"pty_homonym", "pty_acme"}
    assert found("ninety days termination")[0] == ("pty_acme", "words in contract “Framework agreement” (documents/files/contract.md)")
    assert found("DE123456789", limited("source:crm", "class:*")) == []
    assert found("margin percent", limited("source:*", "class:internal")) == []
    assert found("anna@acme.example", limited("source:crm", "class:internal")) == []
    for hostile in ("", " ", "\x00", "a" * 10_000, "' OR 1=1 --", "!!! & | <->", "or or or", "(((", "ß" * 400):
        found(hostile)


def test_search_pages_do_not_repeat_or_skip(acme: Database) -> None:
    async def pages(connection: AsyncConnection) -> list[str]:
        ids, cursor = [], None
        while True:
            page = await search.search(connection, "acme", ALL, 1, cursor)
            ids += [hit.party_id for hit in page.results]
            if (cursor := page.next_cursor) is None:
                return ids

    ids = reading(acme, pages)
    assert len(ids) == len(set(ids)) >= 2


def test_pages_of_a_party_see_what_may_be_seen(acme: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        crm = limited("source:crm", "class:internal")
        refs: list[str] = []
        before = None
        while True:
            page = await store.timeline(connection, "pty_acme", ALL, None, (before, 3))
            refs += [row["item_ref"] for row in page.rows]
            if (before := page.next) is None:
                break
        assert len(refs) == len(set(refs)) == 14
        hidden = await store.timeline(connection, "pty_acme", crm, ["deal"], (None, 10))
        assert (hidden.rows, hidden.withheld) == ([], {"class:sensitive": 1})
        records = await store.sources(connection, "pty_acme", crm)
        assert ([row["ref"] for row in records.rows], records.withheld) == (["crm/companies/1"], {"source:erp": 1})
        people = await store.relationships(connection, "pty_acme", ALL)
        assert [(row["direction"], row["name"]) for row in people.rows] == [("from", "Anna Krämer")]
        assert (await store.crosswalk(connection, "erp/customers/5", crm)) is None
        assert (await store.crosswalk(connection, "erp/customers/5", ALL) or {})["party_id"] == "pty_acme"

    reading(acme, work)


def test_subjects_must_name_one_thing() -> None:
    for wrong in ({}, {"ref": "a/b/c", "words": "x"}, {"source": "crm"}, {"key": "1"}):
        with pytest.raises(ValueError):
            Subject(**wrong)
