"""Why records are one party, and why they are not, in words that a steward understands, down to field and bits.

A party is held together by its tree of links: the most certain links that reach every record. What holds it most weakly is what to look at
first. Bits are doublings of the odds: +10 bits make a match a thousand times more likely than before, -10 bits a thousand times less.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from resolution import explain
from resolution.errors import PartyNotFoundError, RecordNotFoundError
from resolution.identity.doubt import Link, doubts_within
from resolution.identity.holding import held, links_of
from resolution.identity.links import MATCH, NEVER, SILENT, Opinion, Weighed, prevailing
from resolution.identity.questions import reason_told
from resolution.identity.settling import present_terms
from resolution.identity.turn import Turn, opinions_of
from resolution.records import PartyRecord
from resolution.store import identity, judgements, pairs, records
from resolution.store.identity import Member

#: How many other parties that came near are told of, and how likely a match has to be for it to be near.
NEAREST, NEAR = 10, 0.01


def party(connection: Connection, party_id: str) -> dict[str, Any]:
    """Why these records are one party.

    {"party_id", "kind", "records": [{"ref", "source", "confidence"}], "links": [{"left", "right" (refs), "certainty", "by" (steward,
    language_model, rule, weight), "weight" (bits), "rule", "judgements", "fields", "sentence"}] strongest first, "weakest": the last of
    them, with "splits": the two parts that fall apart without it, or None; "suspect": why it may be more than one party, [{"reason" (weak
    link, chain, different birth date), "left", "right" (not of a chain)}], without what a steward has settled; "near_misses":
    [{"party_id", "left", "right", "probability", "judgements", "fields", "reason", "sentence"}] nearest first, "sentences": [...]}. Fields
    and sentences hold the records' values: show them only to those who may see these. An id that was merged away answers for the party it
    leads to. Raises PartyNotFoundError.
    """
    current = identity.resolve_party_id(connection, party_id)
    members = identity.members(connection, current) if current else []
    if current is None or not members:
        raise PartyNotFoundError(f"Asked for: {party_id}.")
    turn = Turn(connection, present_terms(connection))
    turn.read(members)
    ids = turn.live(members)
    kept = identity.memberships(connection, ids)
    links, suspect = _links(turn, ids)
    near = _near_misses(turn, ids)
    kind = identity.parties(connection, [current])[current].kind
    told = [{"ref": turn.refs[record_id], "confidence": kept[record_id].confidence} for record_id in sorted(ids, key=turn.refs.__getitem__)]
    return {
        "party_id": current,
        "kind": kind,
        "records": [{**record, "source": str(record["ref"]).partition("/")[0]} for record in told],
        "links": links,
        "weakest": links[-1] if links else None,
        "suspect": suspect,
        "near_misses": near,
        "sentences": _told(ids, links, suspect, near),
    }


def pair(connection: Connection, ref_a: str, ref_b: str) -> dict[str, Any]:
    """Why two records are, or are not, one party: the evidence field by field, what rules and judgements say, and what follows.

    explain.Evidence as JSON (fields, prior, related, weight, probability, verdict, rule) with {"left", "right": {"ref", "source", "kind",
    "attributes", "party_id"}, "judgements": [...], "ruling", "by", "together", "sentence", "sentences"}. Raises RecordNotFoundError.
    """
    ids = records.ids_of(connection, [ref_a, ref_b])
    if missing := [ref for ref in (ref_a, ref_b) if ref not in ids]:
        raise RecordNotFoundError(f"Asked for: {', '.join(missing)}.")
    turn = Turn(connection, present_terms(connection))
    left, right = ids[ref_a], ids[ref_b]
    batch = records.read(connection, ids.values())
    turn.take_in(batch)
    members = identity.memberships(connection, list(ids.values()))
    sides = {record.id: _side(record, members.get(record.id)) for record in batch.live}
    evidence = explain_pair(turn, left, right)
    both = (min(left, right), max(left, right))
    between = turn.said_of(both).get(both, [])
    ruling, by = prevailing(evidence["verdict"], opinions_of({both: between}).get(both, Opinion()))
    together = sides[left]["party_id"] is not None and sides[left]["party_id"] == sides[right]["party_id"]
    said = [_judgement(judgement) for judgement in between]
    outcome = _outcome(together, evidence, ruling, by)
    return {
        **evidence,
        "left": sides[left],
        "right": sides[right],
        "judgements": said,
        "ruling": ruling,
        "by": by,
        "together": together,
        "sentences": [*_ignored(turn, left, right), evidence["sentence"], *(judgement["sentence"] for judgement in said), outcome],
    }


def _side(record: PartyRecord, member: Member | None) -> dict[str, Any]:
    return {
        "ref": record.ref,
        "source": record.source,
        "kind": record.kind,
        "attributes": dict(record.attributes),
        "party_id": member.party_id if member else None,
    }


def explain_pair(turn: Turn, left: int, right: int) -> dict[str, Any]:
    """The evidence on two records that are read already, as JSON with its sentence."""
    (evidence,) = turn.evidence([(left, right)])
    return evidence.to_json() | {"sentence": explain.sentence(evidence)}


def _ignored(turn: Turn, left: int, right: int) -> list[str]:
    """The identifiers that both records hold and that count for nothing."""
    terms = turn.shared_by(left, right)
    return [f"Both carry {term.replace(':', ' ', 1)}, but too many other records do: it counts neither way." for term in terms]


def _links(turn: Turn, ids: list[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The tree that holds the records together, strongest link first (the weakest one tells which records it alone holds), and why the
    party is suspect."""
    said = turn.said_of(ids)
    world = turn.world(ids, opinions_of(said))
    left, right = np.triu_indices(len(ids), 1)
    weighed = world.weigh(left.astype(np.int64), right.astype(np.int64))
    links = links_of(ids, weighed, world.said)
    place = {link.pair: number for number, link in enumerate(links)}
    party = held(ids, links, turn.refs)
    told = [_link(turn, link, weighed, place[link.pair], said.get(link.pair, [])) for link in party.tree]
    if told:
        told[-1]["splits"] = _sides(ids, party.tree, turn.refs)
    doubts = doubts_within(party.tree, party.suspicion, turn.terms.bounds)
    return told, [reason_told(turn, reason) for doubt in doubts for reason in doubt.reasons]


