"""Parties over HTTP: complete for who may see all, and for others without what they may not see, which is told as withheld."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import text

from resolution.golden import overrides
from resolution.golden.records import build as build_golden
from sql.database import Database
from tests.conftest import copy_of
from tests.integration.api_world import asking, party_of

Get = Callable[..., Response]


@pytest.fixture(scope="module")
def database(server: Database, small_world: str) -> Iterator[Database]:
    with copy_of(server, small_world) as database:
        yield database


@pytest.fixture(scope="module")
def get(database: Database) -> Iterator[Get]:
    """Ask as an account with these scopes, with these headers."""
    with asking(database) as ask:
        yield lambda path, *scopes, **headers: ask("GET", path, *scopes, headers=headers)


def receipt_of(database: Database) -> Any:
    with database.begin() as connection:
        return connection.execute(text("select * from governance.receipt order by created_at desc limit 1")).one()


def test_a_golden_record_says_where_each_value_comes_from(get: Get, database: Database) -> None:
    party = party_of(database, "crm/companies/1")
    read = get(f"/v1/parties/{party}").json()
    assert (read["party_id"], read["kind"], read["sources"], read["records"]) == (party, "organization", ["crm", "erp"], 2)
    assert read["document"]["vat"]["value"] == "DE136695976"
    assert read["document"]["vat"]["record_ref"] in {"crm/companies/1", "erp/customers/7"}
    assert read["withheld"] == {}
    left = receipt_of(database)
    assert (left.action, left.party_id) == ("party", party)
    assert left.returned == ["crm/companies/1", "erp/customers/7"]


def test_what_a_caller_may_not_see_is_counted_and_nowhere_in_the_answer(get: Get, database: Database) -> None:
    party = party_of(database, "crm/companies/1")
    read = get(f"/v1/parties/{party}", "read", "source:crm", "class:internal")
    assert read.json()["name"] == "Acme Pumps GmbH"
    assert read.json()["withheld"]["source:erp"] >= 1
    assert read.json()["records"] is None
    for secret in ("ACME PUMPS", "5001234", "erp/customers"):
        assert secret not in read.text
    person = party_of(database, "crm/contacts/5")
    read = get(f"/v1/parties/{person}", "read", "source:*", "class:internal")
    assert read.json()["withheld"] == {"class:personal": 2} or read.json()["withheld"]["class:personal"] >= 2
    assert "anna@acme.example" not in read.text.replace("mail/addresses/anna@acme.example", "")
    assert "1234567" not in read.text


def test_an_etag_spares_the_copy_until_what_the_caller_sees_changes(get: Get, database: Database) -> None:
    path = f"/v1/parties/{party_of(database, 'crm/companies/1')}"
    first = get(path)
    again = get(path, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert get(path, **{"If-None-Match": f'"other", W/{first.headers["etag"]}'}).status_code == 304
    assert get(path, "read", "source:crm", "class:*").headers["etag"] != first.headers["etag"]
    overrides.set(database, first.json()["party_id"], "industry", "pumps", "ann", "she called")
    build_golden(database)
    changed = get(path, **{"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.json()["document"]["industry"]["value"] == "pumps"


def test_the_past_can_be_asked_for(get: Get, database: Database) -> None:
    path = f"/v1/parties/{party_of(database, 'crm/companies/1')}"
    with database.begin() as connection:
        before = connection.scalar(text("select clock_timestamp()"))
    overrides.set(database, path.rpartition("/")[2], "phone", "+49 30 999", "ann", "she called")
    build_golden(database)
    assert "phone" in get(path).json()["document"]
    then = get(f"{path}?known_at={before.isoformat().replace('+', '%2B')}").json()
    assert "phone" not in then["document"]
    assert then["known_at"] is not None
    assert get(f"{path}?as_of=yesterday").status_code == 422
    assert get(f"{path}?as_of=2026-01-01T00:00:00").status_code == 422


def test_the_id_of_a_merged_party_answers_with_the_party_it_is_now(get: Get, database: Database) -> None:
    party = party_of(database, "crm/companies/1")
    with database.begin() as connection:
        connection.execute(text("insert into identity.party (id, kind, retired_at) values ('pty_old', 'organization', now())"))
        connection.execute(text("insert into identity.redirect (from_id, to_id) values ('pty_old', :to)"), {"to": party})
    read = get("/v1/parties/pty_old")
    assert (read.status_code, read.json()["party_id"], read.json()["redirected_from"]) == (200, party, "pty_old")
    assert read.headers["content-location"] == f"/v1/parties/{party}"
    assert get("/v1/parties/pty_old/timeline").json()["party_id"] == party
    assert get("/v1/parties/pty_old/sources").json()["party_id"] == party


def test_no_such_party_and_a_retired_one_are_told_apart(get: Get, database: Database) -> None:
    for path in ("/v1/parties/pty_none", "/v1/parties/pty_none/timeline", "/v1/parties/pty_none/sources"):
        assert (get(path).status_code, get(path).json()["type"]) == (404, "urn:crosswalk:problem:party-not-found")
    with database.begin() as connection:
        connection.execute(text("insert into identity.party (id, kind, retired_at) values ('pty_gone', 'person', now())"))
    assert (get("/v1/parties/pty_gone").status_code, get("/v1/parties/pty_gone").json()["type"]) == (
        410,
        "urn:crosswalk:problem:party-retired",
    )


def test_all_parties_are_listed_once_over_pages(get: Get) -> None:
    names, cursor = [], ""
    while True:
        page = get(f"/v1/parties?limit=1{cursor}").json()
        names += [party["name"] for party in page["parties"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(names) == 3
    assert sorted(names) == names
    assert [party["name"] for party in get("/v1/parties?kind=person").json()["parties"]] == ["Anna Schmidt"]
    assert {party["name"] for party in get("/v1/parties?source=crm&kind=organization").json()["parties"]} >= {"Borg Limited"}


def test_a_list_shows_only_parties_of_sources_that_may_be_seen_and_counts_the_others(get: Get) -> None:
    page = get("/v1/parties", "read", "source:erp", "class:internal").json()
    assert [(party["name"], party["sources"], party["records"]) for party in page["parties"]] == [("ACME PUMPS", ["erp"], None)]
    assert page["withheld"] == {"source:crm": 2}
    assert get("/v1/parties?limit=1", "read", "source:erp", "class:internal").text.find("Anna") == -1


def test_a_timeline_goes_back_in_pages_and_keeps_back_what_may_not_be_seen(get: Get, database: Database) -> None:
    path = f"/v1/parties/{party_of(database, 'crm/companies/1')}/timeline"
    refs, cursor = [], ""
    while True:
        page = get(f"{path}?limit=1{cursor}").json()
        refs += [item["item_ref"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(refs) == ["crm/tickets/8", "crm/tickets/9", "documents/files/c.txt", "erp/invoices/42"]
    assert [item["item_ref"] for item in get(f"{path}?kind=ticket&kind=contract").json()["items"]].count("crm/tickets/9") == 1
    partial = get(path, "read", "source:*", "class:internal")
    assert partial.json()["withheld"] == {"class:financial": 1}
    assert "invoice" not in partial.text.lower()
    assert next(item for item in partial.json()["items"] if item["item_ref"] == "crm/tickets/9")["untrusted"]


def test_sources_show_each_record_with_its_link(get: Get, database: Database) -> None:
    path = f"/v1/parties/{party_of(database, 'crm/companies/1')}/sources"
    assert [(record["ref"], record["url"]) for record in get(path).json()["records"]] == [
        ("crm/companies/1", "https://crm.example/1"),
        ("erp/customers/7", "https://erp.example/7"),
    ]
    partial = get(path, "read", "source:erp", "class:internal")
    assert [record["ref"] for record in partial.json()["records"]] == ["erp/customers/7"]
    assert partial.json()["withheld"] == {"source:crm": 1, "class:financial": 1}
    assert "5001234" not in partial.text


def test_relationships_name_the_other_party_where_it_may_be_seen(get: Get, database: Database) -> None:
    acme, anna = party_of(database, "crm/companies/1"), party_of(database, "crm/contacts/5")
    (employee,) = get(f"/v1/parties/{acme}/relationships").json()["relationships"]
    assert (employee["kind"], employee["direction"], employee["party_id"], employee["name"]) == ("employment", "from", anna, "Anna Schmidt")
    partial = get(f"/v1/parties/{acme}/relationships", "read", "source:erp", "class:*")
    assert (partial.json()["relationships"], partial.json()["withheld"]) == ([], {"source:crm": 1})
    assert "Anna" not in partial.text


def test_search_finds_by_what_may_be_seen_only(get: Get, database: Database) -> None:
    acme, anna = party_of(database, "crm/companies/1"), party_of(database, "crm/contacts/5")
    assert get("/v1/search?q=DE136695976").json()["results"][0]["party_id"] == acme
    assert get("/v1/search?q=anna@acme.example").json()["results"][0]["party_id"] == anna
    assert get("/v1/search?q=anna@acme.example", "read", "source:crm", "class:internal").json().get("results", []) == []
    assert get("/v1/search?q=").status_code == 422
    assert get("/v1/search?q=%00").status_code == 200
    assert receipt_of(database).action == "search"


def test_the_crosswalk_leads_from_a_sources_key_to_the_party(get: Get, database: Database) -> None:
    entry = get("/v1/crosswalk?source=erp&stream=customers&key=7").json()
    assert (entry["party_id"], entry["url"]) == (party_of(database, "crm/companies/1"), "https://erp.example/7")
    missing = get("/v1/crosswalk?source=erp&stream=customers&key=8")
    hidden = get("/v1/crosswalk?source=erp&stream=customers&key=7", "read", "source:crm", "class:*")
    assert missing.status_code == hidden.status_code == 404
    assert missing.json()["type"] == hidden.json()["type"] == "urn:crosswalk:problem:record-not-found"
