"""Whom a request is about: one party, several that may be meant, or none. What is ambiguous is never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from context_api.context import facts, search, terms
from context_api.context.pack import Candidate, Subject
from context_api.context.store import reading

MOST = 10


@dataclass(frozen=True, slots=True)
class Meant:
    """party_id where one party is meant; candidates where several may be; neither where none is known."""

    party_id: str | None = None
    redirected_from: str | None = None
    candidates: list[Candidate] = field(default_factory=list)


async def resolve(connection: AsyncConnection, subject: str | Subject, access: Access) -> Meant:
    """Who is meant, by what the caller may see."""
    if isinstance(subject, str):
        return await _guess_form(connection, subject, access)
    if subject.party_id is not None:
        return await _by_id(connection, subject.party_id, access)
    if subject.ref is not None:
        return await _among(connection, await reading.parties_of_ref(connection, subject.ref, access), access, f"record {subject.ref}")
    if subject.key is not None:
        found = await reading.terms(connection, [terms.code(subject.key), subject.key.lower()], access, subject.source)
        keys = [row for row in found if row["meaning"] == terms.RECORD_KEY or row["meaning"].startswith(terms.KEY_PREFIX)]
        return await _of_terms(connection, keys, access)
    if subject.identifier is not None:
        return await _of_terms(connection, await search.identified(connection, subject.identifier, access), access)
    return await _by_words(connection, subject.words or "", access)


async def _guess_form(connection: AsyncConnection, text: str, access: Access) -> Meant:
    """A plain string: a party id, a ref, an identifier, or words, whichever it first turns out to be."""
    if text.startswith("pty_") and (meant := await _by_id(connection, text, access)).party_id:
        return meant
    if search.REF.fullmatch(text) and (parties := await reading.parties_of_ref(connection, text, access)):
        return await _among(connection, parties, access, f"record {text}")
    if rows := await search.identified(connection, text, access):
        return await _of_terms(connection, rows, access)
    return await _by_words(connection, text, access)


async def _by_id(connection: AsyncConnection, party_id: str, access: Access) -> Meant:
    current = await reading.current_party(connection, party_id)
    if current is None or current == party_id:
        return Meant(current)
    return Meant(current, party_id) if await reading.known(connection, [party_id], access) else Meant()


async def _of_terms(connection: AsyncConnection, rows: Sequence[dict[str, Any]], access: Access) -> Meant:
    parties = list(dict.fromkeys(row["party_id"] for row in rows))
    why = f"{rows[0]['meaning']} {rows[0]['shown']}" if rows else ""
    return await _among(connection, parties, access, why)


async def _by_words(connection: AsyncConnection, words: str, access: Access) -> Meant:
    """By name alone: the one party of exactly that name, or the only one whose name holds the words."""
    folded = terms.folded_words(words)
    rows = await reading.names(connection, folded.split(), access)
    exact = [row for row in rows if row["value"] == folded]
    parties = [row["party_id"] for row in (exact or sorted(rows, key=lambda row: (len(row["value"]), row["party_id"])))]
    return await _among(connection, parties, access, f"name holds {words}")


async def _among(connection: AsyncConnection, parties: Sequence[str], access: Access, why: str) -> Meant:
    if len(parties) == 1:
        return Meant(parties[0])
    heads = await reading.heads(connection, parties[:MOST])
    candidates = []
    for party_id in parties[:MOST]:
        if head := heads.get(party_id):
            document, _withheld = facts.seen(head["kind"], head["document"], access)
            candidates.append(Candidate(party_id=party_id, name=facts.name(document, party_id), kind=head["kind"], why=why))
    return Meant(candidates=candidates)
