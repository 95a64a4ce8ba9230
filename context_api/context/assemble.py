"""One question, one pack: who is meant, what is believed, which items answer, what was left out, and how sure and fresh it all is.

No language model is asked. Everything is read in the caller's transaction, through the caller's `Access`, and leaves a receipt there.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api import receipts
from context_api.access import Access
from context_api.context import facts, questions, selection, signals, statements, subjects, summaries, tokens
from context_api.context.fitting import Filling
from context_api.context.pack import (
    MIN_BUDGET,
    SECTIONS,
    ContextPack,
    ContextRequest,
    Detail,
    Fact,
    Freshness,
    Identity,
    Item,
    Link,
    NearMiss,
    Omission,
    Status,
)
from context_api.context.passages import Embedder
from context_api.context.questions import Question
from context_api.context.selection import Candidate
from context_api.context.store import reading
from context_api.context.store.derived import vector_text
from context_api.context.store.reading import Listing, Scope
from context_api.receipts import Receipt
from resolution import golden

ITEM_WORDS: Mapping[Detail, int] = {"card": 60, "brief": 120, "full": 400}
#: Attributes told without a question, by detail; "full" tells all.
TOLD: Mapping[Detail, frozenset[str]] = {
    "card": frozenset(),
    "brief": frozenset({"name", "email", "phone", "website", "address", "vat", "title", "employer", "industry", "status"}),
    "full": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the party, reduced to what the caller may see."""

    head: Mapping[str, Any]
    document: facts.Document
    signals: list[Fact]
    relationships: list[Link]
    withheld: Counter[str]
    hidden: Counter[str]  # kind of item -> how many are withheld
    counts: Counter[str]  # kind of item -> how many may be seen


async def context(connection: AsyncConnection, request: ContextRequest, access: Access, embedder: Embedder) -> ContextPack:
    """The pack for a request; never costs more than its budget, never fails for size. Writes a receipt in the connection's transaction."""
    purpose = request.purpose or access.purpose
    meant = await subjects.resolve(connection, request.subject, access)
    pack = _opened()
    omitted: list[dict[str, Any]] = []
    if meant.party_id is None:
        pack.status = "ambiguous" if meant.candidates else "not_found"
        filling = Filling(pack, request.budget)
        if filling.parts("candidates", meant.candidates):
            filling.scalar("cut", True)
        withheld: Counter[str] = Counter()
    else:
        scope = Scope(meant.party_id, access, request.as_of or datetime.now(UTC), request.known_at)
        known = await _known(connection, request, scope)
        if known is None:
            filling, withheld = Filling(pack, request.budget), Counter()
        else:
            withheld = known.withheld
            filling, omitted = await _fill(connection, (request, scope, known, purpose), pack, embedder)
            if meant.redirected_from:
                filling.scalar("redirected_from", meant.redirected_from)
    filling.close(
        ("cut", "freshness", "relationships", "omitted", "items", "facts", "conflicts", "candidates", "identity", "card", "name", "kind")
    )
    named = [item.ref for item in pack.items] + sorted({ref for fact in pack.facts for ref in fact.refs})
    receipt = Receipt(
        pack.receipt_id,
        "context",
        meant.party_id,
        request.model_dump(mode="json", exclude_none=True),
        named,
        omitted,
        dict(withheld),
        pack.tokens,
    )
    await receipts.write(connection, replace(access, purpose=purpose), receipt)
    return pack


def _opened() -> ContextPack:
    """An empty pack. Some random ids cost more tokens than others: one is drawn with which the smallest budget holds."""
    while True:
        pack = ContextPack(status="no_relevant_context", receipt_id=receipts.new_id(), tokens=MIN_BUDGET)
        if tokens.estimate(pack.model_dump_json()) <= MIN_BUDGET:
            pack.status = "not_found"
            return pack


