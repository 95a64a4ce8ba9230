"""From linked pairs to groups: each component is completed and split by average linkage, under what the judgements say.

The grouping is a function of (records, linked pairs, model, judgements), and of each component by itself: which other components are
given along with it changes nothing. Records that a steward or the language model joined are one node in the linkage, whose weight to others
is that of its best record; so joining two records joins what belongs to either. A never-match holds whatever else is said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution import cluster
from resolution.features import Features, Index
from resolution.links import MATCH, NEVER, Floats, Opinions, Weighed, weigh
from resolution.model import Model


@dataclass(frozen=True, slots=True)
class Grouping:
    """group: int64[n], the same number for records of one group, a row number of it; inside: all pairs within groups, weighed."""

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


def group(world: World, left: Index, right: Index) -> Grouping:
    """The groups that the linked pairs (left[i], right[i]) of row numbers make."""
    count = len(world.features)
    label = cluster.components(count, left, right)
    sizes = np.bincount(label, minlength=count)
    groups = np.arange(count)
    ordinary = np.flatnonzero((sizes[label] > 1) & (sizes[label] <= cluster.LARGEST))
    everything = world.weigh(*_pairs_within(label, ordinary))
    if len(ordinary):
        _group_some(world, ordinary, everything, groups)
    for large in np.flatnonzero(sizes > cluster.LARGEST).tolist():
        inside = label[left] == large
        _group_some(world, np.flatnonzero(label == large), world.weigh(left[inside], right[inside]), groups)
    if (sizes > cluster.LARGEST).any():
        everything = world.weigh(*_pairs_within(groups, np.flatnonzero(np.bincount(groups, minlength=count)[groups] > 1)))
        return Grouping(groups, everything)
    return Grouping(groups, _only(everything, groups[everything.left] == groups[everything.right]))


def _group_some(world: World, rows: Index, known: Weighed, groups: Index) -> None:
    """Write the groups of whole components, `rows` in ascending order, into `groups`."""
    nodes = _Nodes(world, rows, known)
    must = nodes.distinct(known.ruling == MATCH)
    never = nodes.distinct(known.ruling == NEVER)
    scored, weight = nodes.best(known)
    found = cluster.cluster(nodes.refs, cluster.Links(scored, weight, must, never), nodes.scorer(world))
    groups[rows] = rows[nodes.first[found[nodes.of]]]


class _Nodes:
    """Records that judgements joined, as one: of[i] is the node of rows[i], first[k] the place of its first record."""

    def __init__(self, world: World, rows: Index, known: Weighed) -> None:
        self.rows = rows
        self.place = np.full(len(world.features), -1, np.int64)
        self.place[rows] = np.arange(len(rows))
        refs = world.features.refs.take(pa.array(rows)).to_pylist()
        joined = _joined(refs, self.place[known.left], self.place[known.right], known)
        self.first, self.of = np.unique(joined, return_inverse=True)
        smallest: dict[int, str] = {}
        for node, ref in zip(self.of.tolist(), refs, strict=True):
            smallest[node] = min(ref, smallest.get(node, ref))
        self.refs = pa.array([smallest[node] for node in range(len(self.first))], pa.string())

    def _ends(self, weighed: Weighed) -> tuple[Index, Index]:
        return self.of[self.place[weighed.left]], self.of[self.place[weighed.right]]

    def distinct(self, chosen: NDArray[np.bool_]) -> cluster.Pairs:
        raise NotImplementedError

    def best(self, weighed: Weighed) -> tuple[cluster.Pairs, Floats]:
        raise NotImplementedError

    def scorer(self, world: World) -> Callable[[Index, Index], Floats]:
        raise NotImplementedError


def _joined(refs: Sequence[str], left: Index, right: Index, known: Weighed) -> Index:
    raise NotImplementedError


def _pairs_within(label: Index, rows: Index) -> tuple[Index, Index]:
    """All pairs of `rows` with the same label, left < right."""
    raise NotImplementedError


def _only(weighed: Weighed, chosen: NDArray[np.bool_]) -> Weighed:
    raise NotImplementedError
