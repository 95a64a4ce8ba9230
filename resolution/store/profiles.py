"""What live records normalised to when they were last resolved, kept so that nothing of a candidate is normalised again."""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from resolution.normalize.profile import Profile
from sql import queries
from sql.database import rows

#: The one way that terms are written.
terms_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def read(connection: Connection, ids: Iterable[int]) -> list[Profile]:
    """The profiles of those of the records that have one."""
    return [profile(*row) for row in rows(connection, queries.read_profiles, {"ids": list(ids)})]


def profile(id_: int, ref: str, kind: int, terms: Mapping[str, Sequence[str]]) -> Profile:
    """The profile as it was kept."""
    return Profile(id_, ref, kind, {name: tuple(values) for name, values in terms.items()})
