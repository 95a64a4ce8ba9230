"""Which model is in force. The first resolve chooses: learned from the records where there are enough of them, else the shipped one.

The choice depends on the records alone, not on the batches they come in. A change of model or policy makes all records pending.
"""

from datetime import datetime

from sqlalchemy import Connection

from resolution import normalize
from resolution.model import Model, default_model
from resolution.score import learn
from resolution.settings import Settings
from resolution.store import models, records


def model_in_force(connection: Connection, settings: Settings, at: datetime) -> models.InForce:
    """The model in force, after it was chosen if there was none."""
    found = models.in_force(connection)
    if found is None:
        model, note = _first(connection, settings)
        return models.put_in_force(connection, model, settings.policy(), note, at)
    return found


def adopt_policy(connection: Connection, settings: Settings, at: datetime) -> None:
    """Where the settings draw other lines than those in force, put theirs in force."""
    found = models.in_force(connection)
    if found and dict(found.policy) != settings.policy():
        change_model(connection, found.model, settings, "the resolver's settings changed", at)


def change_model(connection: Connection, model: Model, settings: Settings, note: str, at: datetime) -> models.InForce:
    """Put another model in force; all records become pending."""
    changed = models.put_in_force(connection, model, settings.policy(), note, at)
    records.mark_all_pending(connection)
    return changed


def _first(connection: Connection, settings: Settings) -> tuple[Model, str]:
    count = models.count_records(connection)
    if count < settings.learn_from:
        return default_model(), f"the shipped model: {count} records are too few to learn from"
    sample = records.read(connection, models.sample_records(connection, settings.learn_sample))
    return learn(normalize.features(sample.live)), f"learned from {len(sample.live)} of {count} records"
