"""Which items answer a question, in which order: relevance above a floor, then recency, weight and purpose; none that repeats another.

Relevance is of two things, each from 0 to 1: nearness in meaning (cosine, between what unrelated and what plainly related texts reach) and
the share of the question's words that a passage holds, a word counting the more the fewer passages hold it. The constants were fitted
on the sandbox's questions against questions that have nothing to do with the party.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from context_api.context import glossary
from context_api.context.questions import KINDS, PURPOSES, Question

UNRELATED, RELATED = 0.18, 0.55  # cosines of the embedder that comes with the product
MEANING, WORDS = 0.4, 0.6
IMPLIED = 0.8  # the worth of a word that is not in the passage but in its item
FLOOR = 0.30  # 99 of 100 questions that have nothing to do with the party stay below it
NAMED = 0.35  # the relevance of a document that the question names, before anything else is asked of it
NAMED_FIRST = 0.5  # the lead of the passage that answers best in a document that the question names, before those that only speak of it
BESIDE_FIRST = 0.15  # the lead of what another party has a part in that the question names
REPLY = 0.1  # by so much a reply stands back behind what it replies to, whose title it bears
HEAD_WORDS = 25  # a document's name and number stand among so many words
NEAR_BEST = 0.33  # a candidate far less relevant than the best one is filler
PER_THREAD, PER_ITEM, PER_DOCUMENT = 3, 1, 3
ALIKE = 0.7  # Jaccard of words from which two texts say the same
HALF_LIFE_DAYS = 365.0
_REPLIED = re.compile(r"\s*(?:re|aw|antw|sv|fw|fwd|wg|rif|rv)\s*:", re.IGNORECASE)


@dataclass(slots=True)
class Candidate:
    """A passage of an item, or an item by its first passage, with why it was chosen.

    beside: another party that the question names has a part in it. sought: the words by which an excerpt is cut.
    """

    ref: str
    kind: str
    role: str
    title: str
    text: str
    status: str | None
    amount: Any
    currency: str | None
    source: str
    data_class: str
    untrusted: bool
    url: str | None
    importance: float
    occurred_at: datetime
    position: int
    cosine: float
    thread: str
    attributes: Mapping[str, Any]
    matched: Sequence[str]
    document: bool = False
    beside: bool = False
    sought: Sequence[str] = ()
    relevance: float = 0.0
    score: float = 0.0
    why: list[str] = field(default_factory=list)


def asked_for(candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
    """The candidates without the documents of another number than the question names: their clauses would be taken for those asked for."""
    shapes = {_shape(code) for code in question.codes}

    def other(one: Candidate) -> bool:
        number = str(one.attributes.get("number", "")).lower()
        return one.document and _shape(number) in shapes and number not in question.codes

    return [one for one in candidates if not other(one)]


def _shape(number: str) -> str:
    return re.sub(r"\d", "0", number)


def weigh(candidates: Sequence[Candidate], question: Question, purpose: str | None, at: datetime) -> None:
    """Set relevance, score and why of each candidate."""
    implied = _implied(candidates, question)
    held = Counter(word for one, words in zip(candidates, implied, strict=True) for word in {*one.matched, *words})
    rarity = {word: math.log(1 + (len(candidates) + 1) / (held[word] + 0.5)) for word in question.words}
    naming = named_by(candidates, question)
    for one, words_implied in zip(candidates, implied, strict=True):
        named = naming.get(one.ref, frozenset())
        one.sought = [word for word in rarity if word not in named]
        total = sum(rarity[word] for word in one.sought) or 1.0
        meaning = min(1.0, max(0.0, (one.cosine - UNRELATED) / (RELATED - UNRELATED)))
        words = sum(rarity[word] for word in one.sought if word in one.matched) / total
        words += IMPLIED * sum(rarity[word] for word in one.sought if word in words_implied) / total
        one.relevance = MEANING * meaning + WORDS * words
        if named:
            one.relevance = NAMED + (1 - NAMED) * one.relevance
        asked = one.kind in question.kinds
        served = one.kind in PURPOSES.get((purpose or "").lower(), ())
        lead = 0.12 * asked + 0.06 * served + BESIDE_FIRST * one.beside
        lead -= REPLY if _REPLIED.match(one.title) else 0.0
        one.score = one.relevance + lead + _standing(one, at, 0.2 if question.last else 0.06)
        one.why = _why(one, meaning, bool(named), (asked, served))
    for ref in naming:
        max((one for one in candidates if one.ref == ref), key=lambda one: (one.relevance, -one.position)).score += NAMED_FIRST


def named_by(candidates: Sequence[Candidate], question: Question) -> dict[str, frozenset[str]]:
    """Ref of each document that the question names by number, or else by title -> the question's words that name it, and so ask nothing."""
    heads = {one.ref: f"{one.title} {one.attributes.get('number', '')}".lower() for one in candidates if one.document}
    found = {ref for ref, head in heads.items() if any(_stands_in(code, head) for code in question.codes)}
    if not found:
        titles = {one.ref: re.sub(r"\.\w{2,5}$", "", " ".join(one.title.split()).lower()) for one in candidates if one.document}
        found = {ref for ref, title in titles.items() if " " in title and _stands_in(title, question.text.lower())}
    openings = {one.ref: " ".join(one.text.lower().split()[:HEAD_WORDS]) for one in candidates if one.ref in found and one.position == 0}
    return {
        ref: frozenset(word for word in question.words if _stands_in(word, f"{heads[ref]} {openings.get(ref, '')}")) | {""} for ref in found
    }


