"""Why records are one party, over HTTP: told field by field, without what the caller may not see, and holding up nobody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection

from resolution.identity import why
from sql.database import Database
from tests.conftest import copy_of
from tests.integration.api_world import Ask, asking, party_of

ACME, ERP_ACME = "crm/companies/1", "erp/customers/7"
CRM_ANNA, MAIL_ANNA = "crm/contacts/5", "mail/addresses/anna@acme.example"


@pytest.fixture(scope="module")
def database(server: Database, small_world: str) -> Iterator[Database]:
    with copy_of(server, small_world) as database:
        yield database


@pytest.fixture(scope="module")
def ask(database: Database) -> Iterator[Ask]:
    with asking(database) as ask:
        yield ask


def test_why_tells_what_holds_a_party_together_and_keeps_back_what_may_not_be_seen(ask: Ask, database: Database) -> None:
    path = f"/v1/parties/{party_of(database, ACME)}/why"
    told = ask("GET", path).json()
    assert [record["ref"] for record in told["records"]] == [ACME, ERP_ACME]
    assert (told["weakest"]["left"], told["weakest"]["right"]) == (ACME, ERP_ACME)
    assert told["weakest"]["fields"]
    assert told["sentences"]
    partial = ask("GET", path, "read", "source:crm", "class:*")
    assert [record["ref"] for record in partial.json()["records"]] == [ACME]
    assert partial.json()["withheld"] == {"source:erp": 2}
    assert "erp/" not in partial.text
    anna = ask("GET", f"/v1/parties/{party_of(database, CRM_ANNA)}/why", "read", "source:*", "class:internal")
    assert [field["left"] for field in anna.json()["weakest"]["fields"] if field["field"] == "email"] in ([None], [])
    assert "anna@acme.example" not in anna.text.replace(MAIL_ANNA, "")


def test_why_tells_of_two_records(ask: Ask) -> None:
    told = ask("GET", f"/v1/why?left={ACME}&right={ERP_ACME}").json()
    assert told["together"]
    assert {field["field"] for field in told["fields"]} >= {"name"}
    assert told["sentences"]
    assert isinstance(told["relation"], str)
    assert ask("GET", f"/v1/why?left={ACME}&right={ERP_ACME}", "read", "source:crm", "class:*").status_code == 404
    assert ask("GET", f"/v1/why?left={ACME}&right={ACME}").status_code == 422
    assert ask("GET", f"/v1/why?left={ACME}&right=crm/none/0").status_code == 404
    assert ask("GET", f"/v1/why?left={ACME}&right=%00").status_code in (404, 422)


def test_others_are_answered_while_a_large_party_is_explained(ask: Ask, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    party, told, began, answered = party_of(database, ACME), why.party, Event(), Event()

    def slowly(connection: Connection, party_id: str) -> dict[str, Any]:
        began.set()
        assert answered.wait(60), "nobody else was answered"
        return told(connection, party_id)

    monkeypatch.setattr(why, "party", slowly)
    with ThreadPoolExecutor(1) as pool:
        explained = pool.submit(ask, "GET", f"/v1/parties/{party}/why")
        assert began.wait(60)
        assert ask("GET", f"/v1/parties/{party}").status_code == 200
        answered.set()
        assert explained.result().status_code == 200
