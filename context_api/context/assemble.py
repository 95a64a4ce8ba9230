"""One question, one pack: who is meant, what is believed, which items answer, what was left out, and how sure and fresh it all is.

No language model is asked. Everything is read in the caller's transaction, through the caller's `Access`, and leaves a receipt there.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api import receipts
from context_api.access import Access
from context_api.context import answering, facts, knowledge, selection, subjects, tokens
from context_api.context.answering import Answer, Asked
from context_api.context.fitting import Filling
from context_api.context.knowledge import timestamp
from context_api.context.pack import MIN_BUDGET, SECTIONS, ContextPack, ContextRequest, Detail, Item, Omission
from context_api.context.passages import Embedder
from context_api.context.selection import Candidate
from context_api.context.store import reading
from context_api.context.store.reading import Scope
from context_api.receipts import Receipt

#: Words of one item's text, by detail, and the shorter cuts that are tried where that does not fit.
ITEM_WORDS: Mapping[Detail, int] = {"card": 60, "brief": 120, "full": 400}
SHORTER = (80, 40, 15)
WORDS_OF_BUDGET = 12  # one word of an item for so many tokens of the budget: a small pack holds several items, each the shorter
MISSES = 3  # items that did not fit, after which the rest is not tried
OMISSION = 30  # tokens that one entry of what was left out costs
LITTLE = 700  # a budget that goes to what answers; of what is above it, a quarter is kept for what the card cites,
CITED = 24  # at most so many tokens for each
CARD = 40  # tokens that a card has at the least, where there is so much room

#: What is dropped first should a pack be heavier than its parts were.
DROPPED = (
    "cut",
    "freshness",
    "relationships",
    "omitted",
    "items",
    "facts",
    "conflicts",
    "candidates",
    "identity",
    "withheld",
    "card",
    "name",
)


async def context(connection: AsyncConnection, request: ContextRequest, access: Access, embedder: Embedder) -> ContextPack:
    """The pack for a request; never costs more than its budget, never fails for size. Writes a receipt in the connection's transaction."""
    access = replace(access, purpose=request.purpose or access.purpose)
    pack = _opened()
    omitted: list[dict[str, Any]] = []
    withheld: Counter[str] = Counter()
    told_of: str | None = None
    meant = await subjects.resolve(connection, request.subject, access)
    if meant.party_id is not None:
        scope = Scope(meant.party_id, access, request.as_of or datetime.now(UTC), request.known_at)
        if known := await knowledge.read(connection, request, scope):
            asked = Asked(request.question, access.purpose, request.detail, scope, known)
            omitted = await _fill(connection, request, asked, pack, embedder)
            pack.redirected_from = meant.redirected_from
            told_of, withheld = meant.party_id, known.withheld
    elif meant.candidates:
        pack.status = "ambiguous"
        filling = Filling(pack, request.budget)
        if filling.parts("candidates", meant.candidates):
            filling.scalar("cut", True)
    Filling(pack, request.budget).close(("redirected_from", *DROPPED, "kind", "party_id"))
    shown = list(dict.fromkeys([item.ref for item in pack.items] + sorted(source.ref for source in pack.sources)))
    said = request.model_dump(mode="json", exclude_none=True)
    await receipts.write(
        connection, access, Receipt(pack.receipt_id, "context", told_of, said, shown, omitted, dict(withheld), pack.tokens)
    )
    return pack


def _opened() -> ContextPack:
    """An empty pack. Some random ids cost more tokens than others: one is drawn with which the smallest budget holds."""
    while True:
        pack = ContextPack(status="no_relevant_context", receipt_id=receipts.new_id(), tokens=MIN_BUDGET)
        if tokens.estimate(pack.model_dump_json()) <= MIN_BUDGET:
            pack.status = "not_found"
            return pack


