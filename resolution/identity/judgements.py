"""What stewards decide. Each act is written, sealed in the audit chain and takes effect in one transaction, and can be undone.

A steward outranks rules, the language model and the model's weights. The latest word on a pair counts; former ones are superseded, and an
undo puts them back in force. An act's judgements share its decision id.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from sqlalchemy import Connection

from resolution.errors import (
    DecisionNotFoundError,
    DecisionSupersededError,
    InvalidMergeError,
    InvalidSplitError,
    PartyNotFoundError,
    ReviewAlreadyDecidedError,
    ReviewNotAPairError,
    ReviewNotFoundError,
)
from resolution.identity.settling import open_terms, settle
from resolution.identity.turn import Terms, Turn
from resolution.settings import Settings
from resolution.store import identity, judgements, records, reviews
from resolution.store.judgements import Act, Said, Verdict
from sql import audit
from sql.database import Database

__all__ = ["Decision", "Verdict", "decide", "merge", "split", "undo"]

#: Up to so many pairs between its two sides, a split forbids each; beyond, it holds each side together and forbids one pair.
MOST_PAIRS = 400


@dataclass(frozen=True, slots=True)
class Decision:
    """An act: its id (with which it is undone), what it was, when, and the parties it touched, retired ones too."""

    decision_id: str
    action: str
    at: datetime
    party_ids: list[str]


def decide(database: Database, review_id: int, verdict: Verdict, actor: str, reason: str) -> Decision:
    """Answer an open review: its two records are one party, are not, or it can't be told.

    Raises ReviewNotFoundError, ReviewNotAPairError, ReviewAlreadyDecidedError; ValueError for another verdict.
    """
    if verdict not in ("match", "no_match", "unsure"):
        raise ValueError(f"a verdict is match, no_match or unsure, not {verdict!r}")
    with database.begin() as connection:
        terms = open_terms(connection, Settings(), actor, reason)
        review = reviews.read(connection, review_id)
        if review is None:
            raise ReviewNotFoundError(f"Asked for: {review_id}.")
        if review.kind != "pair":
            raise ReviewNotAPairError
        if review.status != "open":
            raise ReviewAlreadyDecidedError(f"It is {review.status}.")
        act = _act(terms)
        judgements.add(connection, act, [Said(review.left_id, review.right_id, verdict)])
        reviews.close_decided(connection, review.left_id, review.right_id, act)
        _seal(connection, act, f"review.{verdict}", review.subject)
        return _take_effect(Turn(connection, terms), act, verdict, (review.left_id, review.right_id))


def split(database: Database, party_id: str, record_refs: Sequence[str], actor: str, reason: str) -> Decision:
    """The named records leave the party, and never come together with those that stay.

    The larger part keeps the party's id. Raises PartyNotFoundError, InvalidSplitError.
    """
    with database.begin() as connection:
        terms = open_terms(connection, Settings(), actor, reason)
        members = records.read(connection, identity.members(connection, _party(connection, party_id)))
        refs = {record.ref: record.id for record in members.live}
        if unknown := sorted(set(record_refs) - refs.keys()):
            raise InvalidSplitError(f"Not of this party: {', '.join(unknown)}.")
        leaving = [refs[ref] for ref in sorted(set(record_refs))]
        staying = [refs[ref] for ref in sorted(refs.keys() - set(record_refs))]
        if not leaving or not staying:
            raise InvalidSplitError
        act = _act(terms)
        judgements.add(connection, act, _apart(leaving, staying))
        _seal(connection, act, "party.split", party_id, records=sorted(set(record_refs)))
        return _take_effect(Turn(connection, terms), act, "split", [*leaving, *staying])


def merge(database: Database, party_ids: Sequence[str], actor: str, reason: str) -> Decision:
    """The parties are one; the oldest id stays, and the others lead to it.

    Raises PartyNotFoundError, InvalidMergeError.
    """
    with database.begin() as connection:
        terms = open_terms(connection, Settings(), actor, reason)
        found = sorted({_party(connection, party_id) for party_id in party_ids})
        members = {party_id: identity.members(connection, party_id) for party_id in found}
        kinds = {party.kind for party in identity.parties(connection, found).values()} - {"unknown"}
        if len(found) < 2 or not all(members.values()) or len(kinds) > 1:
            raise InvalidMergeError
        refs = records.read(connection, [record_id for group in members.values() for record_id in group]).refs
        act = _act(terms)
        judgements.add(connection, act, _together(connection, list(members.values()), refs))
        _seal(connection, act, "party.merge", found[0], parties=found)
        return _take_effect(Turn(connection, terms), act, "merge", list(refs))


def undo(database: Database, decision_id: str, actor: str, reason: str) -> Decision:
    """Take a decision back: judgements, parties, ids and reviews are again what they would be without it.

    Raises DecisionNotFoundError (also where it is undone already) and DecisionSupersededError.
    """
    with database.begin() as connection:
        terms = open_terms(connection, Settings(), actor, reason)
        rows = judgements.of_decision(connection, decision_id)
        standing = [row for row in rows if row.superseded_at is None]
        if not standing and all(row.superseded_by == _undo_of(decision_id) for row in rows):
            raise DecisionNotFoundError(f"Asked for: {decision_id}.")
        if later := sorted({row.superseded_by for row in rows if row.superseded_at is not None}):
            raise DecisionSupersededError(f"Later: {', '.join(later)}.")
        judgements.withdraw(connection, decision_id, _undo_of(decision_id), terms.at)
        reviews.reopen(connection, decision_id)
        act = Act(_undo_of(decision_id), "steward", actor, reason, terms.at)
        _seal(connection, act, "decision.undo", decision_id)
        ends = sorted({record_id for row in rows for record_id in (row.left_id, row.right_id)})
        return _take_effect(Turn(connection, terms), act, "undo", ends, rows[0].created_at)


def _act(terms: Terms) -> Act:
    return Act(f"dec_{secrets.token_hex(8)}", "steward", terms.actor, terms.reason, terms.at)


def _undo_of(decision_id: str) -> str:
    return f"undo:{decision_id}"


def _party(connection: Connection, party_id: str) -> str:
    """The id that the party has now."""
    found = identity.resolve_party_id(connection, party_id)
    if found is None:
        raise PartyNotFoundError(f"Asked for: {party_id}.")
    return found


def _seal(connection: Connection, act: Act, action: str, subject: str, **detail: object) -> None:
    audit.append(connection, audit.Entry(act.actor, action, subject, {"decision_id": act.decision_id, "reason": act.reason, **detail}))


def _take_effect(turn: Turn, act: Act, action: str, ids: Iterable[int], undone_at: datetime | None = None) -> Decision:
    """Resolve the records of the act in its own transaction. What is pending for them stays pending."""
    settled = settle(turn, records.read(turn.connection, ids), undone_at=undone_at)
    return Decision(act.decision_id, action, act.at, settled.parties)


def _said(one: int, two: int, verdict: Verdict) -> Said:
    return Said(min(one, two), max(one, two), verdict)


def _apart(leaving: Sequence[int], staying: Sequence[int]) -> list[Said]:
    """Judgements that keep two sides apart: each pair between them forbidden, or, where those are too many, each side made one."""
    if len(leaving) * len(staying) <= MOST_PAIRS:
        return [_said(one, two, "no_match") for one, two in product(leaving, staying)]
    ties = [_said(side[0], other, "match") for side in (leaving, staying) for other in side[1:]]
    return [*ties, _said(leaving[0], staying[0], "no_match")]


def _together(connection: Connection, groups: Sequence[Sequence[int]], refs: dict[int, str]) -> list[Said]:
    """Judgements that make the groups one: every record with the one of the smallest ref; and what a steward forbade is allowed."""
    group_of = {record_id: number for number, group in enumerate(groups) for record_id in group}
    hub = min(group_of, key=lambda record_id: refs[record_id])
    pairs = {(min(hub, other), max(hub, other)) for other in group_of if other != hub}
    for said in judgements.touching(connection, sorted(group_of)):
        if said.authority == "steward" and said.left_id in group_of and said.right_id in group_of:
            pairs.add((said.left_id, said.right_id))
    return [_said(left, right, "match") for left, right in pairs]
