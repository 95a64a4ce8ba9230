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

from context_api.context.questions import KINDS, PURPOSES, Question

UNRELATED, RELATED = 0.18, 0.55  # cosines of the embedder that comes with the product
MEANING, WORDS = 0.4, 0.6
IMPLIED = 0.8  # the worth of a word that is not in the passage but in its item
FLOOR = 0.30  # 99 of 100 questions that have nothing to do with the party stay below it
NEAR_BEST = 0.33  # a candidate far less relevant than the best one is filler
PER_THREAD, PER_ITEM, PER_DOCUMENT = 3, 1, 3
ALIKE = 0.7  # Jaccard of words from which two texts say the same
HALF_LIFE_DAYS = 365.0


@dataclass(slots=True)
class Candidate:
    """A passage of an item, or an item by its first passage, with why it was chosen."""

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
    relevance: float = 0.0
    score: float = 0.0
    why: list[str] = field(default_factory=list)


def weigh(candidates: Sequence[Candidate], question: Question, purpose: str | None, at: datetime) -> None:
    """Set relevance, score and why of each candidate."""
    implied = _implied(candidates, question)
    held = Counter(word for one, words in zip(candidates, implied, strict=True) for word in {*one.matched, *words})
    rarity = {word: math.log(1 + (len(candidates) + 1) / (held[word] + 0.5)) for word in question.words}
    total = sum(rarity.values()) or 1.0
    for one, words_implied in zip(candidates, implied, strict=True):
        meaning = min(1.0, max(0.0, (one.cosine - UNRELATED) / (RELATED - UNRELATED)))
        words = sum(rarity[word] for word in one.matched) / total
        words += IMPLIED * sum(rarity[word] for word in words_implied) / total
        one.relevance = MEANING * meaning + WORDS * words
        asked = one.kind in question.kinds
        served = one.kind in PURPOSES.get((purpose or "").lower(), ())
        one.score = one.relevance + 0.12 * asked + 0.06 * served + _standing(one, at, 0.2 if question.last else 0.06)
        one.why = _why(one, meaning, asked, served)


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


def _why(one: Candidate, meaning: float, asked: bool, served: bool) -> list[str]:
    reasons = [f"holds {', '.join(one.matched[:4])}"] if one.matched else []
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
    weights = [sum(word in sentence.lower() for word in words) for sentence in sentences]
    start = max(range(len(sentences)), key=lambda place: (sum(weights[place : place + 3]), -place))
    if start and not weights[start]:
        start = next(place for place in range(start, len(sentences)) if weights[place]) if any(weights[start:]) else start
    kept: list[str] = []
    count = 0
    for sentence in sentences[start:]:
        size = len(sentence.split())
        if kept and count + size > most:
            break
        kept.append(" ".join(sentence.split()[:most]))
        count += size
    head = "… " if start else ""
    tail = " …" if start + len(kept) < len(sentences) or count > most else ""
    return f"{head}{' '.join(kept)}{tail}", True
