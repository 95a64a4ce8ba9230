"""Scored pairs, and the components that the linked ones make.

A pair has a row if its records share a usable block and its weight is worth keeping, or a rule decides it, or a judgement speaks of it.
`linked` says whether it holds its records in one component.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from sql import queries
from sql.database import rows

PairId = tuple[int, int]


@dataclass(frozen=True, slots=True)
class KeptPair:
    """A pair as it is kept. rule: the one that decides it, if one does; verdict: what that rule says; levels: by comparison."""

    left_id: int
    right_id: int
    weight: float
    probability: float
    rule: str | None
    verdict: int
    linked: bool
    levels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """What of a kept pair tells whether its going or changing matters to others."""

    linked: bool
    probability: float


def by_ids(connection: Connection, wanted: Iterable[PairId]) -> dict[PairId, Mark]:
    """Those of the pairs that are kept."""
    ordered = sorted(wanted)
    if not ordered:
        return {}
    found = rows(connection, queries.list_pairs_by_ids, _columns(ordered))
    return {(row.left_id, row.right_id): Mark(row.linked, row.probability) for row in found}


def save(connection: Connection, kept: Sequence[KeptPair], model_version: str) -> None:
    """Write pairs; one that is as it was is left alone."""
    if not kept:
        return
    ordered = sorted(kept, key=lambda pair: (pair.left_id, pair.right_id))
    columns = _columns((pair.left_id, pair.right_id) for pair in ordered)
    written: dict[str, object] = {
        **columns,
        "weights": [pair.weight for pair in ordered],
        "probabilities": [pair.probability for pair in ordered],
        "rules": [pair.rule for pair in ordered],
        "verdicts": [pair.verdict for pair in ordered],
        "linked": [pair.linked for pair in ordered],
        "levels": [json.dumps(pair.levels) for pair in ordered],
        "model_version": model_version,
    }
    rows(connection, queries.save_pairs, written)


def remove(connection: Connection, gone: Iterable[PairId]) -> None:
    if ordered := sorted(gone):
        rows(connection, queries.delete_pairs, _columns(ordered))


def _columns(pairs: Iterable[PairId]) -> dict[str, list[int]]:
    listed = list(pairs)
    return {"left_ids": [left for left, _ in listed], "right_ids": [right for _, right in listed]}


@dataclass(frozen=True, slots=True)
class BetweenParties:
    """A kept pair of records of different parties: for each end its record, party, and how many records that has."""

    ends: PairId
    probability: float
    verdict: int
    judged: bool
    parties: tuple[tuple[int, str, int], tuple[int, str, int]]


def between_parties(connection: Connection, ids: Sequence[int], least: float) -> list[BetweenParties]:
    """Kept pairs of these records with records of other parties that are as likely as `least`, or ruled or judged."""
    found = rows(connection, queries.list_pairs_between_parties, {"ids": list(ids), "least": least})
    return [
        BetweenParties(
            (row.left_id, row.right_id),
            row.probability,
            row.verdict,
            row.judged,
            ((row.left_id, row.left_party_id, row.left_records), (row.right_id, row.right_party_id, row.right_records)),
        )
        for row in found
    ]
