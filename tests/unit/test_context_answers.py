"""Questions are taken apart by their words, signals keep to what may be seen, and a selection does not repeat itself."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from context_api.access import Access
from context_api.context import answering, facts, glossary, links, selection, signals
from context_api.context.pack import ContextPack, Fact, Item
from context_api.context.questions import understand
from context_api.context.selection import Candidate
from context_api.context.signals import Entry
from context_api.context.store.reading import visibility

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ALL = Access("a", frozenset({"source:*", "class:*"}))


def item(ref: str, **more: Any) -> Entry:
    return Entry(**({
        "ref": ref, "kind": "invoice", "role": "customer", "status": "open", "amount": Decimal("10.00"), "currency": "EUR", "source": "erp",
        "data_class": "financial", "occurred_at": datetime(2026, 5, 1, tzinfo=UTC), "attributes": {"due_on": "2026-06-01"},
    } | more))  # fmt: skip


def seen(entries: list[Entry], access: Access = ALL, at: datetime = NOW) -> dict[str, Any]:
    rows = [{"name": one.name, "value": one.value} for one in signals.of_entries(entries)]
    found, _withheld = signals.seen(rows, access, at)
    return {fact.name: fact.value for fact in found}


def test_overdue_is_worked_out_when_it_is_read() -> None:
    entries = [item("erp/invoices/1"), item("erp/invoices/2", attributes={"due_on": "2027-01-01"})]
    assert seen(entries)["overdue_invoices"] == {"count": 1, "total": {"EUR": "10.00"}, "earliest_due": "2026-06-01"}
    assert "overdue_invoices" not in seen(entries, at=datetime(2026, 6, 1, tzinfo=UTC))
    assert seen(entries, at=datetime(2027, 1, 2, tzinfo=UTC))["overdue_invoices"]["count"] == 2


def test_what_is_paid_credited_or_owed_by_us_is_not_open() -> None:
    entries = [
        item("erp/invoices/1", status="Paid"),
        item("erp/invoices/2", attributes={"type": "out_refund"}, amount=Decimal(-5)),
        item("erp/invoices/3", attributes={"type": "in_invoice"}),
        item("erp/invoices/4", status="draft"),
        item("erp/invoices/5", role="mentioned"),
        item("erp/invoices/6", attributes={"due_on": "soon", "open_amount": "what?"}),
    ]
    found = seen(entries)
    assert found["open_invoices"] == {"count": 1, "total": {"EUR": "10.00"}}
    assert found["revenue"] == {"EUR": {"2026": "15.00"}}


def test_a_sum_holds_only_what_may_be_seen() -> None:
    entries = [item("erp/invoices/1"), item("crm/invoices/1", source="crm", amount=Decimal(90))]
    access = Access("a", frozenset({"source:crm", "class:*"}))
    assert seen(entries, access)["open_invoices"]["total"] == {"EUR": "90.00"}
    assert seen(entries, access)["revenue"] == {"EUR": {"2026": "90.00"}}
    assert seen(entries, Access("a", frozenset({"source:*", "class:internal"}))) == {}


def test_signals_do_not_depend_on_the_order_of_items() -> None:
    entries = [item(f"erp/invoices/{number}", attributes={"due_on": f"2026-0{1 + number % 9}-01"}) for number in range(30)]
    assert signals.of_entries(entries) == signals.of_entries(reversed(entries))


@pytest.mark.parametrize(
    ("text", "kinds", "state", "last", "structured"),
    [
        ("Which invoices are overdue?", {"invoice"}, "overdue", False, True),
        ("Show me the open tickets", {"ticket"}, "open", False, True),
        ("What was their last order?", {"order"}, "any", True, True),
        ("Is any invoice unpaid?", {"invoice"}, "open", False, True),
        ("What is past due?", {"invoice"}, "overdue", False, True),
        ("Are any tickets overdue?", {"ticket"}, "overdue", False, True),
        ("What is the notice period in the contract?", {"contract"}, "any", False, False),
        ("Who complained about the leaking pump?", {"ticket"}, "any", False, False),
        ("When is payment due under the agreement?", {"contract", "payment"}, "overdue", False, False),
        ("Do they like football?", set(), "any", False, False),
    ],
)
def test_a_question_is_taken_apart(text: str, kinds: set[str], state: str, last: bool, structured: bool) -> None:
    question = understand(text)
    assert (set(question.kinds), question.state, question.last, question.structured) == (kinds, state, last, structured)


def test_a_partys_own_name_is_not_searched_for() -> None:
    question = understand("Which pump did Krämer Pumpen order, the PT-10?", ["Kraemer Pumpen GmbH"])
    assert question.words == ("pump", "order", "pt-10")


def candidate(ref: str, text: str, **more: Any) -> Candidate:
    return Candidate(**({
        "ref": ref, "kind": "email", "role": "from", "title": "t", "text": text, "status": None, "amount": None, "currency": None,
        "source": "mail", "data_class": "internal", "untrusted": True, "url": None, "importance": 0.4, "occurred_at": NOW, "position": 0,
        "cosine": 0.0, "thread": ref, "attributes": {}, "matched": [],
    } | more))  # fmt: skip


def test_rare_words_weigh_more_and_a_lone_common_word_stays_below_the_floor() -> None:
    question = understand("Does the flange of the delivery in Bremen leak oil?")
    found = [
        candidate("m/m/1", "delivery of the flange leak oil", matched=["flange", "delivery", "leak", "oil"]),
        *(candidate(f"m/m/{number}", f"delivery {number}", matched=["delivery"]) for number in range(2, 9)),
    ]
    selection.weigh(found, question, None, NOW)
    assert [one.ref for one in selection.choose(found)] == ["m/m/1"]


def test_the_clause_of_the_contract_that_is_named_comes_before_the_mail_that_names_it() -> None:
    question = understand("What is the notice period in the Framework Agreement (NI-2024-0001)?")
    mail = candidate(
        "m/m/1", "Renewal of NI-2024-0001: our Framework Agreement.", matched=["framework", "agreement", "ni-2024-0001"], cosine=0.6
    )
    contract = {"kind": "contract", "document": True, "attributes": {"number": "NI-2024-0001"}, "title": "0001.pdf"}
    found = [
        mail,
        candidate("d/f/1", "Framework Agreement No. NI-2024-0001", matched=["framework", "agreement", "ni-2024-0001"], **contract),
        candidate("d/f/1", "Three months' notice.", position=1, matched=["notice"], **contract),
        candidate("d/f/1", "The price list applies.", position=2, **contract),
    ]
    selection.weigh(found, question, None, NOW)
    chosen = selection.choose(found)
    assert [(one.ref, one.position) for one in chosen][:1] == [("d/f/1", 1)]
    assert chosen[0].sought == ["notice", "period"]
    assert chosen[0].why[0] == "named in the question"
    assert mail in chosen


class Echo:
    """Two directions: texts that speak of notice, and all others."""

    name = "echo"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[1.0, 0.0] if "notice" in text.lower() else [0.0, 1.0] for text in texts], np.float32)


def test_in_a_named_document_nearness_is_to_what_is_asked_of_it() -> None:
    contract = {"document": True, "attributes": {"number": "NI-2024-0001"}, "cosine": 0.5}
    found = [
        candidate("d/f/1", "Subject", **contract),
        candidate("d/f/1", "Notice", position=1, **contract),
        candidate("m/m/1", "x", cosine=0.5),
    ]
    answering.near_the_rest(found, understand("What is the notice period in NI-2024-0001?"), Echo())
    assert [one.cosine for one in found] == [0.0, 1.0, 0.5]
    answering.near_the_rest(found, understand("Show me NI-2024-0001"), Echo())
    assert [one.cosine for one in found] == [0.0, 1.0, 0.5]


def test_a_title_names_a_document_where_no_number_does() -> None:
    found = [
        candidate("d/f/1", "Notice of one month.", document=True, title="Service Agreement", matched=["notice"]),
        candidate("d/f/2", "Notice of two months.", document=True, title="Supply Agreement", matched=["notice"]),
    ]
    selection.weigh(found, understand("What is the notice period of the Supply Agreement?"), None, NOW)
    assert selection.choose(found)[0].ref == "d/f/2"


def test_a_contract_of_another_number_is_not_taken_for_the_one_that_is_named() -> None:
    found = [
        candidate("d/f/1", "x", document=True, attributes={"number": "NI-2024-0011"}),
        candidate("d/f/2", "x", document=True, attributes={"number": "NI-2024-0002"}),
        candidate("d/f/3", "x", document=True, attributes={"number": "Q7"}),
        candidate("d/f/4", "x", document=True),
        candidate("m/m/1", "x"),
    ]
    asked = selection.asked_for(found, understand("When does NI-2024-0002 end?"))
    assert [one.ref for one in asked] == ["d/f/2", "d/f/3", "d/f/4", "m/m/1"]
    assert selection.asked_for(found, understand("When does the contract end?")) == found


def test_a_reply_stands_behind_what_it_replies_to() -> None:
    found = [
        candidate("m/m/2", "Thank you for telling us.", title="Re: Complaint", matched=["complaint"]),
        candidate(
            "m/m/1", "The display stays dark.", title="Complaint", matched=["complaint"], occurred_at=datetime(2026, 10, 1, tzinfo=UTC)
        ),
    ]
    selection.weigh(found, understand("What is the complaint about?"), None, NOW)
    assert [one.ref for one in selection.choose(found)] == ["m/m/1", "m/m/2"]


@pytest.mark.parametrize(
    ("text", "kinds", "state", "last", "structured"),
    [
        ("Welche Rechnungen sind überfällig?", {"invoice"}, "overdue", False, True),
        ("Gibt es noch offene Tickets?", {"ticket"}, "open", False, True),
        ("Was wurde zuletzt bestellt?", {"order"}, "any", True, True),
        ("Welche Kündigungsfrist hat der Vertrag?", {"contract"}, "any", False, False),
    ],
)
def test_a_german_question_is_taken_apart_like_an_english_one(text: str, kinds: set[str], state: str, last: bool, structured: bool) -> None:
    question = understand(text)
    assert (set(question.kinds), question.state, question.last, question.structured) == (kinds, state, last, structured)


def test_a_word_is_sought_in_german_too_whichever_language_asks() -> None:
    asked = [understand("Wer hat sich worüber beschwert?"), understand("Who complained?")]
    assert [question.words for question in asked] == [("complaint",), ("complaint",)]
    assert [question.forms for question in asked] == [["beschwer:* | reklam:* | unzufrieden:*"]] * 2
    assert understand("Which flange?").forms == [""]


def test_an_english_question_is_not_taken_for_german() -> None:
    for text in ("Did the die for the hat offend them in the war?", "Was the offering preserved?"):
        assert glossary.translate(text.lower().split()) == {}
    assert "die" in understand("Did the die arrive?").words


def related(name: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "parent", "direction": "to", "party_id": f"pty_{name}", "name": name, "name_ref": "erp/customers/9", "attributes": {},
        "evidence": ["crm/companies/1"], "since": None, "until": None,
    } | more  # fmt: skip


def test_a_relation_cites_the_record_it_is_claimed_of_where_that_may_be_seen() -> None:
    rows = [related("A", claimed=["crm/companies/2", "mail/addresses/x"])]
    assert links.seen(rows, ALL)[0][0].refs == ["crm/companies/1", "crm/companies/2", "erp/customers/9"]
    blind = Access("a", frozenset({"source:crm", "source:erp", "class:*"}))
    assert links.seen([related("A", claimed=["mail/addresses/x"])], blind)[0][0].refs == ["crm/companies/1", "erp/customers/9"]


def test_a_person_is_named_though_a_letter_of_the_name_is_wrong() -> None:
    found, _withheld = links.seen([related("Caarina Fink"), related("Corina Funk"), related("Ann Fink"), related("Fink & Co")], ALL)
    assert [link.name for link in links.named(found, "Where does Carina Fink work now?")] == ["Caarina Fink"]
    twins, _withheld = links.seen([related("Marta Keller"), related("Maria Keller")], ALL)
    assert [link.name for link in links.named(twins, "Where does Maria Keller work?")] == ["Maria Keller"]


def test_one_thread_does_not_fill_the_pack_and_copies_are_left_out() -> None:
    found = [candidate(f"m/m/{number}", " ".join(f"w{number}{word}" for word in range(9)), thread="t") for number in range(10)]
    assert len(selection.diverse(found)) == selection.PER_THREAD
    copies = [candidate(f"m/m/{number}", "the very same words as before") for number in range(5)]
    assert len(selection.diverse(copies)) == 1


def test_an_excerpt_keeps_the_sentence_that_answers() -> None:
    text = "First of all, thanks. " * 30 + "The notice period is ninety days. " + "Kind regards to all of you. " * 30
    short, cut = selection.excerpt(text, ["notice", "period"], 20)
    assert cut
    assert "ninety days" in short
    assert len(short.split()) <= 22
    assert selection.excerpt("Short.", [], 20) == ("Short.", False)


def test_a_golden_record_shows_the_next_best_value_where_the_best_may_not_be_seen() -> None:
    document = {
        "vat": {"value": "DE1", "record_ref": "erp/customers/1", "conflict": True,
                "losing": [{"value": "DE2", "record_ref": "crm/companies/1"}]},
        "email": {"value": "a@b", "record_ref": "crm/companies/1", "losing": [],
                  "also": [{"value": "c@d", "record_ref": "erp/customers/1"}]},
        "credit_limit": {"value": "9", "record_ref": "crm/companies/1", "losing": []},
    }  # fmt: skip
    visible, withheld = facts.seen("organization", document, Access("a", frozenset({"source:crm", "class:internal"})))
    assert {name: entry["value"] for name, entry in visible.items()} == {"vat": "DE2", "email": "a@b"}
    assert "conflict" not in visible["vat"]
    assert "also" not in visible["email"]
    assert withheld == {"source:erp": 2, "class:financial": 1}
    assert "DE1" not in str(visible)


@pytest.mark.parametrize(
    "scopes", ["", "source:*", "class:*", "source:* class:*", "source:crm class:internal", "source:crm source:erp class:*"]
)
def test_queries_see_what_the_policy_lets_see(scopes: str) -> None:
    access = Access("a", frozenset(scopes.split()))
    given = visibility(access)
    for source in ("crm", "erp", "*"):
        for data_class in ("internal", "financial"):
            by_query = (given["all_sources"] or source in given["sources"]) and (given["all_classes"] or data_class in given["classes"])
            assert by_query == access.may_see(source, data_class)


def test_a_pack_is_written_without_what_is_empty() -> None:
    one = Item(mark=1, kind="email", text="x", ref="r", source="mail", occurred_at="2026", data_class="internal", untrusted=False, why="")
    pack = ContextPack(status="ok", receipt_id="r", tokens=5, items=[one], facts=[Fact(name="n", value={"count": 0})])
    written = pack.model_dump()
    assert set(written) == {"status", "receipt_id", "tokens", "items", "facts"}
    assert written["facts"] == [{"name": "n", "value": {"count": 0}}]
    assert written["items"][0]["untrusted"] is False
    schema = ContextPack.model_json_schema(mode="serialization")
    assert "items" in schema["properties"]
