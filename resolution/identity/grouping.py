"""From linked pairs to groups: each component is completed and split by average linkage, under what the rules and judgements say.

The grouping is a function of (records, linked pairs, model, judgements), and of each component by itself: which other components are
given along with it changes nothing. First the groups are made without the matches that were judged; then each such match joins the two
groups of its records whole. A never-match holds whatever else is said: it keeps a judged match from joining all of two groups, and then a
steward's match takes with it what agrees. Of several no's only a steward's stands against a steward's match.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution import cluster
from resolution.identity.links import MATCH, NEVER, Floats, Opinions, Weighed, weigh
from resolution.identity.material import Material
from resolution.identity.ties import joined_records
from resolution.normalize.features import Index
from resolution.score.model import Model


@dataclass(frozen=True, slots=True)
class Grouping:
    """group: int64[n], a row number that is the same for records of one group; inside: all pairs within groups, weighed."""

    group: Index
    inside: Weighed


@dataclass(frozen=True, slots=True)
class World:
    """What the grouping is a function of. material: without shared identifiers; said: by record ids."""

    material: Material
    model: Model
    said: Opinions

    def __len__(self) -> int:
        return len(self.material)

    def weigh(self, left: Index, right: Index) -> Weighed:
        return weigh(self.material, left, right, self.model, self.said)

    def judged_rows(self) -> Index:
        """The pairs that were judged to be the same or not, both of whose records are here: int64[j, 2], rows."""
        wanted = sorted(pair for pair, opinion in self.said.items() if {opinion.steward, opinion.language_model} & {"match", "no_match"})
        if not wanted or not len(self):
            return np.zeros((0, 2), np.int64)
        order = np.argsort(self.material.ids)
        ids, pairs = self.material.ids[order], np.array(wanted, np.int64)
        place = np.minimum(np.searchsorted(ids, pairs), len(ids) - 1)
        rows: Index = order[place[(ids[place] == pairs).all(axis=1)]]
        return rows

    def judged(self) -> Weighed:
        """The judged pairs both of whose records are here."""
        rows = self.judged_rows()
        return self.weigh(rows[:, 0], rows[:, 1])


def group(world: World, left: Index, right: Index) -> Grouping:
    """The groups that the linked pairs (left[i], right[i]) of row numbers make."""
    count = len(world)
    label = cluster.components(count, left, right)
    size = np.bincount(label, minlength=count)
    groups = np.arange(count)
    ordinary = np.flatnonzero((size[label] > 1) & (size[label] <= cluster.LARGEST))
    inside = world.weigh(*_pairs_within(label, ordinary))
    if (_untied(inside) >= 0).all():
        groups[ordinary] = label[ordinary]  # what all agree on needs no clustering
    else:
        _link(world, ordinary, inside, groups)
    for large in np.flatnonzero(size > cluster.LARGEST).tolist():
        here = label[left] == large
        _link(world, np.flatnonzero(label == large), world.weigh(left[here], right[here]), groups)
    if world.said:
        _tie(world, groups)
    if (size > cluster.LARGEST).any():
        several = np.flatnonzero(np.bincount(groups, minlength=count)[groups] > 1)
        return Grouping(groups, world.weigh(*_pairs_within(groups, several)))
    return Grouping(groups, inside.take(np.flatnonzero(groups[inside.left] == groups[inside.right])))


def _link(world: World, rows: Index, known: Weighed, groups: Index) -> None:
    """Write the groups of whole components (`rows`, ascending), as they are without judged matches. known: pairs of those rows."""
    if not len(rows):
        return
    place = np.full(len(world), -1, np.int64)
    place[rows] = np.arange(len(rows))
    pairs = cluster.Pairs(place[known.left], place[known.right])

    def score(left: Index, right: Index) -> Floats:
        return _untied(world.weigh(rows[left], rows[right]))

    nearest = cluster.nearest_of(world.material.kinds[rows])
    found = cluster.cluster(_refs(world, rows), cluster.Links(pairs, _untied(known)), score, nearest=nearest)
    groups[rows] = rows[found]


def _untied(weighed: Weighed) -> Floats:
    """One number for each pair: its margin, or what is ruled, but for judged matches what would be ruled without them."""
    return _said(weighed, np.where(weighed.is_tie, weighed.verdict, weighed.ruling))


def _said(weighed: Weighed, ruling: NDArray[np.int8]) -> Floats:
    ruled: Floats = np.select([ruling == NEVER, ruling == MATCH], [cluster.NEVER, cluster.MUST], weighed.margin)
    return np.maximum(ruled, cluster.NEVER)


def _tie(world: World, groups: Index) -> None:
    """Join groups by judged matches: the steward's first, then the language model's, each in order of refs."""
    judged = world.judged()
    ties = judged.take(np.flatnonzero(judged.is_tie))
    refs = world.material.refs
    ends = [sorted((refs[one], refs[two])) for one, two in zip(ties.left.tolist(), ties.right.tolist(), strict=True)]
    for number in sorted(range(len(ends)), key=lambda number: (ties.authority[number] != "steward", ends[number])):
        one, two = groups[ties.left[number]], groups[ties.right[number]]
        if one == two:
            continue
        left, right = np.flatnonzero(groups == one), np.flatnonzero(groups == two)
        between = world.weigh(np.repeat(left, len(right)), np.tile(right, len(left)))
        if not (between.ruling == NEVER).any():
            groups[right] = one
        elif ties.authority[number] == "steward":
            rows = np.sort(np.concatenate((left, right)))
            groups[rows] = rows[_tied_groups(world, rows)]


def _tied_groups(world: World, rows: Index) -> Index:
    """The groups of records (as places in `rows`) between whose parties a judged match and a no stand: records made one by the matches
    count as one, whose weight to another is that of its best record, but a no to any of them is a no to all."""
    left, right = np.triu_indices(len(rows), 1)
    known = replace(world.weigh(rows[left], rows[right]), left=left.astype(np.int64), right=right.astype(np.int64))
    refs = _refs(world, rows)
    node = joined_records(refs.to_pylist(), known)
    one, two = np.minimum(node[left], node[right]), np.maximum(node[left], node[right])
    _, pair = np.unique(one * len(rows) + two, return_inverse=True)
    best = np.full(len(left), -np.inf)
    said = _said(known, known.ruling)
    np.maximum.at(best, pair, said)
    best[pair[said <= cluster.NEVER]] = cluster.NEVER
    weight = np.where(one == two, cluster.MUST, best[pair])
    return cluster.cluster(refs, cluster.Links(cluster.Pairs(known.left, known.right), weight), lambda more, _: np.zeros(len(more)))


def _refs(world: World, rows: Index) -> pa.StringArray:
    refs = world.material.refs
    return pa.array([refs[row] for row in rows.tolist()], pa.string())


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