def _stands_in(words: str, text: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(words)}(?![^\W_])", text) is not None


def _implied(candidates: Sequence[Candidate], question: Question) -> list[list[str]]:
    """For each passage the words it does not hold, but its item does: elsewhere, in its title, as the name of its kind."""
    by_item: dict[str, set[str]] = {}
    for one in candidates:
        by_item.setdefault(one.ref, set()).update(one.matched)
    return [
        [
            word
            for word in question.words
            if word not in one.matched and (word in by_item[one.ref] or word in KINDS.get(one.kind, ()) or word in one.title.lower())
        ]
        for one in candidates
    ]


def _standing(one: Candidate, at: datetime, recency: float) -> float:
    days = abs((at - one.occurred_at).total_seconds()) / 86_400
    return float(recency * 0.5 ** (days / HALF_LIFE_DAYS) + 0.05 * one.importance)


def _why(one: Candidate, meaning: float, named: bool, of_kind: tuple[bool, bool]) -> list[str]:
    asked, served = of_kind
    reasons = ["named in the question"] if named else []
    matched = [word for word in one.matched if word in one.sought]
    reasons += [f"holds {', '.join(matched[:4])}"] if matched else []
    reasons += ["near in meaning"] if meaning >= 0.5 else []
    reasons += [f"{one.kind} asked for"] if asked else []
    return reasons + (["serves the purpose"] if served else [])


def choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The relevant ones, best first, without repetition. Empty where none reaches the floor."""
    best = max((one.relevance for one in candidates), default=0.0)
    floor = max(FLOOR, NEAR_BEST * best)
    ordered = sorted((one for one in candidates if one.relevance >= floor), key=lambda one: (-one.score, one.ref, one.position))
    return diverse(ordered)


def diverse(ordered: Sequence[Candidate]) -> list[Candidate]:
    """The candidates in their order, without a fourth of one thread, a second of one short item, or one that says what another said."""
    chosen: list[Candidate] = []
    said: list[frozenset[str]] = []
    threads: Counter[str] = Counter()
    items: Counter[str] = Counter()
    for one in ordered:
        document = one.position > 0 or one.kind in ("contract", "price_list", "attachment")
        words = frozenset(re.findall(r"\w+", one.text.lower()))
        if items[one.ref] >= (PER_DOCUMENT if document else PER_ITEM) or (not document and threads[one.thread] >= PER_THREAD):
            continue
        if any(len(words & other) > ALIKE * len(words | other) for other in said):
            continue
        chosen.append(one)
        said.append(words)
        threads[one.thread] += 1
        items[one.ref] += 1
    return chosen


def excerpt(text: str, words: Sequence[str], most: int) -> tuple[str, bool]:
    """At most `most` words of the text, the sentences that hold the sought words; and whether anything was left out."""
    if len(text.split()) <= most:
        return text, False
    sentences = [sentence for sentence in re.split(r"(?<=[.!?])\s+|\n", text) if sentence.strip()]
    sizes = [len(sentence.split()) for sentence in sentences]
    start = max(range(len(sentences)), key=lambda place: (_held(sentences, words, (place, _last(sizes, place, most))), -place))
    end = _last(sizes, start, most)
    kept = [" ".join(sentence.split()[:most]) for sentence in sentences[start:end]]
    head = "… " if start else ""
    tail = " …" if end < len(sentences) or sum(sizes[start:end]) > most else ""
    return f"{head}{' '.join(kept)}{tail}", True


def _last(sizes: Sequence[int], start: int, most: int) -> int:
    """The place after the last sentence that fits, from `start` on; one is always taken."""
    end, count = start + 1, sizes[start]
    while end < len(sizes) and count + sizes[end] <= most:
        count += sizes[end]
        end += 1
    return end


def _held(sentences: Sequence[str], words: Sequence[str], part: tuple[int, int]) -> float:
    """What the sentences of a part hold of the words, one that few sentences hold counting the more; a heading is taken along."""
    said = [sentence.lower() for sentence in sentences]
    weight = 0.0
    for stem in {form for word in words for form in (_stem(word), *glossary.german(word))}:
        holders = [place for place, sentence in enumerate(said) if stem in sentence]
        if any(part[0] <= place < part[1] for place in holders):
            weight += 1 / len(holders)
    # A part that only ends with what is sought would be cut short of what is said of it.
    return weight + (0.1 / len(sentences) if any(_stem(word) in said[part[0]] for word in words) else 0.0)


def _stem(word: str) -> str:
    return re.sub(r"(?:ing|ed|es|al|s)$", "", word) if len(word) > 5 else word
