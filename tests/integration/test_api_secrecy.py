"""Nothing of a source or data class that a key may not see is in any answer to it: no word, no ref, no party that it knows nothing of.

Every route, tool and page over the world of `secret_world` is asked, with every id there is, and what comes back is searched for what is
planted there, in bodies and headers.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select, text

from context_api import keys
from context_api.app import create_app
from sql.database import Database
from sql.tables import identity, staging
from tests.conftest import copy_of
from tests.integration.api_world import WHEN, Letters, party_of
from tests.integration.secret_world import (
    ACME,
    ANNA,
    BORN,
    DIGITS,
    DOCUMENTED,
    ERP_ACME,
    ERP_ONLY,
    MAIL_ONLY,
    NOBODY,
    WORD,
    build,
    plant,
)

SEEN = ("source:crm", "class:internal")
QUESTIONS = (
    None,
    "Which invoices are open?",
    "Which invoices are overdue?",
    "What did they write about the pump and the motor?",
    "Who works there and which group do they belong to?",
    "What is the phone number, email address and birth date?",
    "When is the next renewal?",
    "What was the last order and the revenue?",
    "Which deals are open?",
)


def test_nothing_that_is_forbidden_is_in_any_answer(world: "World") -> None:
    asked = Asked(world, ("steward", *SEEN))  # who may decide may read
    ask_everything(asked)
    ask_as_steward(asked)
    assert asked.answers > 400
    assert asked.leaks == []


def test_the_word_is_there_for_who_may_see_it(world: "World") -> None:
    asked = Asked(world, ("steward", "source:*", "class:*"))
    asked.get(f"/v1/parties/{world.party(ACME)}")
    asked.get(f"/v1/parties/{world.party(ACME)}/timeline")
    asked.get(f"/console/parties/{world.party(ACME)}")
    asked.get("/v1/reviews")
    assert len({path for path, _what in asked.leaks}) == 4


def test_searching_for_what_is_forbidden_finds_what_searching_for_nonsense_finds(world: "World") -> None:
    asked = Asked(world, ("read", *SEEN))
    for query in (WORD, f"{WORD} corp", DIGITS, f"+49 30 {DIGITS}", BORN, MAIL_ONLY, ERP_ACME, f"{WORD}@hidden.example", f"k-{WORD}"):
        assert asked.get("/v1/search", known=query, q=query).json() == {}
        for subject in (query, {"identifier": query}, {"words": query}, {"source": "erp", "key": query}):
            pack = asked.post("/v1/context", {"subject": subject, "question": f"What is {query}?"}, known=query).json()
            assert (pack["status"], set(pack)) == ("not_found", {"status", "receipt_id", "tokens"})
    question = {"subject": world.party(ACME), "question": f"What about {WORD}?"}
    nonsense = {"subject": world.party(ACME), "question": "What about wibblewobble?"}
    drawn = {"receipt_id": "", "omitted": "", "tokens": 0}  # these hold random ids, or weigh them
    one, other = ({**asked.post("/v1/context", body, known=WORD).json(), **drawn} for body in (question, nonsense))
    assert one == other
    assert asked.leaks == []


def test_a_party_of_forbidden_records_alone_is_not_there(world: "World") -> None:
    asked = Asked(world, ("read", *SEEN))
    for ref in (ERP_ONLY, MAIL_ONLY, DOCUMENTED):
        hidden = world.party(ref)
        for path in ("", "/timeline", "/sources", "/relationships", "/why"):
            there, never = asked.get(f"/v1/parties/{hidden}{path}", known=hidden), asked.get(f"/v1/parties/pty_none{path}")
            assert (there.status_code, there.json()["type"]) == (404, never.json()["type"])
            assert there.json()["detail"].replace(hidden, "pty_none") == never.json()["detail"]
        pack = asked.post("/v1/context", {"subject": hidden}, known=hidden).json()
        assert (pack["status"], set(pack)) == ("not_found", {"status", "receipt_id", "tokens"})
    assert asked.leaks == []


def test_an_etag_and_the_time_of_a_change_tell_nothing_of_what_is_withheld(own: "World") -> None:
    asked = Asked(own, ("read", *SEEN))
    path = f"/v1/parties/{own.party(ACME)}"

    def whole() -> str:
        return Asked(own, ("read", "source:*", "class:*")).get(path).headers["ETag"]

    def view() -> tuple[str, list[Any], list[str]]:
        listed = asked.get("/v1/parties").json()["parties"]
        return asked.get(path).headers["ETag"], [row["changed_at"] for row in listed], [row["party_id"] for row in listed]

    before, before_whole = view(), whole()
    with own.database.begin() as connection:
        said = json.dumps({"industry": ["other"], "name": [f"{WORD} aaa"]})
        query = "update staging.party_record set attributes = attributes || cast(:said as jsonb), content_hash = 'other' where ref = :ref"
        connection.execute(text(query), {"ref": ERP_ACME, "said": said})
        connection.execute(text("insert into golden.pending select :party on conflict do nothing"), {"party": own.party(ACME)})
    build(own.database)
    assert whole() != before_whole
    assert view() == before


def test_the_receipts_and_handles_of_others_are_not_there(world: "World") -> None:
    everything, asked = Asked(world, ("read", "source:*", "class:*")), Asked(world, ("read", *SEEN))
    pack = everything.post("/v1/context", {"subject": world.party(ACME), "budget": 300}).json()
    for path in (f"/v1/receipts/{pack['receipt_id']}", *(f"/v1/expand/{omitted['handle']}" for omitted in pack["omitted"])):
        assert asked.get(path).status_code == 404
    assert asked.leaks == []


def ask_everything(asked: "Asked") -> None:
    """All that a reader can ask, by REST, by MCP and in the console."""
    world = asked.world
    asked.get("/v1/parties", limit=1)
    for one in ({}, {"kind": "person"}, {"kind": "organization"}, {"source": "erp"}, {"source": "crm"}, {"source": "mail"}):
        for root in ("/v1/parties", "/console/parties"):
            asked.get(root, known=one.get("source", ""), **one)
    for party_id in (*world.parties, "pty_none"):
        for path in ("", "/timeline", "/sources", "/relationships", "/why"):
            asked.get(f"/v1/parties/{party_id}{path}", known=party_id)
        for path in ("", "/timeline", "/summary", "/why", "/split"):
            asked.get(f"/console/parties/{party_id}{path}", known=party_id)
        for moment in (WHEN, WHEN + timedelta(days=4000)):
            asked.get(f"/v1/parties/{party_id}", known=party_id, as_of=moment.isoformat())
            asked.get(f"/v1/parties/{party_id}", known=party_id, known_at=moment.isoformat())
        asked.get(f"/v1/parties/{party_id}/timeline", known=party_id, kind="invoice")
        asked.tool("explain_identity", known=party_id, party_id=party_id)
        for question, detail in (*((question, "full") for question in QUESTIONS), (None, "card"), (None, "brief")):
            body = {"subject": party_id, "question": question, "detail": detail, "purpose": "billing", "budget": 20_000}
            asked.post("/v1/context", body, known=party_id)
        for then in ({}, {"as_of": (WHEN + timedelta(days=4000)).isoformat()}):
            asked.follow(asked.post("/v1/context", {"subject": party_id, "budget": 400, **then}, known=party_id).json(), party_id)
        asked.follow(asked.tool("get_context", known=party_id, subject=party_id, question="Who is this?", detail="full"), party_id)
    for ref in world.refs:
        source, stream, key = ref.split("/", 2)
        asked.get("/v1/crosswalk", known=ref, source=source, stream=stream, key=key)
        for other in (ACME, ANNA, NOBODY, ERP_ACME):
            asked.get("/v1/why", known=(ref, other), left=ref, right=other)
            asked.get("/console/pair", known=(ref, other), left=ref, right=other)
        asked.get("/v1/search", known=ref, q=ref)
        asked.post("/v1/context", {"subject": {"ref": ref}}, known=ref)
    for query in ("acme", "anna", "pump", "a", "open invoice motor", "crm/tickets/9", "crm/deals/1", "anna@acme.example"):
        asked.get("/v1/search", known=query, q=query)
        asked.get("/console/parties", known=query, q=query)
        asked.tool("find_customer", known=query, query=query)
    feed = asked.get("/v1/changes").json()
    asked.get("/v1/changes", cursor=feed["next_cursor"])
    for path in ("/healthz", "/readyz", "/metrics", "/console/reviews", "/v1/reviews", "/v1/parties?cursor=x"):
        asked.get(path)


def ask_as_steward(asked: "Asked") -> None:
    """What only a steward can ask; each act is one that is refused."""
    for status in ("open", "decided", "withdrawn"):
        asked.get("/v1/reviews", status=status)
    for review in asked.world.reviews:
        asked.get(f"/v1/reviews/{review}")
        asked.get(f"/console/reviews/{review}")
    for party_id in asked.world.parties:
        acts = [("split", {"record_refs": ["crm/none/1"]}), ("split", {"record_refs": [ERP_ACME]})]
        for act, body in acts:
            asked.post(f"/v1/parties/{party_id}/{act}", {**body, "reason": "x"}, known=(party_id, ERP_ACME))
        other = {"party_ids": [party_id, asked.world.party(ERP_ONLY)], "reason": "x"}
        asked.post("/v1/parties/merge", other, known=(party_id, asked.world.party(ERP_ONLY)))
    for decision in asked.world.decisions:
        asked.post(f"/v1/decisions/{decision}/undo", {"reason": "x"})


@dataclass
class Asked:
    """Asks with a key of these scopes, and notes each forbidden thing in an answer. `known`: what the question itself holds."""

    world: "World"
    scopes: tuple[str, ...]
    answers: int = 0
    leaks: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = keys.create(self.world.database, f"agent-{abs(hash(self.scopes))}", self.scopes).key
        self.headers = {"Authorization": f"Bearer {self.key}"}

    def get(self, path: str, known: str | tuple[str, ...] = "", **parameters: Any) -> Response:
        if path.startswith("/console") and self.world.visitor != self.key:
            self.world.visitor = self.key
            self.world.client.get("/console/login", params={"key": self.key}, follow_redirects=False)
        return self.checked(path, self.world.client.get(path, params=parameters or None, headers=self.headers), known)

    def post(self, path: str, body: dict[str, Any], known: str | tuple[str, ...] = "") -> Response:
        return self.checked(f"{path} {body}", self.world.client.post(path, json=body, headers=self.headers), known)

    def tool(self, name: str, known: str = "", **arguments: Any) -> dict[str, Any]:
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
        headers = {**self.headers, "Accept": "application/json, text/event-stream"}
        answer = self.checked(f"{name} {arguments}", self.world.client.post("/mcp", json=call, headers=headers), known)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["result"].get("structuredContent") or {})

    def follow(self, pack: dict[str, Any], known: str = "") -> None:
        """Every handle of a pack, and its receipt."""
        cut = [item["more"] for item in pack.get("items", ()) if "more" in item]
        for handle in (*(omitted["handle"] for omitted in pack.get("omitted", ())), *cut):
            self.get(f"/v1/expand/{handle}")
            self.tool("expand", handle=handle)
        if pack.get("receipt_id"):
            self.get(f"/v1/receipts/{pack['receipt_id']}", known=known)

    def checked(self, what: str, answer: Response, known: str | tuple[str, ...]) -> Response:
        assert answer.status_code < 500, (what, answer.text)
        self.answers += 1
        said = f"{answer.text}\n{json.dumps(dict(answer.headers))}".lower()
        for own in sorted((known,) if isinstance(known, str) else known, key=len, reverse=True):
            if own:
                said = said.replace(own.lower(), "").replace(own.lower().replace("@", "&#64;"), "")
        self.leaks += [(what, banned) for banned in self.world.banned if banned.lower() in said]
        return answer


@dataclass
class World:
    """A database, an app over it, and all the ids that there are."""

    database: Database
    client: TestClient
    parties: list[str]
    refs: list[str]
    reviews: list[int]
    decisions: list[str]
    visitor: str = ""  # the key that is signed in to the console

    def party(self, ref: str) -> str:
        return party_of(self.database, ref)

    @property
    def banned(self) -> tuple[str, ...]:
        refs = tuple(f"{source}/{stream}/" for source, stream, _key in (ref.split("/", 2) for ref in self.refs) if source != "crm")
        return WORD, DIGITS, BORN, "1200.5", *sorted(set(refs)), *(self.party(ref) for ref in (ERP_ONLY, MAIL_ONLY, DOCUMENTED))


@pytest.fixture(scope="module")
def planted(server: Database, template: str) -> Iterator[str]:
    """The name of a database with the word in it."""
    with copy_of(server, template) as database, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSWALK_RESOLUTION_REVIEW_LOWER", "0.000001")
        patch.setenv("CROSSWALK_RESOLUTION_REVIEW_UPPER", "0.999999")
        plant(database)
        database.close()
        assert database.url.database is not None
        yield database.url.database


@pytest.fixture(scope="module")
def world(server: Database, planted: str) -> Iterator[World]:
    with opened(server, planted) as made:
        yield made


@pytest.fixture
def own(server: Database, planted: str) -> Iterator[World]:
    with opened(server, planted) as made:
        yield made


@contextmanager
def opened(server: Database, template: str) -> Iterator[World]:
    with copy_of(server, template) as database:
        with database.begin() as connection:
            parties = list(connection.scalars(select(identity.party.c.id).order_by(identity.party.c.id)))
            refs = list(connection.scalars(select(staging.party_record.c.ref).order_by(staging.party_record.c.ref)))
            reviews = list(connection.scalars(select(identity.review.c.id).order_by(identity.review.c.id)))
            decisions = list(connection.scalars(select(identity.judgement.c.decision_id).distinct()))
        with TestClient(create_app(Database(database.url), embedder=Letters())) as client:
            yield World(database, client, parties, refs, reviews, decisions)
