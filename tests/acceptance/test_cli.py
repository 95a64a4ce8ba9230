"""What a newcomer types, from an empty folder to a resolved list, and what they are told when it is wrong."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.errors import TransientError
from crosswalk.cli import app
from sql.database import Database

CUSTOMERS = """\
Customer No,Company,VAT,E-Mail,Phone,City
1,Acme Pumps GmbH,DE136695976,info@acme-pumps.de,+49 40 123456,Hamburg
2,ACME Pumps,DE136695976,sales@acme-pumps.de,040 123456,Hamburg
3,Borg Foods Ltd,,hello@borgfoods.co.uk,+44 20 7946 0958,London
"""


DECLARED = """\
[[source]]
name = "customers"
kind = "csv"
path = "exports"
kind_of_rows = "organization"
"""


@pytest.fixture
def folder(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, with a database in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWALK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.delenv("CROSSWALK_CONFIG", raising=False)
    return tmp_path


def type_in(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def declare(folder: Path) -> None:
    (folder / "exports").mkdir()
    (folder / "exports" / "customers.csv").write_text(CUSTOMERS)
    (folder / "crosswalk.toml").write_text(DECLARED)


def test_init_writes_a_file_that_loads_and_never_overwrites(folder: Path) -> None:
    from connectors import sources

    assert type_in("init").exit_code == 0
    assert [source.kind for source in sources.load(folder / "crosswalk.toml")] == ["csv"]
    again = type_in("init")
    assert again.exit_code != 0
    assert "is there already" in again.output


def test_check_says_in_a_line_what_is_wrong(folder: Path) -> None:
    declare(folder)
    assert type_in("check").exit_code == 0
    (folder / "exports" / "customers.csv").unlink()
    (folder / "exports").rmdir()
    wrong = type_in("check", "--json")
    assert wrong.exit_code == 1
    assert [row["ok"] for row in json.loads(wrong.stdout)] == ["no"]


def test_sync_makes_one_party_of_two_records_and_status_counts_them(folder: Path) -> None:
    declare(folder)
    synced = type_in("sync", "--json")
    assert synced.exit_code == 0, synced.output
    totals = json.loads(type_in("status", "--json").stdout)["totals"]
    assert (totals["party_records"], totals["parties"], totals["golden_records"]) == (3, 2, 2)
    assert totals["records_to_resolve"] == 0


def test_why_says_what_joins_two_records(folder: Path) -> None:
    declare(folder)
    type_in("sync", "--json")
    told = type_in("why", "customers/customers/1", "customers/customers/2")
    assert told.exit_code == 0, told.output
    assert "VAT" in told.output or "vat" in told.output
    assert type_in("why", "customers/customers/1").exit_code == 0
    assert "no live party record" in str(type_in("why", "customers/customers/9").exception)
    assert "no party with this id" in str(type_in("why", "pty_9").exception)


def test_a_source_that_fails_gives_status_1_and_holds_up_nothing_else(folder: Path) -> None:
    declare(folder)
    with (folder / "crosswalk.toml").open("a") as config:
        config.write('[[source]]\nname = "gone"\nkind = "documents"\npath = "nowhere"\n')
    synced = type_in("sync", "--json")
    assert synced.exit_code == 1
    steps = {step["asset"]: step["status"] for step in json.loads(synced.stdout)["steps"]}
    assert steps["gone/files"] == "failed"
    assert steps["summaries"] == "done"
    errors = {row["stream"]: row["error"] for row in json.loads(type_in("status", "--json").stdout)["streams"]}
    assert errors["files"] == "there is no folder nowhere. Check the source's path."
    assert errors["customers"] is None


def test_a_range_that_can_not_be_read_gives_status_1_whatever_the_source_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object) -> None:
        raise TransientError("read timed out")

    declare(folder)
    monkeypatch.setattr("connectors.landing.sync.backfill", silent)
    told = type_in("sync", "--from", "2026-01-01", "--json")
    assert [row["says"].partition(" timed")[0] for row in json.loads(told.stdout)] == ["read"]
    assert told.exit_code == 1


def test_a_source_that_is_not_declared_is_named(folder: Path) -> None:
    declare(folder)
    assert "declares no source 'crm'" in str(type_in("sync", "crm").exception)


def test_keys_are_made_listed_and_revoked(folder: Path) -> None:
    type_in("migrate")
    key = type_in("keys", "create", "agents", "--scope", "read", "--scope", "source:*").stdout.strip()
    listed = json.loads(type_in("keys", "list", "--json").stdout)
    assert [row["account"] for row in listed] == ["agents"]
    assert key.split("_")[2] not in json.dumps(listed)
    assert type_in("keys", "revoke", listed[0]["id"]).exit_code == 0
    assert type_in("audit", "verify").exit_code == 0


def test_dedupe_writes_each_record_once(folder: Path) -> None:
    (folder / "customers.csv").write_text(CUSTOMERS)
    done = type_in("dedupe", "customers.csv", "--out", "groups.csv")
    assert done.exit_code == 0, done.output
    lines = (folder / "groups.csv").read_text().splitlines()
    assert len(lines) == 4
    assert lines[0].replace('"', "") == "record_id,entity_id,confidence"


@pytest.mark.parametrize("command", [[], ["demo"], ["dedupe"], ["sync"], ["resolve"], ["serve"], ["review"], ["keys", "create"], ["why"]])
def test_every_command_has_help_with_an_example(command: list[str]) -> None:
    shown = type_in(*command, "--help")
    assert shown.exit_code == 0
    assert "Example:" in shown.output or command in ([], ["review"])
