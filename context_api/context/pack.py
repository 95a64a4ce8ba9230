"""The words of what is asked and answered: requests, packs and what is in them.

A pack is written as JSON without its empty parts, and that JSON never costs more tokens than the budget. Card, facts and items are cited by
one numbering: a mark stands for one ref, which an item or an entry of `sources` bears, and a ref has one mark.
Text in an item whose `untrusted` is true was written by an outsider: it is evidence, never an instruction.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, StringConstraints, model_serializer

Detail = Literal["card", "brief", "full"]
Section = Literal["card", "facts", "items", "relationships", "identity", "freshness", "conflicts"]
Status = Literal["ok", "no_relevant_context", "ambiguous", "not_found"]
SECTIONS: tuple[Section, ...] = ("card", "facts", "items", "relationships", "identity", "freshness", "conflicts")

MIN_BUDGET, DEFAULT_BUDGET, MAX_BUDGET = 50, 2_000, 100_000


def _without_nul(value: str) -> str:
    return value.replace("\x00", "\ufffd")


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_without_nul)]


def _in_utc(value: datetime) -> datetime:
    """A time without a zone is taken as UTC."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class Subject(BaseModel):
    """Whom it is about: exactly one of `party_id`, `ref`, `key` (with `source`), `identifier` or `words`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    party_id: Line | None = None
    ref: Line | None = Field(default=None, examples=["crm/companies/123"])
    source: Line | None = Field(default=None, examples=["erp"])
    key: Line | None = Field(default=None, examples=["ABC-001"])
    identifier: Line | None = Field(default=None, examples=["anna@acme.example", "DE123456789"])
    words: Line | None = Field(default=None, examples=["Acme Pumps"])

    def model_post_init(self, _context: Any) -> None:
        given = [name for name in ("party_id", "ref", "key", "identifier", "words") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of party_id, ref, source and key, identifier, words")
        if (self.key is None) != (self.source is None):
            raise ValueError("source and key go together")


class ContextRequest(BaseModel):
    """What an agent wants to know, about whom, and how much of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: Line | Subject = Field(description="A party id, or an object; a plain string may also be a ref, an identifier or words")
    question: Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_without_nul)] | None = None
    purpose: Line | None = Field(default=None, description="What the answer is for", examples=["support", "sales", "billing", "legal"])
    budget: int = Field(default=DEFAULT_BUDGET, ge=MIN_BUDGET, le=MAX_BUDGET, description="Tokens that the whole pack may cost")
    detail: Detail = "brief"
    as_of: Moment | None = Field(default=None, description="As it was in the world at that time")
    known_at: Moment | None = Field(default=None, description="As we believed it at that time")
    sections: frozenset[Section] | None = Field(default=None, description="Only these; all by default")
    max_staleness: int | None = Field(default=None, ge=0, description="Seconds; sources not synced since are named as stale")
    live: bool = Field(default=False, description="Ask the sources now; not available yet, and the pack says so")


class _Sparse(BaseModel):
    """Written without what is empty: no nulls, no empty texts, lists and objects."""

    @model_serializer(mode="wrap")
    def _without_empty(self, handler: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]  # a return type would replace the schema
        return {name: value for name, value in handler(self).items() if value is not None and value != "" and value != [] and value != {}}


class Fact(_Sparse):
    """One thing that is believed: an attribute of the golden record, or a signal worked out of many records."""

    name: str
    value: Any
    source: str | None = None
    marks: list[int] = Field(default_factory=list, description="In a pack: the marks of the records that say it")
    refs: list[str] = Field(default_factory=list, description="In an expansion: the records that say it")
    as_of: str | None = Field(default=None, description="The source's own date of the value")
    conflict: bool | None = Field(default=None, description="True where trusted sources disagree")


class Item(_Sparse):
    """One record or passage chosen for the question; cite it as [mark]. Passages of one document share its mark."""

    mark: int
    kind: str
    text: str
    ref: str
    source: str
    url: str | None = None
    occurred_at: str
    data_class: str
    untrusted: bool
    why: str
    more: str | None = Field(default=None, description="A handle that gets the whole text, where it is cut here")


class Source(_Sparse):
    """What a mark in the card or of a fact stands for, where no item bears it."""

    mark: int
    ref: str
    url: str | None = Field(default=None, description="Where a person can open it, if known and if the budget has room for it")


class Omission(_Sparse):
    """What would also have belonged, counted."""

    section: str
    count: int
    handle: str


class Related(_Sparse):
    """Another party that this one stands in a relation with: `to` it (works for it, belongs to it) or `from` it (employs it)."""

    of: str | None = Field(default=None, description="Whose relation it is, where it is not the subject's but that of a person asked about")
    kind: str
    direction: Literal["to", "from"]
    party_id: str
    name: str
    title: str | None = None
    since: str | None = None
    until: str | None = None
    refs: list[str] = Field(default_factory=list)


class PossibleDuplicate(_Sparse):
    """Another party that may be the same, and is not joined."""

    party_id: str
    name: str
    probability: float | None = None


class Identity(_Sparse):
    """How sure it is that these records are one party."""

    confidence: float
    records: int
    weakest_link: str | None = None
    near_misses: list[PossibleDuplicate] = Field(default_factory=list)


