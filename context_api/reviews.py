"""What waits for a steward, as far as that steward may see.

A question about two records is asked only of who may see both. What is said of a field whose values may not be seen keeps its weight, in
bits, and loses its values; sentences, which name values, are then left out whole.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, and_, literal, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import FINANCIAL, PERSONAL, Access
from context_api.context import facts
from context_api.context.store.reading import visibility
from context_api.explanations import evidence_seen, field_class, suspect_seen
from context_api.parties import USUAL_CLASS, Page
from resolution.errors import ReviewNotFoundError
from sql import queries
from sql.tables import identity, staging


async def listed(connection: AsyncConnection, access: Access, after: tuple[float, int] | None, limit: int, **only: str | None) -> Page:
    """Reviews by what their answer is worth, the most valuable first, after that key (priority, id); `only` may name status and kind."""
    review = identity.review
    wanted = [review.c[name] == value for name, value in only.items() if value is not None]
    wanted.append(tuple_(-review.c.priority, review.c.id) > tuple_(literal(-after[0]), literal(after[1])) if after else true())
    query = _reviews().where(*wanted).order_by(-review.c.priority, review.c.id).limit(limit)
    rows = (await connection.execute(query)).mappings().all()
    withheld = Counter[str]()
    shown = []
    for row in rows:
        missing = _missing(row, access)
        withheld.update(missing)
        if not missing:
            shown.append(_seen(row, access, withheld))
    last = (rows[-1]["priority"], rows[-1]["id"]) if len(rows) == limit else None
    return Page(shown, last, dict(withheld))


async def count(connection: AsyncConnection, access: Access, status: str, kind: str | None = None) -> int:
    """How many reviews the caller may see; what the query leaves out is what `_missing` finds missing, and a test holds them to it."""
    parameters = {"status": status, "kind": kind, "personal": sorted(PERSONAL), "financial": sorted(FINANCIAL)}
    return int(await connection.scalar(queries.count_reviews, parameters | visibility(access)) or 0)


async def read(connection: AsyncConnection, access: Access, review_id: int) -> tuple[dict[str, Any], dict[str, int]]:
    """One review and what of it was withheld; raises ReviewNotFoundError, also where the caller may not see what it is about."""
    row = (await connection.execute(_reviews().where(identity.review.c.id == review_id))).mappings().one_or_none()
    if row is None or _missing(row, access):
        raise ReviewNotFoundError(f"Asked for: {review_id}.")
    withheld = Counter[str]()
    return _seen(row, access, withheld), dict(withheld)


def _reviews() -> Select[Any]:
    review = identity.review
    query = select(review)
    joined: Any = review
    for side in ("left", "right"):
        record, member = staging.party_record.alias(side), identity.membership.alias(f"{side}_member")
        joined = joined.outerjoin(record, record.c.id == review.c[f"{side}_id"])
        joined = joined.outerjoin(member, and_(member.c.record_id == record.c.id, member.c.valid_to_at.is_(None)))
        columns = (record.c.ref, record.c.source, record.c.kind, record.c.url, record.c.attributes, record.c.observed_at)
        query = query.add_columns(
            *(column.label(f"{side}_{column.name}") for column in columns), member.c.party_id.label(f"{side}_party_id")
        )
    return query.select_from(joined)


def _missing(row: Mapping[str, Any], access: Access) -> list[str]:
    """The scopes without which this review is not shown at all."""
    sources = {row[f"{side}_source"] for side in ("left", "right")} - {None}
    sources |= {value["record_ref"].partition("/")[0] for value in row["evidence"].get("values", ())}
    data_class = field_class("", row["evidence"]["attribute"]) if "attribute" in row["evidence"] else USUAL_CLASS
    # Whose a question was whose records are all gone, nobody can say any more: it takes the right to see every source.
    return sorted({scope for source in sources or {"*"} if (scope := access.withheld_for(source, data_class))})


def _seen(row: Mapping[str, Any], access: Access, withheld: Counter[str]) -> dict[str, Any]:
    """The review with its two sides, without what the caller may not see of them."""
    names = (
        "id",
        "kind",
        "subject",
        "party_id",
        "status",
        "probability",
        "priority",
        "decision_id",
        "decided_by",
        "opened_at",
        "closed_at",
    )
    shown = {name: row[name] for name in names}
    for side in ("left", "right"):
        shown[side] = None
        if row[f"{side}_ref"]:
            attributes, kept_back = facts.attributes_seen(row[f"{side}_kind"], row[f"{side}_source"], row[f"{side}_attributes"], access)
            withheld.update(kept_back)
            plain = {name: row[f"{side}_{name}"] for name in ("ref", "source", "kind", "url", "observed_at", "party_id")}
            shown[side] = {**plain, "attributes": attributes}
    evidence = evidence_seen(row["evidence"], (row["left_source"], row["right_source"]), access)
    if "overmatch" in evidence:
        evidence["overmatch"] = suspect_seen(evidence["overmatch"], access, withheld)
    return {**shown, "evidence": evidence}
