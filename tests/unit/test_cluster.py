"""Groups follow from the weights alone: no order of input, and never against a never pair."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.cluster import LARGEST, NEVER, Links, Pairs, cluster, components, nearest_of
from resolution.normalize.features import ORGANIZATION, PERSON, UNKNOWN

Said = dict[tuple[int, int], float]


def pairs(said: list[tuple[int, int]]) -> Pairs:
    return Pairs(np.array([one for one, _ in said], np.int64), np.array([two for _, two in said], np.int64))


def groups(
    count: int,
    scored: Said,
    must: list[tuple[int, int]] | None = None,
    never: list[tuple[int, int]] | None = None,
    other: float = -20.0,
    names: list[int] | None = None,
) -> set[frozenset[int]]:
    """The groups by name of record, where record number i is called names[i]; pairs not in `scored` weigh `other`."""
    names = names or list(range(count))
    row = {name: place for place, name in enumerate(names)}
    whole = {frozenset(pair): weight for pair, weight in scored.items()}

    def scorer(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.array([whole.get(frozenset((names[i], names[j])), other) for i, j in zip(left, right, strict=True)])

    def placed(said: list[tuple[int, int]]) -> Pairs:
        return pairs([(row[one], row[two]) for one, two in said])

    links = Links(placed(list(scored)), np.array(list(scored.values()), np.float64), placed(must or []), placed(never or []))
    label = cluster(pa.array([f"ref{name:05}" for name in names], pa.string()), links, scorer)
    found: dict[int, set[int]] = {}
    for place, of in enumerate(label.tolist()):
        found.setdefault(of, set()).add(names[place])
    for of, members in found.items():
        assert names[of] == min(members)
    return {frozenset(members) for members in found.values()}


def several(found: set[frozenset[int]]) -> set[frozenset[int]]:
    return {group for group in found if len(group) > 1}


def test_components_are_named_by_their_smallest_row() -> None:
    label = components(7, np.array([5, 1, 3, 6]), np.array([3, 2, 1, 6]))
    assert label.tolist() == [0, 1, 1, 1, 4, 1, 6]


def test_records_that_all_agree_are_one_group() -> None:
    assert several(groups(5, {(0, 1): 3, (1, 2): 4, (0, 2): 2})) == {frozenset({0, 1, 2})}


def test_a_chain_is_split_where_its_ends_disagree() -> None:
    assert several(groups(4, {(0, 1): 9, (1, 2): 2, (2, 3): 9})) == {frozenset({0, 1}), frozenset({2, 3})}


def test_a_missing_link_inside_a_component_is_scored() -> None:
    assert several(groups(3, {(0, 1): 5, (1, 2): 5}, other=4)) == {frozenset({0, 1, 2})}


def test_a_never_pair_is_never_together_whatever_a_must_says() -> None:
    scored = {(0, 1): 9.0, (1, 2): 9.0, (0, 2): 9.0}
    for must in ([], [(0, 1)], [(0, 1), (1, 2)], [(0, 2)]):
        found = groups(3, scored, must=must, never=[(2, 0)])
        assert not any({0, 2} <= group for group in found)


def test_a_must_pair_is_together_though_its_weight_forbids() -> None:
    assert several(groups(3, {(0, 1): -15}, must=[(1, 0)])) == {frozenset({0, 1})}


def test_records_that_must_be_one_are_as_near_to_others_as_the_nearest_of_them() -> None:
    assert several(groups(3, {(0, 1): -15, (0, 2): 3}, must=[(0, 1)], other=-15)) == {frozenset({0, 1, 2})}
    assert several(groups(3, {(0, 1): 9, (0, 2): 3}, other=-15)) == {frozenset({0, 1})}


def test_a_weight_that_means_never_keeps_two_apart_though_all_else_joins_them() -> None:
    scored = {(0, 1): 300.0, (1, 2): 300.0, (0, 2): NEVER}
    assert not any({0, 2} <= group for group in groups(3, scored))


def test_two_groups_joined_by_one_weak_record_stay_two() -> None:
    inside = {(a, b): 8.0 for group in ((0, 1, 2), (3, 4, 5)) for a in group for b in group if a < b}
    assert several(groups(6, inside | {(2, 3): 1.0})) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_a_chain_of_organisations_has_to_be_nearer_than_one_of_people() -> None:
    said = {(0, 1): 9.0, (2, 3): 9.0, (1, 2): 4.0} | dict.fromkeys(((0, 2), (0, 3), (1, 3)), -5.0)
    links = Links(pairs(list(said)), np.array(list(said.values())))
    refs = pa.array(["a", "b", "c", "d"], pa.string())
    for kind, label in ((PERSON, [0, 0, 0, 0]), (UNKNOWN, [0, 0, 0, 0]), (ORGANIZATION, [0, 0, 2, 2])):
        shares = nearest_of(np.full(4, kind, np.int8))
        assert cluster(refs, links, lambda left, right: np.zeros(len(left)), nearest=shares).tolist() == label


def test_a_component_too_large_to_complete_is_cut_at_its_weak_links() -> None:
    half = LARGEST * 2 // 3
    strong = {(a, a + 1): 30.0 for a in range(2 * half - 1) if a != half - 1}
    found = groups(2 * half, strong | {(half - 1, half): 0.5}, other=25.0)
    assert found == {frozenset(range(half)), frozenset(range(half, 2 * half))}


def test_a_record_that_fits_two_groups_apart_from_each_other_belongs_to_neither() -> None:
    inside = {(0, 1): 20.0, (2, 3): 20.0}
    apart = {(a, b): -9.0 for a in (0, 1) for b in (2, 3)}
    alike = inside | apart | {(4, other): 4.0 for other in range(4)}
    assert several(groups(5, alike)) == {frozenset({0, 1}), frozenset({2, 3})}
    assert several(groups(5, alike, never=[(0, 2)])) == {frozenset({0, 1}), frozenset({2, 3})}


def test_a_record_that_fits_one_of_two_groups_clearly_better_belongs_to_it() -> None:
    inside = {(0, 1): 20.0, (2, 3): 20.0}
    apart = {(a, b): -9.0 for a in (0, 1) for b in (2, 3)}
    better = inside | apart | {(4, 0): 8.0, (4, 1): 8.0, (4, 2): 4.0, (4, 3): 4.0}
    assert several(groups(5, better)) == {frozenset({0, 1, 4}), frozenset({2, 3})}


def test_a_record_with_strong_evidence_for_two_others_joins_them_though_they_have_little_in_common() -> None:
    assert several(groups(3, {(0, 1): 12.0, (1, 2): 12.0, (0, 2): -2.0})) == {frozenset({0, 1, 2})}


def test_nothing_but_never_pairs_is_no_trouble_to_arithmetic() -> None:
    every = [(a, b) for a in range(6) for b in range(a + 1, 6)]
    with np.errstate(all="raise", under="ignore"):
        assert several(groups(6, dict.fromkeys(every, 9.0), must=every[:2], never=every)) == set()
        assert several(groups(6, dict.fromkeys(every, 2000.0), never=every[1:])) == {frozenset({0, 1})}
        assert several(groups(6, dict.fromkeys(every, NEVER * 2))) == set()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_records_without_links_stand_alone(count: int) -> None:
    assert groups(count, {}) == {frozenset({row}) for row in range(count)}


WEIGHTS = st.sampled_from([-9.0, -3.0, -1.0, 0.0, 1.0, 1.0, 2.0, 6.0])
PAIRS = st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1])


@settings(max_examples=150)
@given(st.dictionaries(PAIRS, WEIGHTS, max_size=20), st.lists(PAIRS, max_size=3), st.lists(PAIRS, max_size=3), st.permutations(range(8)))
def test_any_order_of_records_gives_the_same_groups(
    scored: Said, must: list[tuple[int, int]], never: list[tuple[int, int]], names: list[int]
) -> None:
    straight = groups(8, scored, must, never, -2.0)
    assert groups(8, dict(reversed(scored.items())), must, never, -2.0, names) == straight
    assert not any(set(pair) <= group for pair in never for group in straight)
