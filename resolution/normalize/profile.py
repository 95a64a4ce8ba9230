"""One record's normalised terms, by themselves: what its row of `Features` holds, for where there are few records.

A profile depends on its record alone, so it may be kept and read again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: What a value says: terms with the column that each belongs to.
Terms = tuple[tuple[str, str], ...]


def named(terms: Iterable[tuple[str, str | None]]) -> Terms:
    """The terms that are not empty."""
    return tuple((column, term) for column, term in terms if term)


@dataclass(frozen=True, slots=True)
class Profile:
    """terms: column -> its distinct terms in the source's order, a column without terms absent; kind: a code of `kinds.KIND_CODES`,
    settled from the values where the source did not say."""

    id: int
    ref: str
    kind: int
    terms: Mapping[str, tuple[str, ...]]
