"""Which rules are worth their pairs for one set of records, and up to what size of block: measured before any pair is made.

A record has about as many matches in a large block as in a small one, so of the pairs of a block of s records the share that matches falls
as 1 / (s - 1). How many a rule adds to those taken before it is estimated from a few of its pairs; it then makes pairs up to the size at
which one in PAIRS_PER_MATCH would still be a match that no other rule finds. Larger blocks are parted by a finer rule, or skipped and
counted. The idea of keeping the smaller blocks is that of Papadakis, Papastefanatos, Palpanas and Koutrika (Scaling Entity Resolution to
Large, Heterogeneous Data with Enhanced Meta-blocking, 2016).
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from resolution.block.keys import Marking, Marks
from resolution.block.pairs import Blocks, Candidates, distinct_pairs
from resolution.block.rules import TABLE
from resolution.normalize.features import ORGANIZATION, PERSON, UNKNOWN, Features, Index

#: (left, right) -> how likely each pair is a match.
Likely = Callable[[Index, Index], NDArray[np.float64]]

#: A match is worth comparing so many pairs for.
PAIRS_PER_MATCH = 500
#: Where all rules together make no more pairs than this, nothing is measured and all are made.
FEW_PAIRS = 250_000
LARGEST_BLOCK = 2_000
#: Pairs looked at to judge a rule.
SAMPLE = 2_000


@dataclass(frozen=True, slots=True)
class Blocked:
    """What one rule gave: how many keys, and pairs (other rules may have found them too); how many blocks were too large and made no pairs,
    and how many of their records no rule found a candidate for; left_out: why the rule was not used, or ''."""

    rule: str
    keys: int
    pairs: int
    blocks_skipped: int
    records_skipped: int
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A rule for one kind of records, with the largest block that makes pairs."""

    rule: int
    kind: int
    blocks: Blocks
    cap: int = LARGEST_BLOCK
    left_out: str = ""


class Blocker(Protocol):
    """Who makes the keys of a set of records, and joins the records that share one."""

    def marks(self, rule: int, kind: int) -> Marks:
        """The keys of one rule for records of a kind, or of unknown kind."""

    def pairs(self, uses: Sequence[Use]) -> Candidates:
        """The pairs of the blocks that are used, each once."""


class Here:
    """The blocker in this process."""

    def __init__(self, features: Features) -> None:
        self._marking, self._records = Marking(features), len(features)
        with ThreadPoolExecutor(os.cpu_count()) as threads:  # hashing leaves the interpreter free
            list(threads.map(self._marking.of_source, dict.fromkeys(source for rule in TABLE for source in rule.sources)))

    def marks(self, rule: int, kind: int) -> Marks:
        return self._marking.of_rule(TABLE[rule], kind)

    def pairs(self, uses: Sequence[Use]) -> Candidates:
        self._marking.forget()
        return distinct_pairs([(use.rule, use.blocks, use.cap) for use in uses], self._records)


def candidates(features: Features, likely: Likely, blocker: Blocker | None = None) -> tuple[Candidates, tuple[Blocked, ...]]:
    """The candidate pairs of the records, and what each rule gave. The records have to stand in an order of their own (by a hash, say)."""
    at = blocker or Here(features)
    kinds = [kind for kind in (PERSON, ORGANIZATION) if ((features.kind == kind) | (features.kind == UNKNOWN)).any()]
    asked = [(number, kind) for number, rule in enumerate(TABLE) if not rule.finer_than for kind in kinds if kind in rule.kinds]
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # and so does sorting
        blocks = threads.map(lambda of: Blocks.of(at.marks(*of)), asked)
    uses = [Use(number, kind, made) for (number, kind), made in zip(asked, blocks, strict=True) if made.keys]
    if sum(use.blocks.pairs(LARGEST_BLOCK) for use in uses) > FEW_PAIRS:
        uses = _measured(uses, likely)
    uses += [finer for use in uses for finer in _finer(use, at, len(features))]
    found = at.pairs(uses)
    return found, _report(uses, found, len(features))


