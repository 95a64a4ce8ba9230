"""Comparison of candidate pairs by levels.

A level is a function of the two records' values alone and does not depend on their order. What a pair of values means is defined once
(`likeness`, `organization`, `address`, `identifier`) and stands in the table of `comparisons`; `Pairing` evaluates it over columns, with
bounds to pass over what is certainly different, and `few` over single records.
"""

from resolution.compare.comparisons import (
    ADDRESS_LEVELS,
    MISSING,
    OF_ORGANIZATIONS,
    OF_PEOPLE,
    ORDER_LEVELS,
    compared_names,
    level_words,
)
from resolution.compare.fields import Compared
from resolution.compare.pairing import Columns, Levels, Pairing, levels, pair_kinds, third_party

__all__ = [
    "ADDRESS_LEVELS",
    "MISSING",
    "OF_ORGANIZATIONS",
    "OF_PEOPLE",
    "ORDER_LEVELS",
    "Columns",
    "Compared",
    "Levels",
    "Pairing",
    "compared_names",
    "level_words",
    "levels",
    "pair_kinds",
    "third_party",
]
