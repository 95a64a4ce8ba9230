"""Which records are one party: kept up to date by change.

Each transaction takes some pending records off the list and settles them; the first one chooses the model too, where there is none. Any
order and any batching gives what a full run gives, a crash loses nothing, and with nothing pending nothing is written. Writers take turns
by the lock `resolve`.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from resolution.identity.adjudicate import Judge, adjudicate
from resolution.identity.learning import adopt_policy, model_in_force, renew_outgrown
from resolution.identity.settling import ResolveReport, open_terms, settle
from resolution.identity.turn import Turn
from resolution.settings import Settings
from resolution.store import identity, models, records
from sql.database import Database

#: Called with (records done, records in all).
Progress = Callable[[int, int], None]


def resolve(
    database: Database, judge: Judge | None = None, progress: Progress | None = None, settings: Settings | None = None
) -> ResolveReport:
    """Resolve all pending records, then put the grey zone to the language model if there is one. Raises DatabaseUnavailableError."""
    settings = settings or Settings()
    report, done = ResolveReport(), 0
    waiting: list[int] | None = None
    while waiting is None or done < len(waiting):
        with database.begin() as connection:
            if waiting is None:
                waiting = _prepare(connection, settings)
            some = waiting[done : done + settings.batch]
            report += _resolve_some(connection, some, settings)
        done += len(some)
        if progress and some:
            progress(done, len(waiting))
    if judge:
        report += adjudicate(database, judge, settings)
    return report


def _prepare(connection: Connection, settings: Settings) -> list[int]:
    """Choose the model if there is none yet or the records have outgrown it, make the settings' policy the one in force, and list what is
    pending."""
    at = identity.begin(connection)
    waiting = records.list_pending(connection)
    found = models.in_force(connection)
    if not waiting and found is None:
        return []
    if found is None:
        now = model_in_force(connection, settings, at)
    else:
        now = renew_outgrown(connection, found, settings, at, len(waiting)) if waiting else found
        now = adopt_policy(connection, now, settings, at)
    return waiting if found is None or now == found else records.list_pending(connection)


def _resolve_some(connection: Connection, ids: Sequence[int], settings: Settings) -> ResolveReport:
    """Resolve those of the records that are pending."""
    if not ids:
        return ResolveReport()
    terms = open_terms(connection, settings, "resolver", "")
    batch = records.take_pending(connection, ids)
    if not batch.ids:
        return ResolveReport()
    return settle(Turn(connection, terms), batch, changed=[record.id for record in batch.live]).report
