"""The pairs that stewards decided, weighed by the model in force as if nobody had decided them; and the pairs of recent traffic.

What a steward says of a pair holds whatever the model weighs: so a model is never better for knowing the answers, but only for what it
would have said.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from resolution.cluster import components
from resolution.compare import Levels
from resolution.evaluate import mistakes
from resolution.evaluate.calibration import calibrate
from resolution.evaluate.curve import Point, curve
from resolution.evaluate.evaluation import Evaluation
from resolution.evaluate.quality import Quality, of_pairs
from resolution.evaluate.truth import Cases
from resolution.identity.grouping import World
from resolution.identity.turn import Terms, Turn
from resolution.normalize.features import ORGANIZATION, PERSON, UNKNOWN, Index
from resolution.score import probability
from resolution.store import candidates
from resolution.supervised.lessons import Lessons

#: Decisions that are read, the latest; pairs of one decision; records of recent traffic, and their pairs.
DECISIONS, OF_ONE, RECENT, RECENT_PAIRS = 5_000, 5, 1_000, 20_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decided:
    """left, right: int64[p], rows of the world's records; judgement: int64[p], ids; weight: float64[p] by the model in force."""

    world: World
    left: Index
    right: Index
    judgement: Index
    lessons: Lessons
    weight: Floats


@dataclass(frozen=True, slots=True)
class Traffic:
    """Pairs of the records that something happened to last: what they look like, and their weights by the model in force."""

    seen: Levels
    weight: Floats


def read_decided(connection: Connection, terms: Terms) -> Decided:
    """The decided pairs of people or of organisations; a person and an organisation are never compared."""
    pairs = candidates.decided_pairs(connection, OF_ONE, DECISIONS)
    world, left, right = _world(connection, terms, [(pair.left_id, pair.right_id) for pair in pairs])
    weighed = world.weigh(left, right)
    match = np.array([pair.match for pair in pairs], bool)
    lessons = Lessons(weighed.levels, match, _hanging_together(len(world), left, right, [pair.decision_id for pair in pairs]))
    judgement = np.array([pair.id for pair in pairs], np.int64)
    rows = np.flatnonzero(weighed.levels.kind != UNKNOWN)
    return Decided(world, left[rows], right[rows], judgement[rows], lessons.take(rows), weighed.weight[rows])


def read_traffic(connection: Connection, terms: Terms) -> Traffic:
    world, left, right = _world(connection, terms, candidates.recent_pairs(connection, RECENT, RECENT_PAIRS))
    weighed = world.weigh(left, right)
    return Traffic(weighed.levels, weighed.weight)


def evaluate(connection: Connection, terms: Terms, errors: int) -> Evaluation:
    """How well the model in force would have decided the pairs that stewards did; errors: mistakes of each sort that are explained, at
    most. A curve and calibration of pairs alone: whom a steward was not asked about, nobody knows."""
    started = time.perf_counter()
    decided = read_decided(connection, terms)
    lessons, kind = decided.lessons, decided.lessons.seen.kind
    threshold = terms.model.threshold(ORGANIZATION if (kind == ORGANIZATION).sum() * 2 > len(kind) else PERSON)

    def quality_at(bits: float) -> Quality:
        return of_pairs(decided.weight >= bits, lessons.match, len(decided.world))

    default = Point(threshold, quality_at(threshold))
    world = mistakes.World(decided.world.material.features, terms.model, threshold)
    cases = Cases(decided.left, decided.right, lessons.match)
    joined = decided.weight >= threshold
    wrong = (("joined", cases.take(joined & ~lessons.match)), ("missed", cases.take(~joined & lessons.match)))
    return Evaluation(
        default.quality,
        curve(default, quality_at) if len(lessons) else None,
        calibrate(probability(decided.weight), lessons.match.astype(np.float64)),
        None,
        tuple(mistake for sort, found in wrong for mistake in mistakes.sample(world, sort, found, errors)),
        time.perf_counter() - started,
    )


def _world(connection: Connection, terms: Terms, pairs: Sequence[tuple[int, int]]) -> tuple[World, Index, Index]:
    """The records of the pairs, of which nobody has said anything, and the pairs' rows."""
    turn = Turn(connection, terms)
    turn.read({record_id for pair in pairs for record_id in pair})
    ids = turn.live(record_id for pair in pairs for record_id in pair)
    row = {record_id: place for place, record_id in enumerate(ids)}
    rows = np.array([(row[left], row[right]) for left, right in pairs], np.int64).reshape(-1, 2)
    return turn.world(ids, {}), rows[:, 0], rows[:, 1]


def _hanging_together(records: int, left: Index, right: Index, decisions: Sequence[str]) -> Index:
    """int64[p], equal for pairs that a record or a decision connects."""
    _, decision = np.unique(np.array(decisions, np.str_), return_inverse=True)
    nodes = records + decision.astype(np.int64)
    label = components(records + len(decisions), np.concatenate((left, left)), np.concatenate((right, nodes)))
    found: Index = label[left]
    return found
