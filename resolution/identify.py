"""Persistent ids: which group keeps which party's id.

A merge keeps the oldest id; in a split the part with most of the records keeps it; ties go to the smaller ref or id. What is decided here
depends on the groups and on who belonged where before, never on the order in which they are given.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

PREFIX = "pty_"


@dataclass(frozen=True, slots=True)
class Claims:
    """Who keeps what. kept: for each group the party whose id it keeps, or None; homes: party -> the group with most of its records."""

    kept: list[str | None]
    homes: dict[str, int]


def claims(groups: Sequence[Sequence[int]], refs: Mapping[int, str], before: Mapping[int, str], ages: Mapping[str, datetime]) -> Claims:
    """Settle the ids of `groups` (of record ids), where `before` gives the party of records that had one, `ages` when each was made."""
    homes: dict[str, int] = {}
    found: dict[str, Counter[int]] = {}
    for number, group in enumerate(groups):
        for record_id in group:
            if record_id in before:
                found.setdefault(before[record_id], Counter())[number] += 1
    smallest = [min(refs[record_id] for record_id in group) for group in groups]
    for party_id, counts in found.items():
        homes[party_id] = min(counts, key=lambda number: (-counts[number], -len(groups[number]), smallest[number]))
    kept: list[str | None] = [None] * len(groups)
    for party_id in sorted(homes, key=lambda party: (ages[party], party), reverse=True):
        kept[homes[party_id]] = party_id
    return Claims(kept, homes)


def party_id(ref: str, attempt: int = 0) -> str:
    """The id of a party founded on a record: the same wherever it is founded; `attempt` counts up where it is taken."""
    seed = ref if not attempt else f"{ref}\n{attempt}"
    return PREFIX + hashlib.blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
