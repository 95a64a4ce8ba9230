"""Pairs of records spread out into the pairs of their values, and gathered again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.normalize.features import Column, Index
from resolution.normalize.hashing import Hashes

LevelCodes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class ValuePairs:
    """Every value of the left record with every value of the right one: pair int64[v] ascending (of `count` pairs of records),
    left and right int64[v], codes of the values. A pair of which one record has no value is not there."""

    count: int
    pair: Index
    left: Index
    right: Index


def value_pairs(one: Column, two: Column, left: Index, right: Index) -> ValuePairs:
    """The values of column `one` of the left records against those of column `two` of the right records."""
    start_left, start_right = one.offsets[left], two.offsets[right]
    count_left, count_right = one.offsets[left + 1] - start_left, two.offsets[right + 1] - start_right
    counts = count_left * count_right
    if not len(counts) or counts.max() <= 1:
        pair = np.flatnonzero(counts)
        return ValuePairs(len(left), pair, one.codes[start_left[pair]].astype(np.int64), two.codes[start_right[pair]].astype(np.int64))
    pair = np.repeat(np.arange(len(left)), counts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    step_left, step_right = within // count_right[pair], within % count_right[pair]
    codes_left, codes_right = one.codes[start_left[pair] + step_left], two.codes[start_right[pair] + step_right]
    return ValuePairs(len(left), pair, codes_left.astype(np.int64), codes_right.astype(np.int64))


def best_by_pair(values: ValuePairs, level: LevelCodes, term: Hashes) -> tuple[LevelCodes, Hashes]:
    """(highest level of each pair of records, -1 without values; the largest term among those of that level)."""
    best, best_term = np.full(values.count, -1, np.int8), np.zeros(values.count, np.uint64)
    if len(values.pair) and (values.pair[1:] == values.pair[:-1]).any():
        starts = np.flatnonzero(np.r_[True, values.pair[1:] != values.pair[:-1]])
        pair = values.pair[starts]
        best[pair] = np.maximum.reduceat(level, starts)
        best_term[pair] = np.maximum.reduceat(np.where(level == best[values.pair], term, np.uint64(0)), starts)
    else:
        best[values.pair] = level
        best_term[values.pair] = term
    return best, best_term
