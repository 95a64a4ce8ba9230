"""The pairs of touched records, scored again: which pairs there are, what is said of them, and whom the difference concerns.

After it `identity.pair` is what a full run over all records would make of it, whatever order the records came in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from resolution.compare import Levels
from resolution.identity.grouping import World
from resolution.identity.links import MATCH, SILENT, PairId, Weighed
from resolution.identity.turn import Turn, opinions_of
from resolution.normalize.features import Features
from resolution.store import blocks, judgements, pairs, records
from resolution.store.judgements import InForce


@dataclass(frozen=True, slots=True)
class Rescored:
    """seeds: records whose component, party or reviews may be other than before; pairs: how many were scored."""

    seeds: set[int]
    pairs: int


def rescore(turn: Turn, batch: records.Batch, features: Features) -> Rescored:
    """Bring blocking keys and pairs up to date with a batch; `features` are those of its live records."""
    connection, limits = turn.connection, turn.terms.limits
    crossed = blocks.replace_keys(connection, batch.ids, features, limits)
    again = sorted(set(batch.ids) | set(blocks.holders(connection, crossed.identifiers)))
    live = [record_id for record_id in again if record_id not in turn.absent]
    opened = blocks.pairs_within(connection, crossed.opened)
    found = blocks.candidates(connection, live, limits) | opened
    said = _judgements(turn, batch, {*again, *_ends(opened)})
    found |= {pair for pair, spoken in said.items() if any(judgement.verdict != "unsure" for judgement in spoken)}
    ids = sorted(_ends(found) | set(live))
    turn.read(ids)
    found = {pair for pair in found if pair[0] in turn.row and pair[1] in turn.row}
    kept = _kept(turn, turn.live(ids), found, said)
    held = pairs.of_records(connection, again)
    held |= pairs.by_ids(connection, opened | blocks.unsupported(connection, crossed.closed, limits))
    pairs.remove(connection, held.keys() - kept.keys())
    pairs.save(connection, list(kept.values()), turn.terms.in_force.version)
    return Rescored({*again, *_concerned(turn, held, kept)}, len(found))


def _ends(found: Iterable[PairId]) -> set[int]:
    return {record_id for pair in found for record_id in pair}


def _judgements(turn: Turn, batch: records.Batch, ids: set[int]) -> dict[PairId, list[InForce]]:
    """The judgements that stand on pairs of these records. What the language model said of a record's former content stands no longer."""
    said = turn.said_of(sorted(ids))
    outdated = {judgement.id for found in said.values() for judgement in found if _is_outdated(judgement, batch)}
    judgements.supersede(turn.connection, sorted(outdated), "changed", turn.terms.at)
    standing = {pair: [judgement for judgement in found if judgement.id not in outdated] for pair, found in said.items()}
    return {pair: found for pair, found in standing.items() if found}


def _is_outdated(judgement: InForce, batch: records.Batch) -> bool:
    read = judgement.evidence.get("inputs") if judgement.authority == "language_model" else None
    if not read:
        return False
    ends = zip((judgement.left_id, judgement.right_id), read, strict=True)
    return any(record_id in batch.hashes and batch.hashes[record_id].hex() != content for record_id, content in ends)


def _kept(turn: Turn, ids: list[int], found: set[PairId], said: Mapping[PairId, list[InForce]]) -> dict[PairId, pairs.KeptPair]:
    """The pairs that are worth a row, weighed."""
    if not found:
        return {}
    world = turn.world(ids, opinions_of(said))
    place = {record_id: row for row, record_id in enumerate(ids)}
    ordered = np.array([(place[left], place[right]) for left, right in sorted(found)], np.int64)
    weighed = world.weigh(ordered[:, 0], ordered[:, 1])
    worth = (weighed.weight >= turn.terms.keep_bits) | (weighed.verdict == MATCH)
    worth |= np.array([by in ("steward", "language_model") for by in weighed.authority], bool) & (weighed.ruling != SILENT)
    return {(pair.left_id, pair.right_id): pair for pair in _rows(world, weighed.take(np.flatnonzero(worth)))}


def _rows(world: World, weighed: Weighed) -> Iterable[pairs.KeptPair]:
    levels = _named_levels(weighed.levels)
    columns = zip(
        world.features.ids[weighed.left].tolist(),
        world.features.ids[weighed.right].tolist(),
        weighed.weight.tolist(),
        np.round(weighed.probability, 6).tolist(),
        weighed.rule,
        weighed.verdict.tolist(),
        weighed.linked.tolist(),
        levels,
        strict=True,
    )
    for left, right, weight, probability, rule, verdict, linked, level in columns:
        yield pairs.KeptPair(left, right, weight, probability, rule or None, verdict, linked, level)


def _named_levels(levels: Levels) -> list[dict[str, int]]:
    """For each pair its levels by comparison, without those where a value is missing."""
    names = list(levels.comparisons)
    if not names:
        return [{} for _ in levels.kind]
    table = np.column_stack([levels.comparisons[name].level for name in names]).tolist()
    return [{name: level for name, level in zip(names, row, strict=True) if level >= 0} for row in table]


def _concerned(turn: Turn, held: Mapping[PairId, pairs.Mark], kept: Mapping[PairId, pairs.KeptPair]) -> set[int]:
    """The records of pairs that came, went or changed, and that link or may come to."""
    lower = turn.terms.bounds.lower
    concerned: set[int] = set()
    for pair in held.keys() | kept.keys():
        before, after = held.get(pair), kept.get(pair)
        now = pairs.Mark(after.linked, after.probability) if after else None
        if before != now and any(mark and (mark.linked or mark.probability >= lower) for mark in (before, now)):
            concerned.update(pair)
    return concerned
