"""Match weights by Fellegi and Sunter (1969), in bits, with term-frequency adjustment and the classes of related parties.

A pair's weight is a function of (its two records, the model): alone, in a batch, from a file or the database it is the same number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from resolution.compare import OF_ORGANIZATIONS, OF_PEOPLE, Compared, Levels, levels
from resolution.normalize.features import ORGANIZATION, PERSON, Features, Index
from resolution.score.model import Comparing, Model, Part

Floats = NDArray[np.float64]

#: The weight of a pair of different kinds.
IMPOSSIBLE = -1000.0

#: Up to so many terms are looked up one by one.
FEW = 40

_ORDER = tuple(dict.fromkeys(OF_PEOPLE + OF_ORGANIZATIONS))


@dataclass(frozen=True, slots=True)
class Scores:
    """weight: float64[p], posterior log2 odds (prior included: 0 is an even chance); probability: float64[p];
    bits: float32[p, c], what each of `comparisons` adds (term frequency included), columns in the order of `comparisons`;
    related: float32[p], the correction for what relatives share, never positive. weight = prior + bits + related, to a millionth."""

    weight: NDArray[np.float64]
    probability: NDArray[np.float64]
    bits: NDArray[np.float32]
    related: NDArray[np.float32]
    comparisons: tuple[str, ...]
    #: Which relation explains each pair best against a match, and its names; see `relation`.
    nearest: NDArray[np.int8]
    relations: tuple[str, ...]

    def take(self, rows: Index) -> "Scores":
        """The scores of the pairs at `rows`."""
        return replace(
            self,
            weight=self.weight[rows],
            probability=self.probability[rows],
            bits=self.bits[rows],
            related=self.related[rows],
            nearest=self.nearest[rows],
        )

    def relation(self, row: int) -> str:
        """The class of related parties that a pair would fit best, or ''."""
        return self.relations[self.nearest[row]] if self.nearest[row] >= 0 else ""


def score(features: Features, left: Index, right: Index, model: Model) -> Scores:
    """The weight of each pair (left[i], right[i]) of row numbers of the features."""
    return score_levels(levels(features, left, right), model)


def score_levels(seen: Levels, model: Model) -> Scores:
    """The weight of each pair whose levels were seen."""
    comparisons = ordered(seen)
    weight = np.full(len(seen.kind), IMPOSSIBLE)
    bits = np.zeros((len(seen.kind), len(comparisons)), np.float32)
    related = np.zeros(len(seen.kind), np.float32)
    nearest, relations = np.full(len(seen.kind), -1, np.int8), tuple[str, ...]()
    for kind in (PERSON, ORGANIZATION):
        rows = np.flatnonzero(seen.kind == kind)
        if not len(rows):
            continue
        part, added = model.parts[kind], dict[str, NDArray[np.float64]]()
        total = np.full(len(rows), part.prior)
        for place, name in enumerate(comparisons):
            parameters = part.comparing(name)
            if parameters is not None:
                base, rarity = bits_of(part, name, parameters, seen.comparisons[name].take(rows))
                added[name] = base + rarity
                total += added[name]
                bits[rows, place] = added[name]
        odds = _odds(part, added, seen, rows)
        correction = -np.log2(1.0 + odds.sum(axis=0))
        related[rows] = correction
        if len(odds):
            nearest[rows] = odds.argmax(axis=0) + len(relations)
        relations += tuple(relation.name for relation in part.relations)
        weight[rows] = np.round(total + correction, 6)
    return Scores(weight, probability(weight), bits, related, comparisons, nearest, relations)


def ordered(seen: Levels) -> tuple[str, ...]:
    """The comparisons of the levels in the one order in which bits are summed."""
    return tuple(name for name in _ORDER if name in seen.comparisons) + tuple(sorted(set(seen.comparisons) - set(_ORDER)))


def bits_of(part: Part, name: str, parameters: Comparing, compared: Compared) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(bits of the level, bits of the term frequency) of each pair in one comparison."""
    base, tables = parameters.by_level[compared.level], part.tables(name)
    if len(base) <= FEW:
        seen = zip(compared.level.tolist(), compared.term.tolist(), strict=True)
        return base, np.array([tables[level].bits_of(term) if level in tables else 0.0 for level, term in seen])
    rarity = np.zeros(len(base))
    for level, frequencies in tables.items():
        rows = np.flatnonzero(compared.level == level)
        rarity[rows] = frequencies.bits(compared.term[rows])
    return base, rarity


def _odds(part: Part, added: Mapping[str, Floats], seen: Levels, rows: Index) -> Floats:
    """float64[r, p]: the odds that each pair is related in each way against a random one."""
    odds = np.empty((len(part.relations), len(rows)))
    for of, relation, own in zip(odds, part.relations, part.own_bits, strict=True):
        of[:] = relation.odds
        for name in relation.shares:
            of += added.get(name, 0.0)
        for name, bits in own.items():
            if name in added:
                of += bits[seen.comparisons[name].level[rows]]
    likely: Floats = np.exp2(np.minimum(odds, 200.0))
    return likely


def probability(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of log2 odds."""
    chance: NDArray[np.float64] = 1.0 / (1.0 + np.exp2(-np.clip(weight, -200.0, 200.0)))
    return chance
