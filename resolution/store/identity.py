"""Parties, who belongs to them, what became of them: the crosswalk.

Whoever writes here holds the lock `resolve` until the transaction ends. So the sequence of events is the order in which they were
committed: a reader of `events_after` that has seen number n has missed nothing before it. Numbers have gaps where a transaction failed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from resolution.store.records import Batch, batch_of
from sql import queries
from sql.database import rows
from sql.tables import identity


@dataclass(frozen=True, slots=True)
class Party:
    """A party as it stands. retired: it has no records now; redirected: because it was merged into another."""

    id: str
    kind: str
    created_at: datetime
    retired: bool


@dataclass(frozen=True, slots=True)
class Member:
    party_id: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a party: created, joined, left, merged, split, retired, changed. `other` is the party on the other side."""

    kind: str
    party_id: str
    record_ref: str | None = None
    other: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference to write. closed: records that leave their party; opened: who joins which; restated: records whose confidence is
    another; founded: party id -> kind; revived, retired: party ids; redirected: from -> to; kinds: party id -> its kind now."""

    closed: list[int] = field(default_factory=list)
    opened: dict[int, Member] = field(default_factory=dict)
    restated: dict[int, float] = field(default_factory=dict)
    founded: dict[str, str] = field(default_factory=dict)
    revived: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    redirected: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a transaction begins with: the moment that everything in it is dated with, the version of the model in force, if any, some of
    the pending records, whether there are `ungrouped` ones, about how many records the database takes itself to hold, and what was taken
    off the list of pending ones at once."""

    at: datetime
    version: str | None
    waiting: list[int]
    ungrouped: bool
    estimate: int
    taken: Batch


def begin(connection: Connection, limit: int = 0, few: int = 0) -> Opening:
    """Take the resolver's lock, wait for it if need be, and see what the transaction stands under, with at most `limit` pending records.
    Where no more than `few` are pending, under a model and without ungrouped ones, these are taken off the list; `few` is below `limit`."""
    rows(connection, queries.lock_resolver)
    found = rows(connection, queries.open_turn, {"limit": limit, "few": few})
    row = found[0]
    taken = batch_of(row.waiting, [each for each in found if each.id is not None])
    return Opening(row.at, row.version, row.waiting, row.ungrouped, row.estimate, taken)


def resolve_party_id(connection: Connection, party_id: str) -> str | None:
    """The party that this id stands for now, following merges; None where there never was one. It may be retired, left without records."""
    found: str | None = connection.scalar(queries.follow_redirects, {"party_id": party_id})
    return found


def party_of_record(connection: Connection, ref: str) -> str | None:
    """The crosswalk: the party of the record "source/stream/key", or None."""
    found: str | None = connection.scalar(queries.find_party_of_record, {"ref": ref})
    return found


def events_after(connection: Connection, sequence: int, limit: int = 1_000) -> Sequence[Any]:
    """The next events after a number, in order: rows of identity.event."""
    event = identity.event
    return connection.execute(select(event).where(event.c.sequence > sequence).order_by(event.c.sequence).limit(limit)).all()


def members(connection: Connection, party_id: str) -> list[int]:
    """Ids of the party's records now."""
    table = identity.membership
    query = select(table.c.record_id).where(table.c.party_id == party_id, table.c.valid_to_at.is_(None)).order_by(table.c.record_id)
    return list(connection.scalars(query))


def memberships(connection: Connection, ids: Sequence[int]) -> dict[int, Member]:
    """The current memberships of the records, and of all who share a party with them."""
    found = rows(connection, queries.list_memberships, {"ids": list(ids)})
    return {row.record_id: Member(row.party_id, row.confidence) for row in found}


def memberships_before(connection: Connection, ids: Sequence[int], at: datetime) -> dict[int, str]:
    """For those of the records whose party changed at a moment: the one they were in before."""
    found = rows(connection, queries.list_memberships_before, {"ids": list(ids), "at": at})
    return {row.record_id: row.party_id for row in found}


def parties(connection: Connection, ids: Iterable[str]) -> dict[str, Party]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = rows(connection, queries.find_parties_by_id, {"ids": wanted})
    return {row.id: Party(row.id, row.kind, row.created_at, row.retired_at is not None) for row in found}


def taken(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of the ids that some party has or had."""
    return {row.id for row in rows(connection, queries.find_taken_parties, {"ids": sorted(ids)})}


def write(connection: Connection, changes: Changes, concerned: Iterable[str], actor: str, at: datetime) -> None:
    """Write the difference, dated `at`. concerned: the parties whose golden records are to be built again."""
    _write_former(connection, changes, at)
    opened, restated = sorted(changes.opened.items()), sorted(changes.restated.items())
    founded, events = sorted(changes.founded.items()), changes.events
    columns = {
        "founded": [party_id for party_id, _ in founded],
        "founded_kinds": [kind for _, kind in founded],
        "opened": [record_id for record_id, _ in opened],
        "opened_parties": [member.party_id for _, member in opened],
        "opened_confidences": [member.confidence for _, member in opened],
        "restated": [record_id for record_id, _ in restated],
        "restated_confidences": [confidence for _, confidence in restated],
        "kinds": [event.kind for event in events],
        "party_ids": [event.party_id for event in events],
        "record_refs": [event.record_ref for event in events],
        "other_party_ids": [event.other for event in events],
        "reasons": [event.reason for event in events],
        "concerned": sorted(concerned),
    }
    if any(columns.values()):
        rows(connection, queries.write_changes, {**columns, "actor": actor, "at": at})


def _write_former(connection: Connection, changes: Changes, at: datetime) -> None:
    """What becomes of parties and memberships that were there before."""
    party, redirect = identity.party, identity.redirect
    if changes.closed:
        connection.execute(queries.close_memberships, {"ids": sorted(changes.closed), "at": at})
    if changes.revived:
        connection.execute(update(party).where(party.c.id.in_(changes.revived)).values(retired_at=None))
        connection.execute(delete(redirect).where(redirect.c.from_id.in_(changes.revived)))
    if changes.retired:
        connection.execute(update(party).where(party.c.id.in_(changes.retired)).values(retired_at=at))
    if changes.redirected:
        leading = [{"from_id": old, "to_id": new, "created_at": at} for old, new in sorted(changes.redirected.items())]
        statement = upsert(redirect)
        connection.execute(statement.on_conflict_do_update(index_elements=["from_id"], set_={"to_id": statement.excluded.to_id}), leading)
    for party_id, kind in sorted(changes.kinds.items()):
        connection.execute(update(party).where(party.c.id == party_id).values(kind=kind))
