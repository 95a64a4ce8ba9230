"""How sure it is that each record stands where it does, and each pair, by what the model and the grouping themselves say.

A record's confidence is the probability that
- in a group, another record drawn from it is the same party;
- alone, no other record is the same party, compared with it or not.

A pair's weight is what its two records say of themselves, its probability here what all records say: two that little speaks for are
likely the same where both are near to one group, and two alike are not where the others of their groups differ.

A record alone may have too little in it to be found by. How often that is so can be seen without labels: records with more to compare stand
in groups more often, and if having a twin has nothing to do with how well a record is filled in, only for being found more easily. So
what the best filled in reach is the share that all would reach.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.cluster import NEAREST, Pairs
from resolution.normalize.features import ORGANIZATION, PERSON, Features, Index
from resolution.score import Model, probability
from resolution.score.model import Part

Floats = NDArray[np.float64]

#: Weights beyond this count as it, in bits.
SURE = 30.0
#: Records are looked at in so many strata by how much is in them, each of so many records at least.
STRATA, FEWEST = 20, 50
#: The best filled in of all are so many of the records at least.
BEST = 0.2


def confidences(records: Features, model: Model, label: Index, scored: Pairs, weight: Floats) -> Floats:
    """The confidence of each record: float64[n]. label: its group; weight: in bits, of the scored pairs, each once; among these have to be
    all pairs within groups, and between groups those worth a thought."""
    grouped = np.bincount(label, minlength=len(label))[label] > 1
    found = np.where(grouped, _in_group(label, scored, weight), _apart(label, scored, weight))
    for kind, rows in (
        (PERSON, np.flatnonzero(records.kind != ORGANIZATION)),
        (ORGANIZATION, np.flatnonzero(records.kind == ORGANIZATION)),
    ):
        content = _content(records, model.parts[kind])[rows]
        found[rows] *= np.where(grouped[rows], 1.0, truly_alone(content, grouped[rows]))
    return found


def pair_probabilities(label: Index, scored: Pairs, weight: Floats) -> Floats:
    """The probability that each scored pair is one party, its groups considered: float64[p]; arguments as in `confidences`."""
    one, two = label[scored.left], label[scored.right]
    together = one == two
    record = _in_group(label, scored, weight)
    found = np.maximum(probability(weight), np.minimum(record[scored.left], record[scored.right]))
    groups = np.minimum(one, two)[~together] * len(label) + np.maximum(one, two)[~together]
    _, between = np.unique(groups, return_inverse=True)
    found[~together] = probability(_nearness(between, weight[~together]))[between]
    return found


def _in_group(label: Index, scored: Pairs, weight: Floats) -> Floats:
    """The probability of how near each record is to its group."""
    together = label[scored.left] == label[scored.right]
    records = np.concatenate((scored.left[together], scored.right[together]))
    return probability(_nearness(records, np.tile(weight[together], 2), len(label)))


def _nearness(of: Index, weight: Floats, count: int = 0) -> Floats:
    """How near each of 0..count is by the weights that are `of` it, near as `cluster` has it: float64[count]."""
    bits = np.clip(weight, -SURE, SURE)
    number, total = np.bincount(of, minlength=count), np.bincount(of, bits, count)
    best = np.full(len(number), -SURE)
    np.maximum.at(best, of, bits)
    return NEAREST * best + (1 - NEAREST) * total / np.maximum(number, 1)


def _apart(label: Index, scored: Pairs, weight: Floats) -> Floats:
    """The probability that the nearest record of another group is another party."""
    apart = label[scored.left] != label[scored.right]
    nearest = np.full(len(label), -np.inf)
    for side in (scored.left[apart], scored.right[apart]):
        np.maximum.at(nearest, side, weight[apart])
    return 1.0 - probability(nearest)


def _content(records: Features, part: Part) -> Floats:
    """How much is in each record to find it by: the bits that a match of its values would be expected to have."""
    content = np.zeros(len(records))
    for name, column in sorted(records.columns.items()):
        parameters = part.comparing(name)
        if parameters is not None:
            content += (np.diff(column.offsets) > 0) * max(float(parameters.m @ parameters.bits), 0.0)
    return content


def truly_alone(content: Floats, grouped: NDArray[np.bool_]) -> Floats:
    """The probability that a record not grouped has no twin, by the content of each record: float64[n]; grouped: bool[n].

    With a share s of records that have none, found or not, and a share g of those of its content in groups, it is s / (1 - g).
    """
    if not len(content):
        return np.zeros(0)
    encoded = pc.dictionary_encode(pa.array(content))
    order = np.argsort(encoded.dictionary.to_numpy())
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    rank = rank[encoded.indices.to_numpy()]
    before = np.cumsum(np.bincount(rank)) - np.bincount(rank)
    stratum = (before * max(1, min(STRATA, len(content) // FEWEST)) // len(content))[rank]
    records, held = np.bincount(stratum).astype(np.float64), np.bincount(stratum, grouped).astype(np.float64)
    best = np.flatnonzero(np.cumsum(records[::-1])[::-1] >= BEST * len(content))[-1]
    reached = (held[best:].sum() + 0.5) / (records[best:].sum() + 1.0)
    reached = max(reached - np.sqrt(reached * (1 - reached) / records[best:].sum()), 0.0)  # what it is at least, but for chance
    alone: Floats = ((1 - reached) / (1 - np.minimum(_rising(held, records), reached)))[stratum]
    return alone


def _rising(held: Floats, records: Floats) -> Floats:
    """The shares held / records made to rise, by pooling neighbours that do not (Ayer et al. 1955); without records it is as before."""
    pools: list[tuple[float, float, int]] = []
    for of, among in zip(held.tolist(), records.tolist(), strict=True):
        pools.append((of, among, 1))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last, former = pools.pop(), pools.pop()
            pools.append((former[0] + last[0], former[1] + last[1], former[2] + last[2]))
    return np.repeat([of / among for of, among, _ in pools], [width for _, _, width in pools])
