"""How near a grouping comes to the truth."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.csv as csv
from numpy.typing import NDArray

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quality:
    """Of pairs of records: precision, recall and their harmonic mean; b_cubed: the harmonic mean of the same taken for each record
    (Bagga and Baldwin 1998)."""

    precision: float
    recall: float
    f1: float
    b_cubed: float


def quality(found: Labels, truth: Labels) -> Quality:
    """found[i] and truth[i] are the group and the party of record i."""
    _, found, found_sizes = np.unique(found, return_inverse=True, return_counts=True)
    _, truth, true_sizes = np.unique(truth, return_inverse=True, return_counts=True)
    cell, sizes = np.unique(found.astype(np.int64) * len(true_sizes) + truth, return_counts=True)
    precision, recall = _pairs(sizes) / max(_pairs(found_sizes), 1), _pairs(sizes) / max(_pairs(true_sizes), 1)
    squares = sizes.astype(float) ** 2
    each_precision = (squares / found_sizes[cell // len(true_sizes)]).sum() / len(truth)
    each_recall = (squares / true_sizes[cell % len(true_sizes)]).sum() / len(truth)
    return Quality(precision, recall, _harmonic(precision, recall), _harmonic(each_precision, each_recall))


def read_groups(path: Path, records: int) -> Labels:
    """The group of each record, by record id (a row number); ValueError where a record is lost or told twice."""
    rows = csv.read_csv(path)
    ids = rows["record_id"].to_numpy().astype(np.int64)
    if not np.array_equal(np.sort(ids), np.arange(records)):
        raise ValueError(f"{path}: {len(ids)} rows for {records} records; each record has to be there once")
    groups = rows["entity_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return groups[np.argsort(ids)]


def _pairs(sizes: Labels) -> float:
    return float((sizes.astype(float) * (sizes - 1.0) / 2).sum())


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
