"""Which of the values that a party's records give is believed, and since when.

What is believed is a function of (the records and their earlier versions, the sources' authority, the overrides): no clock is read and the
order of the input does not matter. Age is counted from the party's newest observation.

A record's first value of an attribute is its word; its further values stand beside. Of the words, in this order:

    override        a steward's, the latest made
    only_value      there is but one; first_listed where all records' words agree and others stand beside
    authority       the source's authority for the attribute, halved with each half-life of age; within MARGIN of the best counts as equal
    most_recent     the latest date of observation; undated is earliest
    most_frequent   stated by most sources, then by most records
    most_complete   most parts filled, then the longest
    record_ref      the smallest reference of a record, then the smallest value

An address is one value, and a person's given and family name travel with the name.

A record's earlier versions tell what was true in the world before: a version holds from its date of observation to the next one's, and the
earliest from always, since a date of observation says when a source spoke and not when it became true.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple

from resolution.golden.attributes import NAME_PARTS, canonical, completeness, exclusive_scope, half_life, has_several

#: Decayed authorities that differ by no more count as equal.
MARGIN = 0.05
#: Authority of a source that is not declared (any longer).
USUAL_AUTHORITY = 0.5
#: Sources of at least this authority (without decay) are trusted: where two of them contradict each other, a steward decides.
TRUSTED = 0.5
#: What an override gives as its source.
STEWARD = "steward"

_YEAR = 365.25 * 86400


@dataclass(frozen=True, slots=True)
class Authority:
    """What a source is trusted for, 0 to 1: in general, and for single attributes."""

    usual: float = USUAL_AUTHORITY
    by_attribute: Mapping[str, float] = field(default_factory=dict)

    def of(self, attribute: str) -> float:
        return self.by_attribute.get(attribute, self.usual)


class Version(NamedTuple):
    """What a record said from `since`, the source's business date, until its next version."""

    since: datetime | None
    attributes: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Member:
    """A record of the party: what it says now, first at `since`, as last confirmed by its source at `observed_at`; `versions` in the order
    they became known, the present one last. Without versions it is taken to have always said so."""

    ref: str
    source: str
    attributes: Mapping[str, Sequence[Any]]
    observed_at: datetime | None = None
    since: datetime | None = None
    versions: Sequence[Version] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """A steward's value; `record_ref` is the record it hangs on. A larger id was made later."""

    id: int
    attribute: str
    value: Any
    record_ref: str
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One believed value. losing: values that it won against; also: values that hold beside it, where a party may have several.
    Each of these is {"value", "source", "record_ref", "observed_at"}. conflict: trusted sources contradict each other here."""

    value: Any
    source: str
    record_ref: str
    rule: str
    observed_at: datetime | None = None
    since: datetime | None = None
    losing: tuple[dict[str, Any], ...] = ()
    also: tuple[dict[str, Any], ...] = ()
    conflict: bool = False
    override_id: int | None = None

    def document(self) -> dict[str, Any]:
        """The entry as JSON; `also`, `conflict` and `override_id` only where there is something to say."""
        entry: dict[str, Any] = {
            "value": self.value,
            "source": self.source,
            "record_ref": self.record_ref,
            "rule": self.rule,
            "observed_at": _iso(self.observed_at),
            "since": _iso(self.since),
            "losing": list(self.losing),
        }
        if self.also:
            entry["also"] = list(self.also)
        if self.conflict:
            entry["conflict"] = True
        if self.override_id is not None:
            entry["override_id"] = self.override_id
        return entry


class Interval(NamedTuple):
    """An entry and when it is true in the world: from (None: from always, or not known) up to, but not at, to (None: still)."""

    attribute: str
    entry: Entry
    valid_from: datetime | None
    valid_to: datetime | None


class _Word(NamedTuple):
    value: Any
    position: int  # in the record's list
    standing: float  # authority after decay
    member: Member
    parts: Mapping[str, Any]  # what travels with it


Authorities = Mapping[str, Authority]


def survive(members: Iterable[Member], authorities: Authorities, overrides: Iterable[Override] = ()) -> dict[str, Entry]:
    """The believed value of each attribute that the records give now, by attribute in alphabetical order."""
    members = sorted(members, key=lambda member: member.ref)
    dates = [member.observed_at for member in members if member.observed_at]
    newest = max(dates) if dates else None
    words: dict[str, list[_Word]] = {}
    for member in members:
        authority = authorities.get(member.source, Authority())
        for attribute, values in _grouped(member.attributes):
            standing = _decayed(authority.of(attribute), attribute, member.observed_at, newest)
            said = words.setdefault(attribute, [])
            said.extend(_Word(value, place, standing, member, parts) for place, (value, parts) in enumerate(values))
    entries: dict[str, Entry] = {}
    for attribute, said in words.items():
        entries.update(_choose(attribute, said, authorities))
    for override in sorted(overrides, key=lambda override: override.id):
        _apply(entries, override)
    return dict(sorted(entries.items()))


def _grouped(attributes: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, list[tuple[Any, Mapping[str, Any]]]]]:
    """Each attribute with its values, a person's given and family name inside the name; empty values are no values."""
    kept = {attribute: [value for value in values if value not in ("", None, {}, [])] for attribute, values in attributes.items()}
    parts = {part: kept[part][0] for part in NAME_PARTS if kept.get(part)}
    if parts:
        first, *others = kept.get("name") or [" ".join(map(str, parts.values()))]
        yield "name", [(first, parts), *((other, {}) for other in others)]
    for attribute, values in kept.items():
        if values and not (parts and (attribute == "name" or attribute in parts)):
            yield attribute, [(value, {}) for value in values]