async def _fill(
    connection: AsyncConnection, request: ContextRequest, asked: Asked, pack: ContextPack, embedder: Embedder
) -> list[dict[str, Any]]:
    """Put in what matters most first; returns what the receipt must know to give what was left out."""
    sections = request.sections or frozenset(SECTIONS)
    answer = await answering.answer(connection, asked, embedder)
    if "items" not in sections:
        answer.items = []
    pack.status = answer.status
    filling = Filling(pack, request.budget)
    citations = _introduce(filling, request, asked, sections)
    kept = min(max(0, request.budget - LITTLE) // 4, CITED * len(citations))
    filling.room -= kept
    left = filling.facts(answer.facts) if "facts" in sections else []
    if "relationships" in sections:
        filling.parts("relationships", answer.links, request.budget // (4 if answer.items else 2))
    _vouch(filling, request, asked, sections)
    if not asked.text or request.max_staleness is not None:
        await _date(connection, filling, request, (asked, sections))
    reserve = min(filling.room // (5 if asked.text else 3), OMISSION * (len(asked.known.counts) + 1))
    filling.room -= reserve
    entries = _items(filling, answer, request) if asked.text else []  # what was not asked for waits until what was is in
    if "facts" in sections:
        left += filling.facts(answer.more_facts, filling.room // 4)
    if "relationships" in sections:
        filling.parts("relationships", answer.more_links, filling.room // 6)
    entries += [] if asked.text else _items(filling, answer, request)
    filling.room += reserve
    if asked.text and request.max_staleness is None:
        await _date(connection, filling, request, (asked, sections))
    rest = _rest(asked, pack) if "items" in sections else []
    if left:
        rest.append({"section": "facts", "count": len(left)})
    omissions = [Omission(section=one["section"], count=one["count"], handle=f"{pack.receipt_id}.{one['section']}") for one in rest]
    if filling.parts("omitted", omissions):
        filling.scalar("cut", True)
    filling.room += kept
    filling.cite(citations)
    filling.links(await reading.addresses(connection, [source.ref for source in pack.sources]))
    return entries + rest


def _introduce(filling: Filling, request: ContextRequest, asked: Asked, sections: Collection[str]) -> list[dict[str, Any]]:
    """Who it is, and what is withheld; returns what the card cites."""
    citations: list[dict[str, Any]] = []
    for name, value in (("party_id", asked.scope.party_id), ("name", asked.known.name), ("kind", asked.known.head["kind"])):
        filling.scalar(name, value)
    if "card" in sections:
        share = request.budget // (3 if request.detail == "full" else 8 if asked.text else 4)
        said, citations = knowledge.card(asked.known, request, asked.scope)
        filling.card(said, max(CARD, share))
    filling.mapping("withheld", dict(sorted(asked.known.withheld.items())))
    return citations


def _vouch(filling: Filling, request: ContextRequest, asked: Asked, sections: Collection[str]) -> None:
    """How far to trust it: conflicts, and how sure the identity is, cut where it takes too much."""
    if "conflicts" in sections:
        filling.parts("conflicts", facts.conflicts(asked.known.document), request.budget // 8)
    if "identity" in sections:
        most = request.budget // (8 if asked.text else 6)
        sure = knowledge.identity(asked.known, asked.scope.access)
        short = sure.model_copy(update={"weakest_link": None})
        if not any(filling.part("identity", one, most) for one in (sure, short)):
            filling.part("identity", short.model_copy(update={"near_misses": []}), most)
            filling.scalar("cut", True)


async def _date(connection: AsyncConnection, filling: Filling, request: ContextRequest, of: tuple[Asked, Collection[str]]) -> None:
    """How fresh the sources are."""
    asked, sections = of
    if "freshness" in sections:
        fresh = await knowledge.freshness(connection, asked.known, request, asked.scope.access)
        filling.parts("freshness", fresh, request.budget // 8)


def _rest(asked: Asked, pack: ContextPack) -> list[dict[str, Any]]:
    """The kinds of which there are items that the pack does not show, the most first."""
    rest: list[dict[str, Any]] = []
    for kind, count in sorted(asked.known.counts.items(), key=lambda one: (-one[1], one[0])):
        shown = sorted({item.ref for item in pack.items if item.kind == kind})
        if count > len(shown):
            rest.append({"section": kind, "kind": kind, "count": count - len(shown), "without": shown})
    return rest


def _items(filling: Filling, answer: Answer, request: ContextRequest) -> list[dict[str, Any]]:
    """Put the items in, their texts cut where need be; returns an entry for each that was cut."""
    entries: list[dict[str, Any]] = []
    longest = min(ITEM_WORDS[request.detail], max(SHORTER[1], request.budget // WORDS_OF_BUDGET))
    misses = 0
    for one in answer.items:
        mark = filling.mark(one.ref)
        for most in (longest, *(shorter for shorter in SHORTER if shorter < longest)):
            text, cut = selection.excerpt(one.text, one.sought, most)
            item = _item(one, mark, text, f"{filling.pack.receipt_id}.{mark}" if cut else None)
            if filling.item(item):
                if cut and str(mark) not in [entry["section"] for entry in entries]:
                    entries.append({"section": str(mark), "refs": [one.ref], "count": 1})
                break
        else:
            misses += 1
        if misses == MISSES:
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
        occurred_at=timestamp(one.occurred_at),
        data_class=one.data_class,
        untrusted=one.untrusted,
        why="; ".join(one.why),
        more=more,
    )
