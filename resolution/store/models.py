"""The model in force: one at a time, with the resolver's policy beside its parameters, since the grouping depends on both."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from resolution.normalize.features import KIND_NAMES, ORGANIZATION, PERSON, UNKNOWN
from resolution.score.model import Model
from sql import queries
from sql.tables import identity, staging

table = identity.model


@dataclass(frozen=True, slots=True)
class InForce:
    """version: the hash of parameters and policy; model: the parameters."""

    version: str
    model: Model
    policy: Mapping[str, Any]


_parsed: dict[str, InForce] = {}


def in_force(connection: Connection) -> InForce | None:
    """The model in force, or None before the first."""
    version = connection.scalar(select(table.c.version).where(table.c.status == "in_force"))
    return by_version(connection, version) if version is not None else None


def by_version(connection: Connection, version: str) -> InForce:
    """The model of that version. Parsed once in each process, as long as it is the last one asked for."""
    if version not in _parsed:
        parameters = connection.scalar(select(table.c.parameters).where(table.c.version == version))
        assert parameters is not None
        _parsed.clear()
        _parsed[version] = InForce(version, Model.from_json(parameters["model"]), parameters["policy"])
    return _parsed[version]


def version_of(model: Model, policy: Mapping[str, Any]) -> str:
    """The hash of the parameters and the policy."""
    content = json.dumps([model.version, dict(policy)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def put_in_force(connection: Connection, model: Model, policy: Mapping[str, Any], note: str, at: datetime) -> InForce:
    """Retire the model in force and put this one in its place. The caller marks all records pending."""
    version = version_of(model, policy)
    connection.execute(update(table).where(table.c.status == "in_force").values(status="retired"))
    row = {"version": version, "kind": "fellegi_sunter", "status": "in_force", "note": note, "created_at": at}
    statement = upsert(table).values(**row, parameters={"model": model.to_json(), "policy": dict(policy)})
    connection.execute(statement.on_conflict_do_update(index_elements=["version"], set_={"status": "in_force", "note": note}))
    return InForce(version, model, policy)


def count_kinds(connection: Connection) -> dict[int, int]:
    """How many live party records may be of each kind (PERSON, ORGANIZATION): those of unknown kind count for both."""
    record = staging.party_record
    query = select(record.c.kind, func.count().label("records")).where(record.c.deleted_at.is_(None)).group_by(record.c.kind)
    counts: dict[str, int] = {row.kind: row.records for row in connection.execute(query)}
    unknown = counts.get(KIND_NAMES[UNKNOWN], 0)
    return {kind: counts.get(KIND_NAMES[kind], 0) + unknown for kind in (PERSON, ORGANIZATION)}


def sample_records(connection: Connection, size: int) -> list[int]:
    """Ids of at most `size` live records, chosen by the hash of their refs: the same ones whenever they came."""
    return list(connection.scalars(queries.sample_party_records, {"size": size}))
