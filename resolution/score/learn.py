"""A model fitted to records without labels: u from random pairs, m by expectation maximisation over candidate pairs.

Each comparison's m is taken only from pairs that some blocking rule found without that comparison's own field, so that blocking does not
make agreement look commoner than it is. All pairs that are no candidates count as random ones, which keeps the classes apart: a candidate
is a match only as far as its pattern is more frequent than chance allows. What is learnt depends on the records alone, in any order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution import block
from resolution.compare import Columns, Pairing, level_words, pair_kinds
from resolution.normalize.features import KIND_NAMES, ORGANIZATION, PERSON, Features, Index
from resolution.normalize.hashing import hash_terms, sort_order
from resolution.score.frequencies import Counts, count_terms, tables
from resolution.score.model import FORM, Comparing, Model, Part, default_model, frequency_tags

#: Fewer records of a kind than this teach nothing, and the base model stands.
FEWEST = 200
RANDOM_PAIRS = 100_000
#: As many candidate pairs are looked at, and the values of as many records counted; more would tell hardly more.
CANDIDATE_PAIRS, COUNTED = 200_000, 250_000
MOST_PAIRS = 3_000_000
ROUNDS = 25
#: How many observed pairs the base model's opinion weighs as much as: of each field's levels, and of what pairs are, matches or relations.
#: Of the branches of a chain there may be so few that, with nothing said for them beforehand, they would all be counted as matches.
TRUST = 20.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Observed:
    """Candidate pairs of one kind, counted by pattern: level int8[p, c] by comparison, allowed bool[p, c] whether some rule found the
    pairs without that comparison, count float64[p]; `pairs` is the number of all pairs of records, candidates or not."""

    names: tuple[str, ...]
    level: NDArray[np.int8]
    allowed: NDArray[np.bool_]
    count: Floats
    pairs: float


def learn(features: Features, base: Model | None = None) -> Model:
    """A model fitted to these records, starting from `base` (the default model); where there is too little to learn from, `base` stands."""
    some = features.take(sort_order(hash_terms(features.refs)))
    keys = block.keys(some)
    return learn_from(some, block.pairs(keys, block.fitting_cap(keys, MOST_PAIRS, 500)), base or default_model())


def learn_from(features: Features, candidates: block.Candidates, base: Model, columns: Columns | None = None) -> Model:
    """`learn` from records that stand in an order of their own (by the hash of their refs, say) and their candidate pairs; `columns`, those
    of the features, saves making them ready for comparison again."""
    columns = columns or Columns(features)
    document: dict[str, Any] = {"form": FORM}
    kinds = pair_kinds(features, candidates.left, candidates.right)
    for kind in (PERSON, ORGANIZATION):
        document[KIND_NAMES[kind]] = base.document[KIND_NAMES[kind]]
        records, pairs = np.flatnonzero(features.kind == kind), np.flatnonzero(kinds == kind)
        if len(records) >= FEWEST and len(pairs):
            document[KIND_NAMES[kind]] = _learnt_part(columns, records, _Sample(candidates, pairs), base.parts[kind])
    return Model.from_json(document)


class _Sample:
    """Evenly spread candidate pairs of one kind, each with the rules that found it; `one_in`: how many each stands for."""

    def __init__(self, candidates: block.Candidates, of_kind: Index) -> None:
        count = min(len(of_kind), CANDIDATE_PAIRS)
        rows = of_kind[np.arange(count) * len(of_kind) // count]
        self.left, self.right, self.rules = candidates.left[rows], candidates.right[rows], candidates.rules[rows]
        self.one_in = len(of_kind) / count


def _learnt_part(columns: Columns, records: Index, sample: _Sample, base: Part) -> dict[str, Any]:
    """The document of a model's part, from the records of one kind and candidate pairs."""
    left, right = _random_pairs(records)
    count = len(sample.left)
    seen = Pairing(columns.features, np.r_[sample.left, left], np.r_[sample.right, right], columns).levels()
    names = tuple(name for name in seen.comparisons if base.comparing(name))
    base = replace(base, relations=tuple(of for of in base.relations if of.own.keys() <= set(names)))  # no others could be told apart
    counts = _counted(columns.features, records, names)
    observed = observe({name: seen.comparisons[name].level[:count] for name in names}, sample.rules, sample.one_in, len(records))
    u = _random_u({name: seen.comparisons[name].level[count:] for name in names}, base)
    start = {name: replace(of, u=u.get(name, of.u)) for name in names if (of := base.comparing(name))}
    fitted = maximise(observed, base, start, counts)
    comparisons = {name: of.to_json() for name, of in (dict(base.comparisons) | dict(fitted.comparisons)).items()}
    return {
        "prior": round(fitted.prior, 4),
        "threshold": base.threshold,
        "relations": {of.name: of.to_json() for of in fitted.relations},
        "comparisons": comparisons,
        "frequencies": tables(counts),
    }


def _counted(features: Features, records: Index, names: tuple[str, ...]) -> dict[str, Counts]:
    """The counts of the values of as many of the records as are counted."""
    counted = records[:COUNTED]
    one_in = len(records) * (len(records) - 1) / (len(counted) * (len(counted) - 1))
    return {tag: replace(of, one_in=one_in) for tag, of in count_terms(features.take(counted), names).items()}


