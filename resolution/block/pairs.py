"""Blocks of records that share a key, and the pairs they make, each once whatever found it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.block.keys import BlockingKeys, Marks
from resolution.normalize.features import Index
from resolution.normalize.hashing import sort_order

#: Bits that a rule's number takes beside a pair, when both are sorted as one number.
_RULE_BITS = 6


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate pairs with left < right, each once, ordered; rules: uint64[p], a bit for each rule that found the pair.

    skipped: how many blocks were larger than the cap and gave no pairs.
    """

    left: Index
    right: Index
    rules: NDArray[np.uint64]
    skipped: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of two records and more under one rule: block i is row[start[i] : start[i] + size[i]].

    keys: how many keys there were, each once for a record, with those of one record alone.
    """

    row: Index
    start: Index
    size: Index
    keys: int

    @staticmethod
    def of(marks: Marks) -> "Blocks":
        order = sort_order(marks.hash)
        row, key = marks.row[order], marks.hash[order]
        other = np.append(True, key[1:] != key[:-1])[: len(key)]
        new = other.copy()
        new[1:] |= row[1:] != row[:-1]  # a record may come to one key by two ways
        if not new.all():
            row, other = row[new], other[new]
        size, keys = np.diff(np.append(np.flatnonzero(other), len(row))), len(row)
        row, size = row[np.repeat(size > 1, size)], size[size > 1]
        return Blocks(row, np.cumsum(size) - size, size, keys)

    def pairs(self, cap: int) -> int:
        """How many pairs the blocks up to `cap` make."""
        size = self.size[self.size <= cap]
        return int((size * (size - 1)).sum()) // 2

    def rows_over(self, cap: int) -> Index:
        """The records in blocks over the cap, some more than once."""
        over = self.size > cap
        size, start = self.size[over], self.start[over]
        places: Index = np.arange(size.sum()) + np.repeat(start - (np.cumsum(size) - size), size)
        return self.row[places]

    def made(self, cap: int) -> Iterator[tuple[Index, Index]]:
        """The pairs of the blocks up to `cap`, (left, right) with left < right, as the records of a block ascend."""
        for size in np.unique(self.size[self.size <= cap]).tolist():
            block = self.row[self.start[self.size == size] + np.arange(size)[:, None]]
            first, second = np.triu_indices(size, 1)
            yield block[first].ravel(), block[second].ravel()


def distinct_pairs(found: Iterable[tuple[int, Blocks, int]], records: int) -> Candidates:
    """The pairs of the blocks of each (rule, blocks, cap), each once, with every rule that found it."""
    packed, skipped = [np.zeros(0, np.int64)], 0
    for rule, blocks, cap in found:
        skipped += int((blocks.size > cap).sum())
        for left, right in blocks.made(cap):
            packed.append((left * records + right << _RULE_BITS) + rule)
    every = np.concatenate(packed)
    del packed
    every.sort()
    pair, rule_of = every >> _RULE_BITS, (every & ((1 << _RULE_BITS) - 1)).astype(np.uint64)
    if not len(pair):
        return Candidates(pair, pair, rule_of, skipped)
    starts = np.flatnonzero(np.append(True, pair[1:] != pair[:-1]))
    left, right = np.divmod(pair[starts], records)
    return Candidates(left, right, np.bitwise_or.reduceat(np.uint64(1) << rule_of, starts), skipped)


def blocks_of(keys: BlockingKeys) -> list[tuple[int, Blocks]]:
    """The blocks of each rule that has keys."""
    rules = np.flatnonzero(np.bincount(keys.rule)).tolist()
    return [(rule, Blocks.of(Marks(keys.record[keys.rule == rule], keys.key[keys.rule == rule]))) for rule in rules]


def pairs(keys: BlockingKeys, cap: int) -> Candidates:
    """The pairs of records that share a key whose block has at most `cap` records."""
    records = int(keys.record.max(initial=0)) + 1
    return distinct_pairs(((rule, blocks, cap) for rule, blocks in blocks_of(keys)), records)


def fitting_cap(keys: BlockingKeys, most_pairs: int, ceiling: int) -> int:
    """The largest cap up to `ceiling` with which at most `most_pairs` pairs (counted once for each key) come out; at least 2."""
    sizes = np.concatenate([np.zeros(0, np.int64), *(blocks.size for _, blocks in blocks_of(keys))])
    counts = np.bincount(sizes, minlength=ceiling + 1)[: ceiling + 1]
    given = np.cumsum(counts * (np.arange(len(counts)) * (np.arange(len(counts)) - 1) // 2))
    return max(2, int(np.searchsorted(given, most_pairs, "right")) - 1)
