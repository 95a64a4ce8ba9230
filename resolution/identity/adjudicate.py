"""The grey zone before the language model: within a budget, most valuable pairs first, what it is not sure of stays with a steward.

It is asked outside of any transaction. What it is sure of becomes a judgement, which stands until a steward says otherwise or either
record's content changes; what it is not sure of is noted on the review. Either way a pair is asked about once.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Connection, Row

from resolution.identity.settling import ResolveReport, open_terms, settle
from resolution.identity.turn import Turn
from resolution.settings import Settings
from resolution.store import judgements, records, reviews
from sql.database import Database

#: Pairs put to the language model in one call.
TOGETHER = 10


class Judge(Protocol):
    """Who is asked about pairs in doubt."""

    def judge(self, pairs: Sequence[dict[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """An answer for each pair, in order.

        A pair is {"left", "right": {"source", "kind", "attributes"}, "evidence": {...}, "sentence": "..."}. An answer has verdict (match,
        no_match, unsure), confidence (high, medium, low), reason, and may have `by`, the name of the model and prompt.
        """
        ...


def adjudicate(database: Database, judge: Judge, settings: Settings) -> ResolveReport:
    """Ask about the open reviews of pairs that were not asked about yet, at most `settings.judge_budget`."""
    report = ResolveReport()
    with database.begin() as connection:
        waiting = reviews.unasked(connection, settings.judge_budget)
        questions = _questions(connection, waiting)
    for start in range(0, len(waiting), TOGETHER):
        some = waiting[start : start + TOGETHER]
        answers = judge.judge([questions[review.id] for review in some])
        for review, answer in zip(some, answers, strict=True):
            report += ResolveReport(asked=1) + _take(database, settings, review, answer)
    return report


def _questions(connection: Connection, waiting: Sequence[Row[Any]]) -> dict[int, dict[str, Any]]:
    """What is put to the judge for each review; no ids of ours, so that equal questions have equal content."""
    found = records.read(connection, {record_id for review in waiting for record_id in (review.left_id, review.right_id)})
    sides = {record.id: {"source": record.source, "kind": record.kind, "attributes": dict(record.attributes)} for record in found.live}
    return {
        review.id: {
            "left": sides.get(review.left_id, {}),
            "right": sides.get(review.right_id, {}),
            "evidence": review.evidence.get("fields", []),
            "sentence": review.evidence.get("sentence", ""),
        }
        for review in waiting
    }


def _take(database: Database, settings: Settings, review: Row[Any], answer: Mapping[str, Any]) -> ResolveReport:
    """Write down one answer, and let it take effect if it is sure; not if the question was settled or changed meanwhile."""
    actor = str(answer.get("by") or "language model")
    opinion = {"verdict": answer["verdict"], "confidence": answer["confidence"], "reason": answer["reason"], "by": actor}
    with database.begin() as connection:
        terms = open_terms(connection, settings, actor, str(answer["reason"]))
        now = reviews.read(connection, review.id)
        if now is None or now.status != "open" or now.evidence != review.evidence:
            return ResolveReport()
        reviews.note_opinion(connection, review.id, opinion)
        if answer["confidence"] != "high" or answer["verdict"] not in ("match", "no_match"):
            return ResolveReport()
        batch = records.read(connection, (review.left_id, review.right_id))
        if batch.gone:
            return ResolveReport()
        act = judgements.Act(f"dec_{secrets.token_hex(8)}", "language_model", actor, str(answer["reason"]), terms.at)
        inputs = [batch.hashes[review.left_id].hex(), batch.hashes[review.right_id].hex()]
        said = judgements.Said(review.left_id, review.right_id, answer["verdict"], {"inputs": inputs, "confidence": answer["confidence"]})
        judgements.add(connection, act, [said])
        reviews.close_decided(connection, review.left_id, review.right_id, act)
        return replace(settle(Turn(connection, terms), batch).report, records=0, judged=1)