def observe(level: Mapping[str, NDArray[np.int8]], rules: NDArray[np.uint64], one_in: float, records: int) -> Observed:
    """The patterns of candidate pairs, of which each stands for `one_in`; level: int8[p] by comparison."""
    names = tuple(level)
    distinct_rules, by_rules = np.unique(rules, return_inverse=True)
    allowed = np.array([[_found_without(int(bits), name) for name in names] for bits in distinct_rules], bool)
    allowed, by_allowed = np.unique(allowed, axis=0, return_inverse=True)
    pattern, span = by_allowed.ravel()[by_rules], len(allowed)
    for name in names:
        radix = len(level_words(name)) + 1
        if span * radix >= 2**62:
            pattern, span = _numbered(pattern)
        pattern, span = pattern * radix + (level[name] + 1), span * radix
    pattern, span = _numbered(pattern)
    first = np.zeros(span, np.int64)
    first[pattern] = np.arange(len(pattern))
    table = np.column_stack([level[name][first] for name in names])
    count = np.bincount(pattern).astype(np.float64) * one_in
    return Observed(names, table, allowed[by_allowed.ravel()[by_rules[first]]], count, records * (records - 1) / 2)


def _numbered(keys: Index) -> tuple[Index, int]:
    """(the keys as numbers from 0, how many different ones there are)."""
    encoded = pc.dictionary_encode(pa.array(keys))
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)


def _found_without(rules: int, comparison: str) -> bool:
    family = comparison.partition(":")[0]
    return any(rules >> number & 1 and comparison not in used and family not in used for number, (_, used) in enumerate(block.RULES))


def _random_pairs(records: Index) -> tuple[Index, Index]:
    rng = np.random.default_rng(1)
    left, right = rng.integers(0, len(records), (2, RANDOM_PAIRS))
    return records[left[left != right]], records[right[left != right]]


def _random_u(level: Mapping[str, NDArray[np.int8]], base: Part) -> dict[str, Floats]:
    """u by level from random pairs; a level hardly ever seen keeps the base model's u where that is smaller than what could have been
    seen."""
    found: dict[str, Floats] = {}
    for name, seen in level.items():
        before = base.comparing(name)
        if before is None or name in ("order", "identifier"):
            continue
        counts = np.bincount(seen[seen >= 0], minlength=len(before.u)).astype(np.float64)
        total = max(counts.sum(), 1.0)
        u = np.where(counts >= 5, counts / total, np.minimum(before.u, (counts + 1) / total))
        found[name] = u / u.sum()
    return found


def maximise(observed: Observed, base: Part, comparisons: dict[str, Comparing], counts: Mapping[str, Counts]) -> Part:
    """The part with m, u of exact agreement, prior and relations fitted to the observed patterns."""
    comparisons = dict(comparisons)
    part = Part(max(base.prior, -np.log2(max(observed.pairs, 2))), base.threshold, comparisons, base.relations, {})
    trust = _trust(base)
    for _ in range(ROUNDS):
        match, related = expectations(observed, part)
        matching, explained = match * observed.count, (match + sum(related, np.zeros(len(match)))) * observed.count
        fitted = {}
        for place, name in enumerate(observed.names):
            current = part.comparisons[name]
            m = _m(observed, place, matching, base.comparing(name) or current)
            fitted[name] = replace(current, m=m, u=_u(observed, place, explained, current, counts))
        matches = max(float(matching.sum()), 0.5)
        relations = tuple(
            replace(of, odds=float(np.log2(((odds * observed.count).sum() + pairs) / (observed.pairs + pairs / 2.0**before.odds))))
            for of, before, odds, pairs in zip(part.relations, base.relations, related, trust, strict=True)
        )
        part = Part(float(np.log2(matches / observed.pairs)), part.threshold, fitted, relations, {})
    return part


def _trust(base: Part) -> list[float]:
    """How many pairs of each relation the base model is taken to have seen: of TRUST, as many as it expects to be such."""
    rates = [2.0 ** (of.odds - base.prior) for of in base.relations]
    return [TRUST * rate / (1.0 + sum(rates)) for rate in rates]


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


def _m(observed: Observed, place: int, matching: Floats, before: Comparing) -> Floats:
    """m of a comparison by how many pairs of each pattern match; `before`, it counts as TRUST pairs."""
    level = observed.level[:, place]
    usable = (level >= 0) & observed.allowed[:, place]
    m: Floats = np.bincount(level[usable], matching[usable], minlength=len(before.m)) + TRUST * before.m
    m = m / m.sum()
    if m[0] > before.most:
        m[1:] *= (1 - before.most) / (1 - m[0])
        m[0] = before.most
    return m


def _u(observed: Observed, place: int, explained: Floats, current: Comparing, counts: Mapping[str, Counts]) -> Floats:
    """u of a comparison: that of exact agreement is how many pairs of values agree, without those that are explained, as matches or
    relatives; the others are as they were among themselves. Where values are not counted it stays as it is."""
    tags = frequency_tags(observed.names[place])
    top = max(tags, default=-1)
    tag = counts.get(tags.get(top, ""))
    if tag is None or tag.pairs < 1:
        return current.u
    at_top = explained[observed.level[:, place] == top]
    agreeing = max(tag.agreeing - float(at_top.sum()) / tag.one_in, 0.02 * tag.agreeing, 0.5) / tag.pairs
    u: Floats = current.u.copy()
    u[top] = 0.0
    u = u / u.sum() * (1 - min(agreeing, 0.9))
    u[top] = min(agreeing, 0.9)
    return u
