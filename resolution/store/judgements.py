"""What stewards and the language model said of pairs. A judgement is superseded, never deleted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, tuple_, update

from sql import queries
from sql.database import rows
from sql.tables import identity

Verdict = Literal["match", "no_match", "unsure"]
Authority = Literal["language_model", "steward"]

table = identity.judgement


@dataclass(frozen=True, slots=True)
class Act:
    """One act of judging: who, by which authority, why and when; its judgements share the decision id."""

    decision_id: str
    authority: Authority
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A judgement on a pair, left id < right id."""

    left_id: int
    right_id: int
    verdict: Verdict
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InForce(Said):
    """A judgement that nothing has superseded."""

    id: int = 0
    authority: Authority = "steward"
    decision_id: str = ""
    actor: str = ""
    reason: str = ""


def touching(connection: Connection, ids: Sequence[int]) -> list[InForce]:
    """Judgements in force on pairs with a record among `ids`, in order."""
    found = [
        InForce(row.left_id, row.right_id, row.verdict, row.evidence, row.id, row.authority, row.decision_id, row.actor, row.reason)
        for row in rows(connection, queries.list_judgements, {"ids": list(ids)})
    ]
    return sorted(found, key=lambda said: (said.left_id, said.right_id, said.authority))


def all_in_force(connection: Connection) -> Iterable[tuple[tuple[int, int], str, str]]:
    """((left id, right id), authority, verdict) of every judgement in force."""
    query = select(table.c.left_id, table.c.right_id, table.c.authority, table.c.verdict).where(table.c.superseded_at.is_(None))
    return [((row.left_id, row.right_id), row.authority, row.verdict) for row in connection.execute(query)]


def add(connection: Connection, act: Act, said: Iterable[Said]) -> None:
    """Write the act's judgements; those of the same authority on the same pairs are superseded by it."""
    ordered = sorted(said, key=lambda judged: (judged.left_id, judged.right_id))
    if not ordered:
        return
    pairs = [(judged.left_id, judged.right_id) for judged in ordered]
    connection.execute(
        update(table)
        .where(tuple_(table.c.left_id, table.c.right_id).in_(pairs), table.c.authority == act.authority, table.c.superseded_at.is_(None))
        .values(superseded_at=act.at, superseded_by=act.decision_id)
    )
    connection.execute(
        insert(table),
        [
            {
                "left_id": judged.left_id,
                "right_id": judged.right_id,
                "verdict": judged.verdict,
                "authority": act.authority,
                "actor": act.actor,
                "reason": act.reason,
                "evidence": dict(judged.evidence),
                "decision_id": act.decision_id,
                "created_at": act.at,
            }
            for judged in ordered
        ],
    )


def of_decision(connection: Connection, decision_id: str) -> Sequence[Any]:
    """The judgements made by a decision, in force or not."""
    return connection.execute(select(table).where(table.c.decision_id == decision_id).order_by(table.c.id)).all()


def withdraw(connection: Connection, decision_id: str, by: str, at: datetime) -> None:
    """Supersede a decision's judgements, and put those back in force that it had superseded."""
    connection.execute(
        update(table).where(table.c.decision_id == decision_id, table.c.superseded_at.is_(None)).values(superseded_at=at, superseded_by=by)
    )
    connection.execute(update(table).where(table.c.superseded_by == decision_id).values(superseded_at=None, superseded_by=None))


def supersede(connection: Connection, ids: Sequence[int], by: str, at: datetime) -> None:
    if ids:
        connection.execute(update(table).where(table.c.id.in_(ids)).values(superseded_at=at, superseded_by=by))
