"""GoldenMatch with nothing configured.

    with_goldenmatch.py SHAPE IN.parquet OUT.csv

Runs in an environment of its own. The record's id is left out of what it sees, as it would be of use to nobody.
"""

import sys
from pathlib import Path

import goldenmatch
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

if __name__ == "__main__":
    _, source, out = sys.argv[1:]
    table = pq.read_table(source)
    blind = Path(out).with_suffix(".blind.parquet")
    pq.write_table(table.drop_columns(["record_id"]), blind)
    groups = goldenmatch.dedupe(str(blind)).clusters
    ids = table["record_id"].to_pylist()
    rows = [(ids[member], group) for group, one in groups.items() for member in one["members"]]
    csv.write_csv(pa.table({"record_id": [row[0] for row in rows], "entity_id": [row[1] for row in rows]}), out)
