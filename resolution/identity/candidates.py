"""A model taught by the stewards' decisions: trained, run in shadow, and put in force only where it is better.

A candidate is a row beside the model in force, and weighs nothing that counts until it is promoted. Its figures are always of decisions
that it was not taught: those before its training by cross-validation, those after it by itself. It is better if it says more of them, in
bits a decision, and the 95% interval of the gain lies above zero. The lines between joined, asked and apart are probabilities, and stay
where they are: it is the probabilities that are put right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from resolution.errors import ModelNotBetterError, ModelNotFoundError, NothingResolvedError, TooFewDecisionsError
from resolution.identity.decided import Decided, Traffic, read_decided, read_traffic
from resolution.identity.learning import change_model
from resolution.identity.turn import Terms
from resolution.normalize.features import KIND_CODES, KIND_NAMES
from resolution.score import probability, score_levels
from resolution.score.model import Model
from resolution.settings import Settings
from resolution.store import candidates, identity, models
from resolution.store.candidates import Kept
from resolution.supervised.training import cross_validated, learned
from resolution.supervised.trial import Trial, compare
from sql import audit
from sql.database import Database

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figures:
    """How a candidate does. trial: on decided pairs; traffic: of recent pairs how many there are, are joined and are asked about, by the
    model in force and by the candidate, and how many change sides."""

    trial: Trial
    traffic: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        return {"trial": self.trial.to_json(), "traffic": dict(self.traffic)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """version: of the candidate; taught: decided pairs of each kind that it was taught."""

    version: str
    taught: Mapping[str, int]
    figures: Figures


def train(database: Database, actor: str) -> Candidate:
    """Train a candidate on what stewards have decided until now. Raises NothingResolvedError, TooFewDecisionsError."""
    with database.begin() as connection:
        terms = _terms(connection, actor)
        decided, traffic = read_decided(connection, terms), read_traffic(connection, terms)
        kinds = _teachable(decided)
        model = learned(terms.model, kinds, decided.lessons)
        taught = {KIND_NAMES[kind]: len(decided.lessons.of_kind(kind)) for kind in kinds}
        training = {"base": terms.in_force.version, "until": int(decided.judgement.max()), "taught": taught}
        figures = _figures(terms, _Shadow(model, terms.model, training), decided, traffic)
        version = candidates.save(connection, model, terms.in_force.policy, training | figures.to_json(), terms.at)
        audit.append(connection, audit.Entry(actor, "model.train", version, {"taught": taught, "trial": figures.trial.to_json()}))
        return Candidate(version, taught, figures)


def shadow(database: Database, version: str, actor: str) -> Candidate:
    """The candidate's figures on what was decided and resolved until now. Raises NothingResolvedError, ModelNotFoundError."""
    with database.begin() as connection:
        terms = _terms(connection, actor)
        kept = _kept(connection, version)
        figures = _figures_now(connection, terms, kept)
        candidates.restate(connection, version, {**kept.training, **figures.to_json()})
        return Candidate(version, kept.training["taught"], figures)


def promote(database: Database, version: str, settings: Settings, actor: str, reason: str) -> str:
    """Put a candidate in force, or a former model again; all records become pending. Returns the version in force now.

    Raises ModelNotFoundError, and ModelNotBetterError for a candidate that is not better now.
    """
    with database.begin() as connection:
        at = identity.begin(connection).at
        terms = _terms(connection, actor)
        kept = _kept(connection, version)
        detail: dict[str, Any] = {"former": terms.in_force.version, "reason": reason}
        if kept.status == "shadow":
            trial = _figures_now(connection, terms, kept).trial
            detail["trial"] = trial.to_json()
            if not trial.is_better:
                raise ModelNotBetterError(told(trial))
        note = f"{kept.note}; promoted by {actor}" + (f": {reason}" if reason else "")
        now = change_model(connection, candidates.model_of(connection, version), settings, note, at)
        if now.version != version:
            candidates.retire(connection, version)
        audit.append(connection, audit.Entry(actor, "model.promote", now.version, detail))
        return now.version


def told(trial: Trial) -> str:
    """The trial in a sentence."""
    return (
        f"On {trial.decided} decided pairs the candidate is off by {trial.candidate:.3f} bits a decision and the model in force by "
        f"{trial.in_force:.3f}: a gain of {trial.gain:+.3f}, between {trial.lower:+.3f} and {trial.upper:+.3f} in 95 of 100 cases."
    )


@dataclass(frozen=True, slots=True)
class _Shadow:
    """A candidate, the model that it was trained from, and what is kept of its training."""

    model: Model
    base: Model
    training: Mapping[str, Any]


def _terms(connection: Connection, actor: str) -> Terms:
    found = models.in_force(connection)
    if found is None:
        raise NothingResolvedError
    return Terms(found, actor, "", datetime.now(UTC))


def _kept(connection: Connection, version: str) -> Kept:
    found = candidates.read(connection, version)
    if found is None or found.status == "in_force":
        raise ModelNotFoundError(f"Asked for: {version}.")
    return found


def _teachable(decided: Decided) -> list[int]:
    """The kinds of which there are decisions enough."""
    short = {KIND_NAMES[kind]: decided.lessons.of_kind(kind).missing() for kind in decided.world.model.parts}
    if not len(decided.lessons) or all(any(missing) for missing in short.values()):
        wanted = [f"of {name}s {matches} more matches and {others} more that are none" for name, (matches, others) in short.items()]
        raise TooFewDecisionsError(f"Missing: {'; '.join(wanted)}.")
    return [KIND_CODES[name] for name, missing in short.items() if not any(missing)]


def _figures_now(connection: Connection, terms: Terms, kept: Kept) -> Figures:
    if not kept.training:
        raise ModelNotFoundError(f"{kept.version} is no candidate.")
    base = candidates.model_of(connection, kept.training["base"])
    shadow = _Shadow(candidates.model_of(connection, kept.version), base, kept.training)
    return _figures(terms, shadow, read_decided(connection, terms), read_traffic(connection, terms))


def _figures(terms: Terms, shadow: _Shadow, decided: Decided, traffic: Traffic) -> Figures:
    """On decisions that the candidate was not taught, and on recent traffic."""
    lessons = decided.lessons
    before = np.flatnonzero(decided.judgement <= shadow.training["until"])
    said = score_levels(lessons.seen, shadow.model).probability
    kinds = [KIND_CODES[name] for name in shadow.training["taught"]]
    said[before] = cross_validated(shadow.base, kinds, lessons.take(before))
    trial = compare(probability(decided.weight), said, lessons.match, lessons.group)
    return Figures(trial, _traffic(terms, shadow.model, traffic))


def _traffic(terms: Terms, model: Model, traffic: Traffic) -> dict[str, int]:
    bounds, kind = terms.bounds, traffic.seen.kind
    weight = score_levels(traffic.seen, model).weight
    chances = [probability(each) for each in (traffic.weight, weight)]
    joined = [each >= of.thresholds[kind] for of, each in ((terms.model, traffic.weight), (model, weight))]
    asked = [int(((chance >= bounds.lower) & (chance < bounds.upper)).sum()) for chance in chances]
    return {
        "pairs": len(traffic.weight),
        "joined_in_force": int(joined[0].sum()),
        "joined_candidate": int(joined[1].sum()),
        "change_sides": int((joined[0] != joined[1]).sum()),
        "asked_in_force": asked[0],
        "asked_candidate": asked[1],
    }
