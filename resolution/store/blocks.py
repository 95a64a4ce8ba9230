"""The inverted index of blocking keys, and which blocks and identifiers too many records share.

Beside the keys of `resolution.block` the index holds each record's identifiers under the rule IDENTIFIER, so that the holders of one
can be counted and found; that rule makes no candidate pairs. Every key in the index is a live record's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from resolution import block
from resolution.normalize.features import Features
from resolution.normalize.hashing import hash_text
from resolution.normalize.profile import Profile
from resolution.store.pairs import Mark, PairId
from resolution.store.profiles import profiles, to_json
from resolution.store.profiles import read as read_profiles
from sql import queries
from sql.database import rows
from sql.tables import identity

#: The rule number under which identifiers are indexed; rules of `block` are below it.
IDENTIFIER = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """With more records than this a block gives no candidates (of a telling rule: `block`, of another: `crowd`), and an identifier decides
    nothing."""

    block: int
    crowd: int
    identifier: int

    def as_parameters(self) -> dict[str, object]:
        """What queries ask: `identifier_rule`, below which a rule makes pairs; `cap` for `telling` ones; `crowd` for the others."""
        return {"identifier_rule": IDENTIFIER, "cap": self.block, "crowd": self.crowd, "telling": list(block.TELLING)}


@dataclass(frozen=True, slots=True)
class Entries:
    """What the index is to hold of some records: their profiles, the content hash of each by id, and (record id, key, rule) columns."""

    profiles: Sequence[Profile]
    hashes: Mapping[int, bytes]
    records: Sequence[int]
    keys: Sequence[int]
    rules: Sequence[int]


@dataclass(frozen=True, slots=True)
class Meetings:
    """pairs: the candidate pairs (left id < right id) that records make with any record; held: the pairs kept of them; judged: whether a
    judgement speaks of them."""

    pairs: set[PairId]
    held: dict[PairId, Mark]
    judged: bool


@dataclass(frozen=True, slots=True)
class Indexed(Meetings):
    """What came of indexing some records. others: the profiles of whom they meet. Of the keys that gained or lost a record those gone over
    their limit (closed) or come back under it (opened), the identifiers that did either, with whether they are over it, and the identifiers
    that are on the list of shared ones."""

    others: list[Profile] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    identifiers: dict[int, bool] = field(default_factory=dict)
    shared: list[int] = field(default_factory=list)


def identifier_key(term: str) -> int:
    """The index key of an identifier term such as "vat:DE123456789": signed 64 bits."""
    hashed = hash_text(f"identifier {term}")
    return hashed - (1 << 64) if hashed >> 63 else hashed


def identifier_entries(found: Iterable[Profile]) -> list[tuple[int, int, int]]:
    """(key, record id, rule) of each identifier of these records."""
    return [(identifier_key(term), each.id, IDENTIFIER) for each in found for term in each.terms.get("identifier", ())]


def index(connection: Connection, ids: Sequence[int], entries: Entries, limits: Limits) -> Indexed:
    """Make the index hold the entries for the records `ids`; those without an entry are forgotten. Returns what their keys lead
    to then, and what it brought about."""
    identifiers = identifier_entries(entries.profiles)
    wanted = {
        **limits.as_parameters(),
        "identifier": limits.identifier,
        "ids": list(ids),
        "keys": [*entries.keys, *(key for key, _, _ in identifiers)],
        "key_records": [*entries.records, *(record_id for _, record_id, _ in identifiers)],
        "rules": [*entries.rules, *(rule for _, _, rule in identifiers)],
        "records": [each.id for each in entries.profiles],
        "forgotten": sorted(set(ids) - {each.id for each in entries.profiles}),
        "refs": [each.ref for each in entries.profiles],
        "kinds": [each.kind for each in entries.profiles],
        "terms": [to_json(each.terms) for each in entries.profiles],
        "hashes": [entries.hashes[each.id] for each in entries.profiles],
    }
    row = rows(connection, queries.index_records, wanted)[0]
    met = _meetings(row)
    crossed = list(zip(row.crossed_keys or (), row.crossed_rules or (), row.crossed_over or (), strict=True))
    return Indexed(
        met.pairs,
        met.held,
        met.judged,
        profiles(row.profiles or "[]"),
        [key for key, rule, over in crossed if over and rule != IDENTIFIER],
        [key for key, rule, over in crossed if not over and rule != IDENTIFIER],
        {key: over for key, rule, over in crossed if rule == IDENTIFIER},
        row.shared or [],
    )


def meet(connection: Connection, ids: Sequence[int], limits: Limits) -> Meetings:
    """What the keys of the records lead to."""
    return _meetings(rows(connection, queries.read_meetings, {**limits.as_parameters(), "ids": list(ids)})[0])


def _meetings(row: Any) -> Meetings:
    held = zip(row.held_left or (), row.held_right or (), row.held_linked or (), row.held_probability or (), strict=True)
    return Meetings(
        set(zip(row.met_left or (), row.met_right or (), strict=True)),
        {(left, right): Mark(linked, probability) for left, right, linked, probability in held},
        row.judged,
    )


def note_shared(connection: Connection, profiles: Iterable[Profile], crossed: Mapping[int, bool], shared: Iterable[int] = ()) -> None:
    """Put identifiers that crossed their limit on the list or off it, and bring the counts of these and of the `shared` ones up to date.
    profiles: among them a holder of each that went over it."""
    if over := {key for key, is_over in crossed.items() if is_over}:
        terms = {term for each in profiles for term in each.terms.get("identifier", ())}
        named = [(key, *_parts(term)) for term in terms if (key := identifier_key(term)) in over]
        keys, meanings, values = ([row[place] for row in sorted(named)] for place in range(3))
        connection.execute(queries.add_shared_identifiers, {"keys": keys, "meanings": meanings, "values": values})
    if under := [key for key, is_over in crossed.items() if not is_over]:
        connection.execute(queries.drop_shared_identifiers, {"keys": under})
    if counted := over.union(shared):
        connection.execute(queries.count_shared_identifiers, {"keys": sorted(counted)})


def limit_shared(connection: Connection, limit: int) -> None:
    """Make the list of shared identifiers what another limit makes of the index as it stands; from then on `note_shared` keeps it so."""
    holder = {row.key: row.record_id for row in rows(connection, queries.list_crowded_identifiers, {"rule": IDENTIFIER, "limit": limit})}
    listed = set(connection.scalars(select(identity.shared_identifier.c.key)))
    crossed = dict.fromkeys(holder.keys() - listed, True) | dict.fromkeys(listed - holder.keys(), False)
    note_shared(connection, read_profiles(connection, set(holder.values())), crossed)


def shared_among(connection: Connection, terms: Iterable[str]) -> set[str]:
    """Those of the identifier terms that too many records hold."""
    keys = {identifier_key(term): term for term in terms}
    if not keys:
        return set()
    return {keys[row.key] for row in rows(connection, queries.find_shared_identifiers, {"keys": list(keys)})}


def shared_by_steward(connection: Connection) -> set[str]:
    """The identifier terms that a steward said too many records share."""
    table = identity.shared_identifier
    query = select(table.c.meaning, table.c.value).where(table.c.by_steward)
    return {f"{row.meaning}:{row.value}" for row in connection.execute(query)}


def shared_in(features: Features, limits: Limits) -> dict[str, int]:
    """Of all records' identifiers those that too many hold, and how many do."""
    column = features.column("identifier")
    held = np.bincount(column.codes, minlength=len(column.terms))
    return {column.terms[code].as_py(): int(held[code]) for code in np.flatnonzero(held > limits.identifier).tolist()}


