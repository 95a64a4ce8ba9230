"""How firmly a party is held together, and which pairs a person should look at.

A party is held by the maximum spanning tree over its pairs: its weakest link is the least certain step needed to reach every record.
A pair is in doubt if no rule and no judgement settles it, and either a party hangs on it though it is not certain, or it is the best of
the pairs between two parties and may well be a match.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from resolution.identity.links import PairId


@dataclass(frozen=True, slots=True)
class Link:
    """A pair with what makes it: certainty is a probability; by is steward, language_model, rule, '' (the model's
    weight), or unsure (its weight too, but a steward was asked already)."""

    pair: PairId
    certainty: float
    by: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A pair to be looked at. priority: what the answer is worth, more the less certain it is and the more records it moves."""

    pair: PairId
    probability: float
    priority: float
    within: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between these probabilities a pair is in doubt."""

    lower: float
    upper: float


def spanning_tree(records: Sequence[int], links: Iterable[Link], refs: Mapping[int, str]) -> list[Link]:
    """The links that hold the records together, most certain first (Kruskal 1956); ties go to the smaller refs."""
    parent = {record_id: record_id for record_id in records}

    def root(record_id: int) -> int:
        while parent[record_id] != record_id:
            parent[record_id] = parent[parent[record_id]]
            record_id = parent[record_id]
        return record_id

    tree: list[Link] = []
    for link in sorted(links, key=lambda link: (-link.certainty, *sorted(refs[record_id] for record_id in link.pair))):
        one, two = root(link.pair[0]), root(link.pair[1])
        if one != two:
            parent[one] = two
            tree.append(link)
    return tree


def confidences(records: Sequence[int], tree: Sequence[Link], refs: Mapping[int, str]) -> dict[int, float]:
    """How surely each record belongs: the weakest link on its way to the record with the smallest ref; for that one its best link.
    So the least of a party is its weakest link. A record alone has 1."""
    near: dict[int, list[tuple[int, float]]] = {record_id: [] for record_id in records}
    for link in tree:
        one, two = link.pair
        near[one].append((two, link.certainty))
        near[two].append((one, link.certainty))
    start = min(records, key=refs.__getitem__)
    found = {start: max((certainty for _, certainty in near[start]), default=1.0)}
    waiting = [(other, certainty) for other, certainty in near[start]]
    while waiting:
        record_id, certainty = waiting.pop()
        if record_id not in found:
            found[record_id] = certainty
            waiting += [(other, min(certainty, next_certainty)) for other, next_certainty in near[record_id]]
    return found


def doubts_within(tree: Sequence[Link], bounds: Bounds) -> list[Doubt]:
    """The uncertain links that a party of these hangs on."""
    weak = [link for link in tree if not link.by and link.certainty < bounds.upper]
    return [Doubt(link.pair, link.certainty, _priority(link.certainty, len(tree) + 1), within=True) for link in weak]


def doubts_between(
    links: Iterable[Link], party_of: Mapping[int, str], sizes: Mapping[str, int], refs: Mapping[int, str], bounds: Bounds
) -> list[Doubt]:
    """Of the pairs between each two parties the likeliest, if it may be a match and nothing between the two is settled.

    links: pairs of records of different parties, those that are settled too (`by` says by whom).
    """
    best: dict[tuple[str, ...], Link] = {}
    settled: set[tuple[str, ...]] = set()
    for link in sorted(links, key=lambda link: (-link.certainty, *sorted(refs[record_id] for record_id in link.pair))):
        between = tuple(sorted((party_of[link.pair[0]], party_of[link.pair[1]])))
        if link.by:
            settled.add(between)
        elif link.certainty >= bounds.lower:
            best.setdefault(between, link)
    return [
        Doubt(link.pair, link.certainty, _priority(link.certainty, sizes[between[0]] * sizes[between[1]]), within=False)
        for between, link in best.items()
        if between not in settled
    ]


def _priority(probability: float, records: int) -> float:
    return round((1.0 - abs(2.0 * probability - 1.0)) * log2(1 + records), 4)
