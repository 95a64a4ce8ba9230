"""What stands around some records: their components and parties, whole, with what decides how these are grouped and written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from resolution.store.identity import Member, Party
from sql import queries
from sql.database import rows


@dataclass(frozen=True, slots=True)
class Surrounding:
    """One record. member: of which party; party: that one, or the retired one that it was last in;
    linked: the records after it, by id, that a linked pair joins it to; judged: whether a judgement speaks of it; asked: whether an open
    review does; near: whether an unlinked record may well be the same, or a rule speaks of the two."""

    id: int
    member: Member | None
    party: Party | None
    linked: list[int]
    judged: bool
    asked: bool
    near: bool


def read(connection: Connection, ids: Iterable[int], near: float) -> list[Surrounding]:
    """Everything in the components over linked pairs, and in the parties, that the records belong to, in order of id. near: probability."""
    found = [
        Surrounding(
            row.id,
            Member(row.party_id, row.confidence) if row.confidence is not None else None,
            party(row.party_id, row.party_kind, row.created_at, row.retired_at) if row.party_id is not None else None,
            row.linked,
            row.judged,
            row.asked,
            row.near,
        )
        for row in rows(connection, queries.read_surroundings, {"ids": sorted(ids), "near": near})
    ]
    return sorted(found, key=lambda each: each.id)


def party(party_id: str, kind: str, created_at: datetime, retired_at: datetime | None) -> Party:
    return Party(party_id, kind, created_at, retired_at is not None)