async def _known(connection: AsyncConnection, request: ContextRequest, scope: Scope) -> Known | None:
    head = await reading.party_pack(connection, scope.party_id, scope.at, scope.known_at)
    if head is None:
        return None
    if request.as_of or request.known_at:
        then = await connection.run_sync(golden.at, scope.party_id, request.as_of, request.known_at)
        if then is None:
            return None
        head = {**head, **{name: then[name] for name in ("kind", "name", "document", "confidence", "records", "sources")}, "summaries": {}}
    document, withheld = facts.seen(head["kind"], head["document"], scope.access)
    signalled, unseen = signals.seen([] if request.as_of or request.known_at else head["signals"], scope.access, scope.at)
    counts, missing, hidden = await reading.item_counts(connection, scope)
    links, unlinked = _links(head["relationships"], scope.access)
    return Known(head, document, signalled, links, withheld + missing + unlinked + _beyond(unseen, missing), hidden, counts)


def _beyond(unseen: Counter[str], missing: Counter[str]) -> Counter[str]:
    """Parts of signals are items that are counted already, unless no item was."""
    return Counter({scope: count for scope, count in unseen.items() if scope not in missing})


def _links(relationships: Sequence[Mapping[str, Any]], access: Access) -> tuple[list[Link], Counter[str]]:
    found: list[Link] = []
    withheld: Counter[str] = Counter()
    for related in relationships:
        needed = [related["name_source"] or "?", *(ref.split("/")[0] for ref in related["evidence"])]
        missing = next((scope for source in needed if (scope := access.withheld_for(source, "internal"))), None)
        if missing:
            withheld[missing] += 1
            continue
        found.append(
            Link(
                kind=related["kind"],
                direction=related["direction"],
                party_id=related["party_id"],
                name=statements.plain(related["name"]),
                title=related["attributes"].get("title"),
                since=related["since"],
                until=related["until"],
                refs=sorted(related["evidence"])[:2],
            )
        )
    return found, withheld


Asked = tuple[ContextRequest, Scope, Known, str | None]


