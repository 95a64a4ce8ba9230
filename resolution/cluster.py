"""From scored pairs to groups: components, completed, then linkage on log odds (partly average, partly nearest) under must and never pairs.

The groups are a function of the records and the pairs' weights, not of their order: within a component the records are ordered by ref.
A never pair is never together, whatever a must pair says.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.normalize.features import ORGANIZATION, Index
from resolution.normalize.hashing import sort_order

#: (left, right) -> weight float64[p] in bits, for pairs that the caller has not scored.
Scorer = Callable[[Index, Index], NDArray[np.float64]]
Floats = NDArray[np.float64]

MUST = 1000.0
#: At this weight or below two records are never together: what `score.IMPOSSIBLE` is.
NEVER = -1000.0
#: A component of more records is first cut at its weakest links, since completing it costs the square of its size.
LARGEST = 500
#: One whose links are all as strong is completed up to this size.
HUGE = 2_000
#: Two groups are as near as their nearest records by this share, and as their records on average by the rest: an average alone counts the
#: prior against every pair that has nothing to compare, and the nearest alone makes chains. Of organisations the nearest has a say of its
#: own already: their numbers are rules, and what a rule joins is as near as the nearest of it.
NEAREST, NEAREST_ORGANIZATIONS = 0.5, 0.3
#: Of two groups that a record is near to, only one can be its own if what sets them apart on average, counted so many times, outweighs
#: what makes it near: what record and groups have in common (a name alone, say) is much the same evidence each time, and joins less than it
#: seems.
APART = 3.0
_CUT = 2.0
_CELLS = 4_000_000


def _none() -> Index:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of row numbers, in any order and either way round."""

    left: Index = field(default_factory=_none)
    right: Index = field(default_factory=_none)


@dataclass(frozen=True, slots=True)
class Links:
    """Everything said of pairs: scored ones with weight float64[p] in bits, must pairs and never pairs."""

    scored: Pairs
    weight: Floats
    must: Pairs = field(default_factory=Pairs)
    never: Pairs = field(default_factory=Pairs)


def nearest_of(kind: NDArray[np.integer]) -> Floats:
    """The share of the nearest for records of each kind: float64[n]."""
    return np.where(kind == ORGANIZATION, NEAREST_ORGANIZATIONS, NEAREST)


def components(count: int, left: Index, right: Index) -> Index:
    """Label of the connected component of each of `count` nodes: int64[count], the smallest row number of the component."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[left], label[right])
        before = label.copy()
        np.minimum.at(label, label[left], low)
        np.minimum.at(label, label[right], low)
        while not np.array_equal(label, label[label]):
            label = label[label]
        if np.array_equal(label, before):
            return label


class Joined:
    """Nodes joined pair by pair. The pairs that join what was apart, likeliest first, make the maximum spanning tree (Kruskal 1956)."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._parent: dict[int, int] = {}
        for one, two in pairs:
            self.join(one, two)

    def _root(self, node: int) -> int:
        parent = self._parent
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = node = parent[above]
        return node

    def join(self, one: int, two: int) -> bool:
        """Whether they were apart."""
        one, two = self._root(one), self._root(two)
        self._parent[one] = two
        return one != two

    def hold(self, one: int, two: int) -> bool:
        """Whether they are together."""
        return self._root(one) == self._root(two)


def cluster(refs: pa.StringArray, links: Links, scorer: Scorer, threshold: float = 0.0, nearest: Floats | float = NEAREST) -> Index:
    """Group label of each record: int64[n], the row number of the group's first ref in order.

    Pairs with weight >= threshold and must pairs make components; each is completed by `scorer` (called in bulk, with every pair once)
    and split by linkage at `threshold` bits, never joining a never pair. nearest: the share of the nearest (see NEAREST) by record; of a
    component the least counts. A record that could as well belong to one group as to another that is apart from it (see APART) belongs to
    neither: nothing tells which. Records that a must pair joins count as one, as near to others as the nearest of them. Refs have to be
    distinct for the result not to depend on the order.
    """
    count = len(refs)
    known = _Known(count, _near(count, links, threshold))
    linked = known.weight >= threshold
    label = _cut_components(count, known.left[linked], known.right[linked], known.weight[linked])
    sizes = np.bincount(label, minlength=count)[label]
    group = _twos(label, sizes, refs)
    parcels = list(_parcels(*_members(label, sizes, refs)))
    known.complete(parcels, scorer)
    share = np.broadcast_to(nearest, count)
    for rows in parcels:
        label = _linkage(_matrices(rows, known), share[rows].min(axis=1), threshold)
        group[rows] = np.take_along_axis(rows, label, axis=1)
    return group


