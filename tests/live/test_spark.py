"""A Spark cluster gives what this process gives: the same pairs, weights, groups and confidence, to the last bit.

CROSSWALK_TEST_RECORDS people (100,000) take the whole path, with rules measured and large blocks parted; a small file of both kinds takes
the one with identifiers, rules and records of unknown kind. `make live` installs pyspark; Java has to be there.
"""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from benchmarks.made.people import people, table
from resolution.dedupe import Options, dedupe, records_of
from resolution.dedupe.errors import DedupeError
from resolution.dedupe.grouping import Grouping, Here, group
from resolution.normalize import features
from resolution.normalize.features import Features
from resolution.records import PartyRecord
from resolution.spark.java import check_java

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'crosswalk[spark]'")
pytestmark = [pytest.mark.filterwarnings("ignore:::pyspark"), pytest.mark.filterwarnings("ignore::ResourceWarning")]

PEOPLE = int(os.environ.get("CROSSWALK_TEST_RECORDS", "100000"))


@pytest.fixture(scope="module", autouse=True)
def java() -> Iterator[None]:
    try:
        check_java()
    except DedupeError as error:
        pytest.skip(str(error))
    from resolution.spark.session import session

    os.environ.setdefault("SPARK_MASTER", "local[2]")
    running = session()
    yield
    running.stop()


def test_on_many_people_the_cluster_says_what_one_process_says() -> None:
    rows = table(PEOPLE)
    records, _ = records_of(rows.drop_columns(["person"]), Path("people"), Options(id_column="record_id"))
    here = both(records)
    assert any(rule.left_out for rule in here.blocking) or PEOPLE < 100_000, "too few pairs to choose among the rules: nothing was measured"


def test_on_people_and_organisations_with_identifiers_the_cluster_says_what_one_process_says() -> None:
    here = both(features(customers()))
    kinds = {(rule.rule, rule.pairs > 0) for rule in here.blocking}
    assert {("identifier", True), ("organisation name", True), ("mailbox", True)} <= kinds


@pytest.mark.parametrize("records", [1, 2_000])
def test_a_file_is_answered_alike(tmp_path: Path, records: int) -> None:
    source = tmp_path / "people.parquet"
    pq.write_table(table(records).drop_columns(["person"]), source)
    for engine in ("local", "spark"):
        dedupe(source, tmp_path / f"{engine}.csv", Options(id_column="record_id", engine=engine))
    assert csv.read_csv(tmp_path / "local.csv").equals(csv.read_csv(tmp_path / "spark.csv"))


def both(records: Features) -> Grouping:
    """The grouping, the same by either engine."""
    from resolution.spark.engine import Cluster
    from resolution.spark.session import session

    here, there = group(records, engine=Here), group(records, engine=partial(Cluster, session()))
    assert there.model.version == here.model.version
    assert there.compared == here.compared
    assert there.blocking == here.blocking
    for name in ("left", "right", "weight", "label", "confidence"):
        found, wanted = getattr(there, name), getattr(here, name)
        assert np.array_equal(found, wanted), name
    return here


def customers() -> list[PartyRecord]:
    """People, companies, and both with their kind untold; companies share tax numbers, and pairs of them have two that conflict."""
    told = []
    for place, row in enumerate(people(3_000)):
        said = {"email": row["email"], "phone": row["phone"]}
        if place % 3:
            said |= {"given_name": row["first_name"], "family_name": row["last_name"], "birth_date": row["birth_date"]}
        else:
            said |= {"name": f"{row['last_name']} {row['city']} Ltd", "tax_id": f"{int(row['person']) % 400:09}"}
        address = {part: row[part] for part in ("street", "city", "postcode") if row[part]}
        attributes = {name: [value] for name, value in said.items() if value} | ({"address": [address]} if address else {})
        kind = "unknown" if place % 7 == 0 else "person" if place % 3 else "organization"
        told.append(PartyRecord(place, f"r{place}", "crm", kind, attributes))
    return told
