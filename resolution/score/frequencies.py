"""How often values occur among records: tables for the term-frequency adjustment, and exact counts of chance agreement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from resolution.compare.address import Parts
from resolution.normalize.features import Column, Features, Index
from resolution.normalize.hashing import Hashes, hash_terms
from resolution.score.model import frequency_tags

#: Values listed in a model's table, the most frequent first; the others share one frequency.
LISTED = 4000


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one tag: distinct hashes and how many records hold each; `records` hold any."""

    hashes: Hashes
    counts: Index
    records: int

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
        if comparison not in features.columns or not frequency_tags(comparison):
            continue
        column = features.column(comparison)
        for tag, rows, hashes in _tagged(comparison, column):
            present = hashes != 0
            values, number = np.unique(hashes[present], return_counts=True)
            held = int(np.count_nonzero(np.diff(rows[present], prepend=-1)))  # rows ascend
            counts[tag] = Counts(values, number, held)
    return counts


def _tagged(comparison: str, column: Column) -> Iterator[tuple[str, Index, Hashes]]:
    rows = column.rows()
    if comparison == "address":
        for tag, hashes in Parts(column.terms).frequency_terms().items():
            yield tag, rows, hashes[column.codes]
        return
    yield comparison, rows, hash_terms(column.terms)[column.codes]
    if comparison == "name":
        words = [list(dict.fromkeys(term.split())) for term in column.terms.to_pylist()]
        lengths = np.array([len(each) for each in words], np.int64)
        hashes = hash_terms(pa.array([word for each in words for word in each], pa.string()))
        counts = lengths[column.codes]
        starts = (np.cumsum(lengths) - lengths)[column.codes]
        flat = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
        yield "word", np.repeat(rows, counts), hashes[flat]


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
