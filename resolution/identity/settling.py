"""One transaction of the resolver: from records that are other than before to parties that are what they have to be.

The grouping is a function of (records, model, judgements). A transaction brings the blocking keys and pairs of its records up to date,
groups again the components that this concerns, and writes the difference, all of it together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Connection

from resolution.identity import grouping
from resolution.identity.doubt import Link, confidences
from resolution.identity.garbage import put_off
from resolution.identity.holding import Held, held, links_of
from resolution.identity.learning import model_in_force
from resolution.identity.parties import Groups, assign
from resolution.identity.questions import ask
from resolution.identity.rescoring import rescore
from resolution.identity.turn import Terms, Turn, opinions_of
from resolution.score.model import default_model
from resolution.settings import Settings
from resolution.store import identity, models, records, surroundings
from resolution.store.surroundings import Surrounding


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
    """What a transaction did. parties: ids of those that it touched, retired ones too; records: all that are now as they have to be."""

    report: ResolveReport
    parties: list[str]
    records: list[int]


def open_terms(connection: Connection, settings: Settings, actor: str, reason: str) -> Terms:
    """Take the resolver's lock for this transaction and find the model in force; the first time, it is learned or the shipped one."""
    opening = identity.begin(connection)
    if opening.version is None:
        return Terms(model_in_force(connection, settings, opening.at), actor, reason, opening.at)
    return Terms(models.by_version(connection, opening.version), actor, reason, opening.at)


def present_terms(connection: Connection) -> Terms:
    """What the identities stand under now, for a reader: nothing is locked and nothing written."""
    found = models.in_force(connection)
    return Terms(found or models.InForce("", default_model(), Settings().policy()), "", "", datetime.now(UTC))


@put_off()
def settle(turn: Turn, batch: records.Batch, changed: bool = False, undone_at: datetime | None = None) -> Settled:
    """Make the identities what they have to be, now that the records of the batch, or what is said of them, are other than before.

    changed: whether the records' own content is new. undone_at: the moment of an act that is being undone; parties get back the ids of
    before it.
    """
    rescored = rescore(turn, batch, turn.take_in(batch))
    restated = [record.id for record in batch.live] if changed else []
    touched = Touched(rescored.seeds, batch.ids, restated, batch.gone)
    settled = regroup(turn, touched, undone_at)
    return replace(settled, report=replace(settled.report, records=len(batch.ids), pairs=rescored.pairs))


@dataclass(frozen=True, slots=True)
class Touched:
    """seeds: records whose component, party or reviews may be other than before; built: those whose parties are to be built again in any
    case; restated: those whose own content is new; gone: those that live no more."""

    seeds: Iterable[int]
    built: Sequence[int]
    restated: Sequence[int]
    gone: Sequence[int] = ()


@put_off()
def regroup(turn: Turn, touched: Touched, undone_at: datetime | None = None) -> Settled:
    """Make the parties what they have to be, now that pairs and judgements are what they are."""
    around = surroundings.read(turn.connection, touched.seeds, turn.terms.bounds.lower)
    turn.read(each.id for each in around)
    ids = turn.live(each.id for each in around)
    gone = sorted(set(touched.gone) | ({each.id for each in around} - set(ids)))
    parties = _group(turn, ids, around)
    sure = {record_id: value for each in parties for record_id, value in confidences(each.records, each.tree, turn.refs).items()}
    before = identity.memberships_before(turn.connection, ids, undone_at) if undone_at else {}
    assigned = assign(turn, Groups([each.records for each in parties], sure, gone, before, touched.restated), around, touched.built)
    identity.write(turn.connection, assigned.changes, assigned.concerned, turn.terms.actor, turn.terms.at)
    opened, withdrawn = ask(turn, assigned, parties, around)
    changes = assigned.changes
    report = ResolveReport(
        parties=len(assigned.concerned),
        created=len(changes.founded),
        merged=len(changes.redirected),
        retired=len(changes.retired) - len(changes.redirected),
        moved=len(changes.opened),
        reviews_opened=opened,
        reviews_withdrawn=withdrawn,
    )
    return Settled(report, sorted(assigned.concerned), ids)


def _group(turn: Turn, ids: Sequence[int], around: Sequence[Surrounding]) -> list[Held]:
    """The parties that live records make, which are whole components."""
    place = {record_id: row for row, record_id in enumerate(ids)}
    linked = [(place[each.id], place[other]) for each in around for other in sorted(each.linked) if each.id in place and other in place]
    judged = [each.id for each in around if each.judged and each.id in place]
    if not linked and not judged:
        return [Held([record_id], []) for record_id in ids]
    said = {pair: found for pair, found in turn.said_of(judged).items() if pair[0] in place and pair[1] in place}
    world = turn.world(ids, opinions_of(said))
    rows = np.array(linked, np.int64).reshape(-1, 2)
    found = grouping.group(world, rows[:, 0], rows[:, 1])
    groups: dict[int, list[int]] = {}
    for record_id, number in zip(ids, found.group.tolist(), strict=True):
        groups.setdefault(number, []).append(record_id)
    inside: dict[int, list[Link]] = {number: [] for number in groups}
    for row, link in zip(found.inside.left.tolist(), links_of(ids, found.inside, world.said), strict=True):
        inside[int(found.group[row])].append(link)
    return [held(group, inside[number], turn.refs) for number, group in groups.items()]
