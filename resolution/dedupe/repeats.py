"""Records that many others repeat word for word, grouped by one of them.

A row that stands thousands of times in a file makes blocks too large to compare, and all it would teach is that it equals itself. So where
more than MANY records are alike in everything, one stands for all, and they are one party if two such records would match by the shipped
model: what is learnt is learnt without them.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa

from resolution.compare import Columns
from resolution.dedupe.grouping import Engine, Grouping, group
from resolution.normalize.features import ORGANIZATION, PERSON, Features, Index
from resolution.normalize.hashing import Hashes, hash_terms, mix, sort_order
from resolution.score import probability, score
from resolution.score.population import shipped_for

MANY = 50
#: Of so many records the repeated ones are looked for first: what stands often stands among these too.
SAMPLE, OFTEN = 20_000, 3


def group_repeated(records: Features, threshold: float | None, engine: Callable[[Columns], Engine]) -> Grouping:
    """`group`, with one record in place of more than MANY that are alike in everything."""
    first = _first_alike(records)
    kept = np.flatnonzero(first == np.arange(len(records)))
    found = group(records.take(kept) if len(kept) < len(records) else records, threshold, engine)
    return found if len(kept) == len(records) else _spread(records, found, kept, first, threshold)


def _first_alike(records: Features) -> Index:
    """int64[n]: the record that stands for each, itself where it has few equals, else the first of them by the hash of its ref."""
    alone, hashes = np.arange(len(records)), hash_terms(records.refs)
    some = np.argpartition(hashes, SAMPLE)[:SAMPLE] if len(records) > SAMPLE else alone
    if not len(records) or np.unique(_contents(records.take(some)), return_counts=True)[1].max() < OFTEN:
        return alone
    order = sort_order(hashes)
    _, first, place, counts = np.unique(_contents(records)[order], return_index=True, return_inverse=True, return_counts=True)
    stands = np.empty(len(records), np.int64)
    stands[order] = order[first][place]
    many = np.empty(len(records), bool)
    many[order] = counts[place] > MANY
    return np.where(many, stands, alone)


def _contents(records: Features) -> Hashes:
    """A hash of everything that each record says, whatever the order of its values."""
    total = records.kind.astype(np.uint64)
    for place, name in enumerate(sorted(records.columns)):
        column = records.columns[name]
        few = len(column.codes) < len(column.terms)
        hashes = hash_terms(column.terms.take(pa.array(column.codes))) if few else hash_terms(column.terms)[column.codes]
        values = mix(hashes + np.uint64(place))
        sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)))
        total += mix(sums[column.offsets[1:]] - sums[column.offsets[:-1]] + np.uint64(place))
    return total


def _spread(records: Features, found: Grouping, kept: Index, first: Index, threshold: float | None) -> Grouping:
    """The grouping of the kept records, given to all; first: who stands for whom."""
    at = np.empty(len(records), np.int64)
    at[kept] = np.arange(len(kept))
    model = shipped_for(records)
    own = np.array([0.0, *(model.threshold(kind) if threshold is None else threshold for kind in (PERSON, ORGANIZATION))])
    stood_for = np.unique(first[first != np.arange(len(records))])
    weight = np.full(len(records), np.inf)
    weight[stood_for] = score(records, stood_for, stood_for, model).weight
    repeated = first != np.arange(len(records))
    joined = ~repeated | (weight[first] >= own[records.kind])
    label = np.where(joined, kept[found.label[at[first]]], np.arange(len(records)))
    sure = np.where(repeated | np.isin(np.arange(len(records)), stood_for), probability(weight[first]), 1.0)
    confidence = np.minimum(found.confidence[at[first]], np.where(joined, sure, 1.0 - sure))
    return replace(found, label=label, confidence=confidence, left=kept[found.left], right=kept[found.right])
