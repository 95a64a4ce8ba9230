"""Where the lines, points and ticks of the page's plots lie, in the units of their own drawings. The page draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor

from resolution.evaluate.calibration import Calibration
from resolution.evaluate.curve import Curve

#: The lowest part of a scale from 0 to 1 is left out down to one of these, where nothing lies there.
_STEP = 0.1
#: Labels of lines keep this distance from each other.
_APART = 15.0


@dataclass(frozen=True, slots=True)
class Tick:
    """at: its place on its axis; text: what stands beside it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """points: as SVG wants them; end: where its label is to stand, so that labels keep apart."""

    name: str
    points: str
    end: float


@dataclass(frozen=True, slots=True)
class CurvePlot:
    """x ticks are thresholds, y ticks fractions; default and best: x and y of the two on the line of F1."""

    width: float
    height: float
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    lines: tuple[Line, ...]
    default: tuple[float, float]
    best: tuple[float, float]


@dataclass(frozen=True, slots=True)
class CalibrationPlot:
    """A square of `side`; dots: (said, was) of each bin; both axes have the same ticks."""

    side: float
    ticks: tuple[Tick, ...]
    dots: tuple[tuple[float, float], ...]
    points: str


def of_curve(curve: Curve, width: float = 640.0, height: float = 260.0) -> CurvePlot:
    figures = {
        "precision": [point.quality.precision for point in curve.points],
        "recall": [point.quality.recall for point in curve.points],
        "F1": [point.quality.f1 for point in curve.points],
    }
    low = _low([value for values in figures.values() for value in values])
    first, last = curve.points[0].threshold, curve.points[-1].threshold

    def across(threshold: float) -> float:
        return round((threshold - first) / (last - first) * width, 1)

    def up(value: float) -> float:
        return round((1 - (value - low) / (1 - low)) * height, 1)

    places = [across(point.threshold) for point in curve.points]
    ends = _kept_apart([up(values[-1]) for values in figures.values()], height)
    lines = (
        Line(name, _joined(places, [up(value) for value in values]), end) for (name, values), end in zip(figures.items(), ends, strict=True)
    )
    marked = [(across(point.threshold), up(point.quality.f1)) for point in (curve.default, curve.best)]
    steps = [point.threshold for point in curve.points if point.threshold % 2 == 0]
    return CurvePlot(
        width,
        height,
        tuple(Tick(across(step), f"{step:+.0f}".replace("-", "−") if step else "0") for step in steps),
        _scale(low, height),
        tuple(lines),
        marked[0],
        marked[1],
    )


def of_calibration(calibration: Calibration, side: float = 240.0) -> CalibrationPlot:
    low = _low([value for each in calibration.bins for value in (each.said, each.was)])

    def along(value: float) -> float:
        return round((value - low) / (1 - low) * side, 1)

    dots = tuple((along(each.said), round(side - along(each.was), 1)) for each in calibration.bins)
    return CalibrationPlot(side, _scale(low, side), dots, _joined([x for x, _ in dots], [y for _, y in dots]))


def _low(values: Sequence[float]) -> float:
    """Where a scale that ends at 1 may begin."""
    return min(floor(min(values) / _STEP) * _STEP, 1 - 2 * _STEP)


def _scale(low: float, length: float) -> tuple[Tick, ...]:
    """Ticks of a vertical scale from `low`, at its foot, to 1."""
    count = round((1 - low) / _STEP)
    every = 2 if count > 5 else 1
    values = [1 - number * _STEP for number in range(0, count + 1, every)]
    return tuple(Tick(round((1 - value) / (1 - low) * length, 1), f"{abs(value):.1f}") for value in values)


def _joined(across: Sequence[float], up: Sequence[float]) -> str:
    return " ".join(f"{x},{y}" for x, y in zip(across, up, strict=True))


def _kept_apart(places: Sequence[float], length: float) -> list[float]:
    """The places, in their order, moved until each two keep apart and all lie within the length."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + _APART)
    moved[order[-1]] = min(moved[order[-1]], length)
    for above, below in reversed(list(pairwise(order))):
        moved[above] = min(moved[above], moved[below] - _APART)
    return moved
