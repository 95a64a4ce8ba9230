"""Quality by threshold: the same scored pairs, grouped again at each of some thresholds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.evaluate.quality import Quality
from resolution.normalize.features import Index

Floats = NDArray[np.float64]
Scorer = Callable[[Index, Index], Floats]

#: Bits above (or below) the threshold in force.
STEPS = (-6.0, -5.0, -4.0, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)


@dataclass(frozen=True, slots=True)
class Point:
    """threshold: bits from which records are joined."""

    threshold: float
    quality: Quality


@dataclass(frozen=True, slots=True)
class Curve:
    """points: by threshold, ascending; default: the one in force."""

    points: tuple[Point, ...]
    default: Point

    @property
    def best(self) -> Point:
        """The point of the highest F1; of several the one nearest to the default."""
        near = sorted((*self.points, self.default), key=lambda point: abs(point.threshold - self.default.threshold))
        return max(near, key=lambda point: point.quality.f1)

    @property
    def distance(self) -> float:
        """How much of F1 the default gives away."""
        return self.best.quality.f1 - self.default.quality.f1


def curve(default: Point, quality_at: Callable[[float], Quality], steps: Sequence[float] = STEPS) -> Curve:
    """The curve around a default; quality_at: threshold -> quality, asked for each step but the default's."""
    points = [
        default if not step else Point(default.threshold + step, quality_at(default.threshold + step)) for step in sorted({*steps, 0.0})
    ]
    return Curve(tuple(points), default)


class Remembered:
    """A scorer that scores no pair twice, for groupings of the same records at several thresholds."""

    def __init__(self, scorer: Scorer, records: int) -> None:
        self._scorer, self._records = scorer, records
        self._key, self._weight = np.zeros(0, np.int64), np.zeros(0)

    def __call__(self, left: Index, right: Index) -> Floats:
        key = np.minimum(left, right) * self._records + np.maximum(left, right)
        place = np.searchsorted(self._key, key)
        new = np.ones(len(key), bool)
        if len(self._key):
            new = self._key[np.minimum(place, len(self._key) - 1)] != key
        if new.any():
            _, first = np.unique(key[new], return_index=True)
            added = np.flatnonzero(new)[first]
            weight = self._scorer(left[added], right[added])
            order = np.argsort(np.concatenate((self._key, key[added])), kind="stable")
            self._key = np.concatenate((self._key, key[added]))[order]
            self._weight = np.concatenate((self._weight, weight))[order]
            place = np.searchsorted(self._key, key)
        found: Floats = self._weight[place]
        return found
