"""The correction that decided pairs teach: logistic regression, by recordlinkage's classifier, on the weight in force and the levels.

Decisions are few and come from the grey zone, where the queue of reviews leads. So three things keep what they teach from running wild. The
weight in force is a column of its own, and the levels only add to it, the less the fewer there are: how much is chosen by cross-validation.
Pairs that were clear and that nobody contradicted are taught along, so that what is clear stays clear. And pairs that hang together, by a
record that both have, are never on both sides of a validation.

Of recordlinkage's classifiers this is the one to use: a pair gets into the grey zone for what its fields say, and the chance of a match
given the fields, which a logistic regression learns, is left as it is by such a choice. Naive Bayes learns the chance of the fields given a
match, which the choice distorts; a support vector machine says which side, and not how surely.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolution.score import ordered, score_levels
from resolution.score.model import Model
from resolution.supervised.correction import Correction, corrected
from resolution.supervised.lessons import Lessons, held_out, log_loss

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: How far a level may add to the weight, as the standard deviation in nats of what is expected of it; none at all is the first.
SPREADS = (0.0, 0.25, 0.5, 1.0)
#: A level that fewer decided pairs show adds nothing.
SEEN = 3
#: Weights past this say nothing more, in bits.
CLEAR = 30.0
#: The weights in force are trusted at least, and at most, by this.
SLOPES = (0.25, 2.0)
#: The column of the weight is so large that its coefficient is as good as free.
_FREE = 10.0


def learned(model: Model, kinds: Iterable[int], decided: Lessons, clear: Lessons) -> Model:
    """The model with what decided pairs of these kinds teach; clear: pairs of which the model is sure, and right."""
    return corrected(model, {kind: teach(model, kind, decided.of_kind(kind), clear.of_kind(kind)) for kind in kinds})


def cross_validated(model: Model, kinds: Iterable[int], decided: Lessons, clear: Lessons) -> Floats:
    """What models so learned say of each decided pair, float64[n]: always one that was not taught it, nor what hangs together with it."""
    return held_out(decided, lambda others, asked: score_levels(asked.seen, learned(model, kinds, others, clear)).probability)


def teach(model: Model, kind: int, decided: Lessons, clear: Lessons) -> Correction:
    """The correction of the model's part of a kind that pairs of this kind teach; none where all of them have one answer."""
    if decided.match.all() or not decided.match.any():
        return Correction()
    spread = _best_spread(model, decided, clear)
    taught = _fitted(model, decided, clear, spread)
    linear = Correction(float(np.clip(taught.slope, *SLOPES)), 0.0, taught.levels)
    return Correction(linear.slope, _shift(corrected(model, {kind: linear}), decided, clear), linear.levels)


def _best_spread(model: Model, decided: Lessons, clear: Lessons) -> float:
    """The spread that says most of pairs it was not taught; of equal ones the smallest."""

    def loss(spread: float) -> float:
        def learner(others: Lessons, asked: Lessons) -> Floats:
            if others.match.all() or not others.match.any():
                return np.full(len(asked), others.match.mean())
            return _fitted(model, others, clear, spread).said(model, asked)

        return float(log_loss(held_out(decided, learner), decided.match).mean())

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
        chance: Floats = 1.0 / (1.0 + np.exp2(-weight))
        return chance


def _fitted(model: Model, decided: Lessons, clear: Lessons, spread: float) -> _Taught:
    shown = _shown_levels(model, decided) if spread else []
    columns = np.vstack([_design(model, lessons, shown, spread) for lessons in (decided, clear)])
    classifier = _classifier(columns, np.concatenate((decided.match, clear.match)))
    coefficients = np.asarray(classifier.coefficients) / np.log(2)
    levels: dict[str, list[float]] = {}
    for (name, level, count), bits in zip(shown, (coefficients[1:] * spread).tolist(), strict=True):
        levels.setdefault(name, [0.0] * count)[level] = bits
    slope = float(coefficients[0]) * _FREE * np.log(2)
    return _Taught(slope, float(classifier.intercept) / np.log(2), {name: tuple(bits) for name, bits in levels.items()})


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
    """(comparison, level, number of levels) of those that decided pairs show often enough."""
    found = []
    part = model.parts[int(decided.seen.kind[0])]
    for name in ordered(decided.seen):
        parameters = part.comparing(name)
        if parameters is not None:
            counts = np.bincount(decided.seen.comparisons[name].level + 1, minlength=len(parameters.m) + 1)[1:]
            found += [(name, level, len(parameters.m)) for level in np.flatnonzero(counts >= SEEN).tolist()]
    return found


def _design(model: Model, lessons: Lessons, shown: list[tuple[str, int, int]], spread: float) -> Floats:
    """float64[n, 1 + levels]: the weight in nats, made large, and a column of 0 or `spread` for each level."""
    weight = _weights(model, lessons) * np.log(2) * _FREE
    level = {name: lessons.seen.comparisons[name].level if name in lessons.seen.comparisons else None for name, _, _ in shown}
    columns = [np.where(level[name] == at, spread, 0.0) if level[name] is not None else np.zeros(len(lessons)) for name, at, _ in shown]
    return np.column_stack([weight, *columns])


def _shift(model: Model, decided: Lessons, clear: Lessons) -> float:
    """The bits by which the model has to be shifted to expect as many matches as there are (bisection: the count grows with the shift)."""
    weight = np.concatenate([_weights(model, decided), _weights(model, clear)])
    matches = float(np.concatenate((decided.match, clear.match)).sum())
    low, high = -2 * CLEAR, 2 * CLEAR
    for _ in range(60):
        middle = (low + high) / 2
        expected = float((1.0 / (1.0 + np.exp2(-np.clip(weight + middle, -200, 200)))).sum())
        low, high = (middle, high) if expected < matches else (low, middle)
    return round((low + high) / 2, 4)