def _measured(uses: Sequence[Use], likely: Likely) -> list[Use]:
    """The rules with the sizes up to which they are worth their pairs, those that make the fewest pairs for each key first."""
    uses = sorted(uses, key=lambda use: use.blocks.pairs(LARGEST_BLOCK) / use.blocks.keys)
    rng = np.random.default_rng(1)
    samples = [_sample(use.blocks, rng) for use in uses]
    left, right, sizes = (np.concatenate(parts) for parts in zip(*samples, strict=True))
    chance = likely(left, right)
    ends = np.cumsum([len(of) for of, _, _ in samples])
    chosen = []
    for use, begin, end in zip(uses, np.append(0, ends[:-1]).tolist(), ends.tolist(), strict=True):
        new = float(chance[begin:end].sum())
        density = new / max(float((1.0 / (sizes[begin:end] - 1)).sum()), 1e-9)
        cap = min(int(1 + density * PAIRS_PER_MATCH), LARGEST_BLOCK)
        chosen.append(replace(use, cap=cap, left_out="" if cap > 1 else _reason(use, new / max(end - begin, 1))))
        rest = end + np.flatnonzero(chance[end:])
        chance[rest[_shared(use.blocks, cap, left[rest], right[rest])]] = 0.0
    return chosen


def _reason(use: Use, share: float) -> str:
    often = f"one in {round(1 / share):,}" if share > 1 / SAMPLE else "hardly one"
    return f"of its {use.blocks.pairs(LARGEST_BLOCK):,} pairs {often} would be a match that no other rule finds"


def _sample(blocks: Blocks, rng: np.random.Generator) -> tuple[Index, Index, Index]:
    """Pairs of blocks of two and more: records drawn evenly, each with another of its block; and the sizes of the blocks."""
    usable = np.flatnonzero(blocks.size <= LARGEST_BLOCK)
    ends: Index = np.cumsum(blocks.size[usable], dtype=np.int64)
    if not len(ends):
        return ends, ends, ends
    drawn = rng.integers(0, ends[-1], SAMPLE)
    at = np.searchsorted(ends, drawn, "right")
    size, start = blocks.size[usable[at]].astype(np.int64), blocks.start[usable[at]]
    place = drawn - (ends[at] - size)
    other = (place + rng.integers(1, size)) % size
    return blocks.row[start + place].astype(np.int64), blocks.row[start + other].astype(np.int64), size


def _shared(blocks: Blocks, cap: int, left: Index, right: Index) -> NDArray[np.bool_]:
    """Which of the pairs share a block of at most `cap` records."""
    if not len(left) or not len(blocks.row) or cap < 2:
        return np.zeros(len(left), bool)
    asked = np.zeros(int(max(left.max(), right.max(), blocks.row.max())) + 1, bool)
    asked[left] = asked[right] = True
    entry = np.flatnonzero(asked[blocks.row])
    block = np.searchsorted(blocks.start, entry, "right") - 1
    entry, block = entry[blocks.size[block] <= cap], block[blocks.size[block] <= cap]
    by_row = np.argsort(blocks.row[entry], kind="stable")
    row, block = blocks.row[entry][by_row], block[by_row]

    def held(side: Index) -> tuple[Index, Index]:
        """(pair, pair and block as one number) for each block that a side of a pair is in."""
        first, last = np.searchsorted(row, side), np.searchsorted(row, side, "right")
        pair = np.repeat(np.arange(len(side)), last - first)
        place = np.arange(len(pair)) + np.repeat(first - (np.cumsum(last - first) - (last - first)), last - first)
        return pair, pair * len(blocks.size) + block[place]

    pair, of_left = held(left)
    met = np.zeros(len(left), bool)
    met[pair[np.isin(of_left, held(right)[1])]] = True
    return met


def _finer(use: Use, at: Blocker, records: int) -> list[Use]:
    """The finer rules for the records of a rule's blocks that are too large."""
    over = use.blocks.rows_over(use.cap)
    if use.cap < 2 or not len(over):
        return []
    wanted = np.zeros(records, bool)
    wanted[over] = True
    rules = [number for number, rule in enumerate(TABLE) if rule.finer_than == TABLE[use.rule].name]
    return [Use(number, use.kind, Blocks.of(at.marks(number, use.kind).only(wanted)), use.cap) for number in rules]


def _report(uses: Sequence[Use], found: Candidates, records: int) -> tuple[Blocked, ...]:
    served = np.zeros(records, bool)
    served[found.left] = served[found.right] = True
    given: dict[int, Blocked] = {}
    for use in uses:
        before = given.get(use.rule, Blocked(TABLE[use.rule].name, 0, 0, 0, 0))
        alone = np.zeros(records, bool)
        if not use.left_out:
            alone[use.blocks.rows_over(use.cap)] = True
        given[use.rule] = Blocked(
            before.rule,
            before.keys + use.blocks.keys,
            int(np.count_nonzero(found.rules & np.uint64(1 << use.rule))),
            before.blocks_skipped + (0 if use.left_out else int((use.blocks.size > use.cap).sum())),
            before.records_skipped + int(np.count_nonzero(alone & ~served)),
            use.left_out,
        )
    return tuple(given[rule] for rule in sorted(given))
