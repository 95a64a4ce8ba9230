"""Rows to ask about, written into staging, identity and golden as the steps before would; and an embedder of words by hash."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert, text

from context_api.access import Access
from context_api.context import passages, summaries, timeline
from sql.database import Database
from sql.tables import context, golden, identity, landing, staging

ALL = Access("agent", frozenset({"read", "source:*", "class:*"}))


class HashingEmbedder:
    """Each word is a random direction: texts are near where they share words. Knows no synonyms, and needs no model."""

    name = "hashing"

    def __init__(self) -> None:
        self.embedded = 0

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), 256), np.float32)
        for row, said in enumerate(texts):
            for word in re.findall(r"\w{3,}", said.lower()):
                seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")
                vectors[row] += np.random.default_rng(seed).standard_normal(256).astype(np.float32)
            vectors[row, 0] += 1e-6
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def day(text_: str) -> datetime:
    return datetime.fromisoformat(text_).replace(tzinfo=UTC)


@dataclass
class World:
    """Writes rows in one transaction's connection. Refs carry the source."""

    connection: Connection
    records: dict[str, int] = field(default_factory=dict)

    def source(self, name: str, synced_at: str = "2026-11-01") -> None:
        self.connection.execute(insert(landing.source).values(name=name, kind="csv", authority=0.5))
        self.connection.execute(insert(landing.cursor).values(source=name, stream="all", position={}))
        self.connection.execute(
            insert(landing.sync_run).values(
                source=name, stream="all", status="succeeded", correlation_id="x", started_at=day(synced_at), finished_at=day(synced_at)
            )
        )

    def record(self, ref: str, party_id: str, kind: str = "organization", confidence: float = 1.0, **attributes: Any) -> None:
        """A party record of the party; attributes are lists, or single values."""
        source, stream, key = ref.split("/", 2)
        values = {name.replace("key_", "key:"): value if isinstance(value, list) else [value] for name, value in attributes.items()}
        row = {
            "ref": ref,
            "source": source,
            "stream": stream,
            "key": key,
            "origin": ref,
            "kind": kind,
            "attributes": values,
            "content_hash": b"x",
        }
        record_id = self.connection.execute(insert(staging.party_record).values(row).returning(staging.party_record.c.id)).scalar_one()
        self.records[ref] = record_id
        self.connection.execute(insert(identity.membership).values(record_id=record_id, party_id=party_id, confidence=confidence))
        self._landed(ref)

    def party(self, party_id: str, name: str, ref: str, kind: str = "organization", **document: Any) -> None:
        """The golden record; each attribute is a value, or an (entry) dict with "value" and "record_ref"."""
        entries = {"name": name} | document
        made = {key: value if isinstance(value, dict) and "record_ref" in value else entry(value, ref) for key, value in entries.items()}
        sources = sorted({one["record_ref"].split("/")[0] for one in made.values()})
        row = {"party_id": party_id, "kind": kind, "name": name, "document": made, "content_hash": b"x", "confidence": 0.97}
        self.connection.execute(insert(identity.party).values(id=party_id, kind=kind))
        self.connection.execute(insert(golden.record).values(row | {"records": len(sources), "sources": sources}))
        for attribute, one in made.items():
            row = {"party_id": party_id, "attribute": attribute, "content_hash": b"x"} | {
                name: one[name] for name in ("value", "rule", "source", "record_ref", "losing")
            }
            self.connection.execute(insert(golden.attribute).values(row))
        self.touch("timeline", party_id)
        self.touch("summary", party_id)

    def employs(self, organization: str, person: str, evidence: str, **more: Any) -> None:
        row = {"from_party_id": person, "kind": "employment", "to_party_id": organization, "evidence": [evidence]} | more
        self.connection.execute(insert(golden.relationship).values(row))

    def activity(self, ref: str, kind: str, people: dict[str, str], **more: Any) -> None:
        """people: party record's ref -> role."""
        row = {
            "ref": ref, "source": ref.split("/")[0], "stream": ref.split("/")[1], "origin": ref, "kind": kind, "title": f"{kind} {ref}",
            "data_class": "internal", "untrusted": False, "content_hash": b"x", "occurred_at": day("2026-10-01"),
        } | more  # fmt: skip
        if isinstance(row["occurred_at"], str):
            row["occurred_at"] = day(row["occurred_at"])
        self.connection.execute(insert(staging.activity).values(row))
        self._people(ref, people)
        self._landed(row["origin"])

    def document(self, ref: str, people: dict[str, str], **more: Any) -> None:
        row = {
            "ref": ref, "source": ref.split("/")[0], "stream": ref.split("/")[1], "origin": ref, "kind": "contract",
            "title": f"Contract {ref}",
            "media_type": "text/plain", "text": "", "data_class": "internal", "untrusted": False, "content_hash": b"x",
        } | more  # fmt: skip
        self.connection.execute(insert(staging.document).values(row))
        self._people(ref, people)
        self._landed(row["origin"])

    def touch(self, step: str, subject: str) -> None:
        self.connection.execute(
            text("INSERT INTO context.pending VALUES (:step, :subject) ON CONFLICT DO NOTHING"), {"step": step, "subject": subject}
        )

    def _people(self, ref: str, people: dict[str, str]) -> None:
        for position, (party_ref, role) in enumerate(people.items()):
            self.connection.execute(insert(staging.participant).values(item_ref=ref, position=position, role=role, party_ref=party_ref))
        self.touch("timeline", ref)
        self.touch("passages", ref)

    def _landed(self, ref: str) -> None:
        source, stream, key = ref.split("/", 2)
        row = {"ref": ref, "source": source, "stream": stream, "key": key, "payload": {}, "content_hash": b"x"}
        self.connection.execute(
            text(
                "INSERT INTO landing.record (ref, source, stream, key, payload, content_hash)"
                " VALUES (:ref, :source, :stream, :key, '{}', 'x') ON CONFLICT DO NOTHING"
            ),
            row,
        )


def entry(value: Any, ref: str, **more: Any) -> dict[str, Any]:
    """An entry of a golden document."""
    return {
        "value": value, "source": ref.split("/")[0], "record_ref": ref, "rule": "authority", "observed_at": "2026-09-01T00:00:00+00:00",
        "since": None, "losing": [],
    } | more  # fmt: skip


def build(database: Database, embedder: passages.Embedder) -> None:
    timeline.build(database)
    passages.build(database, embedder)
    summaries.build(database)


def versions(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Table -> the row versions of the context schema."""
    with database.begin() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(text(f"SELECT ctid::text, xmin::text FROM context.{table.name}")))
            for table in (context.timeline, context.passage, context.summary, context.signal, context.term)
        }
