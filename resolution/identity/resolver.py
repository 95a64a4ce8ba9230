"""Which records are one party: kept up to date by change.

Each transaction takes some pending records off the list and settles them. Any order and any batching gives what a full run gives, a crash
loses nothing, and with nothing pending nothing is written. Writers take turns by the lock `resolve`.
"""

from collections.abc import Callable, Sequence

from resolution.identity.adjudicate import Judge, adjudicate
from resolution.identity.learning import adopt_policy, model_in_force, renew_outgrown
from resolution.identity.settling import ResolveReport, open_terms, settle
from resolution.identity.turn import Turn
from resolution.settings import Settings
from resolution.store import identity, records
from sql.database import Database

#: Called with (records done, records in all).
Progress = Callable[[int, int], None]


def resolve(
    database: Database, judge: Judge | None = None, progress: Progress | None = None, settings: Settings | None = None
) -> ResolveReport:
    """Resolve all pending records, then put the grey zone to the language model if there is one. Raises DatabaseUnavailableError."""
    settings = settings or Settings()
    report = ResolveReport()
    waiting = _prepare(database, settings)
    for start in range(0, len(waiting), settings.batch):
        some = waiting[start : start + settings.batch]
        report += _resolve_some(database, some, settings)
        if progress:
            progress(start + len(some), len(waiting))
    if judge:
        report += adjudicate(database, judge, settings)
    return report


def _prepare(database: Database, settings: Settings) -> list[int]:
    """Choose the model if there is none yet, make the settings' policy the one in force, and list what is pending."""
    with database.begin() as connection:
        at = identity.begin(connection)
        if waiting := records.list_pending(connection):
            model_in_force(connection, settings, at)
            renew_outgrown(connection, settings, at, len(waiting))
        adopt_policy(connection, settings, at)
        return records.list_pending(connection)


def _resolve_some(database: Database, ids: Sequence[int], settings: Settings) -> ResolveReport:
    """Resolve those of the records that are pending, in one transaction."""
    with database.begin() as connection:
        terms = open_terms(connection, settings, "resolver", "")
        batch = records.take_pending(connection, ids)
        if not batch.ids:
            return ResolveReport()
        return settle(Turn(connection, terms), batch, changed=[record.id for record in batch.live]).report
