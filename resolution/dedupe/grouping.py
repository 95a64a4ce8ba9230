"""The records of one file, grouped: blocked, compared, weighed by a model that they taught, clustered.

The groups are a function of the records and the threshold alone: the records' order does not enter.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from resolution import block
from resolution.cluster import MUST, NEVER, Links, Pairs, cluster
from resolution.compare import Columns, Levels, Pairing
from resolution.confidence import confidences
from resolution.normalize.features import ORGANIZATION, PERSON, Column, Features, Index
from resolution.normalize.hashing import hash_terms, sort_order
from resolution.rules import Shared, decide_levels, shared_by_too_many
from resolution.score import Scores, probability, score_levels
from resolution.score.learn import learn_from
from resolution.score.model import Model, default_model
from resolution.score.pruning import above_of

#: The weight that a pair is taken to have where a rule joins it, and the other way round where one forbids it, in bits.
DECIDED = 30.0
#: Pairs so far below the threshold, and below an even chance, are let go: at one in a hundred they decide nothing.
FAR_BELOW = 7.0

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
    records = _without_shared(records)
    columns = Columns(records)
    found, blocking = block.candidates(records, partial(_likely, columns))
    model = learn_from(records, found, default_model())
    weighing = _Weighing(columns, model, threshold)
    known = weighing.near(found)
    later = [known]

    def scorer(left: Index, right: Index) -> Floats:
        later.append(weighing.of(left, right))
        return later[-1].margin

    label = cluster(records.refs, Links(Pairs(known.left, known.right), known.margin), scorer)
    left, right = np.concatenate([of.left for of in later]), np.concatenate([of.right for of in later])
    weight = np.concatenate([of.weight for of in later])
    compared = len(found.left) + sum(len(of.left) for of in later[1:])
    return Grouping(label, confidences(records, model, label, Pairs(left, right), weight), left, right, weight, model, compared, blocking)


def _without_shared(records: Features) -> Features:
    """The records without the identifiers that too many of them hold."""
    column, shared = records.column("identifier"), shared_by_too_many(records)
    if not shared.terms:
        return records
    own = np.array([term not in shared.terms for term in column.terms.to_pylist()])[column.codes]
    lengths = np.bincount(column.rows()[own], minlength=len(records))
    kept = Column(np.append(0, np.cumsum(lengths)), column.codes[own], column.terms)
    return replace(records, columns={**records.columns, "identifier": kept})


def _likely(columns: Columns, left: Index, right: Index) -> Floats:
    """How likely the pairs match by the shipped model, before anything is learnt, where each record has about one other of its party."""
    model, records = default_model(), columns.features
    prior = np.array([model.parts[kind].prior for kind in (PERSON, PERSON, ORGANIZATION)])[records.kind[left]]
    surplus = prior + np.log2(len(records))
    place, _, scores = above_of(Pairing(records, left, right, columns), model, float(surplus.min(initial=0.0)) - FAR_BELOW)
    found = np.zeros(len(left))
    found[place] = probability(scores.weight - surplus[place])
    return found


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Pairs with their weight, and by how much it is above the threshold of their kind; what a rule says is in both."""

    left: Index
    right: Index
    weight: Floats
    margin: Floats


class _Weighing:
    """What pairs of the records weigh by a model and the rules."""

    def __init__(self, columns: Columns, model: Model, threshold: float | None) -> None:
        self._columns, self._model = columns, model
        own = [model.threshold(kind) if threshold is None else threshold for kind in (PERSON, ORGANIZATION)]
        self._thresholds = np.array([0.0, *own])

    def of(self, left: Index, right: Index) -> _Weighed:
        """These pairs, however little they weigh."""
        seen = self._pairing(left, right).levels()
        return self._judged(left, right, seen, score_levels(seen, self._model))

    def near(self, found: block.Candidates) -> _Weighed:
        """The candidates that are not far below their threshold; a rule may join those that share an identifier whatever they weigh."""
        ruled = (found.rules & np.uint64(1 << block.IDENTIFIER)) != 0
        left, right = found.left[~ruled], found.right[~ruled]
        floor = min(float(self._thresholds.min()), 0.0) - FAR_BELOW
        place, seen, scores = above_of(self._pairing(left, right), self._model, floor)
        near, sure = self._judged(left[place], right[place], seen, scores), self.of(found.left[ruled], found.right[ruled])
        return _Weighed(*(np.concatenate((getattr(near, name), getattr(sure, name))) for name in _Weighed.__slots__))

    def _pairing(self, left: Index, right: Index) -> Pairing:
        return Pairing(self._columns.features, left, right, self._columns)

    def _judged(self, left: Index, right: Index, seen: Levels, scores: Scores) -> _Weighed:
        verdict = decide_levels(self._columns.features, left, right, seen, Shared()).verdict
        weight = np.select([verdict > 0, verdict < 0], [np.maximum(scores.weight, DECIDED), -DECIDED], scores.weight)
        margin = np.select([verdict > 0, verdict < 0], [MUST, NEVER], scores.weight - self._thresholds[seen.kind])
        return _Weighed(left, right, weight, margin)
