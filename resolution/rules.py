"""Deterministic judgements: a shared strong identifier decides, conflicting strong identifiers forbid.

An identifier with wrong check digits, or shared by too many, is never strong; emails, phones and domains never are. A shared identifier
does not decide against a different given name (the key of a company stands in its contacts too) nor between a branch and its parent (they
share the VAT number).
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution.compare import Levels, levels, third_party
from resolution.compare.identifier import agreement, agreement_of
from resolution.normalize.features import UNKNOWN, Features, Index
from resolution.normalize.profile import Profile

#: What `Decisions.rule` indexes.
RULES = ("none", "shared identifier", "conflicting identifiers", "contradictory identifiers", "different kinds")
_VERDICTS = np.array([0, 1, -1, 0, -1], np.int8)


@dataclass(frozen=True, slots=True)
class Shared:
    """Identifier terms (as in the features' column "identifier", such as "vat:DE123456789") that too many records hold to be strong."""

    terms: Set[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Decisions:
    """verdict: int8[p], +1 the same, -1 never the same, 0 nothing said; rule: uint8[p], an index into RULES;
    term: the identifier that decided, by pair, or ''."""

    verdict: NDArray[np.int8]
    rule: NDArray[np.uint8]
    term: list[str]


def decide(features: Features, left: Index, right: Index, shared: Shared | None = None) -> Decisions:
    """What the rules say of each pair (left[i], right[i]) of row numbers of the features.

    Where one identifier is shared and another conflicts, nothing is decided: the rule is then "contradictory identifiers".
    """
    return decide_levels(features, left, right, levels(features, left, right), shared or Shared())


def decide_levels(features: Features, left: Index, right: Index, seen: Levels, shared: Shared) -> Decisions:
    """`decide` for pairs whose levels were seen already."""
    if "identifier" not in features.columns:
        nothing = np.zeros(len(left), bool)
        return _decisions(nothing, nothing, seen, {})
    found = agreement(features, left, right, strong_only=True, without=shared.terms)
    terms, decisive = features.column("identifier").terms, np.flatnonzero(found.shared >= 0)
    named = zip(decisive.tolist(), terms.take(pa.array(found.shared[decisive])).to_pylist(), strict=True)
    return _decisions(found.shared >= 0, found.conflict, seen, dict(named))


def decide_few(pairs: Sequence[tuple[Profile, Profile]], seen: Levels, shared: Shared) -> Decisions:
    """`decide_levels` for a few pairs of records by themselves."""
    none: tuple[str, ...] = ()
    found = [
        agreement_of(one.terms.get("identifier", none), two.terms.get("identifier", none), strong_only=True, without=shared.terms)
        for one, two in pairs
    ]
    agreed = np.array([bool(term) for term, _ in found], bool)
    conflict = np.array([against for _, against in found], bool)
    return _decisions(agreed, conflict, seen, {place: term for place, (term, _) in enumerate(found)})


def _decisions(agreed: NDArray[np.bool_], conflict: NDArray[np.bool_], seen: Levels, terms: Mapping[int, str]) -> Decisions:
    """What follows from which pairs share a strong identifier (`terms`, by pair) and in which some conflict."""
    same = agreed & ~third_party(seen.comparisons, len(agreed))
    rule = np.where(same, np.where(conflict, 3, 1), np.where(conflict, 2, 0)).astype(np.uint8)
    rule[seen.kind == UNKNOWN] = 4
    term = [""] * len(rule)
    for place in np.flatnonzero(rule == 1).tolist():
        term[place] = terms[place]
    return Decisions(_VERDICTS[rule], rule, term)


def shared_by_too_many(features: Features, limit: int = 20) -> Shared:
    """The identifiers that more than `limit` of these records hold."""
    column = features.column("identifier")
    often = np.flatnonzero(np.bincount(column.codes, minlength=len(column.terms)) > limit)
    return Shared(frozenset(column.terms.take(often).to_pylist()))
