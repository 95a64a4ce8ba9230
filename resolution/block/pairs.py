"""Blocks of records that share a key, and the pairs they make, each once whatever found it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from resolution.block.keys import BlockingKeys, Marks
from resolution.normalize.features import Index
from resolution.normalize.hashing import sort_order

#: Bits that a rule's number takes beside a pair, when both are sorted as one number.
_RULE_BITS = 6
#: So many of these numbers are made at once.
_AT_ONCE = 1 << 23


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

    keys: how many keys there were, each once for a record, with those of one record alone. Rows and sizes are int32, since the blocks of
    all rules are held at once.
    """

    row: NDArray[np.int32]
    start: Index
    size: NDArray[np.int32]
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
        return Blocks(row.astype(np.int32), np.cumsum(size) - size, size.astype(np.int32), keys)

    def pairs(self, cap: int) -> int:
        """How many pairs the blocks up to `cap` make."""
        size = self.size[self.size <= cap].astype(np.int64)
        return int((size * (size - 1)).sum()) // 2

    def rows_over(self, cap: int) -> NDArray[np.int32]:
        """The records in blocks over the cap, some more than once."""
        over = self.size > cap
        size, start = self.size[over], self.start[over]
        places: Index = np.arange(size.sum()) + np.repeat(start - (np.cumsum(size) - size), size)
        return self.row[places]

    def made(self, cap: int) -> "Made":
        """The pairs of the blocks up to `cap`."""
        usable = self.size <= cap
        size, start = self.size[usable], self.start[usable]
        left = np.arange(size.sum()) + np.repeat(start - (np.cumsum(size) - size), size)
        count = np.repeat(start + size, size) - left - 1
        return Made(self.row, left[count > 0].astype(np.int32), count[count > 0].astype(np.int32))


@dataclass(frozen=True, slots=True)
class Made:
    """Pairs of the records of blocks, which ascend within a block: that at row[left[i]] and each of the count[i] that stand after it."""

    row: NDArray[np.int32]
    left: NDArray[np.int32]
    count: NDArray[np.int32]

    def between(self, first: int, last: int) -> tuple[Index, Index]:
        """(left, right), left < right, of the pairs whose left record is at least `first` and less than `last`."""
        of = self.row[self.left]
        some = np.flatnonzero((of >= first) & (of < last))
        left, count = self.left[some].astype(np.int64), self.count[some].astype(np.int64)
        right = np.arange(count.sum()) + np.repeat(left + 1 - (np.cumsum(count) - count), count)
        return np.repeat(of[some], count).astype(np.int64), self.row[right].astype(np.int64)


def distinct_pairs(found: Sequence[tuple[int, Blocks, int]], records: int) -> Candidates:
    """The pairs of the blocks of each (rule, blocks, cap), each once, with every rule that found it."""
    made = [(rule, blocks.made(cap)) for rule, blocks, cap in found]
    count = sum((np.bincount(each.row[each.left], each.count, records) for _, each in made), np.zeros(records))
    part = (np.cumsum(count) // _AT_ONCE).astype(np.int64)  # the pairs are made and sorted a range of left records at a time
    cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), records]
    apart = [_distinct(made, records, first, last) for first, last in pairwise(cuts)]
    left, right, rules = (np.concatenate(parts) for parts in zip(*apart, strict=True))
    return Candidates(left, right, rules, sum(int((blocks.size > cap).sum()) for _, blocks, cap in found))


def _distinct(made: Sequence[tuple[int, Made]], records: int, first: int, last: int) -> tuple[Index, Index, NDArray[np.uint64]]:
    """(left, right, rules) of the pairs whose left record is at least `first` and less than `last`, ascending."""
    packed = [np.zeros(0, np.int64)]
    for number, each in made:
        left, right = each.between(first, last)
        packed.append((left * records + right << _RULE_BITS) + number)
    every = np.concatenate(packed)
    every.sort()
    pair, rule = every >> _RULE_BITS, (every & ((1 << _RULE_BITS) - 1)).astype(np.uint64)
    starts = np.flatnonzero(np.append(True, pair[1:] != pair[:-1])[: len(pair)])
    left, right = np.divmod(pair[starts], records)
    return left, right, np.bitwise_or.reduceat(np.uint64(1) << rule, starts) if len(starts) else rule


def blocks_of(keys: BlockingKeys) -> list[tuple[int, Blocks]]:
    """The blocks of each rule that has keys."""
    rules = np.flatnonzero(np.bincount(keys.rule)).tolist()
    return [(rule, Blocks.of(Marks(keys.record[keys.rule == rule], keys.key[keys.rule == rule]))) for rule in rules]


def pairs(keys: BlockingKeys, cap: int) -> Candidates:
    """The pairs of records that share a key whose block has at most `cap` records."""
    records = int(keys.record.max(initial=0)) + 1
    return distinct_pairs([(rule, blocks, cap) for rule, blocks in blocks_of(keys)], records)


def fitting_cap(keys: BlockingKeys, most_pairs: int, ceiling: int) -> int:
    """The largest cap up to `ceiling` with which at most `most_pairs` pairs (counted once for each key) come out; at least 2."""
    sizes = np.concatenate([np.zeros(0, np.int32), *(blocks.size for _, blocks in blocks_of(keys))])
    counts = np.bincount(sizes, minlength=ceiling + 1)[: ceiling + 1]
    given = np.cumsum(counts * (np.arange(len(counts)) * (np.arange(len(counts)) - 1) // 2))
    return max(2, int(np.searchsorted(given, most_pairs, "right")) - 1)