def _decayed(authority: float, attribute: str, observed_at: datetime | None, newest: datetime | None) -> float:
    years = half_life(attribute)
    if years is None or newest is None:
        return authority
    if observed_at is None:
        return authority / 2
    return float(authority * 0.5 ** ((newest - observed_at).total_seconds() / _YEAR / years))


def _choose(attribute: str, said: list[_Word], authorities: Authorities) -> dict[str, Entry]:
    groups: dict[str, list[_Word]] = {}
    for word in said:
        groups.setdefault(canonical(attribute, word.value), []).append(word)
    rule, chosen = ("only_value", next(iter(groups))) if len(groups) == 1 else _contend(groups)
    best = {key: min(words, key=_rank) for key, words in groups.items()}
    winner = best.pop(chosen)
    others = sorted(best.items(), key=lambda item: (_rank(item[1]), item[0]))
    several, scope = has_several(attribute), exclusive_scope(attribute, winner.value)
    beside = [several or bool(scope and exclusive_scope(attribute, word.value) not in ("", scope)) for _, word in others]
    entry = Entry(
        value=winner.value,
        source=winner.member.source,
        record_ref=winner.member.ref,
        rule=rule,
        observed_at=winner.member.observed_at,
        since=winner.member.since,
        losing=tuple(_alternative(word) for (_, word), holds in zip(others, beside, strict=True) if not holds),
        also=tuple(_alternative(word) for (_, word), holds in zip(others, beside, strict=True) if holds),
        conflict=_contradict(attribute, groups, authorities),
    )
    found = {attribute: entry}
    for part, value in winner.parts.items():
        found[part] = replace(entry, value=value, losing=(), also=(), conflict=False)
    return found


def _contend(groups: Mapping[str, list[_Word]]) -> tuple[str, str]:
    """The rule that decides, and the key of the group it chooses."""
    words = {key: [word for word in said if word.position == 0] for key, said in groups.items()}
    contenders = [key for key, said in words.items() if said]
    if len(contenders) == 1:
        return "first_listed", contenders[0]
    bar = max(word.standing for said in words.values() for word in said) - MARGIN
    words = {key: [word for word in words[key] if word.standing >= bar] for key in contenders}
    contenders = [key for key in contenders if words[key]]
    measures: dict[str, Callable[[str], tuple[int, ...]]] = {
        "most_recent": lambda key: (max(_day(word.member) for word in words[key]),),
        "most_frequent": lambda key: (len({word.member.source for word in groups[key]}), len({word.member.ref for word in groups[key]})),
        "most_complete": lambda key: max(completeness(word.value) for word in words[key]),
    }
    rule = "authority"
    for name, measure in measures.items():
        if len(contenders) == 1:
            return rule, contenders[0]
        rule, best = name, max(map(measure, contenders))
        contenders = [key for key in contenders if measure(key) == best]
    if len(contenders) == 1:
        return rule, contenders[0]
    return "record_ref", min(contenders, key=lambda key: (min(word.member.ref for word in words[key]), key))


def _day(member: Member) -> int:
    return member.observed_at.toordinal() if member.observed_at else 0


def _rank(word: _Word) -> tuple[Any, ...]:
    """Smallest for the word that stands for all that say the same."""
    observed_at = word.member.observed_at
    filled, length = completeness(word.value)
    date = -observed_at.timestamp() if observed_at else 0.0
    return word.position > 0, -len(word.parts), -word.standing, date, -filled, -length, word.member.ref, word.position


def _alternative(word: _Word) -> dict[str, Any]:
    member = word.member
    return {"value": word.value, "source": member.source, "record_ref": member.ref, "observed_at": _iso(member.observed_at)}


def _contradict(attribute: str, groups: Mapping[str, list[_Word]], authorities: Authorities) -> bool:
    """Whether two trusted records share no value of a scope in which a party has but one."""
    if len(groups) == 1:
        return False
    scopes: dict[str, dict[str, set[str]]] = {}
    for key, said in groups.items():
        if scope := exclusive_scope(attribute, said[0].value):
            for word in said:
                if authorities.get(word.member.source, Authority()).of(attribute) >= TRUSTED:
                    scopes.setdefault(scope, {}).setdefault(word.member.ref, set()).add(key)
    distinct = ({frozenset(keys) for keys in by_record.values()} for by_record in scopes.values())
    return any(left.isdisjoint(right) for sets in distinct for left, right in combinations(sets, 2))


def _apply(entries: dict[str, Entry], override: Override) -> None:
    """Put the steward's value in and keep what it stands against, so that name and parts of a name still fit each other."""
    before = entries.get(override.attribute)
    same = before is not None and canonical(override.attribute, before.value) == canonical(override.attribute, override.value)
    entries[override.attribute] = _overridden(override, override.value, before)
    if override.attribute == "name" and not same:
        for part in NAME_PARTS:
            if part in entries and entries[part].rule != "override":
                del entries[part]
    name = entries.get("name")
    if override.attribute in NAME_PARTS:
        whole = " ".join(str(entries[part].value) for part in NAME_PARTS if part in entries)
        entries["name"] = _overridden(override, whole, name)


def _overridden(override: Override, value: Any, before: Entry | None) -> Entry:
    losing: tuple[dict[str, Any], ...] = before.losing if before else ()
    if before is not None and canonical(override.attribute, before.value) != canonical(override.attribute, value):
        former = {"value": before.value, "source": before.source, "record_ref": before.record_ref, "observed_at": _iso(before.observed_at)}
        losing = (former, *losing)
    also = before.also if before else ()
    return Entry(
        value=value,
        source=STEWARD,
        record_ref=override.record_ref,
        rule="override",
        observed_at=override.made_at,
        losing=losing,
        also=tuple(one for one in also if canonical(override.attribute, one["value"]) != canonical(override.attribute, value)),
        override_id=override.id,
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
