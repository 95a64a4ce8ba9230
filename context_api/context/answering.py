"""What answers a question: items by search or by their state, facts and relations by the question's words; or that nothing does."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.context import facts, links, questions, selection, signals
from context_api.context.knowledge import Known
from context_api.context.pack import Detail, Fact, Related, Status
from context_api.context.passages import Embedder
from context_api.context.questions import Question
from context_api.context.selection import Candidate
from context_api.context.store import reading
from context_api.context.store.derived import vector_text
from context_api.context.store.reading import Listing, Scope, Sought

#: Attributes told without a question, by detail; "full" tells all.
TOLD = {
    "card": frozenset({""}),
    "brief": frozenset({"email", "phone", "website", "address", "vat", "title", "employer", "industry", "status"}),
}
UNASKED, LATEST, STATED = 30, 3, 100  # items looked at: without a question; the latest; in a state
SIGNALS_OF_STATE = frozenset({"open_invoices", "overdue_invoices", "open_tickets"})
NOT_YET = signals.NOT_REVENUE | {"sent", "quoted"}  # states of what has not come to be, told after what has
NAMED = 3  # parties beside the subject that a question may name


@dataclass(slots=True)
class Answer:
    """facts and links answer the question; `more` of each are told if there is room. Without a question all is `more` but the items."""

    question: Question | None = None
    items: list[Candidate] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    links: list[Related] = field(default_factory=list)
    more_facts: list[Fact] = field(default_factory=list)
    more_links: list[Related] = field(default_factory=list)

    @property
    def status(self) -> Status:
        answered = self.question is None or self.items or self.facts or self.links
        return "ok" if answered else "no_relevant_context"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of whom, for what, in which detail."""

    text: str | None
    purpose: str | None
    detail: Detail
    scope: Scope
    known: Known


async def answer(connection: AsyncConnection, asked: Asked, embedder: Embedder) -> Answer:
    """The answer, best first in each part; not yet fitted to a budget."""
    believed = facts.of_document(asked.known.document)
    if not asked.text or not asked.text.strip():
        told = [fact for fact in believed if asked.detail == "full" or fact.name in TOLD[asked.detail]]
        items = await _weightiest(connection, asked)
        return Answer(items=items, more_facts=asked.known.signals + told, more_links=asked.known.links)
    question = questions.understand(asked.text, asked.known.names)
    found = Answer(question)
    found.facts = [fact for fact in (*asked.known.signals, *believed) if fact.name in question.facts]
    related = [link for link in asked.known.links if link.kind in question.relations]
    named = links.named(asked.known.links, asked.text)[:NAMED]
    if named:  # the question is about these, and about others of the relation at most beside
        found.links, found.more_links = list(named), [link for link in related if link not in named]
    else:
        found.links = related
    for link in named:
        seen, _withheld = links.seen(await reading.relationships(connection, link.party_id), asked.scope.access, link)
        found.links += [other for other in seen if other.party_id != asked.scope.party_id]
    if question.structured:
        found.items = await _stated(connection, asked.scope, question)
        found.facts += _none_such(asked.known, question)
    elif question.words:
        beside = list(dict.fromkeys(link.party_id for link in named))
        found.items = await _searched(connection, asked, (question, beside), embedder)
    if asked.detail == "full":
        found.more_facts = [fact for fact in (*asked.known.signals, *believed) if fact not in found.facts]
    return found


async def _weightiest(connection: AsyncConnection, asked: Asked) -> list[Candidate]:
    """Without a question: the recent and weighty, those that serve the purpose first."""
    rows = await reading.listed(connection, asked.scope, Listing(by_weight=True, count=UNASKED))
    found = [Candidate(**row) for row in rows]
    serves = questions.PURPOSES.get((asked.purpose or "").lower(), frozenset())
    for one in found:
        one.why = ["recent and of weight", *(["serves the purpose"] if one.kind in serves else [])]
    return selection.diverse(sorted(found, key=lambda one: one.kind not in serves))


async def _searched(
    connection: AsyncConnection, asked: Asked, sought: tuple[Question, Sequence[str]], embedder: Embedder
) -> list[Candidate]:
    """The passages that are relevant to the words, of the party and of those it names."""
    question, beside = sought
    vector = vector_text(embedder.embed([" ".join(question.words)])[0])
    search = Sought(question.words, question.forms, vector, embedder.name, beside, question.codes)
    rows = await reading.nearest(connection, asked.scope, search)
    candidates = selection.asked_for([Candidate(**row) for row in rows], question)
    near_the_rest(candidates, question, embedder)
    selection.weigh(candidates, question, asked.purpose, asked.scope.at)
    return selection.choose(candidates)


def near_the_rest(candidates: Sequence[Candidate], question: Question, embedder: Embedder) -> None:
    """In a document that the question names, nearness is to the rest of the question: its name is near to all of its passages alike."""
    for ref, naming in selection.named_by(candidates, question).items():
        passages = [one for one in candidates if one.ref == ref]
        if rest := [word for word in question.words if word not in naming]:
            asked, *vectors = embedder.embed([" ".join(rest), *(one.text for one in passages)])
            for one, vector in zip(passages, vectors, strict=True):
                one.cosine = float(asked @ vector)


async def _stated(connection: AsyncConnection, scope: Scope, question: Question) -> list[Candidate]:
    """The items that are in the state asked for, or the latest of a kind, by their records' own fields."""
    kinds = question.kinds & questions.STATEFUL if question.state != "any" else question.kinds
    count = 3 * LATEST if question.last else STATED
    rows = await reading.listed(connection, scope, Listing(sorted(kinds), state=question.state, count=count))
    found = [Candidate(**row) for row in rows]
    if question.last:
        found = sorted(found, key=lambda one: (one.status or "").lower() in NOT_YET)[:LATEST]
    if question.state in ("open", "overdue"):
        found.sort(key=lambda one: (str(one.attributes.get("due_on") or "9999"), one.ref))
    state = "latest " if question.last else "" if question.state == "any" else f"{question.state} "
    for one in found:
        one.sought = question.words
        due = f", due {one.attributes['due_on']}" if one.attributes.get("due_on") else ""
        one.why = [f"{state}{one.kind}{due}"]
    return found


def _none_such(known: Known, question: Question) -> list[Fact]:
    """That there is none in the state asked for is an answer too, where a signal would tell of one and none of the kind is withheld."""
    kinds = question.kinds & questions.STATEFUL
    names = {f"{question.state}_{kind}s" for kind in kinds} & SIGNALS_OF_STATE
    told = {fact.name for fact in known.signals}
    if any(known.hidden[kind] for kind in kinds):
        return []
    return [Fact(name=name, value={"count": 0}) for name in sorted(names - told)]
