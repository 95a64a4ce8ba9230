"""How a command speaks: JSON for a program, tables for a person, progress on standard error.

On a terminal a table keeps within its width; what is piped or written to a file has one line for each row, however long.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import typer
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

GAP = 2

console = Console()
progress = Console(stderr=True)
for _one in (console, progress):
    _one.soft_wrap = not _one.is_terminal


def show(value: Any, as_json: bool) -> None:
    """Print a mapping or a list of mappings: as JSON, or as a table."""
    if as_json:
        typer.echo(json.dumps(value, default=_plain, indent=2, ensure_ascii=False))
    elif isinstance(value, dict):
        console.print(table(("", ""), [(_heading(name), cell(entry, name)) for name, entry in value.items()], header=False))
    elif value:
        for line in listed(value, console.width if console.is_terminal else None):
            console.print(line, highlight=False)
    else:
        console.print("none")


def listed(rows: Sequence[Mapping[str, Any]], width: int | None) -> Iterator[RenderableType]:
    """A heading and a line for each row, within `width` signs: what does not fit beside the others stands below, the widest column first.
    A column that is empty in every row is left out."""
    names = [name for name in rows[0] if any(row[name] not in (None, "", [], ()) for row in rows)]
    cells = [{name: cell(row[name], name) for name in names} for row in rows]
    widths = {name: max(cell_len(text) for text in (_heading(name), *(one[name] for one in cells))) for name in names}
    beside = list(names)
    while width is not None and len(beside) > 1 and sum(widths[name] + GAP for name in beside) - GAP > width:
        beside.remove(max(beside[1:], key=widths.__getitem__))
    numbers = {name for name in beside if all(isinstance(row[name], int | float | None) for row in rows)}

    def line(texts: Mapping[str, str]) -> str:
        return (" " * GAP).join(_padded(texts[name], widths[name], right=name in numbers) for name in beside).rstrip()

    yield Text(line({name: _heading(name) for name in beside}), style="bold")
    for one in cells:
        yield Text(line(one))
        for name in names:
            if name not in beside and one[name]:
                yield Padding(Text.assemble((f"{_heading(name)}: ", "dim"), one[name]), (0, 0, 0, 4), expand=False)


def table(names: Sequence[str], rows: Sequence[Sequence[str]], *, header: bool = True) -> Table:
    """A table whose cells are broken where they do not fit on the terminal."""
    made = Table(box=None, show_header=header, header_style="bold", pad_edge=False)
    for name in names:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*map(Text, row))
    if not console.is_terminal:
        made.width = max(1, console.measure(made, options=console.options.update(width=100_000)).maximum)
    return made


def cell(value: Any, name: str = "") -> str:
    """The value as a person reads it; the name tells a number that counts from one that is an id."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.3f}"
        case int():
            return str(value) if name == "id" or name.endswith("_id") else f"{value:,}"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def _plain(value: Any) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
