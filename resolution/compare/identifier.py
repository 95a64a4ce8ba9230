"""Which identifiers two records share, and where they contradict each other."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.compare import bounds
from resolution.compare.comparisons import Comparison
from resolution.compare.fields import different, distinct
from resolution.compare.likeness import edits
from resolution.compare.pairs import ValuePairs, value_pairs
from resolution.compare.terms import Terms
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
            settled[scope] = settled.get(scope, False) or a == b or _one_edit(a, b) == 1
    return shared, not all(settled.values())


def _one_edit(left: str, right: str) -> int:
    return 1 if edits(left, right, 1) <= 1 else 0


#: Identifiers one mistyped character apart.
_ONE_EDIT = Comparison(("different", "one character off"), _one_edit, bounds.one_edit)
_scope = lru_cache(maxsize=1 << 16)(conflict_scope)


def agreement(features: Features, left: Index, right: Index, strong_only: bool, without: Set[str] = frozenset()) -> Agreement:
    """How the identifiers of each pair agree; terms in `without` count neither way, and with `strong_only` weak ones do not either."""
    column = features.column("identifier")
    values = value_pairs(column, column, left, right)
    used, place = distinct(np.concatenate((values.left, values.right)))
    terms = Terms(column.terms.take(pa.array(used)))
    texts = terms.strings.to_pylist()
    one, two = place[: len(values.left)], place[len(values.left) :]
    equal = np.flatnonzero(one == two)
    agreed, of = distinct(one[equal])
    counts = np.array([texts[code] not in without and (is_strong(texts[code]) or not strong_only) for code in agreed.tolist()], bool)
    ordered = np.array(sorted(range(len(agreed)), key=lambda place: texts[agreed[place]]), np.int64)
    rank = np.argsort(ordered)[of]
    last = np.full(len(left), -1, np.int64)
    np.maximum.at(last, values.pair[equal[counts[of]]], rank[counts[of]])
    shared = np.full(len(left), -1, np.int64)
    shared[last >= 0] = used[agreed[ordered[last[last >= 0]]]]
    scopes = pa.array(["" if text in without else _scope(text) for text in texts], pa.string()).dictionary_encode()
    nowhere = pc.index(scopes.dictionary, "").as_py()
    return Agreement(shared, _conflicts(values, one, two, _Scoped(terms, scopes.indices.to_numpy(), nowhere)))


@dataclass(frozen=True, slots=True)
class _Scoped:
    """Terms with the code of the scope of each; `nowhere` is that of terms without one."""

    terms: Terms
    scope: NDArray[np.int32]
    nowhere: int


def _conflicts(values: ValuePairs, one: Index, two: Index, scoped: _Scoped) -> NDArray[np.bool_]:
    """Which pairs have values in some scope of which none agree."""
    scope, conflict = scoped.scope, np.zeros(values.count, bool)
    within = np.flatnonzero((scope[one] == scope[two]) & (scope[one] != scoped.nowhere))
    if not len(within):
        return conflict
    agrees = one[within] == two[within]
    apart = np.flatnonzero(~agrees)
    agrees[apart] = different(scoped.terms, one[within[apart]], two[within[apart]], _ONE_EDIT)[0]
    group = values.pair[within] * (int(scope.max()) + 1) + scope[one[within]]
    groups, place = distinct(group)
    settled = np.zeros(len(groups), bool)
    settled[place[agrees]] = True
    conflict[groups[~settled] // (int(scope.max()) + 1)] = True
    return conflict
