"""`crosswalk map` shows records and what is made of them side by side, and what is not mapped; a new mapping needs no pull."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from connectors.landing import drift, pages
from connectors.landing.counts import Place
from connectors.mapping.tables import at
from connectors.records import Page, Raw
from connectors.staging import preview
from crosswalk.cli import app
from sql.database import Database
from sql.tables import landing, staging

DECLARED = """
[[source]]
name = "crm"
kind = "hubspot"
secret = "env:TOKEN"
locale = "de"
"""
OWN = """
[source.mapping.companies]
since = ["properties.kunde_seit", "day"]
tier = ["properties.klasse", { A = "gold" }]
"""


@pytest.fixture
def folder(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWALK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TOKEN", "conformance-secret")
    monkeypatch.delenv("CROSSWALK_CONFIG", raising=False)
    (tmp_path / "crosswalk.toml").write_text(DECLARED)
    said = {"city": "Bonn", "kunde_seit": "01.02.2026", "klasse": "A", "old": None, "vip": False, "nummer": 12345}
    records = [Raw(key, {"id": key, "properties": {"name": f"Firma {key}", **said}}) for key in ("1", "2", "3")]
    with database.begin() as connection:
        pages.land(connection, Place("crm", "companies"), pages.ready(Page(records, {}), drift.Tally()), settled=True)
    return tmp_path


def typed(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def told(*words: str) -> Any:
    return json.loads(typed("map", "crm", *words, "--json"))


def test_raw_and_mapped_stand_side_by_side_with_what_is_not_mapped(folder: Path) -> None:
    (found,) = told("--stream", "companies", "--sample", "2")
    assert len(found["samples"]) == 2
    (party,) = found["samples"][0]["mapped"]["parties"]
    assert party["attributes"]["address"] == [{"city": "Bonn"}]
    assert found["samples"][0]["raw"]["properties"]["city"] == "Bonn"
    assert [(one["path"], one["records"], one["example"]) for one in found["not_mapped"]][1:] == [
        ("properties.klasse", 2, "A"),
        ("properties.kunde_seit", 2, "01.02.2026"),
        ("properties.nummer", 2, 12345),
        ("properties.vip", 2, False),
    ]
    shown = typed("map", "crm")
    assert "properties.city: Bonn" in shown
    assert " address.city: Bonn" in shown
    assert "attributes" not in shown
    rows = [line.split() for line in shown.splitlines()]
    assert ["properties.vip", "3", "of", "3", "false"] in rows
    assert ["properties.nummer", "3", "of", "3", "12345"] in rows
    assert "crm/deals: nothing has landed yet" in shown


def test_a_payload_is_shown_by_the_paths_that_a_mapping_would_name() -> None:
    raw = {"partner_id": [7, "Berg"], "addresses": [{"city": "Bonn", "main": True}], "none": None}
    shown = list(preview.lines(raw))
    assert shown == ["partner_id.0: 7", "partner_id.1: Berg", "addresses.0.city: Bonn", "addresses.0.main: true"]
    for path, _, text in (one.partition(": ") for one in shown):
        assert str(at(raw, path)).lower() == text.lower()


def test_own_fields_are_tried_as_they_are_declared_now_and_nothing_is_written(folder: Path, database: Database) -> None:
    (folder / "crosswalk.toml").write_text(DECLARED + OWN)
    (found,) = told("--stream", "companies", "--sample", "1")
    (party,) = found["samples"][0]["mapped"]["parties"]
    assert (party["attributes"]["since"], party["attributes"]["tier"]) == (["2026-02-01"], ["gold"])
    assert [one["path"] for one in found["not_mapped"]] == ["id", "properties.nummer", "properties.vip"]
    with database.begin() as connection:
        assert connection.execute(select(staging.party_record)).all() == []


def attributes(database: Database) -> Sequence[Any]:
    with database.begin() as connection:
        return connection.execute(select(staging.party_record.c.attributes).order_by(staging.party_record.c.ref)).scalars().all()


def test_a_new_mapping_runs_over_what_has_landed_without_a_pull(folder: Path, database: Database) -> None:
    typed("resolve")
    assert [one.get("since") for one in attributes(database)] == [None] * 3
    (folder / "crosswalk.toml").write_text(DECLARED + OWN)
    typed("resolve")
    assert [one.get("since") for one in attributes(database)] == [["2026-02-01"]] * 3
    (folder / "crosswalk.toml").write_text(DECLARED)
    typed("resolve")
    assert [one.get("since") for one in attributes(database)] == [None] * 3
    with database.begin() as connection:
        assert connection.execute(select(landing.sync_run)).all() == []


def test_a_path_is_mapped_where_a_cell_names_it_or_what_it_stands_in() -> None:
    payload = {"id": 1, "partner": [7, "Name"], "lines": [{"sku": "a", "count": 1}], "first": [{"mail": "a@b.c"}], "rest": {"x": [[5]]}}
    found = preview.not_mapped([payload, {"id": 2}], {"partner", "lines.0.sku", "first"})
    assert [(one.path, one.records, one.example) for one in found] == [("id", 2, 1), ("lines.0.count", 1, 1), ("rest.x", 1, 5)]


def test_what_is_not_mapped_is_told_by_a_path_that_can_be() -> None:
    payload = {
        "lines": [{"sku": "a"}, {"sku": "b", "tags": ["x", "y"]}],
        "grid": [[{"n": 1}]],
        "tags": ["p", "q"],
        "a.b": 7,
        "none": [],
        "x[]": 3,
    }
    found = {one.path: one.example for one in preview.not_mapped([payload], set())}
    assert found == {"lines.0.sku": "a", "lines.1.tags": "x", "grid.0.0.n": 1, "tags": "p", "a.b": 7, "x[]": 3}
    assert all(at(payload, path) is not None for path in found)


def test_a_mapping_that_is_no_table_tells_nothing_of_what_is_left_out() -> None:
    assert preview.paths_of("mails") is None
    assert preview.paths_of((1, "x")) is None


def test_of_a_record_that_is_one_thing_its_values_are_told_without_its_name() -> None:
    party = {"stream": "companies", "key": "7", "kind": "organization", "attributes": {"name": ("Berg",), "address": ({"city": "Bonn"},)}}
    claim = {"kind": "parent", "from_ref": "crm/companies/7", "to_ref": "crm/companies/9"}
    assert list(preview.made({"parties": (party,), "claims": (claim,)})) == [
        "kind: organization",
        "name: Berg",
        "address.city: Bonn",
        "claims.kind: parent",
        "claims.from_ref: crm/companies/7",
        "claims.to_ref: crm/companies/9",
    ]
    assert list(preview.made({"activity": {"kind": "deal", "attributes": {"stage": "won"}}})) == ["kind: deal", "stage: won"]
    assert list(preview.made({"parties": (party, {**party, "stream": "contacts"}), "activity": {"kind": "email"}})) == [
        *(f"parties.{place}.{one}" for place, stream in enumerate(("companies", "contacts"))
          for one in (f"stream: {stream}", "key: 7", "kind: organization", "name: Berg", "address.city: Bonn")),
        "activity.kind: email",
    ]  # fmt: skip


def test_what_is_shown_is_short() -> None:
    said = {"parties": ({"name": ("a", "b")}, {"name": ("c " * 200,)}), "none": None}
    shown = list(preview.lines(said))
    assert shown[:2] == ["parties.0.name: a", "parties.0.name: b"]
    assert shown[2].endswith("...")
    assert len(shown) == 3
