"""Deterministic judgements: a shared strong identifier decides, conflicting strong identifiers forbid.

A role mailbox, a free-mail domain, or an identifier shared by too many is never strong.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from resolution.features import Features, Index

#: What `Decisions.rule` indexes.
RULES = ("none", "shared identifier", "conflicting identifiers", "contradictory identifiers", "different kinds")


@dataclass(frozen=True, slots=True)
class Shared:
    """Identifier terms (as in the features' column "identifier", such as "vat:DE123456789") that too many records hold to be strong."""

    terms: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Decisions:
    """verdict: int8[p], +1 the same, -1 never the same, 0 nothing said; rule: uint8[p], an index into RULES;
    term: the identifier that decided, by pair, or ''."""

    verdict: NDArray[np.int8]
    rule: NDArray[np.uint8]
    term: list[str]


def decide(features: Features, left: Index, right: Index, shared: Shared | None = None) -> Decisions:
    """What the rules say of each pair (left[i], right[i]) of row numbers of the features."""
    raise NotImplementedError


def shared_by_too_many(features: Features, limit: int = 20) -> Shared:
    """The identifiers that more than `limit` of these records hold."""
    raise NotImplementedError
