"""How a command speaks: JSON for a program, tables for a person, progress on standard error."""

import json
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from crosswalk.commands.options import AsJson

__all__ = ["AsJson", "cell", "console", "progress", "show", "table"]

console = Console()
progress = Console(stderr=True)


def show(value: Any, as_json: bool) -> None:
    """Print a mapping or a list of mappings: as JSON, or as a table."""
    if as_json:
        typer.echo(json.dumps(value, default=str, indent=2, ensure_ascii=False))
    elif isinstance(value, dict):
        console.print(table(("", ""), [(name, cell(entry)) for name, entry in value.items()], header=False))
    elif value:
        names = list(value[0])
        console.print(table(names, [[cell(row[name]) for name in names] for row in value]))
    else:
        console.print("none")


def table(names: Sequence[str], rows: Sequence[Sequence[str]], *, header: bool = True) -> Table:
    made = Table(box=None, show_header=header, header_style="bold", pad_edge=False)
    for name in names:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case float():
            return f"{value:.3f}"
        case int():
            return f"{value:,}"
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)
