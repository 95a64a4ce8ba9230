"""Which groups are reported as overmatch suspects, and why."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.suspects import Inside, Suspect, suspects


def inside(pairs: dict[tuple[int, int], float], contradicting: dict[str, set[tuple[int, int]]] | None = None) -> Inside:
    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    flags = {name: np.array([pair in held for pair in pairs], bool) for name, held in (contradicting or {}).items()}
    return Inside(ends[:, 0], ends[:, 1], np.array(list(pairs.values()), float), flags)


def test_a_group_whose_pairs_all_agree_is_not_suspect() -> None:
    assert suspects(np.zeros(3, np.int64), inside({(0, 1): 20.0, (0, 2): 15.0, (1, 2): 9.0})) == []


def test_a_weak_pair_is_suspect_with_its_probability() -> None:
    (found,) = suspects(np.array([0, 0, 2]), inside({(0, 1): 1.0}))
    assert (found.reasons, found.left, found.right, found.records) == (("weak link",), 0, 1, 2)
    assert found.weakest == pytest.approx(2 / 3)


def test_the_weakest_link_is_that_of_the_spanning_tree_and_not_the_least_pair() -> None:
    found = suspects(np.zeros(3, np.int64), inside({(0, 1): 20.0, (1, 2): 12.0, (0, 2): -30.0}))
    assert found == []
    (weak,) = suspects(np.zeros(3, np.int64), inside({(0, 1): 20.0, (1, 2): 2.0, (0, 2): -30.0}))
    assert (weak.left, weak.right) == (1, 2)


def test_a_chain_of_four_is_suspect_though_each_link_is_strong() -> None:
    chain = {(0, 1): 20.0, (1, 2): 20.0, (2, 3): 20.0, (0, 2): -20.0, (0, 3): -20.0, (1, 3): -20.0}
    (found,) = suspects(np.zeros(4, np.int64), inside(chain))
    assert found.reasons == ("chain",)


def test_contradicting_values_are_told_by_field() -> None:
    (found,) = suspects(np.zeros(2, np.int64), inside({(0, 1): 25.0}, {"birth_date": {(0, 1)}, "given": set()}))
    assert found.reasons == ("different birth date",)


def test_the_most_doubtful_comes_first() -> None:
    found = suspects(np.array([0, 0, 2, 2]), inside({(0, 1): 2.0, (2, 3): 0.5}))
    assert [suspect.group for suspect in found] == [2, 0]


def test_a_pair_across_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="within a group"):
        suspects(np.array([0, 1]), inside({(0, 1): 2.0}))


def test_no_pairs_give_no_suspects() -> None:
    assert suspects(np.zeros(1, np.int64), inside({})) == []


@given(st.lists(st.floats(-40, 40), min_size=6, max_size=6), st.permutations(range(4)))
def test_the_order_of_pairs_and_records_does_not_matter(weights: list[float], order: list[int]) -> None:
    ends = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    label = np.zeros(4, np.int64)
    straight = suspects(label, inside(dict(zip(ends, weights, strict=True))))
    shuffled = suspects(label, inside({(order[a], order[b]): w for (a, b), w in reversed(list(zip(ends, weights, strict=True)))}))

    def outcome(found: list[Suspect]) -> list[tuple[object, ...]]:
        return [(suspect.records, suspect.weakest, suspect.agreeing, suspect.reasons) for suspect in found]

    assert outcome(straight) == outcome(shuffled)
