"""A file resolved as `crosswalk dedupe` would resolve it, and held against what is known to be true of its records."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolution import rules
from resolution.cluster import Links, Pairs, cluster
from resolution.confidence import pair_probabilities
from resolution.dedupe.grouping import Grouping, group
from resolution.evaluate.calibration import Calibration, calibrate
from resolution.evaluate.curve import STEPS, Curve, Point, Remembered, curve
from resolution.evaluate.mistakes import Mistake, World, sample
from resolution.evaluate.quality import Quality
from resolution.evaluate.truth import Truth
from resolution.normalize.features import Features, Index
from resolution.score import probability, score

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """quality: of the grouping at the threshold in force; curve, pairs and records (calibrations): None where there was nothing to make
    them of; seconds: what it took."""

    quality: Quality
    curve: Curve | None
    pairs: Calibration | None
    records: Calibration | None
    mistakes: tuple[Mistake, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "quality": self.quality.to_json(),
            "curve": _curve_json(self.curve),
            "calibration": {"pairs": _calibration_json(self.pairs), "records": _calibration_json(self.records)},
            "mistakes": [asdict(mistake) for mistake in self.mistakes],
            "seconds": round(self.seconds, 2),
        }


def evaluate(records: Features, truth: Truth, errors: int = 10) -> Evaluation:
    """Resolve the records and hold the result against the truth; errors: how many mistakes of each sort are explained, at most."""
    started = time.perf_counter()
    found = group(records)
    shared = rules.shared_by_too_many(records)
    world = World(records, found.model, shared, found.model.threshold(int(records.kind[0])) if len(records) else 0.0)
    wrong = (("joined", truth.joined_wrongly(found.label)), ("missed", truth.missed(found.label)))
    return Evaluation(
        truth.quality(found.label),
        _curve(world, found.label, truth) if len(records) else None,
        _of_pairs(records, found, truth),
        of_records(found.confidence, truth.standing(found.label)),
        tuple(mistake for sort, cases in wrong for mistake in sample(world, sort, cases, errors)),
        time.perf_counter() - started,
    )


def of_records(confidence: Floats, standing: Floats | None) -> Calibration | None:
    """The calibration of the confidence in each record of which it is known where it belongs."""
    if standing is None:
        return None
    known = ~np.isnan(standing)
    return calibrate(confidence[known], standing[known])


def _of_pairs(records: Features, found: Grouping, truth: Truth) -> Calibration | None:
    cases = truth.cases(found.left, found.right)
    if cases.place is not None:
        said = pair_probabilities(found.label, Pairs(found.left, found.right), found.weight)[cases.place]
    else:
        said = probability(score(records, cases.left, cases.right, found.model).weight)
    return calibrate(said, cases.match.astype(np.float64))


def _curve(world: World, label: Index, truth: Truth) -> Curve:
    """What other thresholds would have made of the pairs that are scored for the lowest of them."""
    records, lowest = world.features, world.threshold + min(STEPS)
    found = group(records, lowest)
    verdict = rules.decide(records, found.left, found.right, world.shared).verdict
    must, never = (Pairs(found.left[chosen], found.right[chosen]) for chosen in (verdict > 0, verdict < 0))
    links = Links(Pairs(found.left, found.right), found.weight, must, never)
    scorer = Remembered(lambda left, right: score(records, left, right, world.model).weight, len(records))

    def quality_at(threshold: float) -> Quality:
        return truth.quality(cluster(records.refs, links, scorer, threshold))

    return curve(Point(world.threshold, truth.quality(label)), quality_at)


def _curve_json(curve: Curve | None) -> dict[str, Any] | None:
    if curve is None:
        return None
    return {
        "points": [_point_json(point) for point in curve.points],
        "default": _point_json(curve.default),
        "best": _point_json(curve.best),
        "distance": round(curve.distance, 6),
    }


def _point_json(point: Point) -> dict[str, Any]:
    return {"threshold": point.threshold} | point.quality.to_json()


def _calibration_json(calibration: Calibration | None) -> dict[str, Any] | None:
    return None if calibration is None else asdict(calibration) | {"cases": calibration.cases}
