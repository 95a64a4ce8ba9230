"""Models that are not in force: candidates, and those that once were; and what candidates learn from.

The figures of a candidate stand beside its parameters, under "training".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from resolution.score.model import Model
from resolution.store import models
from sql import queries
from sql.tables import identity

table = identity.model


@dataclass(frozen=True, slots=True)
class Kept:
    """A model as it is kept. status: in_force, shadow (a candidate) or retired; training: a candidate's figures, {} of another model."""

    version: str
    kind: str
    status: str
    note: str
    created_at: datetime
    training: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecidedPair:
    """A pair that a steward decided; id: the judgement's."""

    id: int
    left_id: int
    right_id: int
    match: bool
    decision_id: str


def save(connection: Connection, model: Model, policy: Mapping[str, Any], training: Mapping[str, Any], at: datetime) -> str:
    """Keep a candidate with its figures; one that is kept already gets the new figures. Returns its version."""
    version = models.version_of(model, policy)
    parameters = {"model": model.to_json(), "policy": dict(policy), "training": dict(training)}
    row = {"version": version, "kind": "supervised", "status": "shadow", "note": "taught by decisions", "created_at": at}
    statement = upsert(table).values(**row, parameters=parameters)
    connection.execute(statement.on_conflict_do_update(index_elements=["version"], set_={"parameters": statement.excluded.parameters}))
    return version


def restate(connection: Connection, version: str, training: Mapping[str, Any]) -> None:
    """Give a candidate new figures."""
    stated = table.c.parameters.concat({"training": dict(training)})
    connection.execute(update(table).where(table.c.version == version).values(parameters=stated))


def retire(connection: Connection, version: str) -> None:
    """A candidate that came into force under another version, for its policy has changed, is none any more."""
    connection.execute(update(table).where(table.c.version == version, table.c.status == "shadow").values(status="retired"))


def listing(connection: Connection) -> list[Kept]:
    """All models, the one in force first, then by age, the youngest first."""
    columns = _columns()
    order = (case((table.c.status == "in_force", 0), else_=1), table.c.created_at.desc(), table.c.version)
    return [_kept(row) for row in connection.execute(select(*columns).order_by(*order))]


def read(connection: Connection, version: str) -> Kept | None:
    row = connection.execute(select(*_columns()).where(table.c.version == version)).one_or_none()
    return _kept(row) if row else None


def model_of(connection: Connection, version: str) -> Model:
    """The parameters of a model that is kept."""
    return Model.from_json(connection.execute(select(table.c.parameters["model"]).where(table.c.version == version)).scalar_one())


def decided_pairs(connection: Connection, of_one: int, most: int) -> list[DecidedPair]:
    """At most the last `most` pairs that stewards decided, in order, and `of_one` at most of each decision."""
    rows = connection.execute(queries.list_decided_pairs, {"of_one": of_one, "most": most}).all()
    return [DecidedPair(row.id, row.left_id, row.right_id, row.match, row.decision_id) for row in reversed(rows)]


def recent_pairs(connection: Connection, records: int, most: int) -> Sequence[tuple[int, int]]:
    """Kept pairs, neither ruled nor judged, of the last `records` records that something happened to."""
    return [(row.left_id, row.right_id) for row in connection.execute(queries.list_recent_pairs, {"records": records, "most": most})]


def _columns() -> tuple[Any, ...]:
    shown = (table.c.version, table.c.kind, table.c.status, table.c.note, table.c.created_at)
    return (*shown, table.c.parameters["training"].label("training"))


def _kept(row: Any) -> Kept:
    return Kept(row.version, row.kind, row.status, row.note, row.created_at, row.training or {})
