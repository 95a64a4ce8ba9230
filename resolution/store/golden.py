"""All SQL of the golden records. Times come back in UTC, so that nothing written depends on the server's time zone.

Who builds holds the locks `golden` and `resolve`, in this order, until the transaction ends: nobody moves a record or sets an override
between the reading of a party and the taking of it off the list.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from resolution.golden.relationships import Claim, Claimant, Claims, Clue
from resolution.golden.survivorship import Authority, Interval, Member, Override, Version
from sql import queries
from sql.database import copy_rows, lock
from sql.tables import golden, identity, landing

ATTRIBUTE_COLUMNS = (
    "party_id", "attribute", "value", "rule", "source", "record_ref", "override_id", "losing", "also", "conflict", "content_hash",
    "observed_at", "valid_from_at", "valid_to_at", "known_from_at",
)  # fmt: skip
RELATIONSHIP_COLUMNS = (
    "from_party_id", "kind", "to_party_id", "attributes", "evidence", "valid_from_at", "valid_to_at", "known_from_at",
)  # fmt: skip

#: The one way that JSON is written here: the same content gives the same text.
to_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(slots=True)
class Party:
    """A party to build; without members it is retired or empty."""

    id: str
    kind: str
    members: list[Member] = field(default_factory=list)
    confidence: float = 1.0
    overrides: list[Override] = field(default_factory=list)


def begin(connection: Connection) -> None:
    """Take the locks, waiting for them if need be."""
    lock(connection, "golden")
    lock(connection, "resolve")


def notice_authority(connection: Connection) -> None:
    """Put the parties of a source whose authority has changed on the list."""
    connection.execute(queries.notice_authority)


def take_pending(connection: Connection, batch: int) -> list[str]:
    return sorted(connection.scalars(queries.take_golden_pending, {"batch": batch}))


def take_relationship_pending(connection: Connection, batch: int) -> list[str]:
    return sorted(connection.scalars(queries.take_relationship_pending, {"batch": batch}))


def read_clock(connection: Connection) -> datetime:
    """The one moment that everything written in this transaction is dated with."""
    moment: datetime = connection.scalar(queries.read_golden_clock)
    return moment


def authorities(connection: Connection) -> dict[str, Authority]:
    source = landing.source
    rows = connection.execute(select(source.c.name, source.c.authority, source.c.attribute_authority))
    return {row.name: Authority(row.authority, row.attribute_authority) for row in rows}


def read_parties(connection: Connection, party_ids: Sequence[str], at: datetime) -> list[Party]:
    """The parties with their live records, what these said before, and the overrides; what the records say now is kept for later."""
    party = identity.party
    kinds = {row.id: row.kind for row in connection.execute(select(party.c.id, party.c.kind).where(party.c.id.in_(party_ids)))}
    found = {party_id: Party(party_id, kinds.get(party_id, "unknown")) for party_id in party_ids}
    rows = connection.execute(queries.read_golden_members, {"party_ids": party_ids}).all()
    refs = [row.ref for row in rows]
    connection.execute(queries.keep_record_versions, {"refs": refs, "at": at})
    versions = _versions(connection, refs)
    for row in rows:
        each = found[row.party_id]
        said = [Version(since, attributes if attributes is not None else row.attributes) for since, attributes in versions[row.ref]]
        each.members.append(Member(row.ref, row.source, row.attributes, utc(row.observed_at), said[-1].since, said))
        each.confidence = min(each.confidence, row.confidence)
    for party_id, overrides in read_overrides(connection, party_ids).items():
        found[party_id].overrides = overrides
    return list(found.values())


def read_overrides(connection: Connection, party_ids: Sequence[str]) -> dict[str, list[Override]]:
    """The overrides in force of each party."""
    overrides: dict[str, list[Override]] = defaultdict(list)
    for row in connection.execute(queries.read_party_overrides, {"party_ids": party_ids}):
        overrides[row.party_id].append(Override(row.id, row.attribute, row.value, row.record_ref, utc(row.created_at)))
    return overrides


def _versions(connection: Connection, refs: Sequence[str]) -> dict[str, list[tuple[datetime | None, Mapping[str, Any] | None]]]:
    versions: dict[str, list[tuple[datetime | None, Mapping[str, Any] | None]]] = defaultdict(list)
    for row in connection.execute(queries.read_record_versions, {"refs": refs}):
        versions[row.record_ref].append((utc(row.observed_at), row.attributes))
    return versions


def open_attributes(connection: Connection, party_ids: Sequence[str]) -> dict[str, list[tuple[int, bytes]]]:
    """Id and content hash of what is believed of each party, true now or formerly."""
    table = golden.attribute
    query = select(table.c.id, table.c.party_id, table.c.content_hash).where(table.c.party_id.in_(party_ids), table.c.known_to_at.is_(None))
    found: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.party_id].append((row.id, bytes(row.content_hash)))
    return found


def close_attributes(connection: Connection, ids: Sequence[int], at: datetime) -> None:
    if ids:
        connection.execute(queries.close_golden_attributes, {"ids": ids, "at": at})


def add_attributes(connection: Connection, believed: Iterable[tuple[str, Interval, bytes]], at: datetime) -> None:
    """Open rows of (party id, interval, content hash)."""
    copy_rows(connection, golden.attribute, ATTRIBUTE_COLUMNS, (_attribute_row(*each, at) for each in believed))


def _attribute_row(party_id: str, interval: Interval, content_hash: bytes, at: datetime) -> tuple[Any, ...]:
    entry = interval.entry
    return (
        party_id, interval.attribute, to_json(entry.value), entry.rule, entry.source, entry.record_ref, entry.override_id,
        to_json(entry.losing), to_json(entry.also), entry.conflict, content_hash, entry.observed_at,
        interval.valid_from, interval.valid_to, at,
    )  # fmt: skip


def save_records(connection: Connection, records: Sequence[Mapping[str, Any]], at: datetime) -> int:
    """Write those that are other than before; returns how many. Keys are the columns of golden.record, document as the text of JSON,
    content_hash in hexadecimal."""
    if not records:
        return 0
    return len(connection.execute(queries.save_golden_records, {"records": to_json(records), "at": at}).all())


def drop_records(connection: Connection, party_ids: Sequence[str]) -> None:
    if party_ids:
        connection.execute(queries.drop_golden_records, {"party_ids": party_ids})


def save_keys(connection: Connection, keys: Mapping[str, Mapping[tuple[str, str], str]]) -> set[str]:
    """Write the affiliation keys of each party; returns the keys that an organisation gained or lost."""
    table = golden.affiliation_key
    wanted = {(party_id, *key): ref for party_id, found in keys.items() for key, ref in found.items()}
    rows = connection.execute(select(table).where(table.c.party_id.in_(keys)))
    stored = {(row.party_id, row.role, row.key): row.record_ref for row in rows}
    gone = [key for key, ref in stored.items() if wanted.get(key) != ref]
    new = [key for key, ref in wanted.items() if stored.get(key) != ref]
    if gone:
        columns = zip(*gone, strict=True)
        connection.execute(queries.drop_affiliation_keys, dict(zip(("party_ids", "roles", "keys"), map(list, columns), strict=True)))
    copy_rows(connection, table, ("party_id", "role", "key", "record_ref"), ((*key, wanted[key]) for key in sorted(new)))
    return {key for _, role, key in (*gone, *new) if role == "is"}


def ask_conflicts(connection: Connection, conflicts: Sequence[Mapping[str, Any]], possible: Iterable[str], at: datetime) -> tuple[int, int]:
    """Open a review for each of {"subject", "party_id", "evidence"}, withdraw those of the other possible subjects; how many of each."""
    opened = withdrawn = 0
    if conflicts:
        opened = len(connection.execute(queries.open_conflicts, {"conflicts": to_json(conflicts), "at": at}).all())
    without = sorted(set(possible) - {conflict["subject"] for conflict in conflicts})
    if without:
        withdrawn = len(connection.execute(queries.withdraw_conflicts, {"subjects": without, "at": at}).all())
    return opened, withdrawn


def mark_relationships(connection: Connection, parties: Sequence[Party], keys: Iterable[str]) -> None:
    """Put on the list whose relationships may be others, now that these parties are, and these keys of organisations."""
    refs = [member.ref for party in parties for member in party.members]
    given = {"party_ids": [party.id for party in parties], "refs": refs, "keys": sorted(keys)}
    connection.execute(queries.mark_relationships_pending, given)


def mark_context(connection: Connection, party_ids: Iterable[str]) -> None:
    if wanted := sorted(set(party_ids)):
        connection.execute(queries.mark_context_pending, {"party_ids": wanted})


def read_claimants(connection: Connection, party_ids: Sequence[str]) -> dict[str, list[Claimant]]:
    """The records of each party with what they claim and have claimed."""
    found: dict[str, dict[str, Claimant]] = {party_id: {} for party_id in party_ids}
    said: dict[str, list[Claims]] = defaultdict(list)
    for row in connection.execute(queries.read_record_claims, {"party_ids": party_ids}):
        said[row.ref].append(Claims(utc(row.since), [_claim(claim) for claim in row.claims]))
        found[row.party_id][row.ref] = Claimant(row.ref, row.source, utc(row.observed_at), said[row.ref])
    return {party_id: list(claimants.values()) for party_id, claimants in found.items()}


def _claim(claim: Mapping[str, Any]) -> Claim:
    return Claim(claim["kind"], claim["to"], claim["origin"], claim["attributes"], _midnight(claim["from_on"]), _midnight(claim["to_on"]))


def read_holders(connection: Connection, refs: Iterable[str]) -> dict[str, str]:
    """The party of each record that lives and has one."""
    return {row.ref: row.party_id for row in connection.execute(queries.read_record_holders, {"refs": sorted(refs)})}


def read_clues(connection: Connection, party_ids: Sequence[str]) -> dict[str, list[Clue]]:
    """What gives away who employs these parties."""
    clues: dict[str, list[Clue]] = defaultdict(list)
    for row in connection.execute(queries.read_employment_clues, {"party_ids": party_ids}):
        clues[row.party_id].append(Clue(row.to_party, row.key, row.from_ref, row.to_ref, utc(row.observed_at)))
    return clues


def open_relationships(connection: Connection, party_ids: Sequence[str]) -> Sequence[Any]:
    """What is believed now of these parties' relationships: rows of golden.relationship, times in UTC."""
    table = golden.relationship
    return connection.execute(select(table).where(table.c.from_party_id.in_(party_ids), table.c.known_to_at.is_(None))).all()


