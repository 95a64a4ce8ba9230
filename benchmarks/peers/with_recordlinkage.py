"""recordlinkage, configured by hand for the file as its own guide does it.

    with_recordlinkage.py SHAPE IN.parquet OUT.csv

Blocks on several columns or sets of columns in turn, Jaro-Winkler and Levenshtein on names and places with a threshold, exact on the rest,
and its ECM classifier (Fellegi-Sunter by expectation maximisation). What it calls a match are pairs; records that they connect are a group.
"""

import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import recordlinkage
from recordlinkage.index import Block
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True, slots=True)
class Plan:
    """blocks: columns whose equal values together make a candidate pair; comparisons: column -> how."""

    blocks: Sequence[tuple[str, ...]]
    comparisons: Mapping[str, str]


PLANS = {
    "febrl": Plan(
        [("soc_sec_id",), ("given_name",), ("surname",), ("date_of_birth",), ("postcode",)],
        {
            "given_name": "jarowinkler", "surname": "jarowinkler", "date_of_birth": "exact", "suburb": "levenshtein", "state": "exact",
            "postcode": "exact", "address_1": "levenshtein", "soc_sec_id": "exact",
        },
    ),
    "people": Plan(
        [
            ("email",), ("phone",), ("first_name", "last_name", "postcode"), ("last_name", "birth_date"), ("first_name", "birth_date"),
            ("street", "postcode"), ("street", "first_name"),
        ],
        {
            "first_name": "jarowinkler", "last_name": "jarowinkler", "birth_date": "exact", "email": "exact", "phone": "exact",
            "street": "levenshtein", "city": "levenshtein", "postcode": "exact",
        },
    ),
}  # fmt: skip
THRESHOLD = 0.85


def matches(frame: pd.DataFrame, plan: Plan) -> pd.MultiIndex:
    indexer = recordlinkage.Index()
    for columns in plan.blocks:
        indexer.add(Block(list(columns)))
    comparing = recordlinkage.Compare()
    for column, how in plan.comparisons.items():
        if how == "exact":
            comparing.exact(column, column)
        else:
            comparing.string(column, column, method=how, threshold=THRESHOLD)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return recordlinkage.ECMClassifier().fit_predict(comparing.compute(indexer.index(frame), frame))


if __name__ == "__main__":
    shape, source, out = sys.argv[1:]
    frame = pd.read_parquet(source).set_index("record_id")
    left, right = (frame.index.get_indexer(matches(frame, PLANS[shape]).get_level_values(side)) for side in (0, 1))
    _, group = connected_components(coo_array((np.ones(len(left)), (left, right)), (len(frame), len(frame))), directed=False)
    pd.DataFrame({"record_id": frame.index, "entity_id": group}).to_csv(out, index=False)
