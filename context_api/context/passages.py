"""Passages: items cut into pieces that can be found and shown by themselves, with their meaning as a vector.

A passage ends where a paragraph or sentence ends; the heading of a contract's clause goes with each piece of the clause. Passages are a
function of the item's title and text, so an unchanged one keeps its row and is not embedded again.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from operator import add
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from context_api.context.store import derived
from sql.database import Database, lock

BATCH = 200  # items of one transaction
EMBEDDED = 512  # texts handed to the embedder at once
WORDS = 120  # a passage is closed once it has so many words,
MOST_WORDS = 200  # and never has more,
MOST_CHARACTERS = 2_000  # nor more characters, be they one word
LONGEST_TITLE = 300
SHORT = 40  # a piece of fewer words takes the next clause in

_BREAK = re.compile(r"\s*(?:[-*•–]|\(?[a-z0-9]{1,2}\)|\d+(?:\.\d+)*[.)]?)\s+\S")
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+(?=[\"'“(\[]?[A-ZÀ-ÖØ-Þ0-9])")
_HEADING = re.compile(
    r"#{1,6}\s+\S.*"  # Markdown
    r"|(?i:article|section|clause|schedule|annex|exhibit|§)\s*(?:\d[\d.]*|[IVXLC]+|[A-Z])\b.{0,80}"
    r"|\d+(?:\.\d+)*[.)]?\s+[A-ZÀ-Þ][^.!?;]{2,60}[.:]?"  # 7. Term and termination
    r"|[A-ZÀ-Þ][A-ZÀ-Þ0-9 ,&/()'’-]{3,80}:?"  # TERM AND TERMINATION
)
#: 7. Term. This Agreement ...
_RUN_IN = re.compile(r"(?:(?i:article|section|clause|§)\s*)?\d+(?:\.\d+)*[.)]?\s+[A-ZÀ-Þ][^.!?;:]{2,60}[.:](?=\s)")
HEADING_WORDS = 9
SMALL_WORDS = frozenset({"and", "of", "or", "the", "to", "for", "in", "on", "by", "with"})


class Embedder(Protocol):
    """Turns texts into vectors of meaning."""

    @property
    def name(self) -> str:
        """Of the model, so that vectors of two models are never compared."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 [len(texts), 256], each of unit length."""


@dataclass(frozen=True, slots=True)
class PassageReport:
    """Counts of one build: items looked at, passages added, kept as they were, and removed."""

    items: int = 0
    added: int = 0
    kept: int = 0
    removed: int = 0

    def __add__(self, other: "PassageReport") -> "PassageReport":
        return PassageReport(*map(add, astuple(self), astuple(other)))


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an item. `context` is what the piece is about (title and heading): embedded with it, not stored in it."""

    text: str
    context: str


def build(database: Database, embedder: Embedder) -> PassageReport:
    """Cut and embed what changed; with nothing pending nothing is written."""
    total = PassageReport()
    while True:
        with database.begin() as connection:
            lock(connection, "passages")
            items = derived.take_pending(connection, "passages", BATCH)
            if not items:
                return total
            total += _build(connection, embedder, items)


def _build(connection: Connection, embedder: Embedder, items: Sequence[str]) -> PassageReport:
    stored = derived.passage_hashes(connection, items)
    fresh: list[tuple[str, int, str, bytes]] = []
    meant: list[str] = []
    kept: set[tuple[str, int]] = set()
    for row in derived.item_texts(connection, items):
        for position, passage in enumerate(split(row["title"], row["text"])):
            meaning = f"{passage.context}\n{passage.text}".strip()
            key, digest = (row["ref"], position), _hash(embedder.name, meaning, passage.text)
            if stored.get(key) == digest:
                kept.add(key)
            else:
                fresh.append((*key, passage.text, digest))
                meant.append(meaning)
    gone = stored.keys() - kept
    derived.delete_passages(connection, sorted(gone))
    for start in range(0, len(fresh), EMBEDDED):
        vectors = embedder.embed(meant[start : start + EMBEDDED])
        derived.insert_passages(connection, embedder.name, fresh[start : start + EMBEDDED], vectors)
    return PassageReport(len(items), len(fresh), len(kept), len(gone))


def _hash(*parts: str) -> bytes:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).digest()


def split(title: str, text: str) -> list[Passage]:
    """The passages of an item, in order; one of the title alone where there is no text, none where there is neither."""
    title = " ".join(title.split())[:LONGEST_TITLE]
    passages = [Passage(piece, title if heading is None else f"{title}\n{heading}") for heading, piece in _pieces(text)]
    if not passages:
        return [Passage(title, "")] if title else []
    first = passages[0]
    if title and title.lower() not in first.text.lower():
        passages[0] = Passage(f"{title}\n{first.text}", first.context.removeprefix(title).strip())
    return passages


def _pieces(text: str) -> Iterator[tuple[str | None, str]]:
    """(heading in force, text of the piece): each piece of a clause begins with the clause's heading."""
    heading: str | None = None
    held, words = "", 0
    for paragraph in _paragraphs(text):
        opens = _heading(paragraph)
        if held and (words >= WORDS or (opens and words >= SHORT)):
            yield heading, held
            held, words = "", 0
        if opens:
            heading = opens
        joint = "\n"
        for piece in _bounded(paragraph):
            size = len(piece.split())
            if held and (words + size > MOST_WORDS or len(held) + len(piece) > MOST_CHARACTERS):
                yield heading, held
                held, words = "", 0
            if not held and heading and not piece.startswith(heading):
                held, words, joint = heading, len(heading.split()), "\n"
            held = f"{held}{joint}{piece}" if held else piece
            words += size
            joint = " "
    if held:
        yield heading, held


def _paragraphs(text: str) -> Iterator[str]:
    """Blank lines, headings, list entries and numbered clauses part paragraphs; other line breaks are only layout."""
    lines: list[str] = []
    after_heading = False
    for line in text.splitlines():
        line = line.strip()
        heading = bool(line) and _heading(line) == line
        if lines and (not line or heading or after_heading or _BREAK.match(line)):
            yield "\n".join(lines)
            lines = []
        if line:
            lines.append(line)
            after_heading = heading
    if lines:
        yield "\n".join(lines)


def _heading(paragraph: str) -> str | None:
    """The heading that the paragraph is, or begins with."""
    if len(paragraph) <= 100 and len(paragraph.split()) <= HEADING_WORDS and _HEADING.fullmatch(paragraph):
        return paragraph
    run_in = _RUN_IN.match(paragraph[:120])
    if not run_in:
        return None
    words = run_in.group().split()
    capital = sum(word[0].isupper() or word in SMALL_WORDS for word in words[1:])
    return run_in.group() if len(words) <= HEADING_WORDS and capital == len(words) - 1 else None


def _bounded(paragraph: str) -> Iterator[str]:
    """The paragraph, or its sentences where it is too long, or runs of words where a sentence is."""
    if _fits(paragraph):
        yield paragraph
        return
    for sentence in _SENTENCE.split(paragraph):
        if _fits(sentence):
            yield sentence
            continue
        words = [word[start : start + 500] for word in sentence.split() for start in range(0, len(word), 500)]
        run: list[str] = []
        length = 0
        for word in words:
            if run and (len(run) >= WORDS or length + len(word) + 1 > MOST_CHARACTERS):
                yield " ".join(run)
                run, length = [], 0
            run.append(word)
            length += len(word) + 1
        if run:
            yield " ".join(run)


def _fits(text: str) -> bool:
    return len(text) <= MOST_CHARACTERS and len(text.split()) <= MOST_WORDS
