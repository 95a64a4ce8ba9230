"""A party's relationships to others, as one caller may see them: by the records that claim them and the one that names the other party."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from rapidfuzz.distance import OSA

from context_api.access import Access
from context_api.context.pack import Related
from context_api.context.statements import plain
from context_api.context.terms import folded_words

REFS = 3
LONG = 5  # letters of a word that is known again with one of them wrong


def withheld_for(related: Mapping[str, Any], access: Access) -> str | None:
    """The scope that is missing to see a relationship, or None."""
    refs = [related["name_ref"] or "?", *related["evidence"]]
    return next((scope for ref in refs if (scope := access.withheld_for(ref.split("/")[0], "internal"))), None)


def seen(relationships: Iterable[Mapping[str, Any]], access: Access, of: Related | None = None) -> tuple[list[Related], Counter[str]]:
    """What may be seen of rows that have kind, direction, party_id, name, name_ref, attributes, evidence, since and until."""
    found: list[Related] = []
    withheld: Counter[str] = Counter()
    for related in relationships:
        if missing := withheld_for(related, access):
            withheld[missing] += 1
            continue
        title = related["attributes"].get("title")
        found.append(
            Related(
                of=of.party_id if of else None,
                kind=related["kind"],
                direction=related["direction"],
                party_id=related["party_id"],
                name=plain(related["name"]),
                title=plain(title) if title else None,
                since=related["since"],
                until=related["until"],
                refs=_refs(related, access),
            )
        )
    return found, withheld


def _refs(related: Mapping[str, Any], access: Access) -> list[str]:
    """The records that claim it, that of the other party which they claim it of, and the one that names the other party."""
    claimed = [ref for ref in related.get("claimed") or () if access.may_see(ref.split("/")[0], "internal")]
    return list(dict.fromkeys([*sorted(related["evidence"])[: REFS - 1], *claimed[:1], related["name_ref"]]))


def named(found: Iterable[Related], question: str) -> list[Related]:
    """The links whose other party the question names in full; where it names none, a long word of a name may differ by one letter."""
    asked = set(folded_words(question).split())
    names = [(link, words) for link in found if (words := folded_words(link.name).split())]
    exact = [link for link, words in names if asked.issuperset(words)]
    return exact or [link for link, words in names if all(_stands_in(word, asked) for word in words)]


def _stands_in(word: str, asked: Collection[str]) -> bool:
    return word in asked or (len(word) >= LONG and any(len(other) >= LONG and OSA.distance(word, other) <= 1 for other in asked))
