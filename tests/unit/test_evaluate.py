"""The figures of an evaluation: equal to what counting by hand gives, whatever the names of groups and the order of records."""

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.dedupe import DedupeError, Options, records_of
from resolution.dedupe.tabular import read_table
from resolution.evaluate import labels, plots
from resolution.evaluate.calibration import calibrate
from resolution.evaluate.curve import Point, Remembered, curve
from resolution.evaluate.evaluation import Evaluation, evaluate
from resolution.evaluate.files import Asked, evaluate_file
from resolution.evaluate.page import render
from resolution.evaluate.quality import Quality, of_groups
from resolution.evaluate.truth import UNKNOWN, Cases, LabelledPairs, Partition
from resolution.normalize.features import Index

GROUPS = st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 4)), min_size=1, max_size=12)


def by_hand(found: list[int], truth: list[int]) -> dict[str, float]:
    pairs = list(combinations(range(len(found)), 2))
    joined = {pair for pair in pairs if found[pair[0]] == found[pair[1]]}
    true = {pair for pair in pairs if truth[pair[0]] == truth[pair[1]]}
    precision = len(joined & true) / len(joined) if joined else 1.0
    recall = len(joined & true) / len(true) if true else 1.0
    shares = []
    for one in range(len(found)):
        group = {other for other in range(len(found)) if found[other] == found[one]}
        party = {other for other in range(len(found)) if truth[other] == truth[one]}
        shares.append((len(group & party) / len(group), len(group & party) / len(party)))
    b_precision, b_recall = (sum(share) / len(found) for share in zip(*shares, strict=True))
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "bcubed": 2 * b_precision * b_recall / (b_precision + b_recall),
    }


@given(GROUPS)
def test_figures_are_those_of_counting_every_pair(labelled: list[tuple[int, int]]) -> None:
    found, truth = [one for one, _ in labelled], [two for _, two in labelled]
    quality = of_groups(np.array(found), np.array(truth))
    for name, value in by_hand(found, truth).items():
        assert getattr(quality, name) == pytest.approx(value), name


@given(GROUPS, st.permutations(range(5)))
def test_names_of_groups_and_order_of_records_do_not_matter(labelled: list[tuple[int, int]], names: list[int]) -> None:
    found, truth = np.array([one for one, _ in labelled]), np.array([two for _, two in labelled])
    order = np.random.default_rng(len(labelled)).permutation(len(labelled))
    again = of_groups(np.array(names)[found][order], truth[order])
    assert again.to_json() == of_groups(found, truth).to_json()


@given(GROUPS)
def test_records_of_which_nothing_is_known_count_neither_way(labelled: list[tuple[int, int]]) -> None:
    found, truth = np.array([one for one, _ in labelled]), np.array([two for _, two in labelled])
    known = truth != UNKNOWN
    quality = Partition(truth).quality(found)
    assert quality == (of_groups(found[known], truth[known]))
    standing = Partition(truth).standing(found)
    assert (np.isnan(standing) == ~known).all()


@given(GROUPS)
def test_a_record_stands_as_well_as_its_group_agrees_with_it(labelled: list[tuple[int, int]]) -> None:
    found, truth = [one for one, _ in labelled], [two for _, two in labelled]
    standing = Partition(np.array(truth)).standing(np.array(found))
    for row in range(len(found)):
        if truth[row] == UNKNOWN:
            continue
        others = [other for other in range(len(found)) if other != row and found[other] == found[row] and truth[other] != UNKNOWN]
        same = [other for other in range(len(found)) if other != row and truth[other] == truth[row]]
        expected = sum(truth[other] == truth[row] for other in others) / len(others) if others else float(not same)
        assert standing[row] == pytest.approx(expected)


@given(GROUPS)
def test_mistakes_are_found_where_there_are_any_and_only_there(labelled: list[tuple[int, int]]) -> None:
    found, truth = np.array([one for one, _ in labelled]), np.array([two for _, two in labelled])
    partition = Partition(truth)
    quality, joined, missed = partition.quality(found), partition.joined_wrongly(found), partition.missed(found)
    assert bool(len(joined.left)) == (quality.joined > quality.both)
    assert bool(len(missed.left)) == (quality.true > quality.both)
    assert (found[joined.left] == found[joined.right]).all()
    assert not joined.match.any()
    assert (found[missed.left] != found[missed.right]).all()
    assert missed.match.all()


