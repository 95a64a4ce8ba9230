"""The records of one file, grouped: blocked, compared, weighed by a model that they taught, clustered.

The groups are a function of the records and the threshold alone: the records' order does not enter.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from resolution import block
from resolution.cluster import Links, Pairs, cluster
from resolution.compare import levels
from resolution.normalize.features import ORGANIZATION, PERSON, Features, Index
from resolution.normalize.hashing import hash_terms, sort_order
from resolution.rules import decide_levels, shared_by_too_many
from resolution.score import probability, score, score_levels
from resolution.score.learn import learn_from
from resolution.score.model import Model, default_model

#: The weight that a pair joined by a rule is taken to have, in bits.
DECIDED = 30.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grouping:
    """label: int64[n], the row number of the first record, by ref, of each record's group; confidence: float64[n], how sure it is that each
    record stands where it does; left, right: int64[p] and weight: float64[p] in bits, the pairs that were scored and kept; model: what
    weighed them; compared: how many pairs were compared; blocking: by rule."""

    label: Index
    confidence: Floats
    left: Index
    right: Index
    weight: Floats
    model: Model
    compared: int
    blocking: tuple[block.Blocked, ...]


def group(records: Features, threshold: float | None = None) -> Grouping:
    """The groups of the records; threshold: bits of evidence from which two are joined, where absent the model's own."""
    if not len(records):
        none = np.zeros(0, np.int64)
        return Grouping(none, np.zeros(0), none, none, np.zeros(0), default_model(), 0, ())
    order = sort_order(hash_terms(records.refs))  # what is learnt from the records must not depend on the order they came in
    found = _grouped(records.take(order), threshold)
    label, confidence = np.empty(len(order), np.int64), np.empty(len(order))
    label[order], confidence[order] = order[found.label], found.confidence
    return Grouping(label, confidence, order[found.left], order[found.right], found.weight, found.model, found.compared, found.blocking)


def _grouped(records: Features, threshold: float | None) -> Grouping:
    found, blocking = block.candidates(records, partial(_likely, records))
    model = learn_from(records, found, default_model())
    seen = levels(records, found.left, found.right)
    weight = score_levels(seen, model).weight
    decided = decide_levels(records, found.left, found.right, seen, shared_by_too_many(records))
    later: list[tuple[Index, Index, Floats]] = []

    def scorer(left: Index, right: Index) -> Floats:
        later.append((left, right, score(records, left, right, model).weight))
        return later[-1][2]

    links = Links(
        Pairs(found.left, found.right),
        weight,
        must=Pairs(found.left[decided.verdict > 0], found.right[decided.verdict > 0]),
        never=Pairs(found.left[decided.verdict < 0], found.right[decided.verdict < 0]),
    )
    label = cluster(records.refs, links, scorer, model.threshold(int(records.kind[0])) if threshold is None else threshold)
    everything = [(found.left, found.right, np.where(decided.verdict > 0, DECIDED, weight)), *later]
    left, right, weights = (np.concatenate(parts) for parts in zip(*everything, strict=True))
    return Grouping(label, _confidence(label, left, right, weights), left, right, weights, model, len(left), blocking)


def _likely(records: Features, left: Index, right: Index) -> Floats:
    """How likely the pairs match by the shipped model, before anything is learnt, where each record has about one other of its party."""
    model = default_model()
    scores = score(records, left, right, model)
    prior = np.array([model.parts[kind].prior for kind in (PERSON, PERSON, ORGANIZATION)])[records.kind[left]]
    return probability(scores.weight - prior - np.log2(len(records)))


def _confidence(label: Index, left: Index, right: Index, weight: Floats) -> Floats:
    """How sure it is that each record stands where it does: with others, by its mean weight to them; alone, by how unlikely its nearest
    other is."""
    together = label[left] == label[right]
    count, total = np.zeros(len(label)), np.zeros(len(label))
    nearest = np.full(len(label), -np.inf)
    for side in (left, right):
        count += np.bincount(side[together], minlength=len(label))
        total += np.bincount(side[together], np.clip(weight[together], -30, 30), minlength=len(label))
        np.maximum.at(nearest, side[~together], weight[~together])
    joined = probability(total / np.maximum(count, 1))
    return np.where(count > 0, joined, 1.0 - probability(np.maximum(nearest, -200.0)))
