"""What resolving a file did, in figures: how it was read, what was compared, and how sure the groups are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from resolution.compare import Levels, Pairing
from resolution.dedupe.grouping import Grouping
from resolution.dedupe.infer import Column
from resolution.normalize.features import KIND_NAMES, ORGANIZATION, PERSON, Features, Index
from resolution.score import probability
from resolution.score.population import fitted_to
from resolution.suspects import SINGLE, WEAK, Inside, Suspect, contradictions, suspects

#: Lower bounds of the classes of confidence, and of the sizes of groups.
SURE = (0.99, 0.9, 0.5, 0.0)
SIZES = (1, 2, 3, 4, 6, 11, 51)
#: So many of the weakest groups are named.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """A blocking rule: the pairs that it gave, the blocks too large to use, and their records without a candidate; why it was left out."""

    rule: str
    pairs: int
    blocks_skipped: int
    records_skipped: int
    left_out: str


@dataclass(frozen=True, slots=True)
class Weak:
    """A group that may be more than one party: its id, records, the probability of its weakest link and that link's records, and why."""

    entity_id: str
    records: int
    weakest: float
    between: tuple[str, str]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of one file; `ids`: what names a record; `models`: kind -> 'learned', 'shipped'; `sizes`: records in a group -> how many
    groups; `confidence`: at least so sure -> how many records; `doubtful`: how many groups are suspect, `weakest` the first of them."""

    records: int
    entities: int
    kinds: Mapping[str, int]
    ids: str
    columns: Mapping[str, Column]
    models: Mapping[str, str]
    compared: int
    blocking: tuple[Rule, ...]
    sizes: Mapping[str, int]
    confidence: Mapping[str, int]
    doubtful: int
    weakest: tuple[Weak, ...]
    pairs_written: int | None
    seconds: float

    @property
    def meanings(self) -> dict[str, str]:
        """What each column was taken for."""
        return {name: column.meaning for name, column in self.columns.items()}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def figures(records: Features, found: Grouping) -> dict[str, Any]:
    """The part of a Summary that the records and their grouping give."""
    sizes = np.bincount(found.label, minlength=1)
    doubts = _suspects(records, found)
    return {
        "records": len(records),
        "entities": int((sizes > 0).sum()),
        "kinds": {KIND_NAMES[kind]: count for kind, count in enumerate(np.bincount(records.kind, minlength=3).tolist()) if count},
        "models": _models(records, found),
        "compared": found.compared,
        "blocking": tuple(Rule(each.rule, each.pairs, each.blocks_skipped, each.records_skipped, each.left_out) for each in found.blocking),
        "sizes": _counted(sizes[sizes > 0]),
        "confidence": _sure(found.confidence),
        "doubtful": len(doubts),
        "weakest": tuple(_weak(records, doubt) for doubt in doubts[:NAMED]),
    }


def _models(records: Features, found: Grouping) -> dict[str, str]:
    return {
        KIND_NAMES[kind]: "shipped" if fitted_to(found.model, kind) else "learned"
        for kind in (PERSON, ORGANIZATION)
        if (records.kind == kind).any()
    }


def _counted(sizes: Index) -> dict[str, int]:
    """'2': groups of two; '4 to 5', '51 or more'."""
    bounds = (*SIZES, int(sizes.max(initial=0)) + 1)
    named = {}
    for low, high in zip(SIZES, (*SIZES[1:], 0), strict=True):
        count = int(((sizes >= low) & ((sizes < high) | (high == 0))).sum())
        if count and low < bounds[-1]:
            named[str(low) if high == low + 1 else f"{low} to {high - 1}" if high else f"{low} or more"] = count
    return named


def _sure(confidence: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, int]:
    highest = (np.inf, *SURE)
    return {f"{low:.2f}": int(((confidence >= low) & (confidence < high)).sum()) for low, high in zip(SURE, highest, strict=False)}


def _suspects(records: Features, found: Grouping) -> list[Suspect]:
    """The suspect groups; looked for among those with a pair that would not be sure by itself, since to look at all would take as long as
    to group them."""
    thresholds = np.array([0.0, *(found.model.threshold(kind) for kind in (PERSON, ORGANIZATION))])
    within = np.flatnonzero(found.label[found.left] == found.label[found.right])
    margin = found.weight[within] - thresholds[records.kind[found.left[within]]]
    open_ = np.zeros(len(records), bool)
    open_[found.label[found.left[within[probability(margin) < WEAK]]]] = True
    looked = open_[found.label[found.left[within]]]
    left, right = found.left[within[looked]], found.right[within[looked]]
    pairing = Pairing(records, left, right)
    seen = Levels(pairing.kind, {name: pairing.compared(name) for name in SINGLE if name in pairing.names})
    return suspects(found.label, Inside(left, right, margin[looked], contradictions(seen, margin[looked] >= 0)))


def _weak(records: Features, doubt: Suspect) -> Weak:
    named = [records.refs[row].as_py() for row in (doubt.group, doubt.left, doubt.right)]
    return Weak(named[0], doubt.records, round(doubt.weakest, 4), (named[1], named[2]), doubt.reasons)
