"""Resolve a file, with no database and no configuration."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from crosswalk.commands.output import AsJson, console, show


def register(app: typer.Typer) -> None:
    app.command()(dedupe)


def dedupe(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A .csv, .parquet or .jsonl file, one record a row.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write record_id, entity_id, confidence: .csv or .parquet.")],
    id_column: Annotated[
        str | None, typer.Option(help="The column that names a record (default: worked out, or the row's number).")
    ] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--fields", metavar="COLUMN=MEANING", help="What a column means, where it is taken wrong.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="A column to leave out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find which rows of a file are the same person or organisation.

    Works out what each column means, learns from the data where there is enough, and says what it did.

    [bold]Example:[/bold] crosswalk dedupe customers.csv --out groups.csv --id-column id --fields tel=phone
    """
    from resolution.dedupe import Options, dedupe

    meanings = dict(meaning(field) for field in fields or [])
    summary = dedupe(source, out, Options(id_column=id_column, fields=meanings, ignore=ignore or []))
    if as_json:
        show(asdict(summary), True)
        return
    console.print(
        f"{summary.records:,} records are {summary.entities:,} entities. Compared {summary.pairs:,} pairs in {summary.seconds:.1f} s; "
        f"{summary.skipped_blocks:,} blocks were too large to use. Written to {out}.",
        highlight=False,
    )
    show([{"column": column, "taken for": taken} for column, taken in summary.meanings.items()], False)


def meaning(field: str) -> tuple[str, str]:
    column, equals, taken = field.rpartition("=")
    if not equals or not column:
        raise typer.BadParameter(f"--fields takes COLUMN=MEANING, not {field!r}")
    return column, taken
