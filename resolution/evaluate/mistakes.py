"""What is wrong in a grouping, by example: pairs that were joined and should not be, and pairs that were missed, each with its evidence.

The examples are drawn by the hash of their refs: the same ones each time, and no sort of mistake before another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from resolution import block, explain
from resolution.evaluate.truth import Cases
from resolution.normalize.features import Features
from resolution.normalize.hashing import combine, hash_terms
from resolution.normalize.profile import Profile
from resolution.score.model import Model


@dataclass(frozen=True, slots=True)
class Mistake:
    """sort: 'joined' or 'missed'; left, right: refs; cause: why the resolver did so; evidence: as `explain.pair` gives it, or the two
    records' values as its fields where it was not this resolver, which has no weight then."""

    sort: str
    left: str
    right: str
    weight: float | None
    probability: float | None
    cause: str
    sentence: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """What the pairs were weighed in. features: without the identifiers that too many share; threshold: bits."""

    features: Features
    model: Model
    threshold: float


def sample(world: World, sort: str, wrong: Cases, size: int) -> list[Mistake]:
    """At most `size` of the wrong pairs, explained, the surest of themselves first."""
    found = [_explained(world, sort, left, right) for left, right in _drawn(world.features.refs, wrong, size)]
    return sorted(found, key=lambda mistake: (_surety(mistake), mistake.left, mistake.right))


def _surety(mistake: Mistake) -> float:
    weight = mistake.weight or 0.0
    return weight if mistake.sort == "missed" else -weight


def side_by_side(table: pa.Table, refs: pa.StringArray, sort: str, wrong: Cases, size: int) -> list[Mistake]:
    """At most `size` of the wrong pairs of a result of which nobody knows how it came about: the values of both records."""
    found = []
    for left, right in _drawn(refs, wrong, size):
        one, two = table.slice(left, 1).to_pylist()[0], table.slice(right, 1).to_pylist()[0]
        fields = [{"field": name, "left": _told(one[name]), "right": _told(two[name])} for name in table.column_names]
        found.append(Mistake(sort, refs[left].as_py(), refs[right].as_py(), None, None, "", "", {"fields": fields}))
    return found


def _drawn(refs: pa.StringArray, wrong: Cases, size: int) -> list[tuple[int, int]]:
    keys = combine(hash_terms(refs.take(pa.array(wrong.left))), hash_terms(refs.take(pa.array(wrong.right))))
    chosen = np.argsort(keys, kind="stable")[:size]
    return list(zip(wrong.left[chosen].tolist(), wrong.right[chosen].tolist(), strict=True))


def _told(value: str | list[str] | None) -> str:
    return " or ".join(filter(None, value)) if isinstance(value, list) else value or ""


def _explained(world: World, sort: str, left: int, right: int) -> Mistake:
    one, two = world.features.profile(left), world.features.profile(right)
    evidence = explain.pair(one, two, world.model)
    cause = _why_joined(world, evidence) if sort == "joined" else _why_missed(world, evidence, (one, two))
    return Mistake(sort, one.ref, two.ref, evidence.weight, evidence.probability, cause, explain.sentence(evidence), evidence.to_json())


def _why_joined(world: World, evidence: explain.Evidence) -> str:
    if evidence.verdict > 0:
        return f"a rule decides it: {evidence.rule}"
    return "its own weight" if evidence.weight >= world.threshold else "through others: its own weight is below the threshold"


def _why_missed(world: World, evidence: explain.Evidence, ends: tuple[Profile, Profile]) -> str:
    if evidence.verdict < 0:
        return f"a rule forbids it: {evidence.rule}"
    if evidence.weight >= world.threshold:
        return "its own weight would do, but not its group's, or blocking never brought the two together"
    one, two = ({key for key, _ in block.keys_of(end)} for end in ends)
    return "too little evidence" if one & two else "too little evidence, and no blocking key in common"
