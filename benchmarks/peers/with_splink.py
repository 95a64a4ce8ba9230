"""Splink 5 on DuckDB, configured by hand for the file as its guide does it.

    with_splink.py SHAPE IN.parquet OUT.csv

Runs in an environment of its own. Levels of likeness for each field, term frequencies where values are unequally frequent, several
blocking rules, u from random pairs, m by expectation maximisation in two passes, clusters of pairs at a probability of .95.
"""

import contextlib
import io
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on


@dataclass(frozen=True)
class Plan:
    """comparisons; blocks: columns whose equal values together make a candidate pair; certain: blocks that hold hardly any but matches;
    passes: the blocks of the two passes of training."""

    comparisons: Sequence[Any]
    blocks: Sequence[tuple[str, ...]]
    certain: Sequence[tuple[str, ...]]
    passes: Sequence[tuple[str, ...]]


def name(column: str) -> Any:
    return cl.JaroWinklerAtThresholds(column, [0.92, 0.8]).configure(term_frequency_adjustments=True)


def code(column: str, *distances: int) -> Any:
    return cl.LevenshteinAtThresholds(column, list(distances))


def address() -> Any:
    """An address as one comparison: taken by its parts, neighbours and families become one person."""
    road, city = "jaro_winkler_similarity(road_l, road_r) > .9", "jaro_winkler_similarity(city_l, city_r) > .9"
    nothing = " or ".join(f"coalesce(house_{side}, road_{side}, city_{side}, postcode_{side}) is null" for side in "lr")
    levels = {
        "same": f"house_l = house_r and {road} and (postcode_l = postcode_r or {city})",
        "same house": f"house_l = house_r and ({road} or postcode_l = postcode_r)",
        "same road": f"{road} and (postcode_l = postcode_r or {city})",
        "same postcode": "postcode_l = postcode_r",
        "same city": city,
    }
    return cl.CustomComparison(
        [
            cll.CustomLevel(nothing, "no address").configure(is_null_level=True),
            *(cll.CustomLevel(rule, name) for name, rule in levels.items()),
            cll.ElseLevel(),
        ],
        output_column_name="address",
    )


PLANS = {
    "people": Plan(
        [
            name("first_name"), name("last_name"), code("birth_date", 1, 2), address(), code("phone", 1), code("email", 1, 3),
        ],
        [
            ("email",), ("phone",), ("first_name", "last_name", "postcode"), ("last_name", "birth_date"), ("first_name", "birth_date"),
            ("postcode", "house"), ("road", "house", "first_name"),
        ],
        [("email",), ("last_name", "first_name", "birth_date")],
        [("last_name", "birth_date"), ("email",)],
    ),
    "febrl": Plan(
        [
            name("given_name"), name("surname"), code("date_of_birth", 1, 2), code("soc_sec_id", 1, 2), code("street_number", 1),
            cl.JaroWinklerAtThresholds("address_1", [0.9]), cl.JaroWinklerAtThresholds("suburb", [0.9]), code("postcode", 1),
        ],
        [
            ("soc_sec_id",), ("given_name", "surname"), ("surname", "date_of_birth"), ("given_name", "date_of_birth"),
            ("postcode", "street_number"), ("address_1",),
        ],
        [("soc_sec_id",), ("given_name", "surname", "date_of_birth")],
        [("soc_sec_id",), ("given_name", "surname")],
    ),
}  # fmt: skip


def frame_of(source: str) -> pd.DataFrame:
    frame = pd.read_parquet(source)
    for column in frame.columns.drop("record_id"):
        frame[column] = frame[column].str.lower()
    if "street" in frame:
        frame[["house", "road"]] = frame["street"].str.extract(r"^(\d+)?\s*(.*)$")
    return frame


def clusters(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        retain_intermediate_calculation_columns=False,
        comparisons=list(plan.comparisons),
        blocking_rules_to_generate_predictions=[block_on(*block) for block in plan.blocks],
    )
    linker = Linker(DuckDBAPI().register(frame), settings)
    linker.training.estimate_probability_two_random_records_match([block_on(*block) for block in plan.certain], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
    for block in plan.passes:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*block))
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    return linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=0.95).as_pandas_dataframe()


if __name__ == "__main__":
    shape, source, out = sys.argv[1:]
    logging.disable(logging.WARNING)
    with contextlib.redirect_stdout(io.StringIO()):
        found = clusters(frame_of(source), PLANS[shape])
    found.rename(columns={"cluster_id": "entity_id"})[["record_id", "entity_id"]].to_csv(out, index=False)
