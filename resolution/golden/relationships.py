"""Who works where, and which organisation hangs on which: from what the records claim, and from what gives an employer away.

Relationships of a party are a function of its records' claims and their earlier versions, and of who holds the claimed records now; a
claim between two records of one party says nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from anyascii import anyascii

from resolution.golden.history import effective
from resolution.golden.survivorship import Authorities, Authority, Entry
from resolution.normalize import contacts, names

EMPLOYMENT = "employment"

_WORD = re.compile("[a-z0-9]+")


class Claim(NamedTuple):
    """What a record claims: that its party stands in a relation of this kind to the party of the record `to`."""

    kind: str
    to: str
    origin: str
    attributes: Mapping[str, Any]
    valid_from: datetime | None
    valid_to: datetime | None


class Claims(NamedTuple):
    """What a record claimed from `since`, the source's business date, until its next version."""

    since: datetime | None
    claims: Sequence[Claim]


@dataclass(frozen=True, slots=True)
class Claimant:
    """A record of the party and its claims, in the order they became known, the present ones last."""

    ref: str
    source: str
    observed_at: datetime | None
    versions: Sequence[Claims]


class Clue(NamedTuple):
    """That a person works for the one organisation that has this key; the records that say so, and when the person's did."""

    to_party: str
    key: str
    from_ref: str
    to_ref: str
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Relationship:
    """from_party is (kind) of to_party. valid_to: None where it holds still; evidence: references of what claims it, sorted."""

    kind: str
    to_party: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class _Said(NamedTuple):
    claimant: Claimant
    claim: Relationship


def affiliation_keys(kind: str, entries: Mapping[str, Entry]) -> dict[tuple[str, str], str]:
    """By what an organisation is known to those who work there, and a person's employer is known: {(role, key): the record that says so}.

    role: "is" of an organisation, "works_at" of a person; key: "domain:<registrable domain>" (never of a free mail provider) or
    "name:<folded, without legal form>".
    """
    keys: dict[tuple[str, str], str] = {}
    if kind == "organization":
        for value, ref in _values(entries.get("website")):
            if (domain := _domain(value)) is not None:
                keys.setdefault(("is", f"domain:{domain}"), ref)
        for value, ref in _values(entries.get("name")):
            if name := _core(value):
                keys.setdefault(("is", f"name:{name}"), ref)
    elif kind == "person":
        for value, ref in _values(entries.get("email")):
            if (domain := _domain(contacts.domain_of(value))) is not None:
                keys["works_at", f"domain:{domain}"] = ref
                break
        employer = entries.get("employer")
        if employer is not None and (name := _core(str(employer.value))):
            keys["works_at", f"name:{name}"] = employer.record_ref
    return keys


def _values(entry: Entry | None) -> Iterator[tuple[str, str]]:
    if entry is not None:
        yield str(entry.value), entry.record_ref
        for other in entry.also:
            yield str(other["value"]), other["record_ref"]


@lru_cache(maxsize=1 << 16)
def _domain(text: str) -> str | None:
    domain = contacts.domain(text)
    return domain if domain and not contacts.is_free_mail(domain) else None


@lru_cache(maxsize=1 << 16)
def _core(name: str) -> str:
    return names.organization_core(" ".join(_WORD.findall(anyascii(name).lower().replace("'", ""))))


def relate(
    party_id: str, claimants: Iterable[Claimant], holders: Mapping[str, str], authorities: Authorities, clues: Sequence[Clue] = ()
) -> list[Relationship]:
    """The relationships out of a party, one for each kind and other party, sorted; holders: reference of a claimed record -> its party."""
    claimants = sorted(claimants, key=lambda claimant: claimant.ref)
    said = [_Said(claimant, claim) for claimant in claimants for claim in _spoken(claimant, holders) if claim.to_party != party_id]
    said = _superseded(said)
    found: dict[tuple[str, str], list[_Said]] = {}
    for each in said:
        found.setdefault((each.claim.kind, each.claim.to_party), []).append(each)
    relationships = {key: _joined(group, authorities) for key, group in found.items()}
    for clue in sorted(clues, key=lambda clue: clue[:4]):
        key = (EMPLOYMENT, clue.to_party)
        if clue.to_party != party_id and key not in relationships and not _known_better(said, clue.observed_at):
            evidence = tuple(sorted({clue.from_ref, clue.to_ref}))
            relationships[key] = Relationship(*key, {"inferred_from": clue.key}, evidence)
    return [relationships[key] for key in sorted(relationships)]


