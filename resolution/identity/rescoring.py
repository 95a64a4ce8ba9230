"""The pairs of touched records, scored again: which pairs there are, what is said of them, and whom the difference concerns.

After it `identity.pair` is what a full run over all records would make of it, whatever order the records came in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from resolution import block
from resolution.compare import Levels
from resolution.identity.grouping import World
from resolution.identity.links import MATCH, SILENT, PairId, Weighed, likely
from resolution.identity.turn import FEW, Turn, opinions_of
from resolution.normalize.features import Index, features_from
from resolution.normalize.profile import Profile
from resolution.store import blocks, judgements, pairs, records
from resolution.store.judgements import InForce

#: More pairs than this are first sifted.
MANY = 10_000


@dataclass(frozen=True, slots=True)
class Rescored:
    """seeds: records whose component, party or reviews may be other than before; pairs: how many were scored."""

    seeds: set[int]
    pairs: int


def rescore(turn: Turn, batch: records.Batch, changed: Sequence[Profile]) -> Rescored:
    """Bring blocking keys and pairs up to date with a batch; `changed` are the profiles of its live records."""
    connection, limits = turn.connection, turn.terms.limits
    again, met = _meet(turn, batch, changed)
    opened = blocks.pairs_within(connection, met.opened)
    said = _judgements(turn, batch, {*again, *_ends(opened)}) if met.judged or opened else {}
    found = met.pairs | opened
    found |= {pair for pair, spoken in said.items() if any(judgement.verdict != "unsure" for judgement in spoken)}
    ids = sorted(_ends(found) | (again - turn.absent))
    turn.read(ids)
    if turn.absent:
        found = {pair for pair in found if turn.absent.isdisjoint(pair)}
    kept = _kept(turn, turn.live(ids), found, said)
    held = met.held | pairs.by_ids(connection, opened | blocks.unsupported(connection, met.closed, limits))
    pairs.remove(connection, held.keys() - kept.keys())
    pairs.save(connection, list(kept.values()), turn.terms.in_force.version)
    return Rescored({*again, *_concerned(turn, held, kept)}, len(found))


def _meet(turn: Turn, batch: records.Batch, changed: Sequence[Profile]) -> tuple[set[int], blocks.Indexed]:
    """(the records to look at again, what they meet with): those of the batch, and all holders of an identifier that crossed its limit."""
    connection, limits = turn.connection, turn.terms.limits
    met = blocks.index(connection, batch.ids, _entries(turn, changed), limits)
    turn.keep(met.others)
    again = set(batch.ids)
    blocks.note_shared(connection, changed, met.identifiers, met.shared)
    if met.identifiers:
        again |= set(blocks.holders(connection, met.identifiers))
        more = blocks.meet(connection, sorted(again - set(batch.ids)), limits)
        met = replace(met, pairs=met.pairs | more.pairs, held=met.held | more.held, judged=met.judged or more.judged)
    return again, met


def _entries(turn: Turn, changed: Sequence[Profile]) -> blocks.Entries:
    """What the index is to hold of these records."""
    if len(changed) <= FEW:
        keys = [(profile.id, key, rule) for profile in changed for key, rule in block.keys_of(profile)]
        return blocks.Entries(changed, turn.hashes, *([row[place] for row in keys] for place in range(3)))
    found = block.keys(features_from(changed))
    ids = np.array([profile.id for profile in changed], np.int64)[found.record].tolist()
    return blocks.Entries(changed, turn.hashes, ids, found.key.view(np.int64).tolist(), found.rule.tolist())


def _ends(found: Iterable[PairId]) -> set[int]:
    return set(chain.from_iterable(found))


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
    """The pairs that are worth a row, weighed. ids: of their records, ascending."""
    if not found:
        return {}
    world = turn.world(ids, opinions_of(said))
    rows = np.searchsorted(ids, np.array(list(found), np.int64))
    weighed = worth_keeping(world, rows[:, 0], rows[:, 1], turn.terms.keep_bits)
    return {(pair.left_id, pair.right_id): pair for pair in kept_rows(world, weighed)}


def worth_keeping(world: World, left: Index, right: Index, floor: float) -> Weighed:
    """Those of the pairs of rows that are worth a row: of so many bits, or joined by a rule, or judged."""
    if len(left) > MANY:
        some = likely(world.material, (left, right), world.model, world.said, floor)
        left, right = left[some], right[some]
    weighed = world.weigh(left, right)
    worth = (weighed.weight >= floor) | (weighed.verdict == MATCH)
    worth |= np.array([by in ("steward", "language_model") for by in weighed.authority], bool) & (weighed.ruling != SILENT)
    return weighed.take(np.flatnonzero(worth))


def kept_rows(world: World, weighed: Weighed) -> Iterable[pairs.KeptPair]:
    """The pairs as they are kept."""
    ids = world.material.ids
    columns = zip(
        ids[weighed.left].tolist(),
        ids[weighed.right].tolist(),
        weighed.weight.tolist(),
        np.round(weighed.probability, 6).tolist(),
        weighed.rule,
        weighed.verdict.tolist(),
        weighed.linked.tolist(),
        _named_levels(weighed.levels),
        strict=True,
    )
    for left, right, weight, probability, rule, verdict, linked, level in columns:
        yield pairs.KeptPair(min(left, right), max(left, right), weight, probability, rule or None, verdict, linked, level)


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
