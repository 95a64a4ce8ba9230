"""Resolve a file, with no database and no configuration."""

from pathlib import Path
from typing import Annotated

import typer

from crosswalk.commands.output import AsJson, console, show


def register(app: typer.Typer) -> None:
    app.command()(dedupe)


def dedupe(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A .csv, .parquet or .jsonl file, one record a row.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write record_id, entity_id, confidence: .csv or .parquet.")],
    id_column: Annotated[str | None, typer.Option(help="The column that names a record; without it, the row's number from 0.")] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--fields", metavar="COLUMN=MEANING", help="What a column means, where it is guessed wrong.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="A column to leave out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find which rows of a file are the same person or organisation.

    Works out what each column means, learns from the data where there is enough, and says what it did.

    [bold]Example:[/bold] crosswalk dedupe customers.csv --out groups.csv --id-column id --fields tel=phone
    """
    from resolution.dedupe import Options, dedupe

    summary = dedupe(source, out, Options.of(id_column=id_column, fields=fields or [], ignore=ignore or []))
    if as_json:
        show(summary.as_dict(), True)
    else:
        console.print(summary.text())