def _link(turn: Turn, link: Link, weighed: Weighed, number: int, said: Sequence[judgements.InForce]) -> dict[str, Any]:
    left, right = sorted(link.pair, key=turn.refs.__getitem__)
    evidence = explain_pair(turn, left, right)
    judged = [_judgement(judgement) for judgement in said]
    return {
        "left": turn.refs[left],
        "right": turn.refs[right],
        "certainty": link.certainty,
        "by": link.by if link.by not in ("", "unsure") else "weight",
        "weight": float(weighed.weight[number]),
        "rule": weighed.rule[number] or None,
        "judgements": judged,
        "fields": evidence["fields"],
        "sentence": " ".join([*(judgement["sentence"] for judgement in judged), evidence["sentence"]]),
    }


def _sides(ids: Sequence[int], tree: Sequence[Link], refs: Mapping[int, str]) -> list[list[str]]:
    """The two parts that the records fall into without the last link of the tree."""
    near: dict[int, list[int]] = {record_id: [] for record_id in ids}
    for link in tree[:-1]:
        near[link.pair[0]].append(link.pair[1])
        near[link.pair[1]].append(link.pair[0])
    reached, waiting = set[int](), [tree[-1].pair[0]]
    while waiting:
        record_id = waiting.pop()
        if record_id not in reached:
            reached.add(record_id)
            waiting += near[record_id]
    return [sorted(refs[record_id] for record_id in side) for side in (reached, set(ids) - reached)]


