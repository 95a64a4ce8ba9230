"""What is said of pairs: the model's weight, the rules' verdict, the judgements, and which of them prevails.

A steward outranks everyone. After that a no of the language model or of a rule outranks a yes, and either outranks the model's weight.
An identifier that too many records share is taken out of the records before anything is said, so it counts neither way.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from resolution import rules
from resolution.compare import Compared, Levels
from resolution.identity.material import Material
from resolution.normalize.features import UNKNOWN, Index
from resolution.normalize.profile import Profile
from resolution.score import score_levels
from resolution.score.model import Model
from resolution.score.pruning import above_of

PairId = tuple[int, int]
Floats = NDArray[np.float64]

MATCH, NEVER, SILENT = 1, -1, 0
VERDICTS = {"match": MATCH, "no_match": NEVER, "unsure": SILENT}

#: How sure we are of a link that is decided, and not weighed: by a steward, and by a rule or the language model. Of one that is only
#: weighed we are never as sure.
SURE_BY_STEWARD, SURE_BY_RULE, SURE_BY_WEIGHT = 1.0, 0.9995, 0.999


@dataclass(frozen=True, slots=True)
class Opinion:
    """The judgements in force on one pair; None where that authority said nothing."""

    steward: str | None = None
    language_model: str | None = None


Opinions = Mapping[PairId, Opinion]


@dataclass(frozen=True, slots=True)
class Weighed:
    """p pairs of rows with what is said of them.

    weight: float64[p], bits; margin: float64[p], the weight above the threshold of the pair's kind; probability: float64[p], the model's;
    verdict: int8[p], of the rules; rule: names, '' where none decides; ruling: int8[p], what prevails of rules and judgements;
    authority: who that is, by pair: steward, language_model, rule, unsure or ''.
    """

    left: Index
    right: Index
    weight: Floats
    margin: Floats
    probability: Floats
    verdict: NDArray[np.int8]
    rule: list[str]
    ruling: NDArray[np.int8]
    authority: list[str]
    levels: Levels

    def take(self, chosen: Index) -> "Weighed":
        """Some of the pairs."""
        compared = {name: Compared(of.level[chosen], of.term[chosen]) for name, of in self.levels.comparisons.items()}
        return Weighed(
            self.left[chosen],
            self.right[chosen],
            self.weight[chosen],
            self.margin[chosen],
            self.probability[chosen],
            self.verdict[chosen],
            [self.rule[place] for place in chosen],
            self.ruling[chosen],
            [self.authority[place] for place in chosen],
            Levels(self.levels.kind[chosen], compared),
        )

    @property
    def linked(self) -> NDArray[np.bool_]:
        """Which pairs hold their records in one component."""
        linked: NDArray[np.bool_] = (self.ruling == MATCH) | ((self.ruling == SILENT) & (self.margin >= 0))
        return linked

    @property
    def is_tie(self) -> NDArray[np.bool_]:
        """Which pairs were judged to match, by a steward or the language model."""
        judged = np.array([by in ("steward", "language_model") for by in self.authority], bool)
        tie: NDArray[np.bool_] = judged & (self.ruling == MATCH)
        return tie

    @property
    def certainty(self) -> Floats:
        """The probability of each pair with the ruling in it."""
        sure = np.array([SURE_BY_STEWARD if by == "steward" else SURE_BY_RULE for by in self.authority])
        ruled: Floats = np.select(
            [self.ruling == MATCH, self.ruling == NEVER], [sure, 1.0 - sure], np.minimum(self.probability, SURE_BY_WEIGHT)
        )
        return np.round(ruled, 4)


def opinions(judgements: Iterable[tuple[PairId, str, str]]) -> dict[PairId, Opinion]:
    """Opinions by pair of record ids, from (pair, authority, verdict)."""
    found: dict[PairId, Opinion] = {}
    for pair, authority, verdict in judgements:
        former = found.get(pair, Opinion())
        found[pair] = replace(former, steward=verdict) if authority == "steward" else replace(former, language_model=verdict)
    return found


def without_shared(profile: Profile, shared: Set[str]) -> Profile:
    """The profile without identifiers that too many records share."""
    terms = profile.terms.get("identifier", ())
    kept = tuple(term for term in terms if term not in shared)
    if len(kept) == len(terms):
        return profile
    rest = {name: values for name, values in profile.terms.items() if name != "identifier"}
    return replace(profile, terms=rest | {"identifier": kept} if kept else rest)


def weigh(material: Material, left: Index, right: Index, model: Model, said: Opinions) -> Weighed:
    """What is said of the pairs (left[i], right[i]) of rows; the material is `without_shared`, `said` goes by record ids."""
    seen, decided = material.compare(left, right)
    scores = score_levels(seen, model)
    threshold = model.thresholds[seen.kind]
    rule = [rules.RULES[number] if verdict else "" for number, verdict in zip(decided.rule.tolist(), decided.verdict.tolist(), strict=True)]
    ruling, authority = _prevailing(material, (left, right), decided.verdict, said)
    margin = np.where(seen.kind != UNKNOWN, scores.weight - threshold, -np.inf)
    return Weighed(left, right, scores.weight, margin, scores.probability, decided.verdict, rule, ruling, authority, seen)


def _prevailing(
    material: Material, pairs: tuple[Index, Index], verdict: NDArray[np.int8], said: Opinions
) -> tuple[NDArray[np.int8], list[str]]:
    ruling = verdict.copy()
    authority = ["rule" if value else "" for value in verdict.tolist()]
    if not said:
        return ruling, authority
    for place, pair in _spoken_of(material, pairs, said):
        ruling[place], authority[place] = prevailing(int(verdict[place]), said[pair])
    return ruling, authority


def _spoken_of(material: Material, pairs: tuple[Index, Index], said: Opinions) -> Iterator[tuple[int, PairId]]:
    """(place, record ids) of the pairs of which something is said."""
    left, right = (material.ids[rows] for rows in pairs)
    judged = np.array(list({record_id for pair in said for record_id in pair}), np.int64)
    for place in np.flatnonzero(np.isin(left, judged) & np.isin(right, judged)).tolist():
        pair = (int(min(left[place], right[place])), int(max(left[place], right[place])))
        if pair in said:
            yield place, pair


def likely(material: Material, pairs: tuple[Index, Index], model: Model, said: Opinions, floor: float) -> Index:
    """Of many pairs the places of those that weigh `floor` bits or more, share an identifier, or are spoken of."""
    pairing = material.pairing(*pairs)
    near, _, _ = above_of(pairing, model, floor)
    alike = pairing.compared("identifier").level > 0 if "identifier" in pairing.names else np.zeros(len(pairing), bool)
    spoken = [place for place, _ in _spoken_of(material, pairs, said)] if said else []
    alike[near] = alike[spoken] = True
    return np.flatnonzero(alike)


def prevailing(verdict: int, opinion: Opinion) -> tuple[int, str]:
    """(ruling, whose it is) from a rule's verdict and the judgements on a pair; 'unsure' where a steward could not tell."""
    if opinion.steward in ("match", "no_match"):
        return VERDICTS[opinion.steward], "steward"
    suggested = VERDICTS.get(opinion.language_model or "", SILENT)
    if suggested == SILENT or verdict == NEVER or (verdict == MATCH and suggested == MATCH):
        return verdict, "rule" if verdict else "unsure" if opinion.steward else ""
    return suggested, "language_model"
