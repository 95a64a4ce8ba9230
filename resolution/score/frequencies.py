"""How often values occur among records: tables for the term-frequency adjustment, and exact counts of chance agreement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution.compare.address import frequency_terms
from resolution.normalize.address_columns import parts_of
from resolution.normalize.features import Column, Features, Index
from resolution.normalize.hashing import Hashes, hash_terms
from resolution.score.model import frequency_tags

#: Values listed in a model's table, the most frequent first; the others share one frequency.
LISTED = 4000


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one tag: distinct hashes and how many records hold each; `records` hold any. one_in: of so many pairs of the records that are
    learnt from, one is of counted records."""

    hashes: Hashes
    counts: Index
    records: int
    one_in: float = 1.0

    @property
    def agreeing(self) -> float:
        """Pairs of records that agree on a value."""
        return float((self.counts.astype(np.float64) * (self.counts - 1)).sum() / 2)

    @property
    def pairs(self) -> float:
        """Pairs of records that both hold a value."""
        return self.records * (self.records - 1) / 2


def count_terms(features: Features, comparisons: tuple[str, ...]) -> dict[str, Counts]:
    """The counts of every frequency tag that the comparisons use."""
    counts: dict[str, Counts] = {}
    for comparison in comparisons:
        if comparison in features.columns and frequency_tags(comparison):
            column = features.column(comparison)
            held = np.bincount(column.codes, minlength=len(column.terms))
            used = np.flatnonzero(held)
            for tag, places, hashes in _tagged(comparison, column, used):
                values, which = np.unique(hashes, return_inverse=True)
                number = np.bincount(which, held[used][places], len(values)).astype(np.int64)
                having = np.zeros(len(column.terms), bool)
                having[used[places]] = True
                counts[tag] = Counts(values, number, _records(column, having))
    return counts


def _records(column: Column, having: NDArray[np.bool_]) -> int:
    """How many records hold any of the terms."""
    rows = column.rows()[having[column.codes]]
    return int(np.count_nonzero(np.diff(rows, prepend=-1)))  # rows ascend


def _tagged(comparison: str, column: Column, used: Index) -> Iterator[tuple[str, Index, Hashes]]:
    """Of the terms used: (tag, places of terms, the hash that each of these is counted under)."""
    if comparison == "address":
        for tag, hashes in frequency_terms(parts_of(column)).items():
            places = np.flatnonzero(hashes[used])
            yield tag, places, hashes[used[places]]
        return
    terms = column.terms.take(pa.array(used))
    yield comparison, np.arange(len(terms)), hash_terms(terms)
    if comparison == "name":
        words = [list(dict.fromkeys(term.split())) for term in terms.to_pylist()]
        lengths = np.array([len(each) for each in words], np.int64)
        flat = pa.array([word for each in words for word in each], pa.string())
        yield "word", np.repeat(np.arange(len(terms)), lengths), hash_terms(flat)


def table(counts: Counts) -> dict[str, Any] | None:
    """A model's table of these counts, or null where there is nothing to tell values apart."""
    if counts.records < 2 or not len(counts.counts):
        return None
    share = counts.counts / counts.records
    order = np.lexsort((counts.hashes, -counts.counts))
    listed, rest = order[:LISTED], order[LISTED:]
    left = share[rest] if len(rest) else share[listed[-1:]]
    return {
        "mean": _digits(float((share**2).sum() / share.sum())),
        "rest": _digits(float((left**2).sum() / left.sum())),
        "values": {f"{int(counts.hashes[place]):016x}": _digits(float(share[place])) for place in listed},
    }


def tables(counts: Mapping[str, Counts]) -> dict[str, Any]:
    found = {tag: table(of_tag) for tag, of_tag in counts.items()}
    return {tag: values for tag, values in found.items() if values}


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
