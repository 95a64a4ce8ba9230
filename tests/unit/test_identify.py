"""Who keeps which party id."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from resolution.identity.identify import kept_ids, party_id

REFS = {number: f"crm/companies/{number}" for number in range(12)}
AGES = {f"pty_{letter}": datetime(2026, 1, day, tzinfo=UTC) for day, letter in enumerate("abcd", 1)}


def test_a_merge_keeps_the_oldest_id() -> None:
    assert kept_ids([[1, 2, 3]], REFS, {1: "pty_b", 2: "pty_b", 3: "pty_a"}, AGES) == ["pty_a"]


def test_the_larger_part_of_a_split_keeps_the_id() -> None:
    assert kept_ids([[1], [2, 3]], REFS, {1: "pty_a", 2: "pty_a", 3: "pty_a"}, AGES) == [None, "pty_a"]


def test_a_party_stays_with_what_an_older_one_left_of_it() -> None:
    before = {1: "pty_a", 2: "pty_b", 3: "pty_b", 4: "pty_b"}
    assert kept_ids([[1, 2, 3], [4]], REFS, before, AGES) == ["pty_a", "pty_b"]


def test_an_even_split_goes_to_the_smaller_ref() -> None:
    assert kept_ids([[5], [4]], REFS, {4: "pty_a", 5: "pty_a"}, AGES) == [None, "pty_a"]


@given(
    before=st.dictionaries(st.integers(0, 11), st.sampled_from(sorted(AGES)), min_size=1),
    label=st.lists(st.integers(0, 4), min_size=12, max_size=12),
    order=st.randoms(),
)
def test_no_id_is_given_twice_and_the_order_of_groups_does_not_matter(before, label, order) -> None:  # type: ignore[no-untyped-def]
    groups = [group for group in ([n for n in range(12) if label[n] == k] for k in range(5)) if group]
    kept = kept_ids(groups, REFS, before, AGES)
    given = [party for party in kept if party]
    assert len(given) == len(set(given))
    assert set(given) <= set(before.values())
    shuffled = list(range(len(groups)))
    order.shuffle(shuffled)
    again = kept_ids([groups[n][::-1] for n in shuffled], REFS, before, AGES)
    assert [kept[n] for n in shuffled] == again


def test_a_party_id_is_that_of_its_ref_and_attempt() -> None:
    assert party_id("crm/companies/1") == "pty_18afbc3fd426bedb"
    assert len({party_id("a"), party_id("a", 1), party_id("b"), party_id("a\n1")}) in (3, 4)
    assert party_id("\ud800").startswith("pty_")
