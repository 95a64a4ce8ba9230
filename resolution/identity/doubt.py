"""What holds a party together, and which pairs a person should look at.

A party is held by the maximum spanning tree over its pairs: its weakest link is the least certain step needed to reach every record.
A pair is in doubt if no judgement settles it, and either a party hangs on it that is not certain to be one, or it is the best of the pairs
between two parties and may well be a match. A party is not certain to be one where the link is weak, or where what hangs on the link speaks
against it: two records that contradict each other in what a party has one of, or a shape in which few pairs agree.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from resolution.cluster import Joined
from resolution.identity.links import PairId
from resolution.suspects import SINGLE, is_chain, words_of

EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Link:
    """A pair with what makes it: certainty is a probability; by is steward, language_model, rule, '' (the model's weight), or unsure (its
    weight too, but a steward was asked already). weight: bits; agrees: whether the two would be one by themselves; contradicts: in what
    they differ, if not, that a party has one of; asked: whether a steward has spoken of it."""

    pair: PairId
    certainty: float
    by: str
    weight: float = 0.0
    agrees: bool = True
    contradicts: tuple[str, ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a party may be more than one: 'chain', or of two records 'weak link' and 'different birth date' (or what else a party has one
    of)."""

    words: str
    between: PairId | None = None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """link: the weakest of those that hold together what speaks against each other."""

    link: Link
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A pair to be looked at. priority: what the answer is worth, more the less certain it is and the more records it moves. reasons: why
    its party may be more than one; none where it lies between two."""

    pair: PairId
    probability: float
    priority: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between these probabilities a pair is in doubt."""

    lower: float
    upper: float


def spanning_tree(links: Iterable[Link], refs: Mapping[int, str]) -> list[Link]:
    """Of all links of a party those that hold its records together, most certain first (Kruskal 1956); of equally certain ones
    first those of more weight, then of smaller refs."""
    joined = Joined()
    ordered = sorted(links, key=lambda link: (-link.certainty, -link.weight, *sorted(refs[record_id] for record_id in link.pair)))
    return [link for link in ordered if joined.join(*link.pair)]


def suspicion(tree: Sequence[Link], links: Sequence[Link], refs: Mapping[int, str]) -> Suspicion | None:
    """What in a party speaks against it, and on which link of its tree that hangs. links: all of its pairs.

    A steward who has spoken of a link has spoken of all that it holds together: two records count no longer where such a link is on the way
    from one to the other.
    """
    if all(link.agrees for link in links):
        return None
    open_ = [link for link in tree if not link.asked]
    near = Joined(link.pair for link in open_)
    against = [link for link in links if not link.agrees and near.hold(*link.pair)]
    against.sort(key=lambda link: sorted(refs[record_id] for record_id in link.pair))
    reasons = []
    if chain := is_chain(len(tree) + 1, len(against) / len(links)):
        reasons.append(Reason("chain"))
    for name in SINGLE:
        if first := next((link for link in against if name in link.contradicts), None):
            reasons.append(Reason(words_of(name), first.pair))
    if not reasons:
        return None
    held = [link.pair for link in against if chain or link.contradicts]

    def hold(count: int) -> bool:
        joined = Joined(link.pair for link in open_[:count])
        return all(joined.hold(*pair) for pair in held)

    needed = bisect_left(range(len(open_)), True, key=hold)
    return Suspicion(open_[needed - 1], tuple(reasons))


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


def doubts_within(tree: Sequence[Link], suspected: Suspicion | None, bounds: Bounds) -> list[Doubt]:
    """The links of a party's tree that are uncertain, and the one by which it is suspect: that is as good as an even chance, whatever the
    link's certainty by itself (see `resolution.suspects`)."""
    found = []
    for link in tree:
        weak = (Reason("weak link", link.pair),) if not link.by and link.certainty < bounds.upper else ()
        more = suspected.reasons if suspected and suspected.link is link else ()
        if weak or more:
            priority = _priority(EVEN if more else link.certainty, len(tree) + 1)
            found.append(Doubt(link.pair, link.certainty, priority, weak + more))
    return found


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
        Doubt(link.pair, link.certainty, _priority(link.certainty, sizes[between[0]] * sizes[between[1]]))
        for between, link in best.items()
        if between not in settled
    ]


def _priority(probability: float, records: int) -> float:
    return round((1.0 - abs(2.0 * probability - 1.0)) * log2(1 + records), 4)
