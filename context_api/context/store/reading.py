"""What is read when a question comes. Asynchronous; every query of what a source said takes the caller's `Access` and sees no further."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from context_api.context.signals import CLOSED
from sql import queries
from sql.tables import governance, identity, staging

NEAR_MISS = 0.3  # probability from which a pair with another party's record is worth telling


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose items, of what time, for whose eyes."""

    party_id: str
    access: Access
    at: datetime
    known_at: datetime | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return {"party": self.party_id, "at": self.at, "known_at": self.known_at} | visibility(self.access)


@dataclass(frozen=True, slots=True)
class Listing:
    """Which items: kinds and refs (None: all), state (any, open, overdue, closed), newest first or by weight, how many, after how many."""

    kinds: Sequence[str] | None = None
    only: Sequence[str] | None = None
    state: str = "any"
    by_weight: bool = False
    without: Sequence[str] = field(default_factory=tuple)
    count: int = 50
    skip: int = 0


def visibility(access: Access) -> dict[str, Any]:
    """The caller's scopes as parameters of a query; they say the same as Access.may_see, and a test holds them to it."""
    sources = sorted(scope.removeprefix("source:") for scope in access.scopes if scope.startswith("source:"))
    classes = sorted(scope.removeprefix("class:") for scope in access.scopes if scope.startswith("class:"))
    return {"all_sources": "*" in sources, "sources": sources, "all_classes": "*" in classes, "classes": classes}


async def _rows(connection: AsyncConnection, query: TextClause, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in (await connection.execute(query, parameters)).mappings()]


async def current_party(connection: AsyncConnection, party_id: str) -> str | None:
    """The id of the party that this one is now, redirects followed; None where there is none."""
    found: str | None = await connection.scalar(queries.resolve_party, {"party": party_id})
    return found


async def known(connection: AsyncConnection, parties: Collection[str], access: Access) -> set[str]:
    """Those of the parties that the caller may know of: by a record that belongs to one, or once did."""
    if "source:*" in access.scopes and access.may_see("*", "internal"):
        return set(parties)
    found = await connection.scalars(queries.find_known_parties, {"parties": sorted(parties)} | visibility(access))
    return set(found)


async def parties_of_ref(connection: AsyncConnection, ref: str, access: Access) -> list[str]:
    """The parties a ref stands for: the one that holds the party record; of an item, its organisations, or else its people."""
    rows = await _rows(connection, queries.find_parties_of_ref, {"ref": ref} | visibility(access))
    return [row["party_id"] for row in rows if row["rank"] == rows[0]["rank"]]


async def terms(connection: AsyncConnection, folded: Sequence[str], access: Access, source: str | None = None) -> list[dict[str, Any]]:
    """The terms that equal one of the folded values."""
    return await _rows(connection, queries.find_terms, {"folded": list(folded), "source": source} | visibility(access))


async def names(connection: AsyncConnection, words: Sequence[str], access: Access) -> list[dict[str, Any]]:
    """The parties with a name that holds all of the folded words, each as the beginning of a word."""
    prefixes = " & ".join(f"{word}:*" for word in words)
    return await _rows(connection, queries.find_names, {"prefixes": prefixes} | visibility(access)) if prefixes else []


async def documents(connection: AsyncConnection, words: str, access: Access) -> list[dict[str, Any]]:
    """The parties on whose timeline an item holds the words (as websearch_to_tsquery reads them), best first."""
    return await _rows(connection, queries.find_documents, {"words": words} | visibility(access))


async def heads(connection: AsyncConnection, parties: Sequence[str]) -> dict[str, dict[str, Any]]:
    """party id -> its golden record's row."""
    return {row["party_id"]: row for row in await _rows(connection, queries.read_party_heads, {"parties": list(parties)})}


async def party_pack(connection: AsyncConnection, scope: Scope) -> dict[str, Any] | None:
    """All that a pack needs of a party but its items. Not yet reduced to what the caller may see."""
    rows = await _rows(connection, queries.read_party_pack, scope.parameters | {"near": NEAR_MISS})
    return rows[0] if rows else None


async def relationships(connection: AsyncConnection, party_id: str) -> list[dict[str, Any]]:
    """A party's relationships, as rows for `links.seen`."""
    return await _rows(connection, queries.list_relationships, {"party": party_id})


