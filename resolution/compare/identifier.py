"""Which identifiers two records share, and where they contradict each other."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from resolution.compare.likeness import edits
from resolution.compare.pairs import ValuePairs, value_pairs
from resolution.normalize.features import Features, Index
from resolution.normalize.identifiers import conflict_scope, is_strong


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over p pairs: shared int64[p], code of a shared identifier term or -1; conflict bool[p], whether within some scope both have values
    and share none (one mistyped character apart is no conflict)."""

    shared: Index
    conflict: NDArray[np.bool_]


def agreement_of(one: Sequence[str], two: Sequence[str], strong_only: bool, without: Set[str] = frozenset()) -> tuple[str, bool]:
    """`agreement` of two records' identifier terms: (the shared one, the last in order if there are several, or ''; conflict)."""
    shared, settled = "", dict[str, bool]()
    for a, b in product(one, two):
        if a == b and a not in without and (is_strong(a) or not strong_only):
            shared = max(shared, a)
        scope = _scope(a)
        if scope and scope == _scope(b) and a not in without and b not in without:
            settled[scope] = settled.get(scope, False) or a == b or edits(a, b, 1) <= 1
    return shared, not all(settled.values())


_scope = lru_cache(maxsize=1 << 16)(conflict_scope)


def agreement(features: Features, left: Index, right: Index, strong_only: bool, without: Set[str] = frozenset()) -> Agreement:
    """How the identifiers of each pair agree; terms in `without` count neither way, and with `strong_only` weak ones do not either."""
    column = features.column("identifier")
    values = value_pairs(column, column, left, right)
    used, place = np.unique(np.concatenate((values.left, values.right)), return_inverse=True)
    terms: list[str] = column.terms.take(used).to_pylist()
    counts = np.array([term not in without and (is_strong(term) or not strong_only) for term in terms], bool)
    one, two = place[: len(values.left)], place[len(values.left) :]
    equal = (one == two) & counts[one] if len(one) else np.zeros(0, bool)
    shared = np.full(len(left), -1, np.int64)
    ordered = np.array(sorted(range(len(terms)), key=terms.__getitem__), np.int64)
    rank = np.empty(len(terms), np.int64)
    rank[ordered] = np.arange(len(terms))
    np.maximum.at(shared, values.pair[equal], rank[one[equal]])
    shared = np.where(shared >= 0, used[ordered[shared]], -1) if len(terms) else shared
    return Agreement(shared, _conflicts(values, one, two, [term if term not in without else "" for term in terms]))


def _conflicts(values: ValuePairs, one: Index, two: Index, terms: list[str]) -> NDArray[np.bool_]:
    names, scope = np.unique(np.array([conflict_scope(term) for term in terms], dtype=object).astype(str), return_inverse=True)
    conflict = np.zeros(values.count, bool)
    if not len(one):
        return conflict
    within = np.flatnonzero((scope[one] == scope[two]) & (names[scope[one]] != ""))
    agrees = one[within] == two[within]
    apart = np.flatnonzero(~agrees)
    spelled = zip(one[within[apart]].tolist(), two[within[apart]].tolist(), strict=True)
    agrees[apart] = [edits(terms[a], terms[b], 1) <= 1 for a, b in spelled]
    groups, group = np.unique(values.pair[within] * len(names) + scope[one[within]], return_inverse=True)
    settled = np.zeros(len(groups), bool)
    np.logical_or.at(settled, group, agrees)
    conflict[groups[~settled] // len(names)] = True
    return conflict
