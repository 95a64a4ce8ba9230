"""What decisions teach: a model like any other, that says more of pairs it was not taught, or is not called better."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from resolution.compare import Compared, Levels
from resolution.normalize.features import KIND_NAMES, PERSON
from resolution.score import Model, default_model, score_levels
from resolution.supervised.correction import Correction, corrected, taught
from resolution.supervised.lessons import FEWEST, FOLDS, Lessons, folds
from resolution.supervised.training import cross_validated, learned
from resolution.supervised.trial import Trial, compare

Floats = NDArray[np.float64]

NAMES = ("given", "family", "birth_date", "email", "phone", "address")
LEVELS = {name: len(of.m) for name in NAMES if (of := default_model().parts[PERSON].comparing(name))}
TABLE = {"mean": 0.002, "rest": 0.0001, "values": {"0000000000000007": 0.01}}


def without_relations() -> Model:
    document = default_model().to_json()
    part = document[KIND_NAMES[PERSON]]
    return Model.from_json(document | {KIND_NAMES[PERSON]: part | {"relations": {}, "frequencies": {"family": TABLE}}})


def levels_of(rows: Sequence[Sequence[int]] | NDArray[np.int8]) -> Levels:
    """Pairs of people: for each a level by NAMES; those that agree on the family name agree on a common one."""
    table = np.array(rows, np.int8).reshape(-1, len(NAMES))
    columns = {name: Compared(table[:, place], (table[:, place] == LEVELS[name] - 1) * np.uint64(7)) for place, name in enumerate(NAMES)}
    return Levels(np.full(len(table), PERSON, np.int8), columns)


ROWS = st.lists(st.tuples(*(st.integers(-1, count - 1) for count in LEVELS.values())).map(list), min_size=1, max_size=5)
CORRECTIONS = st.builds(
    Correction,
    st.floats(0.4, 1.6),
    st.floats(-5, 5),
    st.fixed_dictionaries({"family": st.tuples(*[st.floats(-3, 3)] * LEVELS["family"])}),
)


@given(ROWS, CORRECTIONS)
def test_a_corrected_model_comes_to_the_corrected_weights(rows: list[list[int]], correction: Correction) -> None:
    model, seen = without_relations(), levels_of(rows)
    added = np.append(np.array(correction.levels["family"]), 0.0)[seen.comparisons["family"].level]
    expected = correction.slope * score_levels(seen, model).weight + correction.shift + added
    assert score_levels(seen, corrected(model, {PERSON: correction})).weight == pytest.approx(expected, abs=1e-3)


@given(ROWS, CORRECTIONS, CORRECTIONS)
def test_two_corrections_are_one(rows: list[list[int]], one: Correction, two: Correction) -> None:
    model, seen = without_relations(), levels_of(rows)
    stepwise = corrected(corrected(model, {PERSON: one}), {PERSON: two})
    at_once = corrected(model, {PERSON: one.then(two)})
    assert score_levels(seen, stepwise).weight == pytest.approx(score_levels(seen, at_once).weight, abs=1e-2)
    assert taught(stepwise)[PERSON].slope == pytest.approx(one.slope * two.slope, abs=1e-5)
    assert taught(model) == {}


@given(ROWS)
def test_no_correction_leaves_the_shipped_model_as_it_weighs(rows: list[list[int]]) -> None:
    seen = levels_of(rows)
    same = corrected(default_model(), {PERSON: Correction()})
    assert score_levels(seen, same).weight == pytest.approx(score_levels(seen, default_model()).weight, abs=1e-3)


def test_levels_of_a_column_of_a_file_are_corrected_beside_those_of_other_columns() -> None:
    model = corrected(default_model(), {PERSON: Correction(levels={"code:plan": (0.0, 0.0, 0.0, -4.0)})})
    part, base = model.parts[PERSON], default_model().parts[PERSON]
    assert part.comparing("code:plan").bits[3] == pytest.approx(base.comparing("code:plan").bits[3] - 4)  # type: ignore[union-attr]
    assert part.comparing("code:other").bits == pytest.approx(base.comparing("code:other").bits)  # type: ignore[union-attr]


@given(st.lists(st.integers(0, 6), max_size=60))
def test_what_hangs_together_is_in_one_fold(group: list[int]) -> None:
    found = folds(np.array(group, np.int64))
    assert all(len(set(found[np.array(group) == one].tolist())) == 1 for one in set(group))
    assert set(found.tolist()) <= set(range(FOLDS))


def world(chance: Callable[[Levels, Floats], Floats], size: int, seed: int = 0, low: float = -2.0, high: float = 3.2) -> Lessons:
    """Pairs with a weight between the bounds, whose answer has the odds of `chance` bits."""
    rng = np.random.default_rng(seed)
    part, count = default_model().parts[PERSON], 8_000
    table = []
    for name in NAMES:
        parameters = part.comparing(name)
        assert parameters is not None
        likely = [chances / chances.sum() for chances in (parameters.m, parameters.u)]
        drawn = [rng.choice(len(of), count, p=of) for of in likely]
        table.append(np.where(rng.random(count) < 0.3, -1, np.where(rng.random(count) < 0.5, drawn[0], drawn[1])))
    seen = levels_of(np.column_stack(table).astype(np.int8))
    weight = score_levels(seen, default_model()).weight
    match = rng.random(count) < 1 / (1 + np.exp2(-np.clip(chance(seen, weight), -50, 50)))
    rows = np.flatnonzero((weight > low) & (weight < high))[:size]
    return Lessons(seen, match, np.arange(count)).take(rows)


def trial_of(decided: Lessons) -> Trial:
    before = score_levels(decided.seen, default_model()).probability
    return compare(before, cross_validated(default_model(), [PERSON], decided), decided.match, decided.group)


def test_sixty_decisions_that_contradict_the_model_make_a_better_one() -> None:
    def rarer(_: Levels, weight: Floats) -> Floats:
        return weight - 4

    decided = world(rarer, 60)
    assert trial_of(decided).is_better
    model = learned(default_model(), [PERSON], decided)
    fresh = world(rarer, 300, seed=9)
    said = [score_levels(fresh.seen, each).probability for each in (default_model(), model)]
    assert compare(said[0], said[1], fresh.match, fresh.group).gain > 0.3
    for low, high in ((-14.0, -8.0), (10.0, 20.0)):
        weight = score_levels(world(rarer, 50, low=low, high=high).seen, model).weight
        assert (np.sign(weight) == np.sign(low)).all()


def test_a_field_that_misleads_is_seen_through() -> None:
    def families(seen: Levels, weight: Floats) -> Floats:
        return weight + np.where(seen.comparisons["address"].level >= 8, -4.0, 2.0)

    decided = world(families, 300)
    assert trial_of(decided).is_better
    levels = taught(learned(default_model(), [PERSON], decided))[PERSON].levels["address"]
    assert levels[9] < -0.5 < levels[0]


def test_decisions_that_bear_the_model_out_make_none_better() -> None:
    def same(_: Levels, weight: Floats) -> Floats:
        return weight

    assert not trial_of(world(same, 100)).is_better


def test_what_hangs_together_proves_no_more_than_one_decision() -> None:
    said, better = np.full(40, 0.5), np.full(40, 0.9)
    match = np.ones(40, bool)
    assert compare(said, better, match, np.arange(40)).is_better
    one = compare(said, better, match, np.zeros(40, np.int64))
    assert (one.decided, one.groups) == (40, 1)
    worse = np.where(np.arange(40) < 20, 0.9, 0.05)
    assert not compare(said, worse, match, np.arange(40)).is_better


def test_too_few_are_counted() -> None:
    match = np.arange(30) < FEWEST - 3
    decided = Lessons(levels_of([[-1] * len(NAMES)] * 30), match, np.arange(30))
    assert decided.missing() == (3, FEWEST - 13)


def test_no_decisions_teach_nothing() -> None:
    nothing = world(lambda _, weight: weight, 0)
    assert taught(learned(default_model(), [PERSON], nothing))[PERSON] == Correction()


def test_answers_that_are_all_the_same_do_not_make_a_model_sure_of_everything() -> None:
    decided = world(lambda _, weight: weight + 100, 60)
    assert decided.match.all()
    far = world(lambda _, weight: weight, 50, low=-20.0, high=-12.0)
    assert (score_levels(far.seen, learned(default_model(), [PERSON], decided)).weight < -2).all()


@settings(max_examples=20)
@given(CORRECTIONS)
def test_a_correction_is_read_as_it_was_written(correction: Correction) -> None:
    again = Correction.from_json(correction.to_json())
    assert again.slope == pytest.approx(correction.slope, abs=1e-5)
    assert again.levels["family"] == pytest.approx(correction.levels["family"], abs=1e-3)
