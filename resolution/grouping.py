"""From linked pairs to groups: each component is completed and split by average linkage, under what the judgements say.

The grouping is a function of (records, linked pairs, model, judgements), and of each component by itself: which other components are
given along with it changes nothing. Records that a steward or the language model joined are one node in the linkage, whose weight to others
is that of its best record; so joining two records joins what belongs to either. A never-match holds whatever else is said.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from resolution import cluster
from resolution.features import Column, Features, Index
from resolution.links import MATCH, NEVER, Floats, Opinions, Weighed, weigh
from resolution.model import Model
from resolution.pairs import value_pairs
from resolution.ties import joined_records


@dataclass(frozen=True, slots=True)
class Grouping:
    """group: int64[n], a row number that is the same for records of one group; inside: all pairs within groups, weighed."""

    group: Index
    inside: Weighed


@dataclass(frozen=True, slots=True)
class World:
    """What the grouping is a function of. features: without shared identifiers; said: by record ids."""

    features: Features
    model: Model
    said: Opinions

    def weigh(self, left: Index, right: Index) -> Weighed:
        return weigh(self.features, left, right, self.model, self.said)

    def judged(self) -> tuple[Index, Index]:
        """Rows of the judged pairs both of whose records are here."""
        row = {record_id: place for place, record_id in enumerate(self.features.ids.tolist())}
        here = [(row[left], row[right]) for left, right in sorted(self.said) if left in row and right in row]
        rows = np.array(here, np.int64).reshape(-1, 2)
        return rows[:, 0], rows[:, 1]


def group(world: World, left: Index, right: Index) -> Grouping:
    """The groups that the linked pairs (left[i], right[i]) of row numbers make."""
    count = len(world.features)
    label = cluster.components(count, left, right)
    size = np.bincount(label, minlength=count)
    groups = np.arange(count)
    ordinary = np.flatnonzero((size[label] > 1) & (size[label] <= cluster.LARGEST))
    inside = world.weigh(*_pairs_within(label, ordinary))
    if len(ordinary):
        _group_component(world, ordinary, inside, groups)
    for large in np.flatnonzero(size > cluster.LARGEST).tolist():
        judged_left, judged_right = world.judged()
        spoken = np.unique(np.column_stack((np.r_[left, judged_left], np.r_[right, judged_right])), axis=0)
        spoken = spoken[(label[spoken] == large).all(axis=1)]
        _group_component(world, np.flatnonzero(label == large), world.weigh(spoken[:, 0], spoken[:, 1]), groups)
    if (size > cluster.LARGEST).any():
        several = np.flatnonzero(np.bincount(groups, minlength=count)[groups] > 1)
        return Grouping(groups, world.weigh(*_pairs_within(groups, several)))
    return Grouping(groups, inside.take(np.flatnonzero(groups[inside.left] == groups[inside.right])))


def _group_component(world: World, rows: Index, known: Weighed, groups: Index) -> None:
    """Write the groups of whole components (`rows`, ascending) into `groups`. known: pairs of those rows, the linked ones among them."""
    place = np.full(len(world.features), -1, np.int64)
    place[rows] = np.arange(len(rows))
    refs = world.features.refs.take(pa.array(rows)).to_pylist()
    here = replace(known, left=place[known.left], right=place[known.right])
    joined = joined_records(refs, here)
    first, node = np.unique(joined, return_inverse=True)
    spread = Column(
        np.r_[0, np.cumsum(np.bincount(node))], rows[np.argsort(node, kind="stable")].astype(np.int32), pa.array([], pa.string())
    )
    names = pa.array(
        [min(refs[at] for at in place[spread.codes[spread.offsets[k] : spread.offsets[k + 1]]]) for k in range(len(first))], pa.string()
    )
    pairs, weight = _between_nodes(node[here.left], node[here.right], _said(known))
    found = cluster.cluster(names, cluster.Links(pairs, weight), _scorer(world, spread))
    groups[rows] = rows[first[found[node]]]


def _said(weighed: Weighed) -> Floats:
    """One number for each pair: its margin, or what is ruled."""
    ruled: Floats = np.select([weighed.ruling == NEVER, weighed.ruling == MATCH], [cluster.NEVER, cluster.MUST], weighed.margin)
    return np.maximum(ruled, cluster.NEVER)


def _between_nodes(left: Index, right: Index, weight: Floats) -> tuple[cluster.Pairs, Floats]:
    """The pairs of different nodes, each once, with its weight."""
    apart = np.flatnonzero(left != right)
    ends = np.column_stack((np.minimum(left, right), np.maximum(left, right)))[apart]
    distinct, pair = np.unique(ends, axis=0, return_inverse=True)
    return cluster.Pairs(distinct[:, 0], distinct[:, 1]), _strongest(pair.reshape(-1), len(distinct), weight[apart])


def _strongest(pair: Index, count: int, weight: Floats) -> Floats:
    """The largest weight of each pair of nodes, but NEVER where any of its records may never meet."""
    best = np.full(count, -np.inf)
    np.maximum.at(best, pair, weight)
    best[pair[weight <= cluster.NEVER]] = cluster.NEVER
    return best


def _scorer(world: World, spread: Column) -> Callable[[Index, Index], Floats]:
    """Scores pairs of nodes; spread holds the rows of each node."""

    def score(left: Index, right: Index) -> Floats:
        found = value_pairs(spread, spread, left, right)
        return _strongest(found.pair, len(left), _said(world.weigh(found.left, found.right)))

    return score


def _pairs_within(label: Index, rows: Index) -> tuple[Index, Index]:
    """All pairs of `rows` (ascending) with the same label, left < right."""
    ordered = rows[np.argsort(label[rows], kind="stable")]
    starts = np.flatnonzero(np.r_[True, label[ordered][1:] != label[ordered][:-1]]) if len(ordered) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(ordered)])
    left, right = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in np.unique(sizes).tolist():
        first, second = np.triu_indices(size, 1)
        begin = starts[sizes == size][:, None]
        left.append(ordered[begin + first].ravel())
        right.append(ordered[begin + second].ravel())
    return np.concatenate(left), np.concatenate(right)
