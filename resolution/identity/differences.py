"""The difference between two groupings of the same records: which parties became others.

A change is a set of former parties and of present ones that hold the same records and can't be taken apart. What a party is called does not
matter, only whom it holds.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from resolution.cluster import components


@dataclass(frozen=True, slots=True)
class Change:
    """was, became: party ids, those with more records first; records: how many they hold, each side."""

    was: tuple[str, ...]
    became: tuple[str, ...]
    records: int

    @property
    def sort(self) -> str:
        """'merged', 'split' or, where several became several, 'regrouped'."""
        return "merged" if len(self.became) == 1 else "split" if len(self.was) == 1 else "regrouped"


def changes(before: Mapping[int, str], after: Mapping[int, str]) -> list[Change]:
    """What became of the parties of the records that both know, by record id; the largest change first."""
    records = sorted(before.keys() & after.keys())
    was, became = ([of[record] for record in records] for of in (before, after))
    names = {("was", party): place for place, party in enumerate(dict.fromkeys(was))}
    names |= {("became", party): place for place, party in enumerate(dict.fromkeys(became), len(names))}
    left = np.array([names["was", party] for party in was], np.int64)
    right = np.array([names["became", party] for party in became], np.int64)
    label = components(len(names), left, right)
    sides: dict[int, tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: ({}, {}))
    for number, one, other in zip(label[left].tolist(), was, became, strict=True):
        for side, party in zip(sides[number], (one, other), strict=True):
            side[party] = side.get(party, 0) + 1
    found = [Change(_by_size(one), _by_size(other), sum(one.values())) for one, other in sides.values() if len(one) + len(other) > 2]
    return sorted(found, key=lambda change: (-change.records, change.was))


def _by_size(parties: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(parties, key=lambda party: (-parties[party], party)))
