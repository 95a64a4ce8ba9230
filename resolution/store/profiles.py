"""What live records normalised to when they were last resolved, kept so that nothing of a candidate is normalised again."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection

from resolution.normalize.profile import Profile
from sql import queries
from sql.database import rows


def to_json(values: Mapping[str, Any]) -> str:
    return orjson.dumps(values).decode()


def read(connection: Connection, ids: Iterable[int]) -> list[Profile]:
    """The profiles of those of the records that have one."""
    return [profile(*row) for row in rows(connection, queries.read_profiles, {"ids": list(ids)})]


def profile(id_: int, ref: str, kind: int, terms: str) -> Profile:
    """The profile of a row; terms: JSON."""
    return Profile(id_, ref, kind, orjson.loads(terms))


def profiles(told: str) -> list[Profile]:
    """The profiles of many rows in one text: [[record_id, ref, kind, terms], ...] in JSON."""
    return [Profile(*each) for each in orjson.loads(told)]
