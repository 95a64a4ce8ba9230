"""The reviews of the grey zone: opened for the pairs in doubt of the parties at work, withdrawn where there is no doubt any more."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from resolution import explain
from resolution.identity.doubt import Doubt, Link, doubts_between, doubts_within
from resolution.identity.parties import Assigned
from resolution.identity.turn import Turn
from resolution.store import identity, pairs, reviews


def ask(turn: Turn, assigned: Assigned, trees: Sequence[Sequence[Link]], gone: Sequence[int]) -> tuple[int, int]:
    """Bring the open reviews that touch these records up to date; returns how many were opened and how many withdrawn."""
    ids = sorted(assigned.party_of)
    bounds = turn.terms.bounds
    doubts = [doubt for tree in trees for doubt in doubts_within(tree, bounds)]
    between = pairs.between_parties(turn.connection, ids)
    others = sorted({record_id for pair in between for record_id in pair.ends} - set(ids))
    party_of = assigned.party_of | {record_id: party_id for pair in between for record_id, party_id in pair.parties}
    sizes = {party_id: len(members) for party_id, members in assigned.members.items()}
    for member in identity.memberships(turn.connection, others).values() if others else ():
        if member.party_id not in assigned.members:
            sizes[member.party_id] = sizes.get(member.party_id, 0) + 1
    turn.read(others)
    links = [Link(pair.ends, pair.probability, "judgement" if pair.judged else "rule" if pair.verdict else "") for pair in between]
    links = [link for link in links if all(record_id in turn.row for record_id in link.pair)]
    doubts += doubts_between(links, party_of, sizes, turn.refs, bounds)
    wanted = [_review(turn, doubt, evidence) for doubt, evidence in zip(doubts, _evidence(turn, doubts), strict=True)]
    return reviews.replace_open(turn.connection, [*ids, *gone], wanted, turn.terms.at)


def _review(turn: Turn, doubt: Doubt, evidence: Mapping[str, Any]) -> reviews.PairReview:
    left, right = doubt.pair
    subject = "|".join(sorted((turn.refs[left], turn.refs[right])))
    return reviews.PairReview(subject, left, right, round(doubt.probability, 6), doubt.priority, evidence)


def _evidence(turn: Turn, doubts: Sequence[Doubt]) -> list[dict[str, Any]]:
    """For each pair its evidence, field by field and in words; the left side is the one with the smaller ref."""
    ids = turn.live(record_id for doubt in doubts for record_id in doubt.pair)
    if not ids:
        return []
    world = turn.world(ids, {})
    row = {record_id: place for place, record_id in enumerate(ids)}
    found = []
    for doubt in doubts:
        left, right = sorted(doubt.pair, key=turn.refs.__getitem__)
        evidence = explain.pair(world.features, row[left], row[right], turn.terms.model)
        told = evidence.to_json() | {"sentence": explain.sentence(evidence), "within": doubt.within}
        found.append(json.loads(json.dumps(told)))  # as it will be read again, so that what is the same is seen to be
    return found
