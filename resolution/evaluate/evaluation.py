"""A file resolved as `crosswalk dedupe` would resolve it, and held against what is known to be true of its records."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolution.cluster import MUST, Links, Pairs, cluster, nearest_of
from resolution.compare import Columns
from resolution.confidence import pair_probabilities
from resolution.dedupe.grouping import Grouping, group, without_shared
from resolution.dedupe.weighing import Weighing
from resolution.evaluate.calibration import Calibration, calibrate
from resolution.evaluate.curve import Curve, Point, Remembered, curve
from resolution.evaluate.mistakes import Mistake, World, sample
from resolution.evaluate.quality import Quality
from resolution.evaluate.truth import Cases, Truth
from resolution.normalize.features import ORGANIZATION, PERSON, Features, Index
from resolution.score import score

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
    world = World(without_shared(records), found.model, found.model.threshold(ORGANIZATION if _mostly_organizations(records) else PERSON))
    wrong = (("joined", truth.joined_wrongly(found.label)), ("missed", truth.missed(found.label)))
    return Evaluation(
        truth.quality(found.label),
        _curve(world, found, truth) if len(records) else None,
        _of_pairs(world, found, truth),
        of_records(found.confidence, truth.standing(found.label)),
        tuple(mistake for sort, cases in wrong for mistake in sample(world, sort, cases, errors)),
        time.perf_counter() - started,
    )


def _mostly_organizations(records: Features) -> bool:
    return bool((records.kind == ORGANIZATION).sum() * 2 > len(records))


def of_records(confidence: Floats, standing: Floats | None) -> Calibration | None:
    """The calibration of the confidence in each record of which it is known where it belongs."""
    if standing is None:
        return None
    known = ~np.isnan(standing)
    return calibrate(confidence[known], standing[known])


def _of_pairs(world: World, found: Grouping, truth: Truth) -> Calibration | None:
    """Of the pairs that were scored, or of the labelled ones, those among them that were not scored too."""
    cases = truth.cases(found.left, found.right)
    left, right, weight = found.left, found.right, found.weight
    if cases.place is None:
        left, right, weight = (np.concatenate(parts) for parts in zip((left, right, weight), _unscored(world, found, cases), strict=True))
    said = pair_probabilities(found.label, Pairs(left, right), weight)
    place = cases.place if cases.place is not None else _places(left, right, cases, len(found.label))
    return calibrate(said[place], cases.match.astype(np.float64))


def _unscored(world: World, found: Grouping, cases: Cases) -> tuple[Index, Index, Floats]:
    """The cases that are none of the scored pairs, with their weights."""
    records = len(found.label)
    new = ~np.isin(_keys(cases.left, cases.right, records), _keys(found.left, found.right, records))
    left, right = cases.left[new], cases.right[new]
    return left, right, score(world.features, left, right, world.model).weight


def _places(left: Index, right: Index, cases: Cases, records: int) -> Index:
    """Where each case is among the pairs."""
    keys = _keys(left, right, records)
    order = np.argsort(keys)
    found: Index = order[np.searchsorted(keys, _keys(cases.left, cases.right, records), sorter=order)]
    return found


def _keys(left: Index, right: Index, records: int) -> Index:
    found: Index = np.minimum(left, right) * records + np.maximum(left, right)
    return found


def _curve(world: World, found: Grouping, truth: Truth) -> Curve:
    """What other thresholds would have made of the scored pairs. What a rule says holds at each of them."""
    weighing = Weighing(Columns(world.features), world.model, None)
    scorer = Remembered(lambda left, right: weighing.of(left, right).margin, len(world.features))
    margin = scorer(found.left, found.right)

    def quality_at(threshold: float) -> Quality:
        def above(margin: Floats) -> Floats:
            return np.where(np.abs(margin) < MUST, margin - (threshold - world.threshold), margin)

        links = Links(Pairs(found.left, found.right), above(margin))
        label = cluster(world.features.refs, links, lambda left, right: above(scorer(left, right)), nearest=nearest_of(world.features.kind))
        return truth.quality(label)

    return curve(Point(world.threshold, truth.quality(found.label)), quality_at)


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
