"""Confidence is the probability of one event that is written down, and takes notice of records with too little in them to be found by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.cluster import Pairs
from resolution.confidence import confidences, pair_probabilities, truly_alone
from resolution.normalize import features
from resolution.normalize.features import Features
from resolution.records import PartyRecord
from resolution.score import default_model


def people(*attributes: dict[str, object]) -> Features:
    return features(
        PartyRecord(row, f"crm/x/{row:05}", "crm", "person", {name: [value] for name, value in each.items()})
        for row, each in enumerate(attributes)
    )


def pairs(*said: tuple[int, int]) -> Pairs:
    return Pairs(np.array([one for one, _ in said], np.int64), np.array([two for _, two in said], np.int64))


def confidence(label: list[int], said: dict[tuple[int, int], float]) -> list[float]:
    records = people(*[{"name": "Bob Smith"}] * len(label))
    found = confidences(records, default_model(), np.array(label, np.int64), pairs(*said), np.array(list(said.values()), np.float64))
    return [round(each, 3) for each in found.tolist()]


def test_a_record_is_as_sure_as_it_is_near_to_its_group() -> None:
    assert confidence([0, 0, 0], {(0, 1): 6.0, (0, 2): 6.0, (1, 2): -4.0}) == [0.985, 0.919, 0.919]


def test_a_pair_is_as_sure_as_its_records_are_near_to_their_group_and_as_their_groups_are_to_each_other() -> None:
    said = {(0, 1): 6.0, (0, 2): 6.0, (1, 2): -4.0, (3, 4): 9.0, (2, 3): 2.0, (2, 4): -8.0}
    found = pair_probabilities(np.array([0, 0, 0, 3, 3]), pairs(*said), np.array(list(said.values())))
    apart = 0.5 * 2.0 + 0.5 * (2.0 - 8.0) / 2
    assert found.round(3).tolist() == pytest.approx([0.985, 0.985, 0.919, 0.998, *[1 / (1 + 2**-apart)] * 2], abs=1e-3)


def test_a_record_alone_is_as_sure_as_the_nearest_other_is_unlikely() -> None:
    assert confidence([0, 0, 2, 3], {(0, 1): 20.0, (1, 2): -1.0, (0, 2): -9.0}) == [1.0, 1.0, 0.667, 1.0]


def test_no_records_have_no_confidence() -> None:
    assert confidence([], {}) == []


def test_records_without_content_are_hardly_known_to_be_alone_where_those_with_content_are_found() -> None:
    content = np.repeat([3.0, 30.0], 500)
    grouped = np.tile([True, True, True, True, False], 200)
    grouped[:500] = np.tile([True, False, False, False, False], 100)
    alone = truly_alone(content, grouped)
    assert alone[-1] == pytest.approx(1.0)
    assert alone[0] == pytest.approx(0.2 / 0.8, abs=0.03)


def test_records_are_alone_where_content_makes_no_difference() -> None:
    grouped = np.random.default_rng(1).random(4000) < 0.7
    assert truly_alone(np.random.default_rng(2).integers(0, 9, 4000).astype(np.float64), grouped).min() > 0.9


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=300))
def test_a_chance_is_a_chance_and_rises_with_content(said: list[tuple[int, bool]]) -> None:
    content = np.array([of for of, _ in said], np.float64)
    alone = truly_alone(content, np.array([grouped for _, grouped in said], bool))
    assert ((alone >= 0) & (alone <= 1)).all()
    assert (np.diff(alone[np.argsort(content, kind="stable")]) >= -1e-12).all()
