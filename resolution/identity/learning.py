"""Which model is in force. The first resolve chooses: a part (people, organisations) is learned where there are records enough, else it
is the shipped one, its prior fitted to how many there are. The choice depends on the records of that moment, not on the batches they come
in; it is made again when they have outgrown it, and not when they get fewer. So two databases that hold equal records now may stand under
different models, and part them differently. What people's decisions taught a part stays with it when it is chosen again.

On the sandbox's four systems (seeds 7, 11, 23; some 2,500 people and 1,050 organisations each) learning raised the recall of people from
0.98 to 0.995 at a precision above 0.99; of organisations it raised recall by as much, but cost 0.01 of precision: hence the number.
A change of model or policy makes all records pending.
"""

from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from resolution import normalize
from resolution.normalize.features import KIND_NAMES, ORGANIZATION, PERSON
from resolution.score import learn
from resolution.score.model import Model, default_model
from resolution.score.population import Population, fits_population
from resolution.settings import Settings
from resolution.store import blocks, models, records
from resolution.supervised.correction import corrected, taught

#: The records are counted where there are no more than FEW, or where one in NO_SMALL_PART of them waits.
FEW, NO_SMALL_PART = 4_096, 64


def model_in_force(connection: Connection, settings: Settings, at: datetime) -> models.InForce:
    """The model in force, after it was chosen if there was none."""
    found = models.in_force(connection)
    if found is None:
        model, note = _first(connection, settings)
        return models.put_in_force(connection, model, settings.policy(), note, at)
    return found


def is_outgrown(connection: Connection, model: Model, waiting: int, estimate: int) -> bool:
    """Whether the records have outgrown the model. They are counted where there are few of them, by `estimate`, or the `waiting` ones are
    no small part of them, so that the cost of a change does not grow with the database."""
    if not waiting or estimate > max(FEW, waiting * NO_SMALL_PART) or not fits_population(model):
        return False
    return Population(models.count_kinds(connection)).has_outgrown(model)


def has_other_lines(found: models.InForce, settings: Settings) -> bool:
    """Whether the settings draw other lines than those in force."""
    return dict(found.policy) != settings.policy()


def choose_again(connection: Connection, found: models.InForce, settings: Settings, at: datetime) -> models.InForce:
    """The model in force, after it was chosen again for the records as they are, which have outgrown the former one."""
    model, note = _first(connection, settings)
    note += "; chosen again, since the records had outgrown the former one"
    return change_model(connection, corrected(model, taught(found.model)), settings, note, at)


def adopt_policy(connection: Connection, found: models.InForce, settings: Settings, at: datetime) -> models.InForce:
    """The model in force, after the settings' policy was put in force with it."""
    return change_model(connection, found.model, settings, "the resolver's settings changed", at)


def change_model(connection: Connection, model: Model, settings: Settings, note: str, at: datetime) -> models.InForce:
    """Put another model in force; all records become pending. Nothing is taken off the list before, see `records.hold_pending`."""
    former = models.in_force(connection)
    changed = models.put_in_force(connection, model, settings.policy(), note, at)
    if former and former.policy["identifier_limit"] != settings.identifier_limit:
        blocks.limit_shared(connection, settings.identifier_limit)  # no record's coming or going would tell of it
    records.mark_all_pending(connection)
    return changed


def _first(connection: Connection, settings: Settings) -> tuple[Model, str]:
    """The model that suits the records, and a note on where its parts come from."""
    population = Population(models.count_kinds(connection))
    if sum(population.records.values()) < settings.learn_from:
        return population.fit(default_model(), [PERSON, ORGANIZATION]), "the shipped model"
    sample = records.read(connection, models.sample_records(connection, settings.learn_sample))
    features = normalize.features(sample.live)
    counts = {kind: int((features.kind == kind).sum()) for kind in (PERSON, ORGANIZATION)}
    learned = [kind for kind, count in counts.items() if count >= settings.learn_from]
    model = learn(features.take(np.flatnonzero(np.isin(features.kind, learned)))) if learned else default_model()
    told = [f"{KIND_NAMES[kind]}: " + (f"learned from {counts[kind]} records" if kind in learned else "as shipped") for kind in counts]
    return population.fit(model, [kind for kind in counts if kind not in learned]), "; ".join(told)