async def item_counts(connection: AsyncConnection, scope: Scope) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How many items there are: by kind, those the caller may see; by missing scope, and by kind, those withheld."""
    seen: Counter[str] = Counter()
    withheld: Counter[str] = Counter()
    hidden: Counter[str] = Counter()
    parameters = {"party": scope.party_id, "at": scope.at, "known_at": scope.known_at}
    for row in await _rows(connection, queries.count_party_items, parameters):
        missing = scope.access.withheld_for(row["source"], row["data_class"])
        if missing is None:
            seen[row["kind"]] += row["items"]
        else:
            withheld[missing] += row["items"]
            hidden[row["kind"]] += row["items"]
    return seen, withheld, hidden


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched for: words, and their vector by an embedder; and by which numbers of documents.

    forms: for each word a tsquery of its other forms, or "". beside: parties searched along with the scope's own.
    """

    words: Sequence[str]
    forms: Sequence[str]
    embedding: str
    embedder: str
    beside: Sequence[str] = ()
    codes: Sequence[str] = ()


async def nearest(connection: AsyncConnection, scope: Scope, sought: Sought) -> list[dict[str, Any]]:
    """The party's passages nearest to a question, in meaning or in words."""
    question = {
        "embedder": sought.embedder,
        "embedding": sought.embedding,
        "words": " or ".join(sought.words),
        "word_list": list(sought.words),
        "form_list": list(sought.forms),
        "forms": " | ".join(filter(None, sought.forms)),
        "codes": list(sought.codes),
        "parties": [scope.party_id, *sought.beside],
    }
    return await _rows(connection, queries.find_party_passages, scope.parameters | question)


async def listed(connection: AsyncConnection, scope: Scope, listing: Listing) -> list[dict[str, Any]]:
    """The party's items of a listing, each with its first passage as text."""
    parameters = {
        "kinds": None if listing.kinds is None else list(listing.kinds),
        "only": None if listing.only is None else list(listing.only),
        "state": listing.state,
        "by_weight": listing.by_weight,
        "without": list(listing.without),
        "count": listing.count,
        "skip": listing.skip,
        "closed": sorted(CLOSED),
        "today": scope.at.date().isoformat(),
    }
    return await _rows(connection, queries.list_party_items, scope.parameters | parameters)


async def freshness(connection: AsyncConnection, sources: Iterable[str]) -> dict[str, datetime | None]:
    """source -> when the stream of it that lags most was last synced; None where one never was."""
    rows = await _rows(connection, queries.read_freshness, {"sources": sorted(sources)})
    return {row["source"]: row["synced_at"] for row in rows}


async def item_texts(connection: AsyncConnection, refs: Sequence[str]) -> dict[str, str]:
    """ref -> the whole text of the item."""
    return {row["ref"]: row["text"] for row in await _rows(connection, queries.read_item_texts, {"items": list(refs)})}


async def addresses(connection: AsyncConnection, refs: Iterable[str]) -> dict[str, str | None]:
    """ref of a party record, an activity or a document -> where a person can open it."""
    wanted = sorted(set(refs))
    tables = (staging.party_record, staging.activity, staging.document)
    query = union_all(*(select(table.c.ref, table.c.url).where(table.c.ref.in_(wanted)) for table in tables))
    return {row.ref: row.url for row in await connection.execute(query)}


async def receipt(connection: AsyncConnection, receipt_id: str, account: str) -> dict[str, Any] | None:
    """The account's own receipt, or None."""
    table = governance.receipt
    query = select(table).where(table.c.id == receipt_id, table.c.account == account)
    row = (await connection.execute(query)).mappings().one_or_none()
    return dict(row) if row else None


async def membership_of(connection: AsyncConnection, ref: str) -> dict[str, Any] | None:
    """The party record of a ref with the party that holds it (null where none does), or None."""
    record, member = staging.party_record, identity.membership
    query = (
        select(record.c.ref, record.c.source, record.c.kind, record.c.url, record.c.deleted_at, member.c.party_id, member.c.confidence)
        .select_from(record.outerjoin(member, (member.c.record_id == record.c.id) & member.c.valid_to_at.is_(None)))
        .where(record.c.ref == ref)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return dict(row) if row else None