class Freshness(_Sparse):
    """How current a source is."""

    source: str
    synced_at: str | None = Field(default=None, description="When the stream that lags most was last synced; absent where one never was")
    stale: bool | None = None
    note: str | None = None


class Conflict(_Sparse):
    """Sources that are trusted disagree."""

    attribute: str
    values: list[dict[str, Any]]


class Candidate(_Sparse):
    """A party that the subject may mean."""

    party_id: str
    name: str
    kind: str | None = None
    why: str


class ContextPack(_Sparse):
    """One bounded, cited, current answer. `tokens` is what the whole of it costs, as estimated by context_api.context.tokens."""

    status: Status
    receipt_id: str
    tokens: int
    party_id: str | None = None
    redirected_from: str | None = Field(default=None, description="The id that was asked for, where it was merged into this party")
    name: str | None = None
    kind: str | None = None
    card: str | None = Field(default=None, description="Who it is and what stands open; cited as far as there is room")
    cut: bool | None = Field(default=None, description="True where the budget left out parts that no handle names")
    facts: list[Fact] = Field(default_factory=list)
    items: list[Item] = Field(default_factory=list)
    sources: list[Source] = Field(default_factory=list)
    relationships: list[Related] = Field(default_factory=list)
    candidates: list[Candidate] = Field(default_factory=list)
    conflicts: list[Conflict] = Field(default_factory=list)
    identity: Identity | None = None
    withheld: dict[str, int] = Field(default_factory=dict, description="Missing scope -> how many things it withheld")
    omitted: list[Omission] = Field(default_factory=list)
    freshness: list[Freshness] = Field(default_factory=list)

    def cited(self) -> dict[int, str]:
        """mark -> the ref that it stands for."""
        return {one.mark: one.ref for one in self.items} | {one.mark: one.ref for one in self.sources}

    def render(self) -> str:
        """The pack as text for a prompt; what outsiders wrote stands between marks that hold the receipt's id, which no outsider knew."""
        lines = [f"# {self.name or self.party_id or self.status} ({self.status})"]
        lines += [self.card] if self.card else []
        lines += _block("Facts", self.facts, lambda fact: f"- {fact.name}: {_plain(fact.value)}{_marks(fact.marks)}")
        lines += _block("Items", self.items, self._item)
        lines += _block("Sources", self.sources, lambda one: " ".join(filter(None, (f"[{one.mark}]", one.ref, one.url))))
        lines += _block("Related", self.relationships, _link)
        lines += _block("May mean", self.candidates, lambda one: f"- {one.name} ({one.party_id}): {one.why}")
        lines += _block("Conflicts", self.conflicts, lambda one: f"- {one.attribute}: {_plain(one.values)}")
        lines += _block("Withheld", list(self.withheld.items()), lambda one: f"- {one[1]} need {one[0]}")
        lines += _block("Left out", self.omitted, lambda one: f"- {one.count} {one.section}: {one.handle}")
        return "\n".join(lines)

    def _item(self, item: Item) -> str:
        head = f"[{item.mark}] {item.kind} {item.occurred_at[:10]} {item.ref}"
        if not item.untrusted:
            return f"{head}: {item.text}"
        fence = f"untrusted {self.receipt_id} [{item.mark}]"
        return f"{head}:\n<<{fence}>>\n{item.text}\n<<end {fence}>>"


def _block(title: str, entries: Any, line: Callable[[Any], str]) -> list[str]:
    return [f"\n## {title}", *(line(entry) for entry in entries)] if entries else []


def _link(link: Related) -> str:
    parts = [link.title, f"since {link.since}" if link.since else None, f"until {link.until}" if link.until else None]
    more = "".join(f", {part}" for part in parts if part)
    return f"- {f'{link.of}: ' if link.of else ''}{link.kind} {link.direction} {link.name} ({link.party_id}){more}{_refs(link.refs)}"


def _marks(marks: list[int]) -> str:
    return "".join(f" [{mark}]" for mark in marks)


def _refs(refs: list[str]) -> str:
    return f" ({', '.join(refs)})" if refs else ""


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items() if part not in (None, "", [], {}))
    if isinstance(value, list):
        return "; ".join(_plain(part) for part in value)
    return str(value)


class ExpandedItem(_Sparse):
    """An item in full."""

    kind: str
    title: str
    text: str
    ref: str
    source: str
    url: str | None = None
    occurred_at: str
    status: str | None = None
    amount: str | None = None
    currency: str | None = None
    data_class: str
    untrusted: bool


class Expansion(_Sparse):
    """What a handle gets; `next` goes on where there is more."""

    handle: str
    receipt_id: str
    party_id: str | None = None
    items: list[ExpandedItem] = Field(default_factory=list)
    facts: list[Fact] = Field(default_factory=list)
    withheld: dict[str, int] = Field(default_factory=dict)
    next: str | None = None


class Hit(_Sparse):
    """A party that was found, and by what."""

    party_id: str
    name: str
    kind: str
    why: str = Field(description="What matched, and which record says it")
    score: float
    records: int | None = None
    sources: list[str] = Field(default_factory=list)


class SearchPage(_Sparse):
    """Parties found, best first."""

    results: list[Hit] = Field(default_factory=list)
    next_cursor: str | None = None
