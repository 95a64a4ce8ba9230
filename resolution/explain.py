"""Why two records match or do not: field by field, in bits and in words."""

from dataclasses import dataclass
from typing import Any

from resolution.features import Features
from resolution.score import Model


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """One comparison: the two values as normalised, the level in words, its bits (log2 m/u) and those of term frequency."""

    field: str
    left: str
    right: str
    level: str
    bits: float
    term_frequency_bits: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole of a pair's weight: prior + fields + related (a correction, never positive, for what relatives share) = weight, in bits."""

    kind: str
    prior: float
    fields: tuple[FieldEvidence, ...]
    related: float
    weight: float
    probability: float
    verdict: int
    rule: str

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError


def pair(features: Features, i: int, j: int, model: Model) -> Evidence:
    """The evidence on the pair of row numbers i and j."""
    raise NotImplementedError


def sentence(evidence: Evidence) -> str:
    """The evidence in words for a data steward."""
    raise NotImplementedError
