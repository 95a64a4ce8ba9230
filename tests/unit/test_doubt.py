"""What holds a party together, and what is in doubt."""

from hypothesis import given
from hypothesis import strategies as st

from resolution.identity.doubt import Bounds, Link, Reason, Suspicion, confidences, doubts_between, doubts_within, spanning_tree, suspicion

REFS = {number: f"crm/companies/{number}" for number in range(9)}
BOUNDS = Bounds(0.2, 0.9)


def test_a_party_hangs_on_its_most_certain_links() -> None:
    links = [Link((1, 2), 0.95, ""), Link((2, 3), 0.6, ""), Link((1, 3), 0.7, "")]
    tree = spanning_tree(links, REFS)
    assert [link.pair for link in tree] == [(1, 2), (1, 3)]
    assert confidences([1, 2, 3], tree, REFS) == {1: 0.95, 2: 0.95, 3: 0.7}


def test_the_least_confidence_is_the_weakest_link() -> None:
    links = [Link((1, 2), 0.99, ""), Link((3, 4), 0.99, ""), Link((2, 3), 0.5, "")]
    found = confidences([1, 2, 3, 4], spanning_tree(links, REFS), REFS)
    assert min(found.values()) == 0.5
    assert confidences([7], [], REFS) == {7: 1.0}


def test_only_weighed_links_that_are_not_certain_are_in_doubt() -> None:
    tree = [Link((1, 2), 0.5, "rule"), Link((2, 3), 0.5, "unsure"), Link((3, 4), 0.95, ""), Link((4, 5), 0.5, "")]
    assert [doubt.pair for doubt in doubts_within(tree, None, BOUNDS)] == [(4, 5)]


def test_between_two_parties_only_the_likeliest_pair_is_asked_about() -> None:
    links = [Link((1, 3), 0.3, ""), Link((2, 3), 0.6, ""), Link((1, 4), 0.1, "")]
    doubts = doubts_between(links, {1: "a", 2: "a", 3: "b", 4: "c"}, {"a": 2, "b": 1, "c": 1}, REFS, BOUNDS)
    assert [(doubt.pair, doubt.probability) for doubt in doubts] == [((2, 3), 0.6)]


def test_nothing_is_asked_between_parties_about_which_something_is_settled() -> None:
    links = [Link((1, 3), 0.8, ""), Link((2, 3), 0.1, "judgement")]
    assert doubts_between(links, {1: "a", 2: "a", 3: "b"}, {"a": 2, "b": 1}, REFS, BOUNDS) == []


def test_a_party_whose_pairs_all_agree_is_not_suspect() -> None:
    links = [Link((1, 2), 0.99, ""), Link((2, 3), 0.95, ""), Link((1, 3), 0.9, "")]
    assert suspicion(spanning_tree(links, REFS), links, REFS) is None


def test_a_contradiction_is_asked_about_at_the_weakest_link_between_the_two() -> None:
    links = [
        Link((1, 2), 0.98, ""),
        Link((2, 3), 0.99, "rule"),
        Link((3, 4), 0.91, ""),
        Link((1, 3), 0.1, "", -3.0, False, ("birth_date",)),
    ]
    links += [Link((1, 4), 0.99, ""), Link((2, 4), 0.97, "")]
    tree = [Link((2, 3), 0.99, "rule"), Link((1, 2), 0.98, ""), Link((3, 4), 0.91, "")]
    found = suspicion(tree, links, REFS)
    assert found == Suspicion(tree[1], (Reason("different birth date", (1, 3)),))
    doubts = doubts_within(tree, found, BOUNDS)
    assert [(doubt.pair, doubt.probability, doubt.reasons) for doubt in doubts] == [((1, 2), 0.98, found.reasons)]
    assert doubts[0].priority > doubts_within([Link((1, 2), 0.6, "")], None, BOUNDS)[0].priority


def test_where_a_steward_has_spoken_of_a_link_on_the_way_the_contradiction_is_settled() -> None:
    tree = [Link((1, 2), 1.0, "steward", asked=True), Link((2, 3), 0.95, "")]
    links = [*tree, Link((1, 3), 0.1, "", -3.0, False, ("birth_date",))]
    assert suspicion(tree, links, REFS) is None


def test_of_equally_certain_links_the_one_that_weighs_least_is_the_weakest() -> None:
    links = [Link((1, 2), 0.999, "", 11.0), Link((3, 4), 0.999, "", 30.0), Link((2, 3), 0.999, "", 20.0)]
    assert [link.weight for link in spanning_tree(links, REFS)] == [30.0, 20.0, 11.0]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), min_size=10, max_size=10), st.permutations(range(10)))
def test_what_is_suspected_does_not_depend_on_the_order_of_pairs(drawn: list[tuple[float, bool, bool]], order: list[int]) -> None:
    ends = [(one, two) for one in range(5) for two in range(one + 1, 5)]
    links = [
        Link(pair, certainty, "", 0.0, agrees, () if agrees else ("birth_date",), asked)
        for pair, (certainty, agrees, asked) in zip(ends, drawn, strict=True)
    ]
    other = [links[place] for place in order]
    assert suspicion(spanning_tree(links, REFS), links, REFS) == suspicion(spanning_tree(other, REFS), other, REFS)
