"""Summaries of a party at three lengths, made ahead of the question: a card of a sentence or two, a paragraph, a page.

Extractive unless a writer (a language model) is given; either way every sentence cites records, and a summary keeps the sources and data
classes that went in, so that it is shown only to who may see them all. With the same inputs the same text: no clock is read.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from operator import add
from typing import Any, Protocol

from context_api.context import statements
from context_api.context.statements import LENGTHS, Length, Statement
from context_api.context.store import derived
from sql.database import Database, lock

BATCH = 300
WORDS = {"card": 45, "brief": 130, "full": 450}
EXTRACTIVE = "extractive"
_SEVERAL = re.compile(r"\[\d{1,6}(?:\s*[,;]\s*\d{1,6})+\]")  # [1, 3] for [1][3]
VERSION = "3"  # of the extractive wording: a new one makes every summary again when its party is next looked at


class Writer(Protocol):
    """Writes prose from numbered facts."""

    @property
    def name(self) -> str:
        """Of the language model."""

    def write(self, facts: dict[str, Any]) -> Mapping[str, str] | None:
        """From {"party", "kind", "facts": [{"mark", "text"}]} the texts card, brief and full, citing [mark]; None where it can't."""


@dataclass(frozen=True, slots=True)
class SummaryReport:
    """Counts of one build: parties looked at, summarised anew, left as they were, and gone."""

    parties: int = 0
    written: int = 0
    unchanged: int = 0
    removed: int = 0

    def __add__(self, other: "SummaryReport") -> "SummaryReport":
        return SummaryReport(*map(add, astuple(self), astuple(other)))


@dataclass(frozen=True, slots=True)
class Summary:
    """A text with its citations [{"mark", "ref"}], and the [source, data class] pairs that went in."""

    text: str
    citations: list[dict[str, Any]]
    data_classes: list[list[str]]


def build(database: Database, writer: Writer | None = None) -> SummaryReport:
    """Summarise the parties that changed; with nothing pending nothing is written."""
    total = SummaryReport()
    while True:
        with database.begin() as connection:
            lock(connection, "summaries")
            parties = derived.take_pending(connection, "summary", BATCH if writer is None else 1)
            if not parties:
                return total
            stored = derived.summaries(connection, parties)
            rows: list[dict[str, Any]] = []
            present = set()
            for inputs in derived.summary_inputs(connection, parties):
                present.add(inputs["party_id"])
                rows += _rows(inputs, stored.get(inputs["party_id"]), writer)
            derived.write_summaries(connection, rows)
            removed = derived.delete_summaries(connection, [party_id for party_id in parties if party_id not in present])
            written = len(rows) // len(LENGTHS)
            total += SummaryReport(len(parties), written, len(present) - written, removed // len(LENGTHS))


def _rows(inputs: Mapping[str, Any], stored: tuple[bytes, str] | None, writer: Writer | None) -> list[dict[str, Any]]:
    said = statements.of_party(inputs)
    digest = _hash(inputs, said)
    if stored and stored[0] == digest and (writer is None or stored[1] == writer.name):
        return []
    made, model = {length: extract(said, length) for length in LENGTHS}, EXTRACTIVE
    if writer is not None and (written := _write(writer, inputs, said)):
        made, model = written, writer.name
    return [
        {
            "party_id": inputs["party_id"],
            "length": length,
            "text": summary.text,
            "citations": summary.citations,
            "data_classes": summary.data_classes,
            "inputs_hash": digest,
            "model": model,
            "prompt_version": getattr(writer, "prompt_version", None) if model != EXTRACTIVE else None,
        }
        for length, summary in made.items()
    ]


def extract(said: Sequence[Statement], length: Length) -> Summary:
    """The statements up to that length as one text with citation marks, whole statements only; the first is always said."""
    chosen: list[Statement] = []
    words = 0
    for level in LENGTHS[: LENGTHS.index(length) + 1]:
        for statement in said:
            if statement.length == level and (not chosen or words + len(statement.text.split()) <= WORDS[length]):
                chosen.append(statement)
                words += len(statement.text.split())
    marks = _marks(chosen)
    text = ". ".join(_cited(statement, marks) for statement in chosen)
    return Summary(f"{text}." if text else "", [{"mark": mark, "ref": ref} for ref, mark in marks.items()], _classes(chosen))


def _marks(said: Iterable[Statement]) -> dict[str, int]:
    marks: dict[str, int] = {}
    for statement in said:
        for proof in statement.proofs:
            if proof.ref:
                marks.setdefault(proof.ref, len(marks) + 1)
    return marks


def _cited(statement: Statement, marks: Mapping[str, int]) -> str:
    cited = sorted({marks[proof.ref] for proof in statement.proofs if proof.ref})
    return statement.text[:1].upper() + statement.text[1:].rstrip(".") + "".join(f" [{mark}]" for mark in cited)


def _classes(said: Iterable[Statement]) -> list[list[str]]:
    return [list(pair) for pair in sorted({(proof.source, proof.data_class) for statement in said for proof in statement.proofs})]


def _hash(inputs: Mapping[str, Any], said: Sequence[Statement]) -> bytes:
    content = [VERSION, inputs["party_id"], [(one.length, one.text, [(p.ref, p.source, p.data_class) for p in one.proofs]) for one in said]]
    return hashlib.blake2b(json.dumps(content, ensure_ascii=True).encode(), digest_size=16).digest()


def _write(writer: Writer, inputs: Mapping[str, Any], said: Sequence[Statement]) -> dict[Length, Summary] | None:
    """The writer's summaries; None where it gave none, or cites what it was not given."""
    facts = [{"mark": mark, "text": one.text} for mark, one in enumerate(said, 1)]
    written = writer.write({"party": statements.plain(inputs["name"]), "kind": inputs["kind"], "facts": facts})
    if not written:
        return None
    made: dict[Length, Summary] = {}
    for length in LENGTHS:
        text = _SEVERAL.sub(lambda found: "".join(f"[{mark}]" for mark in re.findall(r"\d+", found[0])), written.get(length, "").strip())
        cited = sorted({int(mark) for mark in re.findall(r"\[(\d{1,6})\]", text)})
        if not text or not all(0 < mark <= len(said) for mark in cited):
            return None
        citations = [{"mark": mark, "ref": proof.ref} for mark in cited for proof in said[mark - 1].proofs if proof.ref]
        made[length] = Summary(text, citations, _classes(said))
    return made
