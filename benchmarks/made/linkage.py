"""The peer: recordlinkage, configured by hand for the file as its own guide does it.

Blocks on several columns in turn, Jaro-Winkler and Levenshtein on names and places with a threshold, exact on the rest, and its ECM
classifier (Fellegi-Sunter by expectation maximisation). What it calls a match is its answer: pairs, which it does not group.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import recordlinkage
from recordlinkage.index import Block


@dataclass(frozen=True, slots=True)
class Plan:
    """blocks: columns whose equal values make a candidate pair; comparisons: column -> how."""

    blocks: Sequence[str]
    comparisons: Mapping[str, str]


FEBRL = Plan(
    ("given_name", "surname", "date_of_birth", "postcode", "soc_sec_id"),
    {
        "given_name": "jarowinkler", "surname": "jarowinkler", "date_of_birth": "exact", "suburb": "levenshtein", "state": "exact",
        "postcode": "exact", "address_1": "levenshtein", "soc_sec_id": "exact",
    },
)  # fmt: skip
PEOPLE = Plan(
    ("email", "phone", "birth_date", "last_name", "postcode"),
    {
        "first_name": "jarowinkler", "last_name": "jarowinkler", "birth_date": "exact", "email": "exact", "phone": "exact",
        "street": "levenshtein", "city": "levenshtein", "postcode": "exact",
    },
)  # fmt: skip
THRESHOLD = 0.85


def matches(source: Path, id_column: str, plan: Plan) -> set[tuple[str, str]]:
    """Pairs of ids that it calls a match, the smaller id (as text) first."""
    frame = pd.read_csv(source, dtype=str).set_index(id_column)
    indexer = recordlinkage.Index()
    for column in plan.blocks:
        indexer.add(Block(column))
    candidates = indexer.index(frame)
    comparing = recordlinkage.Compare()
    for column, how in plan.comparisons.items():
        if how == "exact":
            comparing.exact(column, column)
        else:
            comparing.string(column, column, method=how, threshold=THRESHOLD)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = recordlinkage.ECMClassifier().fit_predict(comparing.compute(candidates, frame))
    return {(min(a, b), max(a, b)) for a, b in found}
