"""What a command prints is read on a narrow terminal, on a wide one, and by the next program of a pipe."""

from datetime import datetime, timedelta, timezone
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from crosswalk.commands.output import cell, listed, table
from crosswalk.commands.progress import RunTable
from dagster_project.progress import Step

STREAMS: list[dict[str, Any]] = [
    {
        "stream": "contracts_of_the_group/files",
        "status": "failed",
        "last_sync_at": datetime(2026, 11, 20, 21, 18, 1, 124685, timezone(timedelta(hours=2))),
        "records": 0,
        "error": "there is no folder /srv/contracts/of/the/group, which is where [source.stream] should be",
        "held": None,
    },
    {"stream": "crm/companies", "status": "succeeded", "last_sync_at": None, "records": 12_345, "error": None, "held": None},
]


def printed(width: int | None, rows: list[dict[str, Any]]) -> list[str]:
    console = Console(file=StringIO(), width=width or 80, soft_wrap=width is None)
    for line in listed(rows, width):
        console.print(line)
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_on_a_narrow_terminal_what_does_not_fit_stands_below_its_row() -> None:
    assert printed(80, STREAMS) == [
        "stream                        status     last sync at          records",
        "contracts_of_the_group/files  failed     2026-11-20 19:18 UTC        0",
        "    error: there is no folder /srv/contracts/of/the/group, which is where",
        "    [source.stream] should be",
        "crm/companies                 succeeded                         12,345",
    ]


@pytest.mark.parametrize("width", [200, None])
def test_where_there_is_room_and_in_a_pipe_each_row_is_a_line(width: int | None) -> None:
    lines = printed(width, STREAMS)
    assert len(lines) == 3
    assert lines[1].endswith("where [source.stream] should be")


def test_no_terminal_is_too_narrow() -> None:
    assert all(len(line) <= 20 for line in printed(20, STREAMS))


def test_a_number_that_names_is_told_as_it_is_typed() -> None:
    assert (cell(1234, "id"), cell(1234, "review_id"), cell(1234, "records"), cell(True)) == ("1234", "1234", "1,234", "yes")


def test_a_table_for_a_pipe_breaks_no_cell(capsys: pytest.CaptureFixture[str]) -> None:
    from crosswalk.commands.output import console

    console.print(table(("path", "for instance"), [("properties.name", "[bold]" + "x" * 200)]))
    assert "[bold]" + "x" * 200 in capsys.readouterr().out


def test_an_error_of_a_step_is_shown_with_its_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    with RunTable() as live:
        live.take(Step("mail/mails", "failed", error="source mail has neither. Add [source.oauth] to it. " + "And so on. " * 20))
    [line] = capsys.readouterr().err.splitlines()
    assert "Add [source.oauth] to it." in line


def test_a_step_that_runs_has_told_nothing_yet() -> None:
    console = Console(file=StringIO(), width=80)
    live = RunTable(visible=False)
    live.take(Step("crm/companies", "started"))
    console.print(live.render())
    live.take(Step("crm/companies", "done"))
    console.print(live.render())
    assert isinstance(console.file, StringIO)
    assert [("nothing new" in line) for line in console.file.getvalue().splitlines()] == [False, True]
