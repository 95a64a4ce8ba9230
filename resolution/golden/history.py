"""What was true of a party in the world, told from what each of its records said before.

The past is worked out from the records' own versions alone, so it goes where the records go: a merge brings their past in, a split takes
it along, and the undo of a split gives back exactly what was. That two records differ tells of no change; that one record changed its word
does.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from resolution.golden.survivorship import Authorities, Entry, Interval, Member, Override, Version, survive


class Belief(NamedTuple):
    """entries: what is believed to be true now, by attribute; intervals: the same and what was true before."""

    entries: dict[str, Entry]
    intervals: list[Interval]


class Dated(Protocol):
    """What holds from a time on."""

    @property
    def since(self) -> datetime | None: ...


Spoken = TypeVar("Spoken", bound=Dated)


def effective(versions: Sequence[Spoken]) -> list[Spoken]:
    """The versions by the time they hold from, strictly rising; only the first may be undated.

    A later word about an earlier or an unknown time corrects what was said of the time after it, so that is dropped.
    """
    kept: list[Spoken] = []
    for version in versions:
        while kept and (version.since is None or (kept[-1].since is not None and kept[-1].since >= version.since)):
            kept.pop()
        kept.append(version)
    return kept


def turning_points(versions: Iterable[Sequence[Dated]]) -> list[datetime]:
    """The times, rising, at which one of the records changed its word; each sequence is effective."""
    return sorted({version.since for each in versions for version in each[1:] if version.since})


def in_force(versions: Sequence[Dated], until: datetime | None) -> int:
    """The index of the version in force just before `until` (None: now). The earliest holds from always."""
    if until is None:
        return len(versions) - 1
    return max((place for place, version in enumerate(versions) if version.since and version.since < until), default=0)


def believe(members: Sequence[Member], authorities: Authorities, overrides: Sequence[Override] = ()) -> Belief:
    """What is believed of the party of these records. An override corrects the past too: a steward says what is so, not since when."""
    versions = {member.ref: effective(member.versions) or [Version(member.observed_at, member.attributes)] for member in members}
    points: list[datetime | None] = [*turning_points(versions.values()), None]
    states = [_state(members, versions, until, (authorities, overrides)) for until in points]
    intervals: list[Interval] = []
    for attribute in sorted({attribute for state in states for attribute in state}):
        intervals.extend(_runs(attribute, [state.get(attribute) for state in states], points))
    entries = {interval.attribute: interval.entry for interval in intervals if interval.valid_to is None}
    return Belief(entries, intervals)


def _state(
    members: Sequence[Member],
    versions: dict[str, list[Version]],
    until: datetime | None,
    policy: tuple[Authorities, Sequence[Override]],
) -> dict[str, Entry]:
    """What is believed of the time just before `until`."""
    then: list[Member] = []
    for member in members:
        known = versions[member.ref]
        place = in_force(known, until)
        since, attributes = known[place]
        if place < len(known) - 1:
            member = replace(member, attributes=attributes, observed_at=since, since=since)
        elif member.since != since:
            member = replace(member, since=since)
        then.append(member)
    return survive(then, *policy)


def _runs(attribute: str, states: list[Entry | None], points: list[datetime | None]) -> list[Interval]:
    """The stretches over which one value held: points[i] ends state i."""
    runs: list[Interval] = []
    start, since = None, None
    for place, entry in enumerate(states):
        if entry is None:
            continue
        following = states[place + 1] if place + 1 < len(states) else None
        previous = states[place - 1] if place else None
        if previous is None or not _same(previous, entry):
            start = place
            since = points[place - 1] if place else entry.since
        if place + 1 < len(states) and following is not None and _same(entry, following):
            continue
        ends = points[place]
        begins = None if start == 0 and since and ends and since >= ends else since
        runs.append(Interval(attribute, entry if entry.since == begins else replace(entry, since=begins), begins, ends))
    return runs


def _same(left: Entry, right: Entry) -> bool:
    if isinstance(left.value, str) or isinstance(right.value, str):
        return bool(left.value == right.value)
    return json.dumps(left.value, sort_keys=True) == json.dumps(right.value, sort_keys=True)
