"""What holds a party together, and what is in doubt."""

from resolution.identity.doubt import Bounds, Link, confidences, doubts_between, doubts_within, spanning_tree

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