def test_labelled_pairs_count_as_they_are_joined_or_not() -> None:
    pairs = LabelledPairs(Cases(np.array([0, 0, 2]), np.array([1, 2, 3]), np.array([True, False, True])))
    quality = pairs.quality(np.array([0, 0, 0, 3]))
    assert (quality.joined, quality.true, quality.both, quality.bcubed) == (2, 2, 1, None)
    assert pairs.joined_wrongly(np.array([0, 0, 0, 3])).right.tolist() == [2]
    assert pairs.missed(np.array([0, 0, 0, 3])).left.tolist() == [2]


def test_what_is_always_right_as_often_as_it_says_is_calibrated() -> None:
    said = np.repeat([0.1, 0.5, 0.8], 10)
    was = np.concatenate([np.arange(10) < share for share in (1, 5, 8)]).astype(float)
    found = calibrate(said, was, bins=3)
    assert found is not None
    assert found.error == pytest.approx(0.0)
    assert [each.cases for each in found.bins] == [10, 10, 10]


def test_overconfidence_is_told_by_how_much() -> None:
    found = calibrate(np.full(100, 0.9), (np.arange(100) < 70).astype(float))
    assert found is not None
    assert found.error == pytest.approx(0.2)
    assert found.cases == 100


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.booleans()), min_size=1, max_size=40))
def test_calibration_does_not_depend_on_the_order_of_cases(cases: list[tuple[float, bool]]) -> None:
    said, was = np.array([one for one, _ in cases]), np.array([float(two) for _, two in cases])
    order = np.random.default_rng(len(cases)).permutation(len(cases))
    one, two = calibrate(said, was), calibrate(said[order], was[order])
    assert one is not None
    assert two is not None
    assert one.error == pytest.approx(two.error)
    assert 0 <= one.error <= 1


def test_nothing_said_is_no_calibration() -> None:
    assert calibrate(np.zeros(0), np.zeros(0)) is None


def test_the_best_of_a_curve_is_the_nearest_to_the_default() -> None:
    def quality(threshold: float) -> Quality:
        return Quality(10, 10, 10, 9 if abs(threshold) == 2 else 5)

    found = curve(Point(0.5, quality(0.5)), quality, steps=(-2.5, 0.0, 1.5))
    assert [point.threshold for point in found.points] == [-2.0, 0.5, 2.0]
    assert found.best.threshold == 2.0
    assert found.distance == pytest.approx(0.4)


def test_a_pair_is_scored_once_whichever_way_round() -> None:
    asked: list[tuple[int, int]] = []

    def scorer(left: Index, right: Index) -> np.ndarray:
        asked.extend(zip(left.tolist(), right.tolist(), strict=True))
        return (left * right).astype(np.float64)

    scored = Remembered(scorer, 10)
    assert scored(np.array([3, 1, 2]), np.array([4, 2, 1])).tolist() == [12.0, 2.0, 2.0]
    assert scored(np.array([4, 5]), np.array([3, 6])).tolist() == [12.0, 30.0]
    assert sorted(tuple(sorted(pair)) for pair in asked) == [(1, 2), (3, 4), (5, 6)]