async def _fill(connection: AsyncConnection, asked: Asked, pack: ContextPack, embedder: Embedder) -> tuple[Filling, list[dict[str, Any]]]:
    """Choose and put in, what matters most first; returns what the receipt must know to give what was left out."""
    request, scope, known, _purpose = asked
    sections = request.sections or frozenset(SECTIONS)
    names = [str(entry["value"]) for entry in known.document.get("name", {}).get("also", ())] + [facts.name(known.document, "")]
    question = questions.understand(request.question, names) if request.question and request.question.strip() else None
    chosen: list[Candidate] = []
    if "items" in sections:
        chosen = await _chosen(connection, asked, question, embedder)
    answers, others = _facts(request, known, question)
    pack.status = _status(question, bool(chosen), answers, bool(known.relationships) and "relationships" in sections)
    filling = Filling(pack, request.budget)
    for name, value in (("party_id", scope.party_id), ("name", facts.name(known.document, "")), ("kind", known.head["kind"])):
        filling.scalar(name, value)
    if "card" in sections:
        filling.text("card", _card(request, scope, known), max(FLOOR_CARD, request.budget // (2 if request.detail == "full" else 4)))
    filling.mapping("withheld", dict(sorted(known.withheld.items())))
    left = filling.parts("facts", answers) if "facts" in sections else []
    if "conflicts" in sections:
        filling.parts("conflicts", facts.conflicts(known.document), request.budget // 8)
    reserve = min(filling.room // 3, 26 * len(known.counts))
    filling.room -= reserve
    entries = _items(filling, chosen, question, request)
    if "relationships" in sections:
        wanted = bool(question and question.relations) or request.detail == "full"
        filling.parts("relationships", known.relationships, filling.room if wanted else request.budget // 10)
    if "identity" in sections:
        filling.part("identity", _identity(known, scope.access))
    if "freshness" in sections:
        filling.parts("freshness", await _freshness(connection, request, known, scope))
    if "facts" in sections:
        left += filling.parts("facts", others, request.budget // 3)
    filling.room += reserve
    for kind, count in sorted(known.counts.items(), key=lambda one: (-one[1], one[0])) if "items" in sections else ():
        shown = sorted({item.ref for item in pack.items if item.kind == kind})
        if count > len(shown):
            entries.append({"section": kind, "kind": kind, "count": count - len(shown), "without": shown})
    if left:
        entries.append({"section": "facts", "count": len(left)})
    parts = [
        Omission(section=entry["section"], count=entry["count"], handle=f"{pack.receipt_id}.{entry['section']}")
        for entry in entries
        if "refs" not in entry
    ]
    if filling.parts("omitted", parts):
        filling.scalar("cut", True)
    return filling, entries


FLOOR_CARD = 40


def _status(question: Question | None, items: bool, answers: Sequence[Fact], relations: bool) -> Status:
    if question is None or items or answers or (question.relations and relations):
        return "ok"
    return "no_relevant_context"


async def _chosen(connection: AsyncConnection, asked: Asked, question: Question | None, embedder: Embedder) -> list[Candidate]:
    _request, scope, _known, purpose = asked
    if question is None:
        rows = await reading.listed(connection, scope, Listing(by_weight=True, count=60))
        found = [Candidate(**row) for row in rows]
        for one in found:
            one.score = one.importance + 0.3 * (one.kind in questions.PURPOSES.get((purpose or "").lower(), ()))
            one.why = ["recent and of weight"]
        return selection.diverse(sorted(found, key=lambda one: -one.score) if purpose else found)
    if question.structured:
        return await _stated(connection, scope, question)
    if not question.words:
        return []
    embedding = vector_text(embedder.embed([" ".join(question.words)])[0])
    rows = await reading.nearest(connection, scope, embedder.name, embedding, question.words)
    candidates = [Candidate(**row) for row in rows]
    selection.weigh(candidates, question, purpose, scope.at)
    return selection.choose(candidates)


async def _stated(connection: AsyncConnection, scope: Scope, question: Question) -> list[Candidate]:
    """The items that are in the state asked for, by their records' own fields."""
    kinds = question.kinds & questions.STATEFUL if question.state != "any" else question.kinds
    count = 3 if question.last else 100
    rows = await reading.listed(connection, scope, Listing(sorted(kinds), state=question.state, count=count))
    found = [Candidate(**row) for row in rows]
    if question.state in ("open", "overdue"):
        found.sort(key=lambda one: (str(one.attributes.get("due_on") or "9999"), one.ref))
    for one in found:
        state = "latest " if question.last else "" if question.state == "any" else f"{question.state} "
        due = f", due {one.attributes['due_on']}" if "due_on" in one.attributes else ""
        one.why = [f"{state}{one.kind}{due}"]
    return found


def _facts(request: ContextRequest, known: Known, question: Question | None) -> tuple[list[Fact], list[Fact]]:
    """The facts that answer the question, and the others that the detail tells."""
    believed = facts.of_document(known.document)
    if question is None:
        told = TOLD[request.detail]
        return [], known.signals + [fact for fact in believed if request.detail == "full" or fact.name in told]
    answers = [fact for fact in (*known.signals, *believed) if fact.name in question.facts]
    if question.structured and (none := _none_such(known, question)):
        answers.append(none)
    others = [fact for fact in known.signals if fact not in answers]
    if request.detail == "full":
        others += [fact for fact in believed if fact not in answers]
    return answers, others


def _none_such(known: Known, question: Question) -> Fact | None:
    """That there is none in the state asked for is an answer, if none of the kind was withheld."""
    kinds = sorted(question.kinds & questions.STATEFUL)
    if question.state == "any" or not kinds or any(known.hidden[kind] for kind in kinds):
        return None
    names = {f"{question.state}_{kind}s" for kind in kinds}
    if question.state == "closed" or any(fact.name in names for fact in known.signals):
        return None
    if any(known.counts[kind] for kind in kinds) and not names & {"open_invoices", "overdue_invoices", "open_tickets"}:
        return None
    return Fact(name=" or ".join(sorted(names)), value={"count": 0})


def _card(request: ContextRequest, scope: Scope, known: Known) -> str:
    """The stored summary where the caller may see all that went in, or else one of what may be seen."""
    stored = known.head["summaries"].get(request.detail)
    if stored and all(scope.access.may_see(source, data_class) for source, data_class in stored["data_classes"]):
        return str(stored["text"])
    inputs = {
        "kind": known.head["kind"],
        "name": facts.name(known.document, scope.party_id),
        "document": known.document,
        "signals": [] if request.as_of or request.known_at else known.head["signals"],
        "relationships": known.head["relationships"],
        "items": [],
    }
    return summaries.extract(statements.of_party(inputs, scope.access, scope.at), request.detail).text


def _items(filling: Filling, chosen: Sequence[Candidate], question: Question | None, request: ContextRequest) -> list[dict[str, Any]]:
    """Put the items in, their texts cut where need be; returns the entries of those that were cut."""
    entries: list[dict[str, Any]] = []
    words = question.words if question else ()
    for one in chosen:
        mark = len(filling.pack.items) + 1
        for most in (ITEM_WORDS[request.detail], 40, 15):
            text, cut = selection.excerpt(one.text, words, most)
            item = _item(one, mark, text, f"{filling.pack.receipt_id}.{mark}" if cut else None)
            if not filling.parts("items", [item]):
                if cut:
                    entries.append({"section": str(mark), "refs": [one.ref], "count": 1})
                break
        if filling.room < 60:
            break
    return entries


def _item(one: Candidate, mark: int, text: str, more: str | None) -> Item:
    title = " ".join(one.title.split())
    head = [title] if title and title.lower() not in text.lower() else []
    if one.status and one.status.lower() not in title.lower():
        head.append(one.status)
    if one.amount is not None:
        head.append(f"{one.currency or ''} {one.amount}".strip())
    return Item(
        mark=mark,
        kind=one.kind,
        text=f"{', '.join(head)}: {text}" if head and text else ", ".join(head) or text,
        ref=one.ref,
        source=one.source,
        url=one.url,
        occurred_at=one.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        data_class=one.data_class,
        untrusted=one.untrusted,
        why="; ".join(one.why),
        more=more,
    )


def _identity(known: Known, access: Access) -> Identity:
    head = known.head
    weakest = None
    if head["weakest"] and head["records"] > 1 and access.may_see(head["weakest"]["ref"].split("/")[0], "internal"):
        weakest = f"{head['weakest']['ref']} belongs with probability {head['weakest']['confidence']:.3f}"
    misses = [
        NearMiss(party_id=near["party_id"], name=statements.plain(near["name"]), probability=round(near["probability"], 3))
        for near in head["near_misses"]
        if access.may_see(near["name_source"] or "?", "internal")
    ]
    return Identity(confidence=round(head["confidence"], 4), records=head["records"], weakest_link=weakest, near_misses=misses)


async def _freshness(connection: AsyncConnection, request: ContextRequest, known: Known, scope: Scope) -> list[Freshness]:
    sources = [source for source in sorted(known.head["sources"]) if scope.access.may_see(source, "internal")]
    synced = await reading.freshness(connection, sources)
    found = []
    for source in sources:
        at = synced.get(source)
        age = (datetime.now(UTC) - at).total_seconds() if at else None
        stale = None if request.max_staleness is None else age is None or age > request.max_staleness
        note = "live reading is not available yet: this is the last sync" if request.live else None
        moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
        found.append(Freshness(source=source, synced_at=moment, stale=stale or None, note=note))
    return found
