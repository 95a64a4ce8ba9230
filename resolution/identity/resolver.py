"""Which records are one party: kept up to date by change.

Each transaction takes some pending records off the list and settles them; the first one chooses the model too, where there is none. Any
order and any batching gives what a full run gives, a crash loses nothing, and with nothing pending nothing is written. Writers take turns
by the lock `resolve`.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from resolution.identity.adjudicate import Judge, adjudicate
from resolution.identity.learning import adopt_policy, model_in_force, renew_outgrown
from resolution.identity.settling import ResolveReport, settle
from resolution.identity.turn import Terms, Turn
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
            terms, found = _open(connection, settings, waiting is None)
            waiting = found if waiting is None else waiting
            some = waiting[done : done + settings.batch]
            report += _resolve_some(Turn(connection, terms), some) if terms else ResolveReport()
        done += len(some)
        if progress and some:
            progress(done, len(waiting))
    if judge:
        report += adjudicate(database, judge, settings)
    return report


def _open(connection: Connection, settings: Settings, first: bool) -> tuple[Terms | None, list[int]]:
    """(what the transaction stands under, the pending records). The first transaction chooses the model if there is none yet or the
    records have outgrown it, and makes the settings' policy the one in force. Without a model and records there is nothing to stand under.
    """
    opening = identity.begin(connection, settings.batch + 1 if first else 0)
    found = models.by_version(connection, opening.version) if opening.version else None
    if not first or (found is None and not opening.waiting):
        return (Terms(found, "resolver", "", opening.at) if found else None), []
    waiting = opening.waiting if len(opening.waiting) <= settings.batch else records.list_pending(connection)
    if found is None:
        now = model_in_force(connection, settings, opening.at)
    else:
        now = renew_outgrown(connection, found, settings, opening.at, len(waiting)) if waiting else found
        now = adopt_policy(connection, now, settings, opening.at)
        waiting = waiting if now == found else records.list_pending(connection)
    return Terms(now, "resolver", "", opening.at), waiting


def _resolve_some(turn: Turn, ids: Sequence[int]) -> ResolveReport:
    """Resolve those of the records that are pending."""
    batch = records.take_pending(turn.connection, ids) if ids else records.Batch()
    return settle(turn, batch, changed=True).report if batch.ids else ResolveReport()
