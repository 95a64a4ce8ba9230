"""Records between the kernel and Spark: features as an Arrow table of lists of terms, and back.

What a row of features holds depends on its record alone, so any rows that are brought together are features again, and weigh what they
weigh anywhere else.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from resolution.normalize.features import Column, Features

#: So many records are turned into a table at once; Arrow's offsets of strings end at 2 GiB.
SLICE = 100_000


def table_of(records: Features) -> pa.Table:
    """`row` int64 and `kind` int8 of each record, and its columns as c0, c1, ..., lists of strings, in the records' order of columns."""
    slices = [_slice(records, begin) for begin in range(0, len(records), SLICE)]
    return pa.concat_tables(slices)


def features_of(batch: pa.RecordBatch, sides: Sequence[str], names: Sequence[str]) -> Features:
    """The features of the records in a batch: those of the first side in the order of its rows, then those of the next. names: the columns
    of the features."""
    kind = np.concatenate([batch.column(f"{side}_kind").to_numpy() for side in sides])
    columns = {}
    for place, name in enumerate(names):
        columns[name] = _column(pa.concat_arrays([batch.column(f"{side}_c{place}") for side in sides]))
    return Features(np.arange(len(kind)), pa.nulls(len(kind), pa.string()), kind, columns)


def fields(names: Sequence[str], side: str) -> list[str]:
    """What to select of a frame of records so that `features_of` finds it under this side."""
    return [f"{name} as {side}_{name}" for name in ("kind", *(f"c{place}" for place in range(len(names))))]


def _slice(records: Features, begin: int) -> pa.Table:
    rows = np.arange(begin, min(begin + SLICE, len(records)))
    lists = {}
    for place, column in enumerate(records.columns.values()):
        some = column.take(rows)
        lists[f"c{place}"] = pa.ListArray.from_arrays(pa.array(some.offsets.astype(np.int32)), some.terms.take(pa.array(some.codes)))
    return pa.table({"row": rows, "kind": records.kind[rows], **lists})


def _column(lists: pa.ListArray) -> Column:
    offsets = lists.offsets.to_numpy().astype(np.int64)
    encoded = lists.flatten().dictionary_encode()
    return Column(offsets - offsets[0], encoded.indices.to_numpy().astype(np.int32), encoded.dictionary)
