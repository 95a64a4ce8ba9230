"""What decisions teach, as a change of a model: weight' = slope * weight + shift + what each level adds, all in bits.

A corrected model is a model like any other: its m, u, odds and frequencies are such that the kernel comes to these weights. u stays what
it was, the chance among random pairs; m is what makes the bits, and no longer a chance of its own. Where a pair is torn between relatives
and a match the sum bends, so that the form holds there only nearly; training makes up for it by the shift.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from resolution.normalize.features import KIND_NAMES
from resolution.score.model import Model

#: The key of a part's document under which it says what it was taught.
LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class Correction:
    """slope: how far the weights are to be trusted, 1 as they are; shift: bits for every pair; levels: comparison -> bits by level."""

    slope: float = 1.0
    shift: float = 0.0
    levels: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def then(self, later: "Correction") -> "Correction":
        """This correction and a later one of what came of it, in one."""
        names = sorted({*self.levels, *later.levels})
        levels = {name: _sum(_times(self.levels.get(name, ()), later.slope), later.levels.get(name, ())) for name in names}
        return Correction(self.slope * later.slope, self.shift * later.slope + later.shift, levels)

    def to_json(self) -> dict[str, Any]:
        levels = {name: [round(bits, 4) for bits in values] for name, values in self.levels.items()}
        return {"slope": round(self.slope, 6), "shift": round(self.shift, 4), "levels": levels}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Correction":
        return Correction(document["slope"], document["shift"], {name: tuple(bits) for name, bits in document["levels"].items()})


def corrected(model: Model, corrections: Mapping[int, Correction]) -> Model:
    """The model with the parts of some kinds corrected; what a part was taught is noted in it."""
    document = model.to_json()
    for kind, correction in corrections.items():
        part = document[KIND_NAMES[kind]]
        former = Correction.from_json(part[LEARNED]) if LEARNED in part else Correction()
        document[KIND_NAMES[kind]] = {**_corrected(part, correction), LEARNED: former.then(correction).to_json()}
    return Model.from_json(document)


def taught(model: Model) -> dict[int, Correction]:
    """What the parts of a model were taught, by kind."""
    parts = {kind: model.document[KIND_NAMES[kind]] for kind in model.parts}
    return {kind: Correction.from_json(part[LEARNED]) for kind, part in parts.items() if LEARNED in part}


def _corrected(part: Mapping[str, Any], correction: Correction) -> dict[str, Any]:
    slope = correction.slope
    comparisons = {name: part["comparisons"][f"{name.partition(':')[0]}:*"] for name in correction.levels if ":" in name}
    comparisons |= part["comparisons"]
    relations = {
        name: {**of, "odds": round(of["odds"] * slope, 4)} | ({"own": _own(of["own"], comparisons, slope)} if "own" in of else {})
        for name, of in part["relations"].items()
    }
    return {
        **part,
        "prior": round(part["prior"] * slope + correction.shift, 4),
        "comparisons": {name: _comparing(of, slope, correction.levels.get(name, ())) for name, of in comparisons.items()},
        "relations": relations,
        "frequencies": {tag: _flattened(of, slope) for tag, of in part.get("frequencies", {}).items()},
    }


def _comparing(document: Mapping[str, Any], slope: float, added: tuple[float, ...]) -> dict[str, Any]:
    m, u = np.array(document["m"]), np.array(document["u"])
    bits = slope * np.log2(m / u) + np.array(_sum(added, (0.0,) * len(m)))
    return {**document, "m": [_digits(value) for value in u * np.exp2(bits)]}


def _own(own: Mapping[str, list[float]], comparisons: Mapping[str, Any], slope: float) -> dict[str, list[float]]:
    found = {}
    for name, chances in own.items():
        u = np.array(comparisons[name]["u"])
        found[name] = [_digits(value) for value in u * (np.array(chances) / u) ** slope]
    return found


def _flattened(document: Mapping[str, Any], slope: float) -> dict[str, Any]:
    """A table of frequencies whose bits are `slope` times what they were."""
    values = {key: _digits(share**slope) for key, share in document["values"].items()}
    return {"mean": _digits(document["mean"] ** slope), "rest": _digits(document["rest"] ** slope), "values": values}


def _times(bits: tuple[float, ...], slope: float) -> tuple[float, ...]:
    return tuple(value * slope for value in bits)


def _sum(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    longest = max(len(one), len(other))
    pad = [(*bits, *(0.0,) * (longest - len(bits))) for bits in (one, other)]
    return tuple(a + b for a, b in zip(*pad, strict=True))


def _digits(value: float) -> float:
    return float(f"{max(value, 1e-300):.9g}")
