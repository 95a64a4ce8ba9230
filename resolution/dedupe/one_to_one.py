"""Two clean lists linked: each record has at most one counterpart, in the other list.

Of all ways to pair the records off the one with the most evidence is taken (an assignment, by component), never a pair below the threshold.
What is linked is a function of the scored pairs alone.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.dedupe.errors import DedupeError
from resolution.dedupe.grouping import Grouping
from resolution.normalize.features import Features, Index

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: A component with more cells is paired off from its strongest pair down.
_CELLS = 4_000_000


def lists_of(table: pa.Table, column: str) -> Flags:
    """Whether each row is of the second list; DedupeError where the column does not name two."""
    values = table[column]
    if values.null_count:
        row = pc.index(pc.is_null(values), True).as_py()
        raise DedupeError(f"record {row + 1} has no {column}; --one-to-one needs the list that each record is of")
    names = sorted(pc.unique(values).to_pylist())
    if len(names) > 2 or not names:
        few = ", ".join(map(repr, names[:4]))
        raise DedupeError(f"{column} has {len(names)} different values ({few}, ...); --one-to-one links two lists, which it has to name")
    second: Flags = pc.equal(values, names[-1]).to_numpy(zero_copy_only=False)
    return second if len(names) == 2 else np.zeros(len(table), bool)


def linked(records: Features, found: Grouping, second: Flags, threshold: float | None) -> Grouping:
    """The grouping with the pairs of one record of each list in place of groups; second: bool[n], whether a record is of the second list.

    confidence: that the two of a pair are one party and none of the other candidates of either is; of a record alone, that none is.
    """
    across = np.flatnonzero(second[found.left] != second[found.right])
    left, right, weight = found.left[across], found.right[across], found.weight[across]
    thresholds = np.array([0.0, *(found.model.threshold(kind) if threshold is None else threshold for kind in (1, 2))])
    surplus = weight - thresholds[records.kind[left]]
    one, two = np.where(second[left], right, left), np.where(second[left], left, right)
    chosen = np.flatnonzero(surplus >= 0)
    chosen = chosen[_assigned(one[chosen], two[chosen], surplus[chosen])]
    label = np.arange(len(records))
    first = np.where(_precedes(records.refs, one[chosen], two[chosen]), one[chosen], two[chosen])
    label[one[chosen]] = label[two[chosen]] = first
    return replace(found, label=label, confidence=_confidence(len(records), one, two, weight, chosen))


def _precedes(refs: pa.StringArray, left: Index, right: Index) -> Flags:
    before: Flags = pc.less(refs.take(pa.array(left)), refs.take(pa.array(right))).to_numpy(zero_copy_only=False)
    return before


def _confidence(count: int, one: Index, two: Index, weight: Floats, chosen: Index) -> Floats:
    odds = np.exp2(np.clip(weight, -60, 60))
    total = np.bincount(one, odds, minlength=count) + np.bincount(two, odds, minlength=count)
    found: Floats = 1 / (1 + total)
    sure = odds[chosen] / (1 + total[one[chosen]] + total[two[chosen]] - odds[chosen])
    found[one[chosen]] = found[two[chosen]] = sure
    return found


def _assigned(one: Index, two: Index, surplus: Floats) -> Index:
    """Which of the pairs (one[i], two[i]) are taken: each record once at most, with the greatest sum of surplus."""
    from scipy.sparse import coo_matrix  # here, since it is slow to import and few need it
    from scipy.sparse.csgraph import connected_components

    if not len(one):
        return np.zeros(0, np.int64)
    size = int(max(one.max(), two.max())) + 1
    _, component = connected_components(coo_matrix((np.ones(len(one), np.int8), (one, two)), shape=(size, size)), directed=False)
    order = np.lexsort((np.arange(len(one)), component[one]))
    cuts = np.flatnonzero(np.diff(component[one[order]])) + 1
    return np.concatenate([_of_component(rows, one, two, surplus) for rows in np.split(order, cuts)])


def _of_component(rows: Index, one: Index, two: Index, surplus: Floats) -> Index:
    """The pairs that are taken of one component."""
    if len(rows) == 1:
        return rows
    ones, at_one = np.unique(one[rows], return_inverse=True)
    twos, at_two = np.unique(two[rows], return_inverse=True)
    if len(ones) * len(twos) > _CELLS:
        return _from_strongest(rows, one, two, surplus)
    from scipy.optimize import linear_sum_assignment

    table = np.full((len(ones), len(twos)), -1, np.int64)
    table[at_one, at_two] = rows
    gain = np.where(table >= 0, surplus[table], 0.0)
    taken = table[linear_sum_assignment(gain, maximize=True)]
    kept: Index = taken[taken >= 0]
    return kept


def _from_strongest(rows: Index, one: Index, two: Index, surplus: Floats) -> Index:
    used: set[int] = set()
    kept = []
    for row in rows[np.argsort(-surplus[rows], kind="stable")].tolist():
        ends = {int(one[row]), int(two[row])}
        if used.isdisjoint(ends):
            used |= ends
            kept.append(row)
    return np.array(kept, np.int64)
