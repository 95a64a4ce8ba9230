"""Blocking keys: a record's keys depend on that record alone, so that an inverted index of them can be kept and extended.

Two records are candidates when they share a key. A key carries its rule (and kind), so keys of different rules never meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.features import Features, Index

RULES: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockingKeys:
    """One row for each (record, key): record is a row number of the features, key a stable 64-bit hash that includes the rule.

    record: int64[k]; key: uint64[k]; rule: uint8[k], an index into RULES. Keep keys in PostgreSQL as `key.view(np.int64)`.
    """

    record: Index
    key: NDArray[np.uint64]
    rule: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate pairs with left < right, each once, ordered; rules: uint64[p], a bit for each rule that found the pair.

    skipped: how many blocks were larger than the cap and gave no pairs.
    """

    left: Index
    right: Index
    rules: NDArray[np.uint64]
    skipped: int


def keys(features: Features) -> BlockingKeys:
    """The blocking keys of all records, each (record, key) once."""
    raise NotImplementedError


def pairs(blocking_keys: BlockingKeys, cap: int) -> Candidates:
    """The pairs of records that share a key whose block has at most `cap` records."""
    raise NotImplementedError


_ = Sequence
