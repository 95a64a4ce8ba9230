"""One record's normalised terms, by themselves: what its row of `Features` holds, for where there are few records.

A profile depends on its record alone, so it may be kept and read again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

#: What a value says: terms with the column that each belongs to.
Terms = tuple[tuple[str, str], ...]


def one(column: str, term: str | None) -> Terms:
    """One term, or none where it is empty."""
    return ((column, term),) if term else ()


def once(readings: Iterable[Terms]) -> Terms:
    """The terms of several readings of one value, each once."""
    return tuple(dict.fromkeys(chain.from_iterable(readings)))


@dataclass(frozen=True, slots=True)
class Profile:
    """terms: column -> its distinct terms in the source's order, a column without terms absent; kind: a code of `kinds.KIND_CODES`,
    settled from the values where the source did not say."""

    id: int
    ref: str
    kind: int
    terms: Mapping[str, Sequence[str]]
