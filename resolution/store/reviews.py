"""What a steward is asked. A review is opened while its pair is in doubt, and withdrawn when it no longer is; a decided one stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from resolution.store.judgements import Act
from sql import queries
from sql.tables import identity

table = identity.review


@dataclass(frozen=True, slots=True)
class PairReview:
    """A question about two records. subject: "ref|ref" with the smaller ref first."""

    subject: str
    left_id: int
    right_id: int
    probability: float
    priority: float
    evidence: Mapping[str, Any]


def replace_open(connection: Connection, ids: Sequence[int], wanted: Sequence[PairReview], at: datetime) -> tuple[int, int]:
    """Make the open reviews of pairs with a record among `ids` those wanted; returns how many were opened and how many withdrawn."""
    held = {row.subject: row for row in connection.execute(queries.list_open_pair_reviews, {"ids": list(ids)})}
    asked = {review.subject: review for review in wanted}
    opened = [review for subject, review in sorted(asked.items()) if subject not in held]
    withdrawn = [row.id for subject, row in held.items() if subject not in asked]
    if withdrawn:
        connection.execute(update(table).where(table.c.id.in_(withdrawn)).values(status="withdrawn", closed_at=at))
    if opened:
        connection.execute(insert(table), [_row(review) | {"kind": "pair", "status": "open", "opened_at": at} for review in opened])
    restated = [_restated(row, asked[subject]) for subject, row in held.items() if subject in asked]
    if changed := [row for row in restated if row]:
        connection.execute(update(table).where(table.c.id == bindparam("open_id")), changed)
    return len(opened), len(withdrawn)


def _restated(row: Any, review: PairReview) -> dict[str, Any] | None:
    """An open review as it has to be, None where it is so. What the language model said of the same evidence stays with it."""
    same = {key: value for key, value in row.evidence.items() if key != "language_model"} == review.evidence
    if same and row.probability == review.probability and row.priority == review.priority:
        return None
    return _row(review) | {"open_id": row.id} | ({"evidence": row.evidence} if same else {})


def _row(review: PairReview) -> dict[str, Any]:
    return {
        "subject": review.subject,
        "left_id": review.left_id,
        "right_id": review.right_id,
        "probability": review.probability,
        "priority": review.priority,
        "evidence": dict(review.evidence),
    }


def read(connection: Connection, review_id: int) -> Any:
    """The review's row, locked, or None."""
    return connection.execute(select(table).where(table.c.id == review_id).with_for_update()).one_or_none()


def close_decided(connection: Connection, left_id: int, right_id: int, act: Act) -> None:
    """Mark the open review of this pair, if there is one, as decided by the act."""
    connection.execute(
        update(table)
        .where(table.c.kind == "pair", table.c.status == "open", table.c.left_id == left_id, table.c.right_id == right_id)
        .values(status="decided", decision_id=act.decision_id, decided_by=act.actor, closed_at=act.at)
    )


def reopen(connection: Connection, decision_id: str) -> None:
    """Put the reviews that a decision closed back into the queue."""
    connection.execute(
        update(table)
        .where(table.c.decision_id == decision_id, table.c.status == "decided")
        .values(status="open", decision_id=None, decided_by=None, closed_at=None)
    )


def unasked(connection: Connection, limit: int) -> Sequence[Any]:
    """Open reviews of pairs that the language model has not spoken of, the most valuable first; not those that ask for the sake of other
    records of the party, which it does not see."""
    query = select(table).where(table.c.status == "open", table.c.kind == "pair", ~table.c.evidence.has_key("language_model"))
    weak = table.c.evidence.contains({"overmatch": [{"reason": "weak link"}]})
    query = query.where(~table.c.evidence.has_key("overmatch") | weak)
    return connection.execute(query.order_by(table.c.priority.desc(), table.c.subject).limit(limit)).all()


def note_opinion(connection: Connection, review_id: int, opinion: Mapping[str, Any]) -> None:
    """Keep what the language model said beside the evidence."""
    evidence = connection.scalar(select(table.c.evidence).where(table.c.id == review_id).with_for_update())
    if evidence is not None:
        connection.execute(update(table).where(table.c.id == review_id).values(evidence={**evidence, "language_model": dict(opinion)}))
