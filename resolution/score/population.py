"""The shipped model fitted to how many records there are, where they are too few to learn a model from.

Of n records each has about one other of the same party, so a random pair is a match with odds of 1 : n. Relatives are as many for each
record as well, however many records there are: so a relation's odds go with the prior, and what tells a match from them stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np

from resolution.normalize.features import KIND_NAMES, ORGANIZATION, PERSON, Features
from resolution.score.model import Model, default_model

#: With fewer records than this the prior rises no further.
FEWEST = 32


@dataclass(frozen=True, slots=True)
class Population:
    """How many records of each kind (PERSON, ORGANIZATION) there are."""

    records: Mapping[int, int]

    def fit(self, model: Model, kinds: list[int]) -> Model:
        """The model with the parts of these kinds fitted to the population, which is noted in them."""
        document = model.to_json()
        for kind in kinds:
            document[KIND_NAMES[kind]] = _fitted(document[KIND_NAMES[kind]], max(self.records.get(kind, 0), FEWEST))
        return Model.from_json(document)

    def has_outgrown(self, model: Model) -> bool:
        """Whether some part of the model was fitted to half of the population or less, and would now come out different."""
        return any(_outgrown(model.document[KIND_NAMES[kind]], count) for kind, count in self.records.items())


def shipped_for(features: Features) -> Model:
    """The shipped model fitted to these records; those of unknown kind count as people, as they are compared."""
    unknown, people, organizations = np.bincount(features.kind, minlength=3).tolist()
    return Population({PERSON: unknown + people, ORGANIZATION: organizations}).fit(default_model(), [PERSON, ORGANIZATION])


def fitted_to(model: Model, kind: int) -> int | None:
    """How many records the part of a kind was fitted to, where it was not learnt."""
    count: int | None = model.document[KIND_NAMES[kind]].get("population")
    return count


def fits_population(model: Model) -> bool:
    """Whether some part of the model would come out different for other numbers of records."""
    return any(model.document[KIND_NAMES[kind]].get("rise", 0) > 0 for kind in (PERSON, ORGANIZATION))


def _outgrown(part: Mapping[str, Any], count: int) -> bool:
    fitted = part.get("population")
    return fitted is not None and part["rise"] > 0 and count >= 2 * fitted


def _fitted(part: Mapping[str, Any], count: int) -> dict[str, Any]:
    rise = round(max(-log2(count) - part["prior"], 0.0), 4)
    relations = {name: {**relation, "odds": round(relation["odds"] + rise, 4)} for name, relation in part["relations"].items()}
    return {**part, "prior": round(part["prior"] + rise, 4), "relations": relations, "population": count, "rise": rise}