def _spoken(claimant: Claimant, holders: Mapping[str, str]) -> Iterator[Relationship]:
    """The last stretch over which the record made each of its claims."""
    versions = effective(claimant.versions)
    latest: dict[tuple[str, str], Relationship] = {}
    for place, version in enumerate(versions):
        ends = versions[place + 1].since if place + 1 < len(versions) else None
        done: set[tuple[str, str]] = set()
        for claim in sorted(version.claims, key=lambda claim: (claim.kind, claim.to, claim.origin)):
            holder = holders.get(claim.to)
            if holder is None or (claim.kind, holder) in done:
                continue
            done.add((claim.kind, holder))
            before = latest.get((claim.kind, holder))
            goes_on = before is not None and before.valid_to is not None and before.valid_to == version.since
            began = before.valid_from if before is not None and goes_on else version.since
            latest[claim.kind, holder] = Relationship(
                claim.kind,
                holder,
                {name: value for name, value in claim.attributes.items() if value not in ("", None)},
                (claim.origin,),
                claim.valid_from or began,
                claim.valid_to or ends,
            )
    yield from latest.values()


def _superseded(said: list[_Said]) -> list[_Said]:
    """A source's newer claim of an employer, by another of its records, ends its older one."""
    newest: dict[str, _Said] = {}
    for each in said:
        if each.claim.kind == EMPLOYMENT and each.claim.valid_to is None and each.claimant.observed_at is not None:
            best = newest.get(each.claimant.source)
            if best is None or best.claimant.observed_at is None or each.claimant.observed_at > best.claimant.observed_at:
                newest[each.claimant.source] = each
    return [_ended(each, newest.get(each.claimant.source), said) for each in said]


def _ended(each: _Said, newest: _Said | None, said: Iterable[_Said]) -> _Said:
    seen = each.claimant.observed_at
    if each.claim.kind != EMPLOYMENT or each.claim.valid_to is not None or newest is None or seen is None:
        return each
    since = newest.claimant.observed_at
    employers = {other.claim.to_party for other in said if other.claimant is newest.claimant and other.claim.kind == EMPLOYMENT}
    if since is None or seen >= since or each.claim.to_party in employers:
        return each
    began = newest.claim.valid_from
    later = began if began is not None and (each.claim.valid_from is None or began > each.claim.valid_from) else since
    return _Said(each.claimant, replace(each.claim, valid_to=later))


def _joined(group: Sequence[_Said], authorities: Authorities) -> Relationship:
    """One relationship out of what several records say of it: the most trusted source's attributes first, the widest time."""

    def rank(each: _Said) -> tuple[float, float, str]:
        seen = each.claimant.observed_at
        authority = authorities.get(each.claimant.source, Authority()).of(EMPLOYMENT)
        return -authority, -seen.timestamp() if seen else 0.0, each.claimant.ref

    attributes: dict[str, Any] = {}
    for each in sorted(group, key=rank):
        attributes = {**each.claim.attributes, **attributes}
    starts = [each.claim.valid_from for each in group if each.claim.valid_from]
    ends = [each.claim.valid_to for each in group]
    first = group[0].claim
    return Relationship(
        first.kind,
        first.to_party,
        attributes,
        tuple(sorted({ref for each in group for ref in each.claim.evidence})),
        min(starts, default=None),
        None if None in ends else max(end for end in ends if end),
    )


def _known_better(said: Iterable[_Said], seen: datetime | None) -> bool:
    """Whether a record that is no older than the clue's names an employer."""
    current = [each.claimant.observed_at for each in said if each.claim.kind == EMPLOYMENT and each.claim.valid_to is None]
    return any(seen is None or at is None or at >= seen for at in current)
