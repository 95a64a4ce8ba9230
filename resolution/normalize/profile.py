"""One record's normalised terms, by themselves: what its row of `Features` holds, for where there are few records.

A profile depends on its record alone, so it may be kept and read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """terms: column -> its distinct terms in the source's order, a column without terms absent; kind: a code of `features.KIND_CODES`, settled
    from the values where the source did not say."""

    id: int
    ref: str
    kind: int
    terms: Mapping[str, tuple[str, ...]]
