"""Finding parties: by an identifier, a key or a ref exactly, by name, and by words in what was written to and about them.

A party is found only by what the caller may see, and what was not seen is neither listed nor counted.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from context_api.context import facts, terms
from context_api.context.pack import Hit, SearchPage
from context_api.context.questions import ASKING
from context_api.context.store import reading

MOST_WORDS = 12
LAST_PAGE = 1_000  # hits: what is further down is found by better words
EXACT, NAMED, NAME_HOLDS, TEXT = 1.0, 0.95, 0.6, 0.3
REF = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*/.+", re.DOTALL)  # source/stream/key


async def search(connection: AsyncConnection, query: str, access: Access, limit: int = 20, cursor: str | None = None) -> SearchPage:
    """Parties, best first. `cursor` is next_cursor of the page before; one that is none is read as the first page."""
    query = query.replace("\x00", " ").strip()[:500]
    found: dict[str, tuple[float, str]] = {}
    if REF.fullmatch(query):
        for party_id in await reading.parties_of_ref(connection, query, access):
            _better(found, party_id, EXACT, f"record {query}")
    for row in await identified(connection, query, access):
        _better(found, row["party_id"], EXACT, f"{row['meaning']} {row['shown']} ({row['record_ref']})")
    words = terms.folded_words(query).split()[:MOST_WORDS]
    for row in await reading.names(connection, words, access):
        score = NAMED if row["value"] == " ".join(words) else NAME_HOLDS + 0.3 * len(" ".join(words)) / max(1, len(row["value"]))
        _better(found, row["party_id"], min(score, NAMED), f"name {row['shown']} ({row['record_ref']})")
    sought = [word for word in re.findall(r"\w+", query.lower()) if word not in ASKING][:MOST_WORDS]
    if sought:
        for row in await reading.documents(connection, " ".join(sought), access):
            said = row["record_ref"] if row["untrusted"] else f"“{row['shown'][:80]}” ({row['record_ref']})"
            _better(found, row["party_id"], TEXT + 0.25 * float(row["rank"]), f"words in {row['meaning']} {said}")
    return await _page(connection, found, access, (max(1, limit), _offset(cursor)))


def _better(found: dict[str, tuple[float, str]], party_id: str, score: float, why: str) -> None:
    if party_id not in found or found[party_id][0] < score:
        found[party_id] = (score, why)


def _offset(cursor: str | None) -> int:
    return min(int(cursor), LAST_PAGE) if cursor and cursor.isascii() and cursor.isdigit() and len(cursor) < 9 else 0


async def identified(connection: AsyncConnection, text: str, access: Access) -> list[dict[str, Any]]:
    """The terms that the text is, taken as one identifier. Of phones, those that agree with it in the most digits from the end."""
    folded = terms.candidates(text)
    rows = await reading.terms(connection, folded, access) if folded else []
    return [row for row in rows if row["meaning"] != "phone"] + _nearest_phones([row for row in rows if row["meaning"] == "phone"], text)


def _nearest_phones(rows: Iterable[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    digits = re.sub(r"\D", "", text).lstrip("0")
    agreed = [(_common_end(digits, re.sub(r"\D", "", row["shown"])), row) for row in rows]
    most = max((count for count, _row in agreed), default=0)
    return [row for count, row in agreed if count == most]


def _common_end(left: str, right: str) -> int:
    count = 0
    for one, other in zip(reversed(left), reversed(right), strict=False):
        if one != other:
            break
        count += 1
    return count


async def _page(connection: AsyncConnection, found: dict[str, tuple[float, str]], access: Access, window: tuple[int, int]) -> SearchPage:
    limit, offset = window
    ordered = sorted(found, key=lambda party_id: (-found[party_id][0], party_id))
    shown = ordered[offset : offset + limit]
    heads = await reading.heads(connection, shown) if shown else {}
    hits = []
    for party_id in shown:
        if (head := heads.get(party_id)) and (sources := [source for source in head["sources"] if access.may_see(source, "internal")]):
            document, _withheld = facts.seen(head["kind"], head["document"], access)
            score, why = found[party_id]
            hits.append(
                Hit(
                    party_id=party_id,
                    name=facts.name(document, party_id),
                    kind=head["kind"],
                    why=why,
                    score=round(score, 3),
                    sources=sources,
                )
            )
    after = offset + limit
    return SearchPage(results=hits, next_cursor=str(after) if after < min(len(ordered), LAST_PAGE) else None)
