"""The inverted index of blocking keys, and which blocks and identifiers too many records share.

Beside the keys of `resolution.block` the index holds each record's identifiers under the rule IDENTIFIER, so that the holders of one
can be counted and found; that rule makes no candidate pairs. Every key in the index is a live record's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection

from resolution import block
from resolution.normalize.features import Features
from resolution.normalize.hashing import Hashes, combine, hash_terms, mix
from resolution.rules import Shared
from sql import queries

#: The rule number under which identifiers are indexed; rules of `block` are below it.
IDENTIFIER = 1_000
_SALT = mix(np.array([IDENTIFIER], np.uint64))

PairIds = set[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Limits:
    """With more records than `block` a block gives no candidates, and with more than `identifier` an identifier decides nothing."""

    block: int
    identifier: int


@dataclass(frozen=True, slots=True)
class Crossed:
    """What a change of keys did to the blocks: keys gone over their limit, or come back under it."""

    closed: list[int] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    identifiers: list[int] = field(default_factory=list)


def identifier_keys(terms: Sequence[str]) -> list[int]:
    """The index keys of identifier terms such as "vat:DE123456789"."""
    return _signed(combine(hash_terms(pa.array(terms, pa.string())), _SALT))


def replace_keys(connection: Connection, ids: Sequence[int], features: Features, limits: Limits) -> Crossed:
    """Make the index hold the keys of `features` for the records `ids` (those not in the features lose theirs).

    Also keeps the list of shared identifiers; returns the limits that were crossed.
    """
    found = block.keys(features)
    terms = features.column("identifier")
    identifiers = combine(hash_terms(terms.terms), _SALT)[terms.codes]
    records = np.concatenate([found.record, terms.rows()])
    rules = np.concatenate([found.rule.astype(np.int64), np.full(len(identifiers), IDENTIFIER)])
    changed = connection.execute(
        queries.replace_blocking_keys,
        {
            "ids": list(ids),
            "keys": _signed(np.concatenate([found.key, identifiers])),
            "records": features.ids[records].tolist(),
            "rules": rules.tolist(),
        },
    ).all()
    if not changed:
        return Crossed()
    crossed = connection.execute(
        queries.find_crossed_keys,
        {
            "keys": [row.key for row in changed],
            "rules": [row.rule for row in changed],
            "limits": [limits.identifier if row.rule == IDENTIFIER else limits.block for row in changed],
            "added": [row.added for row in changed],
            "removed": [row.removed for row in changed],
        },
    ).all()
    held = {row.key: row.over for row in crossed if row.rule == IDENTIFIER}
    _note_shared(connection, features, held, [row.key for row in changed if row.rule == IDENTIFIER])
    return Crossed(
        [row.key for row in crossed if row.over and row.rule != IDENTIFIER],
        [row.key for row in crossed if not row.over and row.rule != IDENTIFIER],
        list(held),
    )


def _note_shared(connection: Connection, features: Features, crossed: dict[int, bool], changed: Sequence[int]) -> None:
    """Put identifiers that crossed their limit on the list or off it, and bring the counts of the changed ones up to date."""
    if over := {key for key, is_over in crossed.items() if is_over}:
        terms = features.column("identifier").terms.to_pylist()
        named = [(key, *term.rsplit(":", 1)) for key, term in zip(identifier_keys(terms), terms, strict=True) if key in over]
        keys, meanings, values = ([row[place] for row in sorted(named)] for place in range(3))
        connection.execute(queries.add_shared_identifiers, {"keys": keys, "meanings": meanings, "values": values})
    if under := [key for key, is_over in crossed.items() if not is_over]:
        connection.execute(queries.drop_shared_identifiers, {"keys": under})
    if changed:
        connection.execute(queries.count_shared_identifiers, {"keys": list(changed)})


def shared_among(connection: Connection, features: Features) -> Shared:
    """Those of the identifiers in `features` that too many records hold."""
    terms = features.column("identifier").terms.to_pylist()
    if not terms:
        return Shared()
    keys = identifier_keys(terms)
    shared = set(connection.scalars(queries.find_shared_identifiers, {"keys": keys}))
    return Shared(frozenset(term for term, key in zip(terms, keys, strict=True) if key in shared))


def holders(connection: Connection, keys: Sequence[int]) -> list[int]:
    """Ids of the records that hold any of these keys."""
    return list(connection.scalars(queries.list_key_holders, {"keys": list(keys)})) if keys else []


def candidates(connection: Connection, ids: Sequence[int], limits: Limits) -> PairIds:
    """The candidate pairs (left id < right id) that the records make with any record."""
    if not ids:
        return set()
    wanted = {"ids": list(ids), "rules": IDENTIFIER, "cap": limits.block}
    return _pairs(connection.execute(queries.find_candidate_pairs, wanted))


def pairs_within(connection: Connection, keys: Sequence[int]) -> PairIds:
    """All pairs of records within these blocks."""
    return _pairs(connection.execute(queries.find_block_pairs, {"keys": list(keys)})) if keys else set()


def unsupported(connection: Connection, keys: Sequence[int], limits: Limits) -> PairIds:
    """Kept pairs within these blocks which no usable block supports any more."""
    wanted = {"keys": list(keys), "rules": IDENTIFIER, "cap": limits.block}
    return _pairs(connection.execute(queries.find_unsupported_pairs, wanted)) if keys else set()


def _pairs(rows: Iterable[tuple[int, int]]) -> PairIds:
    return {(left, right) for left, right in rows}


def _signed(keys: Hashes) -> list[int]:
    signed: list[int] = keys.view(np.int64).tolist()
    return signed