REFS = pa.array(["a", "b", "c"])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("left,right\na,b\n", "no column named .match.; the columns are left, right"),
        ("left,right,match\na,x,1\n", "'x', which is no record's id"),
        ("left,right,match\na,b,maybe\n", "match 'maybe'"),
        ("left,right,match\na,a,1\n", "with itself"),
        ("left,right,match\na,b,1\nb,a,0\n", "labelled 1 in one row and 0 in another"),
    ],
)
def test_labelled_pairs_that_cannot_be_meant_are_refused(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(content)
    with pytest.raises(DedupeError, match=told):
        labels.labelled_pairs(file, REFS)


def test_labelled_pairs_are_read_once_each(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("left,right,match\nb,a,yes\na,b,1\nc,a,False\n")
    known = labels.labelled_pairs(file, REFS).known
    assert (known.left.tolist(), known.right.tolist(), known.match.tolist()) == ([0, 0], [1, 2], [True, False])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("record_id,entity_id\na,1\nb,1\n", "c is missing"),
        ("record_id,entity_id\na,1\nb,1\nc,2\na,3\n", "a is there 2 times"),
        ("record_id,entity_id\na,1\nb,\nc,2\n", "b has no entity_id"),
        ("record_id,entity_id,confidence\na,1,1\nb,1,high\nc,2,1\n", "confidence has to be a number"),
    ],
)
def test_a_result_without_every_record_once_is_refused(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "out.csv"
    file.write_text(content)
    with pytest.raises(DedupeError, match=told):
        labels.groups(file, REFS)


PEOPLE = [
    ("1", "ann", "Ann", "Miller", "1970-01-02", "ann.miller@mail.example"),
    ("2", "ann", "Ann", "Miller", "1970-01-02", "ann.miller@mail.example"),
    ("3", "bob", "Robert", "Carter", "1981-03-04", "bob@carter.example"),
    ("4", "bob", "Bob", "Carter", "1981-03-04", "bob@carter.example"),
    ("5", "", "Cleo", "Adams", "1990-05-06", "cleo@adams.example"),
    ("6", "ann", "Zoe", "Quist", "1955-07-08", "zoe@quist.example"),
]


def people(folder: Path) -> Path:
    file = folder / "people.csv"
    lines = ["id,who,first_name,last_name,birth_date,email", *(",".join(row) for row in PEOPLE)]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate_file(people(tmp_path_factory.mktemp("people")), Asked(truth="who"))


def test_a_file_is_held_against_its_labels(evaluated: Evaluation) -> None:
    quality = evaluated.quality
    assert (quality.records, quality.joined, quality.true, quality.both) == (5, 2, 4, 2)
    assert [(mistake.sort, mistake.right, mistake.cause) for mistake in evaluated.mistakes] == [
        ("missed", "6", "too little evidence, and no blocking key in common")
    ]
    assert evaluated.curve is not None
    assert evaluated.curve.default.quality == quality
    assert evaluated.to_json()["curve"]["distance"] == 0.0


def test_labelled_pairs_are_tried_whether_the_resolver_weighed_them_or_not(tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("left,right,match\n1,2,1\n3,4,1\n5,6,0\n1,6,1\n")
    found = evaluate_file(people(tmp_path), Asked(pairs=labels))
    assert (found.quality.joined, found.quality.true, found.quality.both, found.quality.bcubed) == (2, 3, 2, None)
    assert found.pairs is not None
    assert found.pairs.cases == 4
    assert found.pairs.brier == pytest.approx(0.25, abs=0.02)  # sure of all four, and wrong of one
    assert found.records is None
    assert [(mistake.left, mistake.right) for mistake in found.mistakes] == [("1", "6")]


def test_the_default_threshold_of_the_curve_is_the_grouping_itself(tmp_path: Path) -> None:
    table = read_table(people(tmp_path))
    records, _ = records_of(table.drop_columns(["who"]), tmp_path, Options())
    truth = labels.partition(table, "who", tmp_path)
    found = evaluate(records, truth)
    assert found.curve is not None
    by_threshold = {point.threshold: point.quality for point in found.curve.points}
    assert by_threshold[0.5] == by_threshold[0.0] == found.quality
    assert by_threshold[12.0].joined <= found.quality.joined


def test_the_page_tells_it_without_scripts_or_addresses(evaluated: Evaluation) -> None:
    page = render(evaluated, "<people>")
    assert "&lt;people&gt;" in page
    assert "Zoe".lower() in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_result_of_another_tool_is_held_against_labels(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("record_id,entity_id,confidence\n1,x,0.9\n2,x,0.9\n3,x,0.5\n4,y,1\n5,z,1\n6,w,0.8\n")
    found = evaluate_file(people(tmp_path), Asked(truth="who", clusters=out))
    assert (found.quality.joined, found.quality.both, found.curve, found.pairs) == (3, 1, None, None)
    assert found.records is not None
    assert {"field": "first_name", "left": "Ann", "right": "Robert"} in found.mistakes[0].evidence["fields"]
    assert "Robert" in render(found, "out.csv")


@pytest.mark.parametrize(("asked", "told"), [(Asked(), "--truth COLUMN or by --pairs"), (Asked(truth="whom"), "no column named .whom.")])
def test_a_truth_that_is_not_there_is_asked_for(tmp_path: Path, asked: Asked, told: str) -> None:
    with pytest.raises(DedupeError, match=told):
        evaluate_file(people(tmp_path), asked)


def test_no_records_are_resolved_without_fault(tmp_path: Path) -> None:
    from resolution.normalize import features

    found = evaluate(features([]), Partition(np.zeros(0, np.int64)))
    assert (found.quality.f1, found.curve, found.pairs) == (1.0, None, None)
    assert "No pair was missed" in render(found, "nothing")


@settings(max_examples=30)
@given(st.lists(st.floats(0, 260), min_size=1, max_size=3))
def test_labels_of_lines_keep_apart_and_stay_on_the_plot(places: list[float]) -> None:
    moved = plots._kept_apart(places, 260.0)
    ordered = sorted(moved)
    assert all(below - above >= 15.0 - 1e-9 for above, below in pairwise(ordered))
    assert max(moved) <= 260.0
