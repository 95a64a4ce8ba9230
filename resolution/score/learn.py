"""A model fitted to records without labels: u from random pairs, m by expectation maximisation over candidate pairs.

Each comparison's m is taken only from pairs that some blocking rule found without that comparison's own field, so that blocking does not
make
agreement look commoner than it is. All pairs that are no candidates count as random ones, which keeps the classes apart: a candidate
is a match only as far as its pattern is more frequent than chance allows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution import block
from resolution.compare import Levels, level_words, levels
from resolution.normalize.features import KIND_NAMES, ORGANIZATION, PERSON, Features
from resolution.normalize.hashing import hash_terms, mix
from resolution.score.frequencies import Counts, count_terms, tables
from resolution.score.model import FORM, Comparing, Model, Part, default_model, frequency_tags

#: Fewer records of a kind than this teach nothing, and the base model stands.
FEWEST = 200
RANDOM_PAIRS = 200_000
MOST_PAIRS = 3_000_000
ROUNDS = 25
#: How many observed pairs the base model's opinion weighs as much as.
TRUST = 20.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Observed:
    """Candidate pairs of one kind, counted by pattern: level int8[p, c] by comparison, allowed bool[p, c] whether some rule found the
    pairs without
    that comparison, count float64[p]; `pairs` is the number of all pairs of records, candidates or not."""

    names: tuple[str, ...]
    level: NDArray[np.int8]
    allowed: NDArray[np.bool_]
    count: Floats
    pairs: float


def learn(features: Features, base: Model | None = None, seed: int = 1) -> Model:
    """A model fitted to these records, starting from `base` (the default model); where there is too little to learn from, `base` stands.

    The order of the records does not matter. A pair is drawn at random by `seed`.
    """
    base = base or default_model()
    document: dict[str, Any] = {"form": FORM}
    for kind in (PERSON, ORGANIZATION):
        rows = np.flatnonzero(features.kind == kind)
        document[KIND_NAMES[kind]] = base.document[KIND_NAMES[kind]]
        if len(rows) >= FEWEST:
            some = features.take(rows[np.argsort(hash_terms(features.refs.take(pa.array(rows))), kind="stable")])
            keys = block.keys(some)
            found = block.pairs(keys, block.fitting_cap(keys, MOST_PAIRS, 500))
            if len(found.left):
                seen = levels(some, found.left, found.right)
                document[KIND_NAMES[kind]] = fit(some, seen, found.rules, base.parts[kind], seed)
    return Model.from_json(document)


def fit(features: Features, seen: Levels, rules: NDArray[np.uint64], base: Part, seed: int) -> dict[str, Any]:
    """The document of a model's part, from records all of one kind, in an order that does not depend on how they came, and the levels of
    their candidate pairs, each with the rules that found it."""
    names = tuple(name for name in seen.comparisons if base.comparing(name))
    counts = count_terms(features, names)
    observed = observe(seen, rules, names, len(features))
    start = {name: base.comparing(name) for name in names}
    prior_u = _random_u(features, names, {name: of.u for name, of in start.items() if of}, seed)
    fitted = maximise(observed, base, {name: replace(of, u=prior_u[name]) for name, of in start.items() if of}, counts)
    comparisons = {name: of.to_json() for name, of in (dict(base.comparisons) | dict(fitted.comparisons)).items()}
    return {
        "prior": round(fitted.prior, 4),
        "threshold": base.threshold,
        "relations": {of.name: of.to_json() for of in fitted.relations},
        "comparisons": comparisons,
        "frequencies": tables(counts),
    }


def observe(seen: Levels, rules: NDArray[np.uint64], names: tuple[str, ...], records: int) -> Observed:
    """The patterns of candidate pairs."""
    distinct_rules, which = np.unique(rules, return_inverse=True)
    allowed = np.array([[_found_without(int(bits), name) for name in names] for bits in distinct_rules], bool)
    weights = 2 ** np.arange(len(names), dtype=np.uint64)
    key = (allowed * weights).sum(axis=1).astype(np.uint64)[which]
    for name in names:
        key = mix(key * np.uint64(31) + (seen.comparisons[name].level + 1).astype(np.uint64))
    encoded = pc.dictionary_encode(pa.array(key))
    place = encoded.indices.to_numpy()
    first = np.zeros(len(encoded.dictionary), np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    level = np.column_stack([seen.comparisons[name].level[first] for name in names])
    count = np.bincount(place, minlength=len(first)).astype(np.float64)
    return Observed(names, level, allowed[which[first]], count, records * (records - 1) / 2)


def _found_without(rules: int, comparison: str) -> bool:
    family = comparison.partition(":")[0]
    return any(rules >> number & 1 and comparison not in used and family not in used for number, (_, used) in enumerate(block.RULES))


def _random_u(features: Features, names: tuple[str, ...], base: Mapping[str, Floats], seed: int) -> dict[str, Floats]:
    """u by level from random pairs; a level hardly ever seen keeps the base model's u where that is smaller than what could have been
    seen."""
    rng = np.random.default_rng(seed)
    left, right = rng.integers(0, len(features), RANDOM_PAIRS), rng.integers(0, len(features), RANDOM_PAIRS)
    apart = left != right
    seen = levels(features, left[apart], right[apart])
    found: dict[str, Floats] = {}
    for name in names:
        if name in ("order", "identifier"):
            found[name] = base[name]
            continue
        level = seen.comparisons[name].level
        counts = np.bincount(level[level >= 0], minlength=len(level_words(name))).astype(np.float64)
        total = max(counts.sum(), 1.0)
        u = np.where(counts >= 5, counts / total, np.minimum(base[name], (counts + 1) / total))
        found[name] = u / u.sum()
    return found


def maximise(observed: Observed, base: Part, comparisons: dict[str, Comparing], counts: Mapping[str, Counts]) -> Part:
    """The part with m, u of exact agreement, prior and relations fitted to the observed patterns."""
    comparisons = dict(comparisons)
    part = Part(max(base.prior, -np.log2(max(observed.pairs, 2))), base.threshold, comparisons, base.relations, {})
    for _ in range(ROUNDS):
        match, related = expectations(observed, part)
        fitted = {}
        for place, name in enumerate(observed.names):
            fitted[name] = _fitted(observed, place, match, sum(related, np.zeros(len(match))), base, part.comparisons[name], counts)
        matches = max(float((match * observed.count).sum()), 0.5)
        relations = tuple(
            replace(of, odds=float(np.log2(max((odds * observed.count).sum(), 0.01) / observed.pairs)))
            for of, odds in zip(part.relations, related, strict=True)
        )
        part = Part(float(np.log2(matches / observed.pairs)), part.threshold, fitted, relations, {})
    return part


def expectations(observed: Observed, part: Part) -> tuple[Floats, list[Floats]]:
    """(probability of a match, probability of each relation) by pattern."""
    bits = {name: np.append(part.comparisons[name].bits, 0.0)[observed.level[:, place]] for place, name in enumerate(observed.names)}
    zero = np.zeros(len(observed.count))
    match = _odds(part.prior, bits.values())
    related = []
    for of in part.relations:
        own = [
            np.append(np.log2(chances / part.comparisons[name].u), 0.0)[observed.level[:, observed.names.index(name)]]
            for name, chances in of.own.items()
            if name in bits
        ]
        related.append(_odds(of.odds, [bits[name] for name in of.shares if name in bits] + own))
    total = 1.0 + match + sum(related, zero)
    return match / total, [odds / total for odds in related]


def _odds(prior: float, bits: Iterable[Floats]) -> Floats:
    odds: Floats = np.exp2(np.clip(sum(bits, np.zeros(1)) + prior, -200, 200))
    return odds


def _fitted(
    observed: Observed, place: int, match: Floats, related: Floats, base: Part, current: Comparing, counts: Mapping[str, Counts]
) -> Comparing:
    name = observed.names[place]
    level, known = observed.level[:, place], observed.level[:, place] >= 0
    size, before = len(current.m), base.comparing(name)
    usable = known & observed.allowed[:, place]
    seen = np.bincount(level[usable], (match * observed.count)[usable], minlength=size)
    m = seen + TRUST * (before.m if before else current.m)
    m = m / m.sum()
    if m[0] > current.most:
        m[1:] *= (1 - current.most) / (1 - m[0])
        m[0] = current.most
    top = max(frequency_tags(name), default=-1)
    tag = counts.get(frequency_tags(name).get(top, ""))
    if tag is None or tag.pairs < 1:
        return replace(current, m=m)
    at_top = known & (level == top)
    explained = float(((match + related) * observed.count)[at_top].sum())
    u_top = max(tag.agreeing - explained, 0.02 * tag.agreeing, 0.5) / tag.pairs
    u = current.u.copy()
    u[top] = 0.0
    u = u / u.sum() * (1 - min(u_top, 0.9))
    u[top] = min(u_top, 0.9)
    return replace(current, m=m, u=u)
