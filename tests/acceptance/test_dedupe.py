"""A user resolves a file: whatever the file looks like, every record comes out once, or an error says what to do."""

import csv
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from crosswalk.cli import main
from crosswalk.commands.files import dedupe as command
from crosswalk.demo import score
from resolution.dedupe.infer import MEANINGS
from tests.acceptance.families import Row, people, with_ids


def write_csv(path: Path, rows: list[Row], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(out: Path) -> dict[str, str]:
    table = pa.csv.read_csv(out, convert_options=pa.csv.ConvertOptions(column_types={"record_id": pa.string(), "entity_id": pa.string()}))
    rows = table.to_pylist()
    assert table.column_names == ["record_id", "entity_id", "confidence"]
    assert all(0 <= row["confidence"] <= 1 for row in rows)
    assert len({row["record_id"] for row in rows}) == len(rows)
    return {row["record_id"]: row["entity_id"] for row in rows}


class Command:
    """`crosswalk dedupe`, run in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._monkeypatch, self._capsys, self.folder = monkeypatch, capsys, folder

    def __call__(self, source: Path, *options: str, out: str = "out.csv") -> tuple[int, str, str]:
        """(exit status, standard output, standard error)."""
        self._monkeypatch.setattr(sys, "argv", ["crosswalk", "dedupe", str(source), "--out", str(self.folder / out), *options])
        with pytest.raises(SystemExit) as left:
            main()
        said = self._capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    def groups(self, source: Path, *options: str) -> dict[str, str]:
        status, _, error = self(source, *options)
        assert (status, error) == (0, "")
        return read(self.folder / "out.csv")

    def refused(self, source: Path, *options: str, out: str = "out.csv") -> str:
        status, _, error = self(source, *options, out=out)
        assert status == 1
        assert not (self.folder / out).exists()
        return error


@pytest.fixture
def dedupe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    return Command(monkeypatch, capsys, tmp_path)


def test_people_in_families_are_told_apart_with_no_configuration(dedupe: Command, tmp_path: Path) -> None:
    rows, truth = with_ids(people(600))
    assert score(dedupe.groups(write_csv(tmp_path / "people.csv", rows)), truth).f1 > 0.97


def test_the_order_of_the_rows_changes_nothing(dedupe: Command, tmp_path: Path) -> None:
    rows, _ = with_ids(people(250))
    straight = dedupe.groups(write_csv(tmp_path / "people.csv", rows), "--id-column", "id")
    assert dedupe.groups(write_csv(tmp_path / "people.csv", rows[::-1]), "--id-column", "id") == straight


def test_a_small_file_is_resolved_by_the_shipped_model(dedupe: Command, tmp_path: Path) -> None:
    rows: list[Row] = [
        {"company": "Acme Tools GmbH", "website": "https://www.acme-tools.de", "city": "Hamburg"},
        {"company": "ACME Tools", "website": "acme-tools.de", "city": "Hamburg"},
        {"company": "Zeta Foods Ltd", "website": "zeta.co.uk", "city": "Leeds"},
    ]
    groups = dedupe.groups(write_csv(tmp_path / "companies.csv", rows))
    assert groups["0"] == groups["1"] != groups["2"]


def test_every_form_of_a_file_gives_the_same_groups(dedupe: Command, tmp_path: Path) -> None:
    rows, _ = with_ids(people(80))
    straight = dedupe.groups(write_csv(tmp_path / "people.csv", rows))
    assert dedupe.groups(write_csv(tmp_path / "semicolons.csv", rows, delimiter=";")) == straight
    assert dedupe.groups(write_csv(tmp_path / "utf16.csv", rows, "utf-16")) == straight
    assert dedupe.groups(write_csv(tmp_path / "bom.csv", rows, "utf-8-sig")) == straight
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "people.parquet")
    assert dedupe.groups(tmp_path / "people.parquet") == straight
    (tmp_path / "people.jsonl").write_text("\n".join(json.dumps({name: value for name, value in row.items() if value}) for row in rows))
    assert dedupe.groups(tmp_path / "people.jsonl") == straight


def test_the_answer_can_be_parquet_and_the_summary_json(dedupe: Command, tmp_path: Path) -> None:
    rows, _ = with_ids(people(30))
    status, printed, _ = dedupe(write_csv(tmp_path / "people.csv", rows), "--json", out="out.parquet")
    assert status == 0
    assert pq.read_table(tmp_path / "out.parquet")["record_id"].to_pylist() == [row["id"] for row in rows]
    assert json.loads(printed)["columns"]["first_name"]["meaning"] == "given_name"


def test_old_encodings_nuls_quotes_and_line_breaks_are_read(dedupe: Command, tmp_path: Path) -> None:
    source = tmp_path / "odd.csv"
    source.write_bytes(
        'name,email,note\r\n"Müller, Jürgen",jm@web.de,"two\nlines"\r\nJürgen M\x00üller,jm@web.de,\r\n,,\r\n'.encode("cp1252")
    )
    groups = dedupe.groups(source)
    assert sorted(groups) == ["0", "1", "2"]
    assert groups["0"] == groups["1"] != groups["2"]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("name\nBob Smith\nBob Smith\n", 2),
        ("x\n\n", 0),
        ("id,empty\n1,\n2,\n3,\n", 3),
        ("a,b\n", 0),
        ("n\n" + "1\n" * 50, 50),
        ("id,name\n1,\n2,x\n", 2),
    ],
    ids=["one column", "one blank line", "only nulls", "only a header", "one number", "one value"],
)
def test_a_file_that_says_little_keeps_every_record(dedupe: Command, tmp_path: Path, text: str, records: int) -> None:
    (tmp_path / "little.csv").write_text(text)
    assert len(dedupe.groups(tmp_path / "little.csv")) == records


def test_a_number_for_an_id_and_a_phone_kept_as_a_float_are_read(dedupe: Command, tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2, 3], "name": ["Bob Smith", "Bob Smith", "Ann Lee"], "phone": [401234567.0, 401234567.0, None]})
    pq.write_table(table, tmp_path / "numbers.parquet")
    groups = dedupe.groups(tmp_path / "numbers.parquet")
    assert groups["1"] == groups["2"] != groups["3"]


def test_lists_and_objects_in_json_are_several_values_and_columns(dedupe: Command, tmp_path: Path) -> None:
    records = [
        {"name": "Bob Smith", "email": ["x@y.org", "bob.smith@acme.com"], "address": {"city": "Leeds"}},
        {"name": "Bob Smith", "email": "bob.smith@acme.com", "extra": 1},
    ]
    (tmp_path / "nested.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n\n")
    assert len(set(dedupe.groups(tmp_path / "nested.jsonl").values())) == 1


def test_a_column_can_be_ignored_and_another_be_said(dedupe: Command, tmp_path: Path) -> None:
    rows: list[Row] = [{"name": "Bob Smith", "q": "bob.smith@acme.com"}, {"name": "Bob Smith", "q": "bob.smith@acme.com"}]
    source = write_csv(tmp_path / "q.csv", rows)
    assert len(set(dedupe.groups(source, "--fields", "q=email").values())) == 1
    assert len(set(dedupe.groups(source, "--ignore", "q").values())) == 2


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        (
            "twice.csv",
            "id,name\n1,a\n1,b\n",
            ["--id-column", "id"],
            "1 values of id occur more than once, such as '1'; ids have to be unique",
        ),
        ("blank.csv", "id,name\n1,a\n,b\n", ["--id-column", "id"], "record 2 has no id"),
        ("none.csv", "", [], "the file is empty; a header line"),
        ("bytes.parquet", "no parquet", [], "can't be read as parquet"),
        ("broken.jsonl", '{"a": 1}\n{"a"', [], "line 2 is no JSON"),
        ("list.jsonl", "[1]\n", [], "line 1 is no JSON object"),
        ("ragged.csv", "a,b\n1,2\n1,2,3\n", [], "row 2 has 3 fields where the header has 2: 1,2,3 (a value that holds the delimiter"),
        ("double.csv", "a,a\n1,2\n", [], "more than one column is called a"),
        ("people.csv", "a,b\n1,2\n", ["--id-column", "c"], "there is no column named 'c'; the columns are a, b"),
        ("people.csv", "a,b\n1,2\n", ["--ignore", "c"], "there is no column named 'c'"),
        ("people.csv", "a,b\n1,2\n", ["--fields", "a=colour"], "a=colour: this meaning is not known"),
        ("people.xlsx", "", [], "files of kind .xlsx are not read"),
    ],
)
def test_a_file_that_cannot_be_resolved_is_refused_in_words(
    dedupe: Command, tmp_path: Path, name: str, content: str, options: list[str], said: str
) -> None:
    (tmp_path / name).write_text(content)
    assert said in dedupe.refused(tmp_path / name, *options)


def test_a_file_that_is_not_there_or_cannot_be_written_is_refused(dedupe: Command, tmp_path: Path) -> None:
    assert "there is no such file" in dedupe.refused(tmp_path / "nowhere.csv")
    (tmp_path / "people.csv").write_text("name\nx\n")
    assert "written as .csv or .parquet" in dedupe.refused(tmp_path / "people.csv", out="out.xlsx")
    assert "does not exist; create it" in dedupe.refused(tmp_path / "people.csv", out="nowhere/out.csv")


def two_lists(folder: Path) -> tuple[Path, list[Row], dict[str, str]]:
    """People of two clean lists: nobody is in a list twice, though some in one list are alike."""
    rows, truth = with_ids(people(300))
    seen: set[tuple[str, str]] = set()
    kept = []
    for place, row in enumerate(rows):
        name = ("crm", "billing")[place % 2]
        if (name, truth[row["id"] or ""]) not in seen:
            seen.add((name, truth[row["id"] or ""]))
            kept.append(row | {"list": name})
    return write_csv(folder / "lists.csv", kept), kept, {row["id"] or "": truth[row["id"] or ""] for row in kept}


def test_two_clean_lists_are_linked_one_to_one(dedupe: Command, tmp_path: Path) -> None:
    source, rows, truth = two_lists(tmp_path)
    groups = dedupe.groups(source, "--one-to-one", "list")
    lists = {row["id"]: row["list"] for row in rows}
    members = defaultdict(list)
    for record, entity in groups.items():
        members[entity].append(lists[record])
    assert all(sorted(told) in (["billing", "crm"], ["billing"], ["crm"]) for told in members.values())
    assert score(groups, truth).f1 > 0.97


def test_a_record_with_two_candidates_gets_the_better_and_the_other_stays_alone(dedupe: Command, tmp_path: Path) -> None:
    rows: list[Row] = [
        {"list": "a", "name": "Robert Smith", "email": "robert.smith@acme.com", "phone": "0401234567"},
        {"list": "b", "name": "Robert Smith", "email": "robert.smith@acme.com", "phone": None},
        {"list": "b", "name": "Bob Smith", "email": "robert.smith@acme.com", "phone": "0401234567"},
    ]
    source = write_csv(tmp_path / "lists.csv", rows)
    assert len(set(dedupe.groups(source, "--ignore", "list").values())) == 1
    groups = dedupe.groups(source, "--one-to-one", "list")
    assert len(set(groups.values())) == 2
    assert groups["1"] != groups["2"]


def test_one_to_one_needs_a_column_that_names_two_lists(dedupe: Command, tmp_path: Path) -> None:
    (tmp_path / "lists.csv").write_text("list,name\na,x\nb,y\nc,z\n")
    assert "list has 3 different values" in dedupe.refused(tmp_path / "lists.csv", "--one-to-one", "list")
    (tmp_path / "gap.csv").write_text("list,name\na,x\n,y\n")
    assert "record 2 has no list" in dedupe.refused(tmp_path / "gap.csv", "--one-to-one", "list")


def test_the_bits_of_a_scored_pair_add_up_to_its_weight_in_every_form(dedupe: Command, tmp_path: Path) -> None:
    rows, _ = with_ids(people(60))
    source = write_csv(tmp_path / "people.csv", rows)
    for name in ("pairs.parquet", "pairs.csv", "pairs.jsonl"):
        dedupe.groups(source, "--pairs", str(tmp_path / name), "--sentences")
    pairs = pq.read_table(tmp_path / "pairs.parquet").to_pylist()
    assert pairs == sorted(pairs, key=lambda pair: -pair["weight"])
    for pair in pairs:
        added = sum(value for name, value in pair.items() if name.endswith("_bits"))
        assert pair["rule"] != "none" or abs(added - pair["weight"]) < 0.02
        said = re.search(r"they stand at ([+-][0-9.]+)\.$", pair["sentence"])
        assert pair["rule"] != "none" or (said and float(said[1]) == pytest.approx(pair["weight"], abs=0.051))
    groups = read(tmp_path / "out.csv")
    assert all(pair["same_entity"] == (groups[pair["left_id"]] == groups[pair["right_id"]]) for pair in pairs)
    assert pyarrow.csv.read_csv(tmp_path / "pairs.csv").num_rows == len(pairs)
    assert len((tmp_path / "pairs.jsonl").read_text().splitlines()) == len(pairs)


def test_a_file_without_pairs_gives_an_empty_list_of_them(dedupe: Command, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("name\nBob Smith\n")
    dedupe.groups(tmp_path / "one.csv", "--pairs", str(tmp_path / "pairs.csv"))
    assert (tmp_path / "pairs.csv").read_text().startswith('"left_id","right_id"')


def test_the_summary_says_what_was_done_and_how_sure_it_is(dedupe: Command, tmp_path: Path) -> None:
    rows, _ = with_ids(people(300))
    source = write_csv(tmp_path / "people.csv", [row | {"row": str(place)} for place, row in enumerate(rows)])
    _, printed, _ = dedupe(source, "--json")
    told = json.loads(printed)
    assert (told["records"], told["kinds"], told["ids"]) == (len(rows), {"person": len(rows)}, "id")
    assert told["columns"]["row"] == {"meaning": "ignore", "why": "nearly another for each record", "group": ""}
    assert sum(told["confidence"].values()) == len(rows)
    assert sum(told["sizes"].values()) == told["entities"]
    assert {"rule", "pairs", "blocks_skipped", "records_skipped", "left_out"} == set(told["blocking"][0])
    _, printed, _ = dedupe(source)
    assert max(map(len, printed.replace(str(tmp_path), "").splitlines())) <= 80
    assert "Columns not used" in printed


@pytest.mark.parametrize(
    ("header", "named_by"),
    [
        ("Customer ID,name,email", "Customer ID"),
        ("account_id,name,id", "id"),
        ("name,email,phone", "its row's number, from 0"),
    ],
)
def test_the_column_that_names_a_record_is_worked_out(dedupe: Command, tmp_path: Path, header: str, named_by: str) -> None:
    (tmp_path / "people.csv").write_text(f"{header}\n17,Bob Smith,21\n18,Ann Lee,22\n")
    _, printed, _ = dedupe(tmp_path / "people.csv", "--json")
    assert json.loads(printed)["ids"] == named_by


def test_the_answer_never_takes_the_place_of_the_records(dedupe: Command, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name\nBob Smith\n")
    status, _, error = dedupe(tmp_path / "people.csv", out="people.csv")
    assert (status, "need a file each" in error) == (1, True)
    assert (tmp_path / "people.csv").read_text() == "name\nBob Smith\n"


def test_the_help_names_every_meaning_that_a_column_can_have() -> None:
    said = command.__doc__ or ""
    assert tuple(re.findall(r"[a-z0-9_.]+(?=[,.]\s)", said[said.index("is one of: ") + 11 : said.index("[bold]")])) == MEANINGS
