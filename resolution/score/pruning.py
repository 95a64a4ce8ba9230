"""The pairs of a weight worth having, found without comparing all of every pair.

Field by field, a pair's weight is known better: it is at most the prior, the bits so far, and the most that the fields left could say.
A pair whose bound has sunk below the floor is dropped; what is kept, and what it weighs, is as if all had been compared.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.compare import Compared, Levels, Pairing
from resolution.normalize.features import ORGANIZATION, PERSON, Features, Index
from resolution.score.model import Comparing, Model, Part, frequency_tags
from resolution.score.weights import Scores, bits_of, score_levels

Floats = NDArray[np.float64]

#: What a comparison costs, against 1 for one whose values are short or mostly equal or unlike.
COST: Mapping[str, float] = {"address": 4.0, "name": 4.0, "email": 2.0, "middle": 2.0, "identifier": 2.0}
#: Names may stand the other way round, so each of these can speak where a record has any of them.
_NAMES = ("given", "family", "order")
#: Bounds are sums in another order than the weights are, which are rounded too.
_SLACK = 1e-5
#: Pairs are dropped when so many of them can be.
_WORTH = 0.1


def above(features: Features, left: Index, right: Index, model: Model, floor: float) -> tuple[Index, Levels, Scores]:
    """The pairs (left[i], right[i]) that weigh at least `floor` bits: (their places i, ascending, their levels, their scores).

    floor has to be above IMPOSSIBLE, the weight of a pair of different kinds.
    """
    return above_of(Pairing(features, left, right), model, floor)


def above_of(pairing: Pairing, model: Model, floor: float) -> tuple[Index, Levels, Scores]:
    """`above` for a pairing, whose columns are ready for more than these pairs."""
    places, found = [np.zeros(0, np.int64)], []
    for kind in (PERSON, ORGANIZATION):
        rows = np.flatnonzero(pairing.kind == kind)
        if len(rows):
            near, some = _within_reach(pairing.take(rows), model.parts[kind], floor)
            places.append(rows[near])
            found.append(some.levels())
    place = np.concatenate(places)
    seen = _together(found) if found else pairing.take(place).levels()
    scores = score_levels(seen, model)
    enough = np.flatnonzero(scores.weight >= floor)
    enough = enough[np.argsort(place[enough])]
    return place[enough], _of(seen, enough), scores.take(enough)


def _of(seen: Levels, rows: Index) -> Levels:
    return Levels(seen.kind[rows], {name: of.take(rows) for name, of in seen.comparisons.items()})


def _together(found: list[Levels]) -> Levels:
    if len(found) == 1:
        return found[0]
    comparisons = {
        name: Compared(
            np.concatenate([each.comparisons[name].level for each in found]),
            np.concatenate([each.comparisons[name].term for each in found]),
        )
        for name in found[0].comparisons
    }
    return Levels(np.concatenate([each.kind for each in found]), comparisons)


def _within_reach(pairing: Pairing, part: Part, floor: float) -> tuple[Index, Pairing]:
    """(places of the pairs whose weight may be at least floor, the pairing of these)."""
    parameters = {name: of for name in pairing.names if (of := part.comparing(name))}
    most = {name: _most(part, name, of) for name, of in parameters.items()}
    drop = {name: (most[name] - float(of.u @ of.bits)) / COST.get(name, 1.0) for name, of in parameters.items()}  # of a random pair
    order = sorted(drop, key=lambda name: -drop[name])
    pattern, speaks = _speaking(pairing, order)
    bound = (part.prior + speaks @ np.array([most[name] for name in order]))[pattern]
    place = np.arange(len(bound))
    for column, name in enumerate(order):
        going = bound >= floor - _SLACK
        if np.count_nonzero(going) < (1 - _WORTH) * len(going):
            rows = np.flatnonzero(going)
            pairing, place, bound, pattern = pairing.take(rows), place[rows], bound[rows], pattern[rows]
        base, rarity = bits_of(part, name, parameters[name], pairing.compared(name))
        bound += base + rarity - most[name] * speaks[:, column][pattern]
    rows = np.flatnonzero(bound >= floor - _SLACK)
    return place[rows], pairing.take(rows)


def _most(part: Part, name: str, parameters: Comparing) -> float:
    """The most that a comparison can add; at least 0, which is what it adds where a value is missing."""
    tags = frequency_tags(name)
    rarest = [part.frequencies[tags[level]].most if tags.get(level) in part.frequencies else 0.0 for level in range(len(parameters.m))]
    return max(0.0, float((parameters.bits + np.array(rarest)).max()))


def _speaking(pairing: Pairing, names: list[str]) -> tuple[Index, NDArray[np.float64]]:
    """(pattern of each pair, by pattern and comparison 1.0 where both records have something to compare)."""
    features = pairing.features
    has = {name: np.diff(column.offsets) > 0 for name, column in features.columns.items()}
    none = np.zeros(len(features), bool)
    named = has.get("given", none) | has.get("family", none)
    mask = np.zeros(len(features), np.uint64)
    for bit, name in enumerate(names[:64]):
        of_name = named if name in _NAMES else has[name] if name in has and name != "branch" else ~none
        mask |= of_name.astype(np.uint64) << np.uint64(bit)
    encoded = pc.dictionary_encode(pa.array(mask[pairing.left] & mask[pairing.right]))
    distinct = encoded.dictionary.to_numpy().astype(np.uint64)
    speaks = np.ones((len(distinct), len(names)))
    for bit in range(len(names[:64])):
        speaks[:, bit] = distinct >> np.uint64(bit) & np.uint64(1)
    return encoded.indices.to_numpy().astype(np.int64), speaks
