"""The timeline: which items belong to which party, and the signals and terms that follow from them.

An item belongs to every party one of whose records takes part in it, and to the organisation that employed the person who did, at that
time. A row is a function of staging, identity and golden as they are: the step may run at any time, on any batch, any number of times.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from operator import add
from typing import Any

from sqlalchemy import Connection

from context_api.context import signals, terms
from context_api.context.store import derived
from sql.database import Database, lock

BATCH = 300  # subjects of one transaction
ITEMS = 5_000  # items of one statement


@dataclass(frozen=True, slots=True)
class TimelineReport:
    """Counts of one build: subjects taken, timeline rows written and removed, parties whose signals changed, terms changed."""

    subjects: int = 0
    written: int = 0
    removed: int = 0
    signals: int = 0
    terms: int = 0

    def __add__(self, other: "TimelineReport") -> "TimelineReport":
        return TimelineReport(*map(add, astuple(self), astuple(other)))


def build(database: Database) -> TimelineReport:
    """Bring every timeline, signal and term that something changed under up to date; with nothing pending nothing is written."""
    total = TimelineReport()
    while True:
        with database.begin() as connection:
            lock(connection, "timeline")
            subjects = derived.take_pending(connection, "timeline", BATCH)
            if not subjects:
                return total
            total += _build(connection, subjects)


def _build(connection: Connection, subjects: Sequence[str]) -> TimelineReport:
    parties = [subject for subject in subjects if "/" not in subject]
    named = [subject for subject in subjects if "/" in subject]
    items = derived.timeline_items(connection, parties, named)
    written = removed = 0
    changed: set[str] = set()
    for start in range(0, len(items), ITEMS):
        for party_id, (put, gone) in derived.write_timeline(connection, items[start : start + ITEMS]).items():
            changed.add(party_id)
            written, removed = written + put, removed + gone
    derived.drop_pending(connection, "timeline", items)
    touched = sorted(changed.union(parties, derived.parties_of(connection, items)))
    signalled = _write_signals(connection, touched)
    derived.add_pending(connection, "summary", changed | signalled)
    return TimelineReport(len(subjects), written, removed, len(signalled), _write_terms(connection, parties))


def _write_signals(connection: Connection, parties: Sequence[str]) -> set[str]:
    changed: set[str] = set()
    for start in range(0, len(parties), BATCH):
        batch = parties[start : start + BATCH]
        found = {party_id: signals.of_entries(entries) for party_id, entries in derived.entries(connection, batch)}
        changed |= derived.write_signals(connection, batch, found)
    return changed


def _write_terms(connection: Connection, parties: Sequence[str]) -> int:
    if not parties:
        return 0
    rows: list[dict[str, Any]] = []
    for record in derived.member_records(connection, parties):
        for term in terms.of_record(record["kind"], record["key"], record["attributes"]):
            rows.append(
                {
                    "party_id": record["party_id"],
                    "record_ref": record["ref"],
                    "source": record["source"],
                    "meaning": term.meaning,
                    "value": term.value,
                    "shown": term.shown,
                    "data_class": term.data_class,
                }
            )
    return derived.write_terms(connection, parties, rows)
