"""Golden records: what is believed of each party, built where something changed.

A golden record is a function of the party's records, their earlier versions, the sources' authority and the overrides in force; so any
order and any batches give the same, building twice writes nothing, and a merge or split that is undone leaves what was. Parties first,
their relationships when all of them are built: a claim is picked up whichever of its two records comes later.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from resolution.golden import relationships
from resolution.golden.attributes import EXCLUSIVE
from resolution.golden.history import Belief, believe
from resolution.golden.relationships import Relationship
from resolution.golden.survivorship import Authority, Entry, Interval
from resolution.store import golden as store
from resolution.store.identity import resolve_party_id
from sql.database import Database

#: Parties in one transaction.
BATCH = 1_000
#: Later than all that is known.
EVER = datetime.max.replace(tzinfo=UTC)


class NaiveTimeError(ValueError):
    """A time to ask for needs a time zone, such as 2026-01-31T00:00:00Z."""

    def __str__(self) -> str:
        return self.__doc__ or ""


@dataclass(frozen=True, slots=True)
class GoldenReport:
    """What was done. parties: built; changed: whose record is other than before; retired: left without records;
    opened, closed: versions of values; related, unrelated: versions of relationships; conflicts, settled: reviews asked and withdrawn."""

    parties: int = 0
    changed: int = 0
    retired: int = 0
    opened: int = 0
    closed: int = 0
    related: int = 0
    unrelated: int = 0
    conflicts: int = 0
    settled: int = 0

    def __add__(self, other: "GoldenReport") -> "GoldenReport":
        return GoldenReport(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def build(database: Database, batch: int = BATCH) -> GoldenReport:
    """Build the golden records that are pending, in transactions of `batch` parties; with nothing pending nothing is written."""
    report = GoldenReport()
    with database.begin() as connection:
        store.begin(connection)
        store.notice_authority(connection)
    for step in (_build_parties, _build_relationships):
        while True:
            with database.begin() as connection:
                store.begin(connection)
                done = step(connection, batch)
            if done is None:
                break
            report += done
    return report


def at(connection: Connection, party_id: str, as_of: datetime | None = None, known_at: datetime | None = None) -> dict[str, Any] | None:
    """A golden record as it was in the world at `as_of`, as we believed it at `known_at`; None for either is now.

    {"party_id", "kind", "name", "confidence", "records", "sources", "document", "content_hash" (hexadecimal), "as_of", "known_at"}, or None
    where nothing was believed of such a party. An id that was merged into another gives the other, with "redirected_from"; asked for a time
    before the merge, what was believed of it then. The document is as in golden.record; of another time, its entries tell "valid_from",
    "valid_to" and "known_from" too, and "assumed" where the value was first seen only after `as_of`. Raises NaiveTimeError.
    """
    if any(moment is not None and moment.tzinfo is None for moment in (as_of, known_at)):
        raise NaiveTimeError
    if as_of is None and known_at is None:
        found = _now(connection, party_id)
    else:
        found = _then(connection, party_id, as_of, known_at or EVER)
    if found is None:
        return None
    redirected = {} if found["party_id"] == party_id else {"redirected_from": party_id}
    return {**found, **redirected, "as_of": as_of.isoformat() if as_of else None, "known_at": known_at.isoformat() if known_at else None}


def _now(connection: Connection, party_id: str) -> dict[str, Any] | None:
    holder = resolve_party_id(connection, party_id)
    row = store.current_record(connection, holder) if holder else None
    if row is None:
        return None
    same = ("party_id", "kind", "name", "confidence", "records", "sources", "document")
    return {**{name: getattr(row, name) for name in same}, "content_hash": bytes(row.content_hash).hex()}


def _then(connection: Connection, party_id: str, as_of: datetime | None, known_at: datetime) -> dict[str, Any] | None:
    holder: str | None = party_id
    rows = store.believed_then(connection, party_id, known_at)
    if not rows:
        holder = resolve_party_id(connection, party_id)
        rows = store.believed_then(connection, holder, known_at) if holder else []
    if holder is None or not rows:
        return None
    document = {attribute: entry for attribute, of in groupby(rows, lambda row: row.attribute) if (entry := _true_at(list(of), as_of))}
    members = store.members_then(connection, holder, known_at)
    return {
        "party_id": holder,
        "kind": store.party_kind(connection, holder),
        "name": display_name({name: entry["value"] for name, entry in document.items()}, rows[0].record_ref),
        "confidence": members.confidence,
        "records": members.records,
        "sources": members.sources,
        "document": document,
        "content_hash": _hash(store.to_json(document)).hex(),
    }


def _true_at(rows: Sequence[Any], as_of: datetime | None) -> dict[str, Any] | None:
    """The value that was true at a moment, of those believed of one attribute, earliest first. The earliest holds from always."""
    for place, row in enumerate(rows):
        begins, ends = row.valid_from_at, row.valid_to_at
        if ends is not None and (as_of is None or ends <= as_of):
            continue
        early = as_of is not None and begins is not None and begins > as_of
        if early and place:
            return None
        entry = Entry(
            row.value, row.source, row.record_ref, row.rule, store.utc(row.observed_at), store.utc(begins), tuple(row.losing),
            tuple(row.also), row.conflict, row.override_id,
        ).document()  # fmt: skip
        times = {"valid_from": begins, "valid_to": ends, "known_from": row.known_from_at}
        told = {name: moment.astimezone(UTC).isoformat() if moment else None for name, moment in times.items()}
        return {**entry, **told, **({"assumed": True} if early else {})}
    return None


def _build_parties(connection: Connection, batch: int) -> GoldenReport | None:
    """Build the next parties; None where none is left."""
    party_ids = store.take_pending(connection, batch)
    if not party_ids:
        return None
    at = store.read_clock(connection)
    authorities = store.authorities(connection)
    parties = store.read_parties(connection, party_ids, at)
    beliefs = {party.id: believe(party.members, authorities, party.overrides) for party in parties if party.members}
    opened, closed = _write_attributes(connection, party_ids, beliefs, at)
    changed = store.save_records(connection, [_record(party, beliefs[party.id]) for party in parties if party.members], at)
    retired = [party.id for party in parties if not party.members]
    store.drop_records(connection, retired)
    keys = {party.id: relationships.affiliation_keys(party.kind, beliefs[party.id].entries if party.members else {}) for party in parties}
    store.mark_relationships(connection, parties, store.save_keys(connection, keys))
    possible = (f"{party_id}:{attribute}" for party_id in party_ids for attribute in EXCLUSIVE)
    asked, settled = store.ask_conflicts(connection, _conflicts(beliefs, authorities), possible, at)
    store.mark_context(connection, party_ids)
    return GoldenReport(len(party_ids), changed, len(retired), opened, closed, conflicts=asked, settled=settled)


def _write_attributes(connection: Connection, party_ids: Sequence[str], beliefs: Mapping[str, Belief], at: datetime) -> tuple[int, int]:
    """Close what is believed no longer and open what is new; how many of each."""
    known = store.open_attributes(connection, party_ids)
    closed: list[int] = []
    opened: list[tuple[str, Interval, bytes]] = []
    for party_id in party_ids:
        belief = beliefs.get(party_id)
        wanted = {content_hash(interval): interval for interval in belief.intervals} if belief else {}
        closed.extend(row_id for row_id, content in known.get(party_id, ()) if content not in wanted)
        held = {content for _, content in known.get(party_id, ())}
        opened.extend((party_id, interval, content) for content, interval in wanted.items() if content not in held)
    store.close_attributes(connection, closed, at)
    store.add_attributes(connection, opened, at)
    return len(opened), len(closed)


def content_hash(interval: Interval) -> bytes:
    """16 bytes over all that makes a version: everything but when the sources last confirmed it."""
    entry = interval.entry
    sides = [[(other["value"], other["source"], other["record_ref"]) for other in side] for side in (entry.losing, entry.also)]
    times = [moment.isoformat() if moment else None for moment in (interval.valid_from, interval.valid_to)]
    told = [entry.rule, entry.source, entry.record_ref, entry.override_id, entry.conflict]
    return _hash(store.to_json([interval.attribute, entry.value, told, sides, times]))


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _record(party: store.Party, belief: Belief) -> dict[str, Any]:
    document = store.to_json({attribute: entry.document() for attribute, entry in belief.entries.items()})
    return {
        "party_id": party.id,
        "kind": party.kind,
        "name": display_name({name: entry.value for name, entry in belief.entries.items()}, min(member.ref for member in party.members)),
        "document": document,
        "content_hash": _hash(document).hex(),
        "confidence": party.confidence,
        "records": len(party.members),
        "sources": sorted({member.source for member in party.members}),
    }


def display_name(values: Mapping[str, Any], otherwise: str) -> str:
    """What to call a party: its name, or what else tells it best."""
    return next((str(values[attribute]) for attribute in ("name", "email", "website", "phone", "vat") if attribute in values), otherwise)


def _conflicts(beliefs: Mapping[str, Belief], authorities: Mapping[str, Authority]) -> list[dict[str, Any]]:
    """A review for each value on which trusted sources contradict each other."""
    return [
        {"subject": f"{party_id}:{attribute}", "party_id": party_id, "evidence": _conflict_evidence(attribute, entry, authorities)}
        for party_id, belief in beliefs.items()
        for attribute, entry in belief.entries.items()
        if entry.conflict
    ]


def _conflict_evidence(attribute: str, entry: Entry, authorities: Mapping[str, Authority]) -> dict[str, Any]:
    believed = {"value": entry.value, "source": entry.source, "record_ref": entry.record_ref}
    others = [{name: other[name] for name in believed} for other in (*entry.losing, *entry.also)]
    values = [{**each, "authority": authorities.get(each["source"], Authority()).of(attribute)} for each in (believed, *others)]
    return {"attribute": attribute, "rule": entry.rule, "values": values}


def _build_relationships(connection: Connection, batch: int) -> GoldenReport | None:
    """Work out the relationships of the next parties; None where none is left."""
    party_ids = store.take_relationship_pending(connection, batch)
    if not party_ids:
        return None
    at = store.read_clock(connection)
    claimants = store.read_claimants(connection, party_ids)
    claimed = {claim.to for each in claimants.values() for one in each for version in one.versions for claim in version.claims}
    holders = store.read_holders(connection, claimed)
    clues = store.read_clues(connection, party_ids)
    authorities = store.authorities(connection)
    wanted = {
        _identity(party_id, one): (party_id, one)
        for party_id in party_ids
        for one in relationships.relate(party_id, claimants[party_id], holders, authorities, clues.get(party_id, ()))
    }
    known = {_stored_identity(row): row for row in store.open_relationships(connection, party_ids)}
    closed = [row for content, row in known.items() if content not in wanted]
    opened = [each for content, each in wanted.items() if content not in known]
    store.close_relationships(connection, [row.id for row in closed], at)
    store.add_relationships(connection, (_relationship_row(party_id, one, at) for party_id, one in opened))
    ends = {(party_id, one.to_party) for party_id, one in opened} | {(row.from_party_id, row.to_party_id) for row in closed}
    store.mark_context(connection, {party_id for pair in ends for party_id in pair})
    return GoldenReport(related=len(opened), unrelated=len(closed))


def _identity(party_id: str, one: Relationship) -> bytes:
    times = [moment.isoformat() if moment else None for moment in (one.valid_from, one.valid_to)]
    return _hash(store.to_json([party_id, one.kind, one.to_party, dict(one.attributes), list(one.evidence), times]))


def _stored_identity(row: Any) -> bytes:
    times = (store.utc(row.valid_from_at), store.utc(row.valid_to_at))
    return _identity(row.from_party_id, Relationship(row.kind, row.to_party_id, row.attributes, tuple(row.evidence), *times))


def _relationship_row(party_id: str, one: Relationship, at: datetime) -> tuple[Any, ...]:
    return party_id, one.kind, one.to_party, store.to_json(dict(one.attributes)), list(one.evidence), one.valid_from, one.valid_to, at
