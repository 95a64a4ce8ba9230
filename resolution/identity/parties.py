"""From groups of records to parties: who keeps which id, and the difference to what was."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from resolution.identity import identify
from resolution.identity.turn import Turn
from resolution.normalize.features import KIND_NAMES, UNKNOWN
from resolution.store import identity
from resolution.store.identity import Changes, Event, Member, Party
from resolution.store.surroundings import Surrounding


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of live records with how surely each belongs, and records that live no more.

    confidence: by record id. before: for records whose party of another time counts, not the present one: what it was.
    """

    groups: list[list[int]]
    confidence: Mapping[int, float]
    gone: Sequence[int]
    before: Mapping[int, str]
    changed: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Assigned:
    """party_of: live record id -> party id; members: party id -> records; changes: the difference; concerned: parties to build again."""

    party_of: dict[int, str]
    members: dict[str, list[int]]
    changes: Changes
    concerned: set[str]


def assign(turn: Turn, grouped: Groups, around: Sequence[Surrounding], touched: Iterable[int]) -> Assigned:
    """Give each group its party id and say what is to be written. touched: records whose parties are to be built again in any case."""
    current = {each.id: each.member for each in around if each.member is not None}
    known = {each.party.id: each.party for each in around if each.party is not None}
    last = {each.id: each.party.id for each in around if each.party is not None}
    live = {record_id for group in grouped.groups for record_id in group}
    before = {record_id: party_id for record_id, party_id in last.items() if record_id in live or record_id in current}
    before |= dict(grouped.before)
    known |= identity.parties(turn.connection, set(before.values()) - known.keys())
    ages = {party.id: party.created_at for party in known.values()}
    ids = _with_new_ids(turn, grouped.groups, identify.kept_ids(grouped.groups, turn.refs, before, ages))
    party_of = {record_id: party_id for party_id, group in zip(ids, grouped.groups, strict=True) for record_id in group}
    members = dict(zip(ids, grouped.groups, strict=True))
    difference = _Difference(turn, grouped, current, known, party_of, members)
    changes = difference.changes()
    concerned = {party_of[record_id] for record_id in touched if record_id in party_of} | difference.concerned(changes)
    return Assigned(party_of, members, changes, concerned)


def _with_new_ids(turn: Turn, groups: Sequence[Sequence[int]], kept: Sequence[str | None]) -> list[str]:
    """The kept ids, and for groups without one a new id from the smallest ref, in order of those refs."""
    ids: list[str | None] = list(kept)
    founders = {
        number: min(turn.refs[record_id] for record_id in groups[number]) for number, party_id in enumerate(ids) if party_id is None
    }
    waiting, attempt = sorted(founders, key=founders.__getitem__), 0
    while waiting:
        wanted = {number: identify.party_id(founders[number], attempt) for number in waiting}
        taken = identity.taken(turn.connection, wanted.values())
        for number in waiting:
            if wanted[number] not in taken:
                ids[number] = wanted[number]
        waiting, attempt = [number for number in waiting if ids[number] is None], attempt + 1
    return [party_id for party_id in ids if party_id is not None]


@dataclass(frozen=True, slots=True)
class _Difference:
    """What is to be written so that what was (`current` members of `known` parties) becomes what is (`party_of`, `members`)."""

    turn: Turn
    grouped: Groups
    current: Mapping[int, Member]
    known: Mapping[str, Party]
    party_of: Mapping[int, str]
    members: Mapping[str, list[int]]

    def changes(self) -> Changes:
        grouped, current = self.grouped, self.current
        confidence = grouped.confidence
        moved = [
            record_id
            for record_id, party_id in self.party_of.items()
            if record_id not in current or current[record_id].party_id != party_id
        ]
        left = [record_id for record_id in grouped.gone if record_id in current]
        stayed = self.party_of.keys() - set(moved)
        kinds = {party_id: self._kind(group) for party_id, group in self.members.items()}
        vanished = sorted({member.party_id for member in current.values()} - self.members.keys())
        heirs = {party_id: self._heir(party_id) for party_id in vanished}
        founded = {party_id: kind for party_id, kind in kinds.items() if party_id not in self.known}
        changes = Changes(
            closed=sorted([record_id for record_id in moved if record_id in current] + left),
            opened={record_id: Member(self.party_of[record_id], confidence[record_id]) for record_id in moved},
            restated={record_id: confidence[record_id] for record_id in stayed if current[record_id].confidence != confidence[record_id]},
            founded=founded,
            revived=sorted(party_id for party_id in self.members if party_id in self.known and self.known[party_id].retired),
            retired=vanished,
            redirected={party_id: heir for party_id, heir in heirs.items() if heir},
            kinds={party_id: kind for party_id, kind in kinds.items() if party_id in self.known and self.known[party_id].kind != kind},
        )
        changes.events.extend(self._events(changes, moved, left))
        return changes

    def concerned(self, changes: Changes) -> set[str]:
        """Parties that gained or lost a record, or hold one more or less surely."""
        records = [*changes.opened, *changes.closed, *changes.restated]
        found = {self.party_of[record_id] for record_id in records if record_id in self.party_of}
        found |= {self.current[record_id].party_id for record_id in records if record_id in self.current}
        return found | set(changes.retired) | changes.kinds.keys()

    def _kind(self, group: Sequence[int]) -> str:
        """What most of the records are that say it; a tie goes to the organisation."""
        counts = Counter(self.turn.profiles[record_id].kind for record_id in group)
        counts.pop(UNKNOWN, None)
        return KIND_NAMES[max(counts, key=lambda kind: (counts[kind], kind), default=UNKNOWN)]

    def _heir(self, party_id: str) -> str | None:
        """Where most of a vanished party's records went."""
        counts = Counter(
            self.party_of[record_id]
            for record_id, member in self.current.items()
            if member.party_id == party_id and record_id in self.party_of
        )
        return min(counts, key=lambda heir: (-counts[heir], heir), default=None)

    def _events(self, changes: Changes, moved: Sequence[int], left: Sequence[int]) -> list[Event]:
        """In an order that does not depend on record ids."""
        reason, refs = self.turn.terms.reason, self.turn.refs
        was = {record_id: self.current[record_id].party_id for record_id in moved if record_id in self.current}
        events = [Event("created", party_id, reason=reason) for party_id in sorted(changes.founded)]
        events += [Event("created", party_id, reason=f"again: {reason}") for party_id in changes.revived]
        split = {(was[record_id], self.party_of[record_id]) for record_id in was if was[record_id] in self.members}
        events += [
            Event("split", old, other=new, reason=reason) for old, new in sorted(split) if new in changes.founded or new in changes.revived
        ]
        joined = sorted(moved, key=lambda record_id: (self.party_of[record_id], refs[record_id]))
        events += [Event("joined", self.party_of[record_id], refs[record_id], was.get(record_id), reason) for record_id in joined]
        away = sorted((self.current[record_id].party_id, refs.get(record_id, "")) for record_id in left)
        events += [Event("left", party_id, ref or None, reason="deleted at its source") for party_id, ref in away]
        restated = sorted((self.party_of[record_id], refs[record_id]) for record_id in self.grouped.changed if record_id in self.party_of)
        newly = {refs[record_id] for record_id in moved}
        events += [Event("changed", party_id, ref) for party_id, ref in restated if ref not in newly]
        events += [Event("merged", heir, other=party_id, reason=reason) for party_id, heir in sorted(changes.redirected.items())]
        empty = sorted(set(changes.retired) - changes.redirected.keys())
        return events + [Event("retired", party_id, reason="left without records") for party_id in empty]