def _near(count: int, links: Links, threshold: float) -> Links:
    """The links without the scored and never pairs whose records no chain of links joins: they say nothing here."""
    scored, never, linked = links.scored, links.never, links.weight >= threshold
    label = components(count, np.r_[scored.left[linked], links.must.left], np.r_[scored.right[linked], links.must.right])
    inside = label[scored.left] == label[scored.right]
    barred = label[never.left] == label[never.right]
    return Links(
        Pairs(scored.left[inside], scored.right[inside]), links.weight[inside], links.must, Pairs(never.left[barred], never.right[barred])
    )


def _parcels(members: Index, starts: Index, sizes: Index) -> Iterator[Index]:
    """Components of one size together, as rows int64[b, k], in parcels that fit in memory when squared."""
    for size in np.unique(sizes).tolist():
        chosen = starts[sizes == size]
        step = max(1, _CELLS // (size * size))
        for begin in range(0, len(chosen), step):
            yield members[chosen[begin : begin + step, None] + np.arange(size)]


class _Known:
    """The pairs spoken of, each once with left < right, ordered: never outweighs must, and must outweighs the score."""

    def __init__(self, count: int, links: Links) -> None:
        parts = (links.scored, links.must, links.never)
        left, right = np.concatenate([part.left for part in parts]), np.concatenate([part.right for part in parts])
        said = np.concatenate((links.weight, np.full(len(links.must.left), MUST), np.full(len(links.never.left), -np.inf)))
        rank = np.repeat([0, 1, 2], [len(part.left) for part in parts])
        self.count = count
        key = np.minimum(left, right) * count + np.maximum(left, right)
        order = np.lexsort((rank, key)) if rank.any() else sort_order(key.astype(np.uint64))
        key = key[order]
        last = np.r_[key[1:] != key[:-1], True] if len(key) else np.zeros(0, bool)
        self.key, weight = key[last], said[order][last]
        self.weight = np.where(weight <= NEVER, -np.inf, weight)
        self.left, self.right = self.key // max(count, 1), self.key % max(count, 1)

    def look_up(self, left: Index, right: Index) -> tuple[Floats, NDArray[np.bool_]]:
        """(weight, whether it is known) of each pair with left != right."""
        key = np.minimum(left, right) * self.count + np.maximum(left, right)
        place = np.minimum(np.searchsorted(self.key, key), max(len(self.key) - 1, 0))
        found = self.key[place] == key if len(self.key) else np.zeros(len(key), bool)
        return np.where(found, self.weight[place] if len(self.key) else 0.0, 0.0), found

    def complete(self, parcels: list[Index], scorer: Scorer) -> None:
        """Make the weights of all pairs inside the components known."""
        lefts, rights = [_none()], [_none()]
        for rows in parcels:
            left, right = _within(rows)
            _, found = self.look_up(left, right)
            lefts.append(np.minimum(left, right)[~found])
            rights.append(np.maximum(left, right)[~found])
        left, right = np.concatenate(lefts), np.concatenate(rights)
        if len(left):
            key, weight = left * self.count + right, scorer(left, right)
            order = np.argsort(key)
            place = np.searchsorted(self.key, key[order])
            self.key = np.insert(self.key, place, key[order])
            self.weight = np.insert(self.weight, place, np.where(weight <= NEVER, -np.inf, weight)[order])


def _cut_components(count: int, left: Index, right: Index, weight: Floats) -> Index:
    """Components, where one of more than LARGEST records is cut by leaving out its weaker links, a step at a time; if none of its links is
    much weaker than the others it stays whole, unless it is past HUGE."""
    label = components(count, left, right)
    floor = weight.min() if len(weight) else 0.0
    while floor < MUST:
        floor += _CUT
        size = np.bincount(label, minlength=count)
        strongest = np.full(count, -np.inf)
        np.maximum.at(strongest, label[left], weight)
        cut = (size > LARGEST) & ((strongest >= floor) | (size > HUGE))
        if not cut.any():
            return label
        kept = ~cut[label[left]] | (weight >= floor)
        left, right, weight = left[kept], right[kept], weight[kept]
        label = components(count, left, right)
    return label


def _twos(label: Index, sizes: Index, refs: pa.StringArray) -> Index:
    """The group of each record where components of two, which one link makes and nothing else is near, are groups and all others alone."""
    group = np.arange(len(label))
    second = np.flatnonzero((sizes == 2) & (label != group))
    first = label[second]
    swapped = pc.less(refs.take(pa.array(second)), refs.take(pa.array(first))).to_numpy(zero_copy_only=False)
    group[first] = group[second] = np.where(swapped, second, first)
    return group


def _members(label: Index, sizes: Index, refs: pa.StringArray) -> tuple[Index, Index, Index]:
    """(records of components of three and more, by component and ref; where each component starts; its size)."""
    rows = np.flatnonzero(sizes > 2)
    by_ref = pc.sort_indices(refs.take(pa.array(rows))).to_numpy().astype(np.int64)
    members = rows[by_ref][np.argsort(label[rows[by_ref]], kind="stable")]
    of = label[members]
    starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]]) if len(of) else _none()
    return members, starts, np.diff(np.r_[starts, len(of)])


