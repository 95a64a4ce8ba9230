"""The reviews of the grey zone: opened for the pairs in doubt of the parties at work, withdrawn where there is no doubt any more."""

from collections.abc import Mapping, Sequence
from typing import Any

from resolution import explain
from resolution.identity.doubt import Doubt, Link, Reason, doubts_between, doubts_within
from resolution.identity.holding import Held
from resolution.identity.links import PairId
from resolution.identity.parties import Assigned
from resolution.identity.turn import Turn
from resolution.store import pairs, reviews
from resolution.store.surroundings import Surrounding


def ask(turn: Turn, assigned: Assigned, parties: Sequence[Held], around: Sequence[Surrounding]) -> tuple[int, int]:
    """Bring the open reviews that touch these records up to date; returns how many were opened and how many withdrawn."""
    bounds, party_of = turn.terms.bounds, assigned.party_of
    doubts = [doubt for each in parties for doubt in doubts_within(each.tree, each.suspicion, bounds)]
    parted = (each for each in around for other in each.linked if party_of.get(each.id) != party_of.get(other))
    if any(each.near for each in around) or any(parted):
        doubts += _doubts_between(turn, assigned)
    if not doubts and not any(each.asked for each in around):
        return 0, 0
    wanted = [_review(turn, doubt, evidence) for doubt, evidence in zip(doubts, _evidence(turn, doubts), strict=True)]
    return reviews.replace_open(turn.connection, [each.id for each in around], wanted, turn.terms.at)


def _doubts_between(turn: Turn, assigned: Assigned) -> list[Doubt]:
    bounds = turn.terms.bounds
    between = pairs.between_parties(turn.connection, sorted(assigned.party_of), bounds.lower)
    turn.read(record_id for pair in between for record_id in pair.ends)
    party_of = {record_id: party_id for pair in between for record_id, party_id, _ in pair.parties}
    sizes = {party_id: size for pair in between for _, party_id, size in pair.parties}
    links = [Link(pair.ends, pair.probability, "judgement" if pair.judged else "rule" if pair.verdict else "") for pair in between]
    links = [link for link in links if all(record_id in turn.profiles for record_id in link.pair)]
    return doubts_between(links, party_of, sizes, turn.refs, bounds)


def _review(turn: Turn, doubt: Doubt, evidence: Mapping[str, Any]) -> reviews.PairReview:
    left, right = doubt.pair
    subject = "|".join(sorted((turn.refs[left], turn.refs[right])))
    return reviews.PairReview(subject, left, right, round(doubt.probability, 6), doubt.priority, evidence)


def _evidence(turn: Turn, doubts: Sequence[Doubt]) -> list[dict[str, Any]]:
    """For each pair its evidence, field by field and in words; the left side is the one with the smaller ref."""
    found = []
    for doubt, evidence in zip(doubts, turn.evidence([_in_order(turn, doubt.pair) for doubt in doubts]), strict=True):
        told = evidence.to_json() | {"sentence": explain.sentence(evidence)}
        if doubt.reasons:
            told["overmatch"] = [reason_told(turn, reason) for reason in doubt.reasons]
        found.append(told)
    return found


def _in_order(turn: Turn, pair: PairId) -> PairId:
    left, right = sorted(pair, key=turn.refs.__getitem__)
    return left, right


def reason_told(turn: Turn, reason: Reason) -> dict[str, Any]:
    """Why a party may be more than one: {"reason"} and, where that lies in two records, "left" and "right", refs in order."""
    told: dict[str, Any] = {"reason": reason.words}
    if reason.between:
        told["left"], told["right"] = sorted(turn.refs[record_id] for record_id in reason.between)
    return told