def close_relationships(connection: Connection, ids: Sequence[int], at: datetime) -> None:
    if ids:
        connection.execute(queries.close_relationships, {"ids": ids, "at": at})


def add_relationships(connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Open rows of RELATIONSHIP_COLUMNS."""
    copy_rows(connection, golden.relationship, RELATIONSHIP_COLUMNS, rows)


def find_anchor(connection: Connection, party_id: str, attribute: str) -> str | None:
    """The record on which an override of the attribute hangs; None where the party has no records."""
    found: str | None = connection.scalar(queries.find_override_anchor, {"party_id": party_id, "attribute": attribute})
    return found


def read_override(connection: Connection, override_id: int) -> Any | None:
    table = golden.override
    return connection.execute(select(table).where(table.c.id == override_id)).one_or_none()


def find_override(connection: Connection, record_ref: str, attribute: str) -> Any | None:
    """The override in force that hangs on this record."""
    table = golden.override
    mine = (table.c.record_ref == record_ref, table.c.attribute == attribute, table.c.withdrawn_at.is_(None))
    return connection.execute(select(table).where(*mine)).one_or_none()


def add_override(connection: Connection, values: Mapping[str, Any]) -> int:
    table = golden.override
    return int(connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def withdraw_override(connection: Connection, override_id: int) -> None:
    table = golden.override
    connection.execute(update(table).where(table.c.id == override_id).values(withdrawn_at=func.now()))


def current_record(connection: Connection, party_id: str) -> Any | None:
    """The row of golden.record."""
    return connection.execute(select(golden.record).where(golden.record.c.party_id == party_id)).one_or_none()


def believed_then(connection: Connection, party_id: str, known_at: datetime) -> Sequence[Any]:
    """What was believed of a party at a moment, true then and formerly, by attribute and time."""
    return connection.execute(queries.read_golden_then, {"party_id": party_id, "known_at": known_at}).all()


def members_then(connection: Connection, party_id: str, known_at: datetime) -> Any:
    """records, confidence and sources of the party at a moment."""
    return connection.execute(queries.read_members_then, {"party_id": party_id, "known_at": known_at}).one()


def party_kind(connection: Connection, party_id: str) -> str:
    kind: str | None = connection.scalar(select(identity.party.c.kind).where(identity.party.c.id == party_id))
    return kind or "unknown"


def utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _midnight(text: str | None) -> datetime | None:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) if text else None
