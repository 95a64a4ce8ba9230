"""What a change of model would change, found by making it: everything is resolved with the other model in one transaction, which is taken
back. So it is what will happen, and nothing is written.

It takes as long as a full run, and who else wants to resolve or decide waits so long; readers see nothing of it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from resolution.errors import ModelNotFoundError, ResolveUnfinishedError
from resolution.identity.differences import Change, changes
from resolution.identity.learning import change_model
from resolution.identity.settling import settle
from resolution.identity.turn import Terms, Turn
from resolution.settings import Settings
from resolution.store import candidates, identity, models, rebuild, records, rehearsals
from sql.database import Database


@dataclass(frozen=True, slots=True)
class Impact:
    """changes: which parties would become others, the largest first; names: what the parties are called now; reviews_opened,
    reviews_withdrawn: subjects ("ref|ref") of the questions that would come and go."""

    records: int
    parties_before: int
    parties_after: int
    changes: tuple[Change, ...]
    names: Mapping[str, str]
    reviews_opened: tuple[str, ...]
    reviews_withdrawn: tuple[str, ...]

    def to_json(self, sample: int) -> dict[str, Any]:
        """Counts, and the first `sample` changes and reviews."""
        counts = {sort: sum(change.sort == sort for change in self.changes) for sort in ("merged", "split", "regrouped")}
        return {
            "records": self.records,
            "parties_before": self.parties_before,
            "parties_after": self.parties_after,
            **counts,
            "reviews_opened": len(self.reviews_opened),
            "reviews_withdrawn": len(self.reviews_withdrawn),
            "changes": [{"change": change.sort, **asdict(change), "names": self._named(change)} for change in self.changes[:sample]],
            "opened": list(self.reviews_opened[:sample]),
            "withdrawn": list(self.reviews_withdrawn[:sample]),
        }

    def _named(self, change: Change) -> list[str]:
        return [self.names[party_id] for party_id in change.was if party_id in self.names]


def impact(database: Database, version: str, settings: Settings) -> Impact:
    """What putting a model in force would change, once everything is resolved. Raises ModelNotFoundError, ResolveUnfinishedError."""
    with rebuild.alone(database), database.engine.connect() as connection:
        found = _rehearsed(connection, version, settings)
        connection.rollback()
    return found


def _rehearsed(connection: Connection, version: str, settings: Settings) -> Impact:
    opening = identity.begin(connection)
    kept = candidates.read(connection, version)
    if kept is None or kept.status == "in_force" or opening.version is None:
        raise ModelNotFoundError(f"Asked for: {version}.")
    if opening.ungrouped:
        raise ResolveUnfinishedError
    _resolve(connection, models.by_version(connection, opening.version), settings)
    before, asked = rehearsals.parties(connection), rehearsals.open_reviews(connection)
    now = change_model(connection, candidates.model_of(connection, version), settings, "", opening.at)
    _resolve(connection, now, settings)
    after, asked_now = rehearsals.parties(connection), rehearsals.open_reviews(connection)
    found = changes(before, after)
    names = rehearsals.names(connection, {party_id for change in found for party_id in change.was})
    return Impact(
        len(after),
        len(set(before.values())),
        len(set(after.values())),
        tuple(found),
        names,
        tuple(subject for subject in asked_now if subject not in set(asked)),
        tuple(subject for subject in asked if subject not in set(asked_now)),
    )


def _resolve(connection: Connection, in_force: models.InForce, settings: Settings) -> None:
    """Everything that is pending, in the batches that the resolver would take."""
    waiting = records.list_pending(connection)
    for start in range(0, len(waiting), settings.batch):
        batch = records.take_pending(connection, waiting[start : start + settings.batch])
        terms = Terms(in_force, "rehearsal", "", identity.begin(connection).at)
        settle(Turn(connection, terms), batch, changed=True)
