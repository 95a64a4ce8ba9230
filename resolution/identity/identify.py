"""Persistent ids: which group keeps which party's id.

A merge keeps the oldest id; in a split the part with most of the records keeps it; ties go to the smaller group, ref or id. What is decided
here depends on the groups and on who belonged where before, never on the order in which they are given.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX = "pty_"


def kept_ids(
    groups: Sequence[Sequence[int]], refs: Mapping[int, str], before: Mapping[int, str], ages: Mapping[str, datetime]
) -> list[str | None]:
    """For each group (of record ids) the party whose id it keeps, or None where it needs a new one.

    before: the party of each record that had one; ages: when each of these was made. A party goes with most of its records; where an older
    one went too, it stays with what is left of it.
    """
    shares: dict[str, Counter[int]] = {}
    for number, group in enumerate(groups):
        for record_id in group:
            if record_id in before:
                shares.setdefault(before[record_id], Counter())[number] += 1
    smallest = [min(refs[record_id] for record_id in group) for group in groups]
    kept: list[str | None] = [None] * len(groups)
    losers: list[str] = []
    for party in sorted(shares, key=lambda party: (ages[party], party)):
        counts = shares[party]
        home = min(counts, key=lambda number: (-counts[number], len(groups[number]), smallest[number]))
        if kept[home] is None:
            kept[home] = party
        else:
            losers.append(party)
    for party in losers:
        counts = shares[party]
        left = [number for number in counts if kept[number] is None]
        if left:
            kept[min(left, key=lambda number: (-counts[number], len(groups[number]), smallest[number]))] = party
    return kept


def party_id(ref: str, attempt: int = 0) -> str:
    """The id of a party founded on a record: the same wherever it is founded; `attempt` counts up where it is taken."""
    seed = ref if not attempt else f"{ref}\n{attempt}"
    return PREFIX + hashlib.blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
