"""With a key set, the grey zone is put to the language model and it writes the summaries; asked again, nothing is asked again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from dagster_project.resources import Rooms
from dagster_project.run import run
from sql.database import Database
from sql.tables import context, governance
from tests.model_stub import Stub, message, serving

PEOPLE = """\
id,First Name,Last Name,Email,City
1,Robert,Quandt,robert.quandt@acme-pumps.de,Hamburg
2,Robert,Quandt,rquandt@posteo.de,Hamburg
"""
WRITTEN = {
    "card": "Robert Quandt, of Hamburg [1].",
    "brief": "Robert Quandt lives in Hamburg [1].",
    "full": "Robert Quandt lives in Hamburg [1].",
}


def answer(asked: dict[str, Any]) -> tuple[int, Any]:
    judging = "verdict" in asked["output_config"]["format"]["schema"]["properties"]
    return 200, message({"verdict": "match", "confidence": "high", "reason": "One rare name in one town."} if judging else WRITTEN)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    with serving() as state:
        state.answers = answer
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")
        monkeypatch.setenv("CROSSWALK_RESOLUTION_REVIEW_LOWER", "0.001")  # nearly everything is in doubt
        monkeypatch.setenv("CROSSWALK_RESOLUTION_REVIEW_UPPER", "0.9999")
        monkeypatch.setenv("CROSSWALK_LANGUAGE_MODEL_URL", state.url)
        yield state


def test_the_model_judges_what_is_in_doubt_and_writes_what_is_read(tmp_path: Path, database: Database, stub: Stub) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE)
    config = tmp_path / "crosswalk.toml"
    config.write_text('[[source]]\nname = "people"\nkind = "csv"\npath = "people.csv"\n')
    for _ in range(2):
        assert run(Rooms(config, database), ["people"]).failed == []
    with database.begin() as connection:
        (judgement,) = connection.execute(text("select verdict, authority, reason from identity.judgement")).all()
        (party,) = connection.execute(text("select records from golden.record")).all()
        models = connection.scalars(select(context.summary.c.model).distinct()).all()
        purposes = connection.scalars(select(governance.model_call.c.purpose).order_by(governance.model_call.c.id)).all()
    assert tuple(judgement) == ("match", "language_model", "One rare name in one town.")
    assert party.records == 2
    assert models != ["extractive"]
    assert purposes == ["adjudicate", "summarise"]
    assert "sk-test" not in json.dumps(stub.asked)
