"""What of the Spark engine needs no cluster: records to Arrow and back, and what is said where something is missing."""

import shutil
import subprocess
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.block import keys
from resolution.dedupe import engines
from resolution.dedupe.errors import DedupeError
from resolution.normalize import features
from resolution.records import PartyRecord
from resolution.spark.exchange import features_of, table_of
from resolution.spark.java import check_java

VALUES = st.lists(st.sampled_from(["", "Ada", "ada@example.com", "Ünal GmbH", "a b", "+1 415 555 0100", "1815-12-10", "日本"]), max_size=3)
RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["person", "organization", "unknown"]),
        st.dictionaries(st.sampled_from(["name", "given_name", "email", "phone", "birth_date", "code:x y.z", "tax_id"]), VALUES),
    ),
    min_size=1,
    max_size=6,
)


@given(RECORDS)
def test_records_come_back_from_arrow_as_they_were(told: list[tuple[Any, dict[str, list[str]]]]) -> None:
    records = features([PartyRecord(place, f"r{place}", "s", kind, values) for place, (kind, values) in enumerate(told)])
    (batch,) = table_of(records).combine_chunks().to_batches()
    names = tuple(records.columns)
    back = features_of(batch.rename_columns(["row", *(f"own_{name}" for name in batch.schema.names[1:])]), ["own"], names)
    assert [back.profile(row).terms for row in range(len(back))] == [records.profile(row).terms for row in range(len(records))]
    assert np.array_equal(back.kind, records.kind)
    assert np.array_equal(np.sort(keys(back).key), np.sort(keys(records).key))


def test_both_records_of_a_pair_are_found_in_one_batch() -> None:
    records = features([PartyRecord(place, f"r{place}", "s", "person", {"name": [f"Ada {place}"]}) for place in range(4)])
    table = table_of(records).drop_columns(["row"])
    pairs = {"left": [0, 1], "right": [3, 2]}
    sides = {f"{side}_{name}": table[name].take(rows) for side, rows in pairs.items() for name in table.column_names}
    (batch,) = pa.table(sides).combine_chunks().to_batches()
    found = features_of(batch, ["left", "right"], tuple(records.columns))
    assert [found.profile(row).terms for row in range(4)] == [records.profile(row).terms for row in (0, 1, 3, 2)]


def test_an_engine_that_is_not_known_is_refused() -> None:
    with pytest.raises(DedupeError, match="no engine flink; it is one of local, spark"):
        engines.engine("flink")


def test_without_pyspark_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(DedupeError, match=r"pip install 'crosswalk\[spark\]'"):
        engines.engine("spark")


def test_without_java_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DedupeError, match="there is no Java here"):
        check_java()


def test_java_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/sh")
    told = subprocess.CompletedProcess([], 0, "", 'openjdk version "1.8.0_402"\n')
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: told)
    with pytest.raises(DedupeError, match=r"is openjdk version \"1.8.0_402\"\. --engine spark needs Java 17 or newer"):
        check_java()
