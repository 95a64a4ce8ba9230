"""Which records are one party: kept up to date by change.

Each transaction takes some pending records off the list and settles them; the first one chooses the model too, where there is none. Where
most records are pending, all profiles, keys and pairs are made anew at once, and the parties in batches after. Any order and any batching
gives what a full run gives, a crash loses nothing, and with nothing pending nothing is written. Writers take turns by the lock `resolve`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from resolution.identity.adjudicate import Judge, adjudicate
from resolution.identity.learning import adopt_policy, choose_again, has_other_lines, is_outgrown, model_in_force
from resolution.identity.rebuilding import rebuild_all
from resolution.identity.settling import ResolveReport, Touched, open_terms, regroup, settle
from resolution.identity.turn import Terms, Turn
from resolution.settings import Settings, current
from resolution.store import identity, models, rebuild, records
from sql.database import Database

#: Up to so many pending records are taken as the transaction begins.
AT_ONCE = 32

#: Called with (records done, records in all).
Progress = Callable[[int, int], None]


def resolve(
    database: Database, judge: Judge | None = None, progress: Progress | None = None, settings: Settings | None = None
) -> ResolveReport:
    """Resolve all pending records, then put the grey zone to the language model if there is one. Raises DatabaseUnavailableError."""
    settings = settings or current()
    tell = progress or _silent
    with database.begin() as connection:
        opening = identity.begin(connection, settings.batch + 1, min(AT_ONCE, settings.batch))
        found = models.by_version(connection, opening.version) if opening.version else None
        is_much = len(opening.waiting) > settings.batch or opening.ungrouped
        is_much = is_much or (found is not None and _is_due(connection, found, opening, settings))
        report = ResolveReport()
        if is_much:
            connection.rollback()  # what was taken is let go of
        elif opening.waiting:
            now = found or model_in_force(connection, settings, opening.at)
            report = _resolve_few(Turn(connection, _terms(now, opening)), opening)
    if is_much:
        report = _resolve_many(database, settings, tell)
    elif report.records:
        tell(report.records, report.records)
    if judge:
        report += adjudicate(database, judge, settings)
    return report


def _silent(_done: int, _total: int) -> None:
    """Nobody asked."""


def _is_due(connection: Connection, found: models.InForce, opening: identity.Opening, settings: Settings) -> bool:
    """Whether the model in force is to be changed, which makes all records pending."""
    return has_other_lines(found, settings) or is_outgrown(connection, found.model, len(opening.waiting), opening.estimate)


def _resolve_few(turn: Turn, opening: identity.Opening) -> ResolveReport:
    """Resolve the pending records that the transaction began with; they may all have been taken already."""
    taken = opening.taken if opening.taken.ids else records.take_pending(turn.connection, opening.waiting)
    return _settle(turn, taken)


def _choose(connection: Connection, settings: Settings, waiting: int) -> Terms | None:
    """What there is to stand under, after the model was chosen if there was none yet or the records have outgrown it, and the settings'
    policy was put in force. Without a model and records there is nothing."""
    opening = identity.begin(connection)
    if opening.version is None:
        return _terms(model_in_force(connection, settings, opening.at), opening) if waiting else None
    found = models.by_version(connection, opening.version)
    if is_outgrown(connection, found.model, waiting, opening.estimate):
        found = choose_again(connection, found, settings, opening.at)
    elif has_other_lines(found, settings):
        found = adopt_policy(connection, found, settings, opening.at)
    return _terms(found, opening)


def _terms(found: models.InForce, opening: identity.Opening) -> Terms:
    return Terms(found, "resolver", "", opening.at)


def _resolve_many(database: Database, settings: Settings, tell: Progress) -> ResolveReport:
    """Resolve what is too much for one transaction; what was done is kept whenever it is stopped."""
    pairs = before = 0
    with rebuild.alone(database):
        with database.begin() as connection:
            counts = records.count(connection)
            terms = _choose(connection, settings, counts.waiting)
            counts = records.count(connection)
        if terms and counts.waiting >= settings.rebuild_from and 2 * counts.waiting >= counts.live:
            before = counts.live
            pairs = rebuild_all(database, terms, lambda done: tell(done, 2 * before))
    with database.begin() as connection:
        ungrouped, waiting = rebuild.list_ungrouped(connection), records.list_pending(connection)
    report, done, total = ResolveReport(pairs=pairs), before, before + len(ungrouped) + len(waiting)
    for work, listed in ((_group_some, ungrouped), (_resolve_some, waiting)):
        for start in range(0, len(listed), settings.batch):
            some = listed[start : start + settings.batch]
            with database.begin() as connection:
                report += work(Turn(connection, open_terms(connection, settings, "resolver", "")), some)
            done += len(some)
            tell(done, total)
    if ungrouped:
        rebuild.tidy(database)
    return report


def _resolve_some(turn: Turn, ids: Sequence[int]) -> ResolveReport:
    """Resolve those of the records that are pending."""
    return _settle(turn, records.take_pending(turn.connection, ids))


def _settle(turn: Turn, batch: records.Batch) -> ResolveReport:
    return settle(turn, batch, changed=True).report if batch.ids else ResolveReport()


def _group_some(turn: Turn, ids: Sequence[int]) -> ResolveReport:
    """Make the parties of those of the records whose pairs are made and whose parties are not, and of all who belong to these."""
    taken = rebuild.take_ungrouped(turn.connection, ids)
    if not taken:
        return ResolveReport()
    changed = [record_id for record_id, is_new in taken.items() if is_new]
    settled = regroup(turn, Touched(taken, changed, changed))
    more = rebuild.drop_ungrouped(turn.connection, settled.records)
    return replace(settled.report, records=len(taken) + more)
