"""What the building steps read and write. Synchronous, set by set; a row that would be the same is not written again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Text, any_, cast, delete, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from context_api.context.signals import CLOSED, Entry, Signal
from sql import queries
from sql.database import copy_rows
from sql.tables import context


def take_pending(connection: Connection, step: str, batch: int) -> list[str]:
    """Up to `batch` subjects of a step, taken off its list: they are back on it if the transaction fails."""
    return sorted(connection.scalars(queries.take_context_pending, {"step": step, "batch": batch}))


def add_pending(connection: Connection, step: str, subjects: Iterable[str]) -> None:
    """Put subjects on a step's list; one that is there is held until this transaction ends, so that it is not taken in between."""
    rows = [{"step": step, "subject": subject} for subject in sorted(set(subjects))]
    if rows:
        statement = insert(context.pending).values(rows)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["step", "subject"], set_={"subject": statement.excluded.subject})
        )


def drop_pending(connection: Connection, step: str, subjects: Sequence[str]) -> None:
    """Take subjects off a step's list: they were done along with others."""
    table = context.pending
    locked = (
        select(table.c.subject).where(table.c.step == step, table.c.subject == _any(subjects)).order_by(table.c.subject).with_for_update()
    )
    found = list(connection.scalars(locked))
    if found:
        connection.execute(delete(table).where(table.c.step == step, table.c.subject == _any(found)))


def _any(values: Sequence[str]) -> Any:
    return any_(cast(list(values), ARRAY(Text)))


def timeline_items(connection: Connection, parties: Sequence[str], items: Sequence[str]) -> list[str]:
    """Every item whose timeline rows hang on these parties or items, in order."""
    return list(connection.scalars(queries.find_timeline_items, {"parties": list(parties), "items": list(items)}))


def write_timeline(connection: Connection, items: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Bring the items' rows up to date: party id -> (rows written, rows removed), for the parties where something changed."""
    changed: dict[str, tuple[int, int]] = {}
    for row in connection.execute(queries.write_timeline, {"items": list(items), "closed": sorted(CLOSED)}):
        written, removed = changed.get(row.party_id, (0, 0))
        changed[row.party_id] = (written + row.written, removed + row.removed)
    return changed


def parties_of(connection: Connection, items: Sequence[str]) -> set[str]:
    """The parties that have one of the items on their timeline."""
    table = context.timeline
    return set(connection.scalars(select(table.c.party_id).where(table.c.item_ref == _any(items)).distinct()))


def entries(connection: Connection, parties: Sequence[str]) -> Iterator[tuple[str, Iterator[Entry]]]:
    """The timeline of each party as entries, one party after the other, streamed."""
    with connection.execute(
        queries.read_timeline_entries, {"parties": list(parties)}, execution_options={"yield_per": 2_000}
    ).mappings() as rows:
        for party_id, group in groupby(rows, key=lambda row: str(row["party_id"])):
            yield party_id, (Entry(**{name: row[name] for name in row if name != "party_id"}) for row in group)


def write_signals(connection: Connection, parties: Sequence[str], signals: Mapping[str, Sequence[Signal]]) -> set[str]:
    """Make these the parties' signals; returns the parties where one changed."""
    rows = [{"party_id": party_id} | asdict(signal) for party_id, found in signals.items() for signal in found]
    return set(connection.scalars(queries.write_signals, {"parties": list(parties), "signals": Jsonb(rows)}))


def member_records(connection: Connection, parties: Sequence[str]) -> list[Mapping[str, Any]]:
    """The records of the parties, by party and ref."""
    return [dict(row) for row in connection.execute(queries.read_member_records, {"parties": list(parties)}).mappings()]


def write_terms(connection: Connection, parties: Sequence[str], terms: Sequence[Mapping[str, Any]]) -> int:
    """Make these the parties' terms; returns how many rows changed."""
    return int(connection.scalar(queries.write_terms, {"parties": list(parties), "terms": Jsonb(list(terms))}) or 0)


def item_texts(connection: Connection, items: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Title and text of each item that is there, streamed by ref."""
    with connection.execute(queries.read_item_texts, {"items": list(items)}, execution_options={"yield_per": 50}).mappings() as rows:
        yield from map(dict, rows)


def passage_hashes(connection: Connection, items: Sequence[str]) -> dict[tuple[str, int], bytes]:
    """(item ref, position) -> content hash of the passages that are stored."""
    table = context.passage
    query = select(table.c.item_ref, table.c.position, table.c.content_hash).where(table.c.item_ref == _any(items))
    return {(row.item_ref, row.position): bytes(row.content_hash) for row in connection.execute(query)}


def delete_passages(connection: Connection, keys: Iterable[tuple[str, int]]) -> None:
    """Delete these passages, each an (item ref, position)."""
    rows = [{"item_ref": item_ref, "position": position} for item_ref, position in keys]
    if rows:
        connection.execute(queries.delete_passages, {"passages": Jsonb(rows)})


def insert_passages(
    connection: Connection, embedder: str, rows: Sequence[tuple[str, int, str, bytes]], vectors: NDArray[np.float32]
) -> int:
    """Add passages (item ref, position, text, content hash) with their vectors, row for row."""
    columns = ("item_ref", "position", "text", "content_hash", "embedder", "embedding")
    return copy_rows(
        connection,
        context.passage,
        columns,
        ((*row, embedder, vector_text(vector)) for row, vector in zip(rows, vectors, strict=True)),
    )


def vector_text(vector: NDArray[np.float32]) -> str:
    """The vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


def summary_inputs(connection: Connection, parties: Sequence[str]) -> list[Mapping[str, Any]]:
    """What each party's summary is made of: golden record, signals, relationships, contracts and the items that matter most."""
    return [dict(row) for row in connection.execute(queries.read_summary_inputs, {"parties": list(parties)}).mappings()]


def summaries(connection: Connection, parties: Sequence[str]) -> dict[str, tuple[bytes, str]]:
    """party id -> (hash of the inputs, model) of its stored summary."""
    table = context.summary
    query = select(table.c.party_id, table.c.inputs_hash, table.c.model).where(table.c.party_id == _any(parties), table.c.length == "card")
    return {row.party_id: (bytes(row.inputs_hash), row.model) for row in connection.execute(query)}


def write_summaries(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add or replace summaries; each row holds every column but created_at."""
    if rows:
        statement = insert(context.summary).values(list(rows))
        columns = {column: statement.excluded[column] for column in rows[0] if column not in ("party_id", "length")}
        connection.execute(statement.on_conflict_do_update(index_elements=["party_id", "length"], set_=columns))


def delete_summaries(connection: Connection, parties: Sequence[str]) -> int:
    """Delete what is said of parties that are no more; returns how many rows."""
    return connection.execute(delete(context.summary).where(context.summary.c.party_id == _any(parties))).rowcount if parties else 0
