"""The in-process run tells what became of each asset: it reads an attribute of Dagster's that Dagster does not promise to keep."""

from pathlib import Path

from dagster_project.progress import Step
from dagster_project.resources import Rooms
from dagster_project.run import run
from sql.database import Database


def test_each_asset_starts_and_ends_and_a_failed_source_says_why(tmp_path: Path, database: Database) -> None:
    (tmp_path / "people.csv").write_text("id,name,email\n1,Ann Lee,ann@lee.example\n2,Bob Ray,bob@ray.example\n")
    config = tmp_path / "crosswalk.toml"
    config.write_text(
        '[[source]]\nname = "people"\nkind = "csv"\npath = "people.csv"\n[[source]]\nname = "gone"\nkind = "documents"\npath = "nowhere"\n'
    )
    seen: list[Step] = []
    outcome = run(Rooms(config, database), ["people", "gone"], seen.append)
    ends = {step.asset: step for step in outcome.steps}
    assert list(ends)[-6:] == [step.asset for step in seen if step.status == "done"][-6:]
    assert {step.asset for step in seen if step.status == "started"} == set(ends)
    assert ends["gone/files"].status == "failed"
    assert "nowhere" in ends["gone/files"].error
    assert ends["gone/files"].error.endswith("/nowhere. Check the source's path.")
    assert "Error" not in ends["gone/files"].error
    assert ends["people/people"].counts["written"] == 2
    assert ends["golden_records"].counts["parties"] == 2
