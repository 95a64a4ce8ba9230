"""A user holds the resolver, or a result, against labels."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crosswalk.cli import app

PEOPLE = """\
id,who,first_name,last_name,birth_date,email
1,ann,Ann,Miller,1970-01-02,ann.miller@mail.example
2,ann,Ann,Miller,1970-01-02,ann.miller@mail.example
3,bob,Robert,Carter,1981-03-04,bob@carter.example
4,bob,Bob,Carter,1981-03-04,bob@carter.example
5,cleo,Cleo,Adams,1990-05-06,cleo@adams.example
6,ann,Zoe,Quist,1955-07-08,zoe@quist.example
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    return file


def type_in(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_the_figures_the_curve_and_the_mistakes_are_told(people: Path) -> None:
    told = type_in("eval", str(people), "--truth", "who")
    assert told.exit_code == 0, told.exception
    for part in ("Precision 1.0000", "recall 0.5000", "B-cubed", "threshold", "default", "missed: 2 and 6"):
        assert part in told.stdout


def test_a_program_reads_them_and_a_page_is_written(people: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    found = json.loads(type_in("eval", str(people), "--truth", "who", "--json", "--html", str(page)).stdout)
    assert found["quality"]["pairs_both"] == 2
    assert found["curve"]["best"]["f1"] >= found["curve"]["default"]["f1"]
    assert found["calibration"]["records"]["cases"] == 6
    assert "people.csv" in page.read_text("utf-8")


def test_what_dedupe_wrote_is_held_against_labelled_pairs(people: Path, tmp_path: Path) -> None:
    out, labels = tmp_path / "out.csv", tmp_path / "labels.csv"
    labels.write_text("left,right,match\n1,2,1\n3,5,0\n2,6,1\n")
    assert type_in("dedupe", str(people), "--out", str(out), "--ignore", "who").exit_code == 0
    told = type_in("eval", str(people), "--pairs", str(labels), "--clusters", str(out), "--ignore", "who", "--json")
    quality = json.loads(told.stdout)["quality"]
    assert (quality["precision"], quality["recall"], quality["bcubed_f1"]) == (1.0, 0.5, None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("people.csv",), "--truth COLUMN or by --pairs"),
        (("people.csv", "--truth", "whom"), "no column named 'whom'"),
        (("nowhere.csv", "--truth", "who"), "no such file"),
        (("people.csv", "--truth", "who", "--html", "gone/page.html"), "can't be written"),
    ],
)
def test_what_is_wrong_is_said(people: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str) -> None:
    monkeypatch.chdir(people.parent)
    assert told in str(type_in("eval", *words).exception)


def test_labels_without_a_file_are_refused() -> None:
    refused = type_in("eval", "--truth", "who")
    assert refused.exit_code == 2
    assert "without a FILE" in refused.output


@pytest.mark.parametrize(
    "command", [["eval"], ["model", "train"], ["model", "shadow"], ["model", "impact"], ["model", "promote"], ["model", "list"]]
)
def test_every_command_has_help_with_an_example(command: list[str]) -> None:
    shown = type_in(*command, "--help")
    assert shown.exit_code == 0
    assert "Example:" in shown.output