def _within(rows: Index) -> tuple[Index, Index]:
    """Every pair inside each component."""
    first, second = np.triu_indices(rows.shape[1], 1)
    return rows[:, first].ravel(), rows[:, second].ravel()


def _matrices(rows: Index, known: _Known) -> Floats:
    """Weights between the records of each component: float64[b, k, k], symmetric, -inf on the diagonal and for never pairs."""
    batch, size = rows.shape
    first, second = np.triu_indices(size, 1)
    weight, _ = known.look_up(*_within(rows))
    matrices = np.full((batch, size, size), -np.inf)
    matrices[:, first, second] = weight.reshape(batch, -1)
    matrices[:, second, first] = weight.reshape(batch, -1)
    return matrices


def _linkage(matrices: Floats, share: Floats, threshold: float) -> Index:
    """Linkage of all components at once: int64[b, k], the place of the first member of each record's group. share: float64[b], NEAREST."""
    batch, size, _ = matrices.shape
    label = np.tile(np.arange(size), (batch, 1))
    first, second = np.triu_indices(size, 1)
    agreed = (matrices[:, first, second] >= threshold).all(axis=1)
    label[agreed] = 0
    active, average = np.flatnonzero(~agreed), matrices[~agreed]
    sizes, nearest, share = np.ones((len(active), size)), average.copy(), share[~agreed]
    while len(active):
        likely = share[:, None, None] * nearest + (1 - share)[:, None, None] * average
        best = likely.reshape(len(active), -1).argmax(axis=1)
        one, two = best // size, best % size
        going = likely[np.arange(len(active)), one, two] >= threshold
        active, average, nearest, sizes, share = active[going], average[going], nearest[going], sizes[going], share[going]
        one, two = one[going], two[going]
        barred = _rivals(likely[going] - threshold, average - threshold, one, two)
        if barred.any():
            average[barred] = nearest[barred] = -np.inf
            continue
        _join(average, nearest, sizes, one, two)
        of_active = label[active]
        label[active] = np.where(of_active == two[:, None], one[:, None], of_active)
    return label


def _join(average: Floats, nearest: Floats, sizes: Floats, one: Index, two: Index) -> None:
    """Make the groups one[b] and two[b] one, in place: one[b], whose weights to others become those of both, and two[b] has none."""
    here = np.arange(len(one))
    row_one, row_two = nearest[here, one], nearest[here, two]
    closest = np.where(np.isinf(row_one) | np.isinf(row_two), -np.inf, np.maximum(row_one, row_two))
    certain = (nearest[here, one, two] >= MUST)[:, None]
    weight_one, weight_two = sizes[here, one][:, None], sizes[here, two][:, None]
    mean = (weight_one * average[here, one] + weight_two * average[here, two]) / (weight_one + weight_two)
    sizes[here, one] += np.where(certain[:, 0], 0, sizes[here, two])
    for table, joined in ((average, np.where(certain, closest, mean)), (nearest, closest)):
        joined[here, one] = -np.inf
        joined[here, two] = -np.inf
        table[here, one], table[here, :, one] = joined, joined
        table[here, two], table[here, :, two] = -np.inf, -np.inf


def _rivals(near: Floats, average: Floats, one: Index, two: Index) -> NDArray[np.bool_]:
    """Which links, bool[b, k, k], are not to be made: the groups one[b] and two[b] are the nearest, but a third is near to one of them too
    and on average apart from the other, and of these ways, of which only one can be right, none is likelier than not. Bits above the
    threshold."""
    here = np.arange(len(near))
    odds = np.zeros(len(near))
    ways = np.zeros(near.shape, bool)
    ways[here, one, two] = True
    for this, other in ((one, two), (two, one)):
        rival = (near[here, this] >= 0) & (APART * average[here, other] < -near[here, this])
        rival[here, this] = rival[here, other] = False
        odds += np.where(rival, np.exp2(np.clip(near[here, this], 0.0, 100.0)), 0.0).sum(axis=1)
        ways[here, this] |= rival
    best = near[here, one, two]
    ways &= ((best < MUST) & (best < np.log2(1.0 + odds)))[:, None, None]
    return ways | ways.transpose(0, 2, 1)