def _near_misses(turn: Turn, ids: Sequence[int]) -> list[dict[str, Any]]:
    """The other parties that came nearest, and for each why it is not this one."""
    best: dict[str, pairs.BetweenParties] = {}
    for near in sorted(pairs.between_parties(turn.connection, ids, NEAR), key=lambda near: (-near.probability, near.ends)):
        other = next(party_id for record_id, party_id, _ in near.parties if record_id not in turn.profiles)
        best.setdefault(other, near)
    chosen = list(best.items())[:NEAREST]
    turn.read(record_id for _, near in chosen for record_id in near.ends)
    said = turn.said_of(ids)
    return [
        _near_miss(turn, party_id, near, said.get(near.ends, []))
        for party_id, near in chosen
        if all(end in turn.profiles for end in near.ends)
    ]


def _near_miss(turn: Turn, party_id: str, near: pairs.BetweenParties, said: Sequence[judgements.InForce]) -> dict[str, Any]:
    left, right = sorted(near.ends, key=turn.refs.__getitem__)
    evidence = explain_pair(turn, left, right)
    opinion = opinions_of({near.ends: said}).get(near.ends, Opinion())
    ruling, by = prevailing(evidence["verdict"], opinion)
    judged = [_judgement(judgement) for judgement in said]
    reason = _outcome(False, evidence, ruling, by)
    return {
        "party_id": party_id,
        "left": turn.refs[left],
        "right": turn.refs[right],
        "probability": near.probability,
        "judgements": judged,
        "fields": evidence["fields"],
        "reason": reason,
        "sentence": " ".join([*(judgement["sentence"] for judgement in judged), evidence["sentence"], reason]),
    }


def _judgement(judgement: judgements.InForce) -> dict[str, Any]:
    who = "A steward" if judgement.authority == "steward" else "The language model"
    words = {"match": "the same", "no_match": "not the same", "unsure": "impossible to tell"}[judgement.verdict]
    return {
        "decision_id": judgement.decision_id,
        "authority": judgement.authority,
        "verdict": judgement.verdict,
        "actor": judgement.actor,
        "reason": judgement.reason,
        "sentence": f"{who} ({judgement.actor}) judged them {words}" + (f": {judgement.reason}." if judgement.reason else "."),
    }


def _outcome(together: bool, evidence: Mapping[str, Any], ruling: int, by: str) -> str:
    """What follows for the two records, in a sentence."""
    who = {"steward": "a steward", "language_model": "the language model", "rule": "a rule"}.get(by, "")
    if together:
        return f"They are one party, since {who} says so." if ruling == MATCH else "They are one party."
    if ruling == NEVER:
        return f"They are two parties, since {who} forbids them to be one."
    if ruling == SILENT and evidence["weight"] < 0:
        return "They are two parties: what speaks for a match does not outweigh what speaks against it."
    return "They are two parties: these two records alone would match, but the others of the two parties do not."


def _told(
    ids: Sequence[int], links: Sequence[Mapping[str, Any]], suspect: Sequence[Mapping[str, Any]], near: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The party's whole story in sentences."""
    if not links:
        told = ["This party is one record; nothing else was found to be the same."]
    else:
        weakest = links[-1]
        told = [f"{len(ids)} records are one party, held together by {len(links)} link{'s' if len(links) > 1 else ''}."]
        told += [f"{link['left']} and {link['right']}: {link['sentence']}" for link in links]
        sides = " | ".join(", ".join(side) for side in weakest["splits"])
        told.append(f"The weakest link is {weakest['left']} and {weakest['right']} ({weakest['certainty']:.1%}); without it: {sides}.")
    told += [f"It may be more than one party: {_suspected(reason)}." for reason in suspect]
    told += [f"Near, but another party ({miss['party_id']}): {miss['left']} and {miss['right']}. {miss['sentence']}" for miss in near]
    return told


def _suspected(reason: Mapping[str, Any]) -> str:
    words: str = reason["reason"]
    if words == "chain":
        return "half of its pairs or more would not match by themselves, as in a chain"
    return f"{words} between {reason['left']} and {reason['right']}"
