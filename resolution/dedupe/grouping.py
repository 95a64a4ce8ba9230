"""The records of one file, grouped: blocked, compared, weighed by a model that they taught, clustered.

The groups are a function of the records and the threshold alone: the records' order does not enter.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from resolution import block
from resolution.cluster import Links, Pairs, cluster, nearest_of
from resolution.compare import Columns, Pairing
from resolution.confidence import confidences
from resolution.dedupe.weighing import FAR_BELOW, Weighed, Weighing
from resolution.normalize.features import ORGANIZATION, PERSON, Column, Features, Index
from resolution.normalize.hashing import hash_terms, sort_order
from resolution.rules import shared_by_too_many
from resolution.score import probability
from resolution.score.learn import learn_from
from resolution.score.model import Model, default_model
from resolution.score.population import shipped_for
from resolution.score.pruning import above_of

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


class Weigher(Protocol):
    """Who weighs pairs of the records by a model."""

    def near(self, found: block.Candidates) -> Weighed:
        """The candidates that are not far below their threshold, in an order of their own."""

    def of(self, left: Index, right: Index) -> Weighed:
        """These pairs, in this order, however little they weigh."""


class Engine(Protocol):
    """Who does the work on the pairs of a set of records: it gives what `Here` gives."""

    def candidates(self, likely: block.Likely) -> tuple[block.Candidates, tuple[block.Blocked, ...]]:
        """The pairs worth comparing, and how they were found."""

    def weigher(self, model: Model, threshold: float | None) -> Weigher: ...


class Here:
    """This process."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def candidates(self, likely: block.Likely) -> tuple[block.Candidates, tuple[block.Blocked, ...]]:
        return block.candidates(self._columns.features, likely)

    def weigher(self, model: Model, threshold: float | None) -> Weigher:
        return Weighing(self._columns, model, threshold)


def group(records: Features, threshold: float | None = None, engine: Callable[[Columns], Engine] = Here) -> Grouping:
    """The groups of the records; threshold: bits of evidence from which two are joined, where absent the model's own."""
    if not len(records):
        none = np.zeros(0, np.int64)
        return Grouping(none, np.zeros(0), none, none, np.zeros(0), default_model(), 0, ())
    order = sort_order(hash_terms(records.refs))  # what is learnt from the records must not depend on the order they came in
    found = _grouped(records.take(order), threshold, engine)
    label, confidence = np.empty(len(order), np.int64), np.empty(len(order))
    label[order], confidence[order] = order[found.label], found.confidence
    return Grouping(label, confidence, order[found.left], order[found.right], found.weight, found.model, found.compared, found.blocking)


def _grouped(records: Features, threshold: float | None, engine: Callable[[Columns], Engine]) -> Grouping:
    records = without_shared(records)
    columns = Columns(records)
    at = engine(columns)
    found, blocking = at.candidates(partial(_likely, columns))
    model = learn_from(records, found, shipped_for(records), columns)
    weigher = at.weigher(model, threshold)
    known, compared = weigher.near(found), len(found.left)
    del found
    later = [known]

    def scorer(left: Index, right: Index) -> Floats:
        later.append(weigher.of(left, right))
        return later[-1].margin

    label = cluster(records.refs, Links(Pairs(known.left, known.right), known.margin), scorer, nearest=nearest_of(records.kind))
    left, right = np.concatenate([of.left for of in later]), np.concatenate([of.right for of in later])
    weight = np.concatenate([of.weight for of in later])
    compared += sum(len(of.left) for of in later[1:])
    return Grouping(label, confidences(records, model, label, Pairs(left, right), weight), left, right, weight, model, compared, blocking)


def without_shared(records: Features) -> Features:
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
