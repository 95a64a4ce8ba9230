"""Comparison of candidate pairs by levels: each distinct pair of values is compared once, however many records hold it.

A level is a function of the two records' features alone and does not depend on their order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.features import Features, Index

MISSING = -1


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison over p pairs: level int8[p] (MISSING, or 0 = different and higher = more alike, see LEVELS of the comparison);
    term: uint64[p], the hash of the agreed value for the term-frequency adjustment, or 0."""

    level: NDArray[np.int8]
    term: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Levels:
    """What a set of pairs looks like; kind int8[p] says which comparison set applies (PERSON or ORGANIZATION, UNKNOWN: never a match)."""

    kind: NDArray[np.int8]
    comparisons: Mapping[str, Compared]


def levels(features: Features, left: Index, right: Index) -> Levels:
    """The levels of each pair (left[i], right[i]) of row numbers of the features."""
    raise NotImplementedError
