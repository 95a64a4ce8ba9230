"""Which records are one party: kept up to date by change.

The grouping is a function of (records, model, judgements). Each transaction takes some pending records off the list, brings their blocking
keys and pairs up to date, groups again the components that this concerns, and writes the difference, all of it together. So any order and
any batching gives what a full run gives, a crash loses nothing, and with nothing pending nothing is written. Writers take turns by a lock.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Connection, text

from resolution import grouping
from resolution.adjudicate import Judge, adjudicate
from resolution.doubt import Link, confidences, spanning_tree
from resolution.learning import model_in_force
from resolution.parties import Groups, assign
from resolution.questions import ask
from resolution.rescoring import rescore
from resolution.settings import Settings
from resolution.store import identity, pairs, records
from resolution.turn import Terms, Turn, opinions_of
from sql.database import Database

#: Called with (records done, records in all).
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ResolveReport:
    """Counts of one run. records: resolved; pairs: scored; parties: touched; created, merged, retired: parties; moved: memberships opened;
    reviews_opened, reviews_withdrawn; asked, judged: pairs put to the language model, and those that it settled."""

    records: int = 0
    pairs: int = 0
    parties: int = 0
    created: int = 0
    merged: int = 0
    retired: int = 0
    moved: int = 0
    reviews_opened: int = 0
    reviews_withdrawn: int = 0
    asked: int = 0
    judged: int = 0

    def __add__(self, other: "ResolveReport") -> "ResolveReport":
        return ResolveReport(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Settled:
    """What a transaction did. parties: ids of those that it touched, retired ones too."""

    report: ResolveReport
    parties: list[str] = field(default_factory=list)


def resolve(
    database: Database, judge: Judge | None = None, progress: Progress | None = None, settings: Settings | None = None
) -> ResolveReport:
    """Resolve all pending records, then put the grey zone to the language model if there is one."""
    settings = settings or Settings()
    report, done = ResolveReport(), 0
    with database.begin() as connection:
        waiting = records.list_pending(connection)
    for start in range(0, len(waiting), settings.batch):
        some = waiting[start : start + settings.batch]
        report += resolve_some(database, some, settings)
        done += len(some)
        if progress:
            progress(done, len(waiting))
    if judge:
        report += adjudicate(database, judge, settings)
    return report


def resolve_some(database: Database, ids: Sequence[int], settings: Settings) -> ResolveReport:
    """Resolve those of the records that are pending, in one transaction."""
    with database.begin() as connection:
        terms = open_terms(connection, settings, "resolver", "")
        batch = records.take_pending(connection, ids)
        if not batch.ids:
            return ResolveReport()
        return settle(Turn(connection, terms), batch, changed=[record.id for record in batch.live]).report


def open_terms(connection: Connection, settings: Settings, actor: str, reason: str) -> Terms:
    """Take the resolver's lock for this transaction and find the model in force; the first time, it is learned or the shipped one."""
    at = identity.begin(connection)
    connection.execute(text("SET LOCAL jit = off"))
    return Terms(model_in_force(connection, settings, at), actor, reason, at)


def settle(turn: Turn, batch: records.Batch, before: Mapping[int, str] | None = None, changed: Sequence[int] = ()) -> Settled:
    """Make the identities what they have to be, now that the records of the batch, or what is said of them, are other than before.

    before: where an act is undone, the party of each record just before that act. changed: records whose own content is new.
    """
    features = turn.take_in(batch)
    rescored = rescore(turn, batch, features)
    reached = pairs.component_records(turn.connection, rescored.seeds)
    turn.read(reached)
    ids = turn.live(reached)
    gone = sorted(set(batch.gone) | (set(reached) - set(ids)))
    groups, trees = _group(turn, ids)
    sure = {record_id: value for group, tree in zip(groups, trees, strict=True) for record_id, value in confidences(group, tree, turn.refs).items()}
    assigned = assign(turn, Groups(groups, sure, gone, before or {}, changed), batch.ids)
    identity.write(turn.connection, assigned.changes, turn.terms.actor, turn.terms.at)
    opened, withdrawn = ask(turn, assigned, trees, gone)
    records.mark_golden_pending(turn.connection, assigned.concerned)
    changes = assigned.changes
    report = ResolveReport(
        records=len(batch.ids),
        pairs=rescored.pairs,
        parties=len(assigned.concerned),
        created=len(changes.founded),
        merged=len(changes.redirected),
        retired=len(changes.retired) - len(changes.redirected),
        moved=len(changes.opened),
        reviews_opened=opened,
        reviews_withdrawn=withdrawn,
    )
    return Settled(report, sorted(assigned.concerned))


def _group(turn: Turn, ids: Sequence[int]) -> tuple[list[list[int]], list[list[Link]]]:
    """The groups that live records make, which are whole components, and the tree of links that holds each together."""
    if not ids:
        return [], []
    said = {pair: found for pair, found in turn.said_of(ids).items() if pair[0] in turn.row and pair[1] in turn.row}
    world = turn.world(ids, opinions_of(said))
    place = {record_id: row for row, record_id in enumerate(ids)}
    linked = np.array([(place[left], place[right]) for left, right in pairs.linked_among(turn.connection, ids)], np.int64).reshape(-1, 2)
    found = grouping.group(world, linked[:, 0], linked[:, 1])
    groups: dict[int, list[int]] = {}
    for record_id, number in zip(ids, found.group.tolist(), strict=True):
        groups.setdefault(number, []).append(record_id)
    inside: dict[int, list[Link]] = {number: [] for number in groups}
    weighed = found.inside
    for left, right, certainty, by in zip(
        weighed.left.tolist(), weighed.right.tolist(), weighed.certainty.tolist(), weighed.authority, strict=True
    ):
        inside[int(found.group[left])].append(Link((ids[left], ids[right]), certainty, by))
    return list(groups.values()), [spanning_tree(group, inside[number], turn.refs) for number, group in groups.items()]