def shared_rows(held: Mapping[str, int]) -> list[tuple[int, str, str, int]]:
    """(key, meaning, value, records) of identifier terms."""
    return [(identifier_key(term), *_parts(term), records) for term, records in sorted(held.items())]


def _parts(term: str) -> tuple[str, str]:
    meaning, _, value = term.rpartition(":")
    return meaning, value


def holders(connection: Connection, keys: Iterable[int]) -> list[int]:
    """Ids of the records that hold any of these keys."""
    wanted = list(keys)
    return list(connection.scalars(queries.list_key_holders, {"keys": wanted})) if wanted else []


def pairs_within(connection: Connection, keys: Sequence[int]) -> set[PairId]:
    """All pairs of records within these blocks."""
    return _pairs(connection.execute(queries.find_block_pairs, {"keys": list(keys)})) if keys else set()


def unsupported(connection: Connection, keys: Sequence[int], limits: Limits) -> set[PairId]:
    """Kept pairs within these blocks which no usable block supports any more."""
    wanted = {"keys": list(keys), **limits.as_parameters()}
    return _pairs(connection.execute(queries.find_unsupported_pairs, wanted)) if keys else set()


def _pairs(found: Iterable[Row[Any]]) -> set[PairId]:
    return {(row.left_id, row.right_id) for row in found}
