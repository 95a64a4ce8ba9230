"""The correction that decided pairs teach: logistic regression, by recordlinkage's classifier, on the weight in force and the levels.

Decisions are few and come from the grey zone, where the queue of reviews leads. So three things keep what they teach from running wild. The
weight in force is a column of its own, and the levels only add to it: how much they may is chosen by cross-validation, in which pairs that
hang together are never on both sides. And the model's own opinion counts as some decisions more (a prior by data augmentation: Bedrick,
Christensen and Johnson 1996): pairs with an even share of BELIEVED bits for and against, of which as many match as it says. With no other
decisions the model would come out as it was.

Of recordlinkage's classifiers this is the one to use: a pair gets into the grey zone for what its fields say, and the chance of a match
given the fields, which a logistic regression learns, is left as it is by such a choice. Naive Bayes learns the chance of the fields given a
match, which the choice distorts; a support vector machine says which side, and not how surely.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolution.score import ordered, probability, score_levels
from resolution.score.model import Model
from resolution.supervised.correction import Correction, corrected
from resolution.supervised.lessons import Lessons, held_out, log_loss

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: How far a level may add to the weight, as the standard deviation in nats of what is expected of it; none at all is the first.
SPREADS = (0.0, 0.25, 0.5, 1.0)
#: A level that fewer decided pairs show adds nothing.
SEEN = 3
#: The model's own opinion: it says BELIEVED bits, and of these MATCHING pairs match and one does not; and as many the other way round.
BELIEVED, MATCHING = 4.0, 16
#: Weights past this say nothing more, in bits.
CLEAR = 30.0
#: The weights in force are trusted at least, and at most, by this.
SLOPES = (0.25, 2.0)
#: The column of the weight is so large that its coefficient is as good as free.
_FREE = 10.0


def learned(model: Model, kinds: Iterable[int], decided: Lessons) -> Model:
    """The model with what the decided pairs of these kinds teach."""
    return corrected(model, {kind: teach(model, kind, decided.of_kind(kind)) for kind in kinds})


def cross_validated(model: Model, kinds: Iterable[int], decided: Lessons) -> Floats:
    """What models so learned say of each decided pair, float64[n]: always one that was not taught it, nor what hangs together with it."""
    return held_out(decided, lambda others, asked: score_levels(asked.seen, learned(model, kinds, others)).probability)


def teach(model: Model, kind: int, decided: Lessons) -> Correction:
    """The correction of the model's part of a kind that pairs of this kind teach; none where there are no pairs."""
    if not len(decided):
        return Correction()
    taught = _fitted(model, decided, _best_spread(model, decided))
    linear = Correction(float(np.clip(taught.slope, *SLOPES)), 0.0, taught.levels)
    expected = float(taught.said(model, decided).sum())
    return Correction(linear.slope, _shift(corrected(model, {kind: linear}), decided, expected), linear.levels)


def _best_spread(model: Model, decided: Lessons) -> float:
    """The spread that says most of pairs it was not taught; of equal ones the smallest."""

    def loss(spread: float) -> float:
        said = held_out(decided, lambda others, asked: _fitted(model, others, spread).said(model, asked))
        return float(log_loss(said, decided.match).mean())

    return min(SPREADS, key=lambda spread: (round(loss(spread), 4), spread))


@dataclass(frozen=True, slots=True)
class _Taught:
    """What the classifier says, in the form of a correction but for the bends of the weight."""

    slope: float
    shift: float
    levels: dict[str, tuple[float, ...]]

    def said(self, model: Model, asked: Lessons) -> Floats:
        weight = self.slope * _weights(model, asked) + self.shift
        for name, bits in self.levels.items():
            weight += np.append(bits, 0.0)[asked.seen.comparisons[name].level]
        return probability(weight)


def _fitted(model: Model, decided: Lessons, spread: float) -> _Taught:
    shown = _shown_levels(model, decided) if spread else []
    own = np.zeros((2 * (MATCHING + 1), 1 + len(shown)))
    own[:, 0] = np.repeat([BELIEVED, -BELIEVED], MATCHING + 1)
    agreed = np.tile(np.arange(MATCHING + 1) < MATCHING, 2) == (own[:, 0] > 0)
    columns = np.vstack([_design(model, decided, shown, spread), own])
    columns[:, 0] *= _FREE * np.log(2)
    classifier = _classifier(columns, np.concatenate((decided.match, agreed)))
    coefficients = np.asarray(classifier.coefficients)
    levels: dict[str, list[float]] = {}
    for (name, level, count), nats in zip(shown, (coefficients[1:] * spread).tolist(), strict=True):
        levels.setdefault(name, [0.0] * count)[level] = nats / np.log(2)
    bits = {name: tuple(values) for name, values in levels.items()}
    return _Taught(float(coefficients[0]) * _FREE, float(classifier.intercept) / np.log(2), bits)


def _classifier(columns: Floats, match: Flags) -> Any:
    """recordlinkage's logistic regression, fitted. Imported here: it brings pandas and scikit-learn, which nothing else here needs."""
    import pandas as pd
    from recordlinkage import LogisticRegressionClassifier

    classifier = LogisticRegressionClassifier(C=1.0, solver="newton-cholesky")
    frame = pd.DataFrame(columns)
    classifier.fit(frame, frame.index[match])
    return classifier


def _weights(model: Model, lessons: Lessons) -> Floats:
    weights: Floats = np.clip(score_levels(lessons.seen, model).weight, -CLEAR, CLEAR)
    return weights


def _shown_levels(model: Model, decided: Lessons) -> list[tuple[str, int, int]]:
    """(comparison, level, number of levels) of those that decided pairs, all of one kind, show often enough."""
    found = []
    for name in ordered(decided.seen) if len(decided) else ():
        parameters = model.parts[int(decided.seen.kind[0])].comparing(name)
        if parameters is not None:
            counts = np.bincount(decided.seen.comparisons[name].level + 1, minlength=len(parameters.m) + 1)[1:]
            found += [(name, level, len(parameters.m)) for level in np.flatnonzero(counts >= SEEN).tolist()]
    return found


def _design(model: Model, lessons: Lessons, shown: list[tuple[str, int, int]], spread: float) -> Floats:
    """float64[n, 1 + levels]: the weight in bits, and a column of 0 or `spread` for each level."""
    columns = [np.where(lessons.seen.comparisons[name].level == level, spread, 0.0) for name, level, _ in shown]
    return np.column_stack([_weights(model, lessons), *columns])


def _shift(model: Model, lessons: Lessons, matches: float) -> float:
    """The bits by which the model has to be shifted to expect so many matches (bisection: what it expects grows with the shift)."""
    weight = _weights(model, lessons)
    low, high = -2 * CLEAR, 2 * CLEAR
    for _ in range(60):
        middle = (low + high) / 2
        expected = float(probability(weight + middle).sum())
        low, high = (middle, high) if expected < matches else (low, middle)
    return round((low + high) / 2, 4)
