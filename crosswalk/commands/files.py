"""Resolve a file, with no database and no configuration."""

import json
import sys
from collections.abc import Iterator, Mapping
from importlib.abc import MetaPathFinder
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from crosswalk.commands.options import AsJson

if TYPE_CHECKING:
    from resolution.dedupe import Summary

WIDTH = 80
KINDS = {"person": "people", "organization": "organisations", "unknown": "of no known kind"}
SURE = {"0.99": "at least 99%", "0.90": "90 to 99%", "0.50": "50 to 90%", "0.00": "below 50%"}


def register(app: typer.Typer) -> None:
    app.command()(dedupe)


def dedupe(
    source: Annotated[Path, typer.Argument(metavar="IN", help="One record a row: .csv, .tsv, .txt, .jsonl or .parquet; also as .gz.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write record_id, entity_id, confidence: .csv or .parquet.")],
    id_column: Annotated[
        str | None, typer.Option(help="The column that names a record (default: worked out, or the row's number).")
    ] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--fields", metavar="COLUMN=MEANING", help="What a column means, where it is taken wrong.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="A column to leave out.")] = None,
    one_to_one: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column that says which of two clean lists a row is from: link one row of each at most."),
    ] = None,
    pairs: Annotated[Path | None, typer.Option(help="Write the scored pairs with their evidence, too: .csv, .parquet or .jsonl.")] = None,
    sentences: Annotated[bool, typer.Option("--sentences", help="With --pairs: say each pair's evidence in words.")] = False,
    engine: Annotated[
        str,
        typer.Option(help="local, or spark: the joins and the weighing of pairs on a Spark cluster (pip install 'crosswalk\\[spark]')."),
    ] = "local",
    as_json: AsJson = False,
) -> None:
    """Find which rows of a file are the same person or organisation.

    Works out what each column means, learns from the data where there is enough, and says what it did.

    A column's meaning is one of: id, ignore, kind, name, person_name, organization_name, given_name, family_name, birth_date, email, phone,
    website, employer, vat, tax_id, registration_number, lei, duns, industry, code, category, address.street, address.street2,
    address.number, address.city, address.region, address.postcode, address.country.

    [bold]Example:[/bold] crosswalk dedupe customers.csv --out groups.csv --id-column id --fields tel=phone
    """
    _hold_back_pandas()
    from resolution.dedupe import Options, dedupe

    if sentences and pairs is None:
        raise typer.BadParameter("--sentences needs --pairs, the file that they are written to")
    meanings = dict(meaning(field) for field in fields or [])
    options = Options(id_column, meanings, ignore or [], one_to_one=one_to_one, pairs=pairs, sentences=sentences, engine=engine)
    summary = dedupe(source, out, options, _progress)
    if as_json:
        typer.echo(json.dumps(summary.to_json(), indent=2, ensure_ascii=False))
        return
    for line in told(summary):
        typer.echo(line)
    typer.echo(f"\nWritten to {out}" + (f", and {summary.pairs_written:,} scored pairs to {pairs}." if pairs else "."))


class _NoPandas(MetaPathFinder):
    """Finds no pandas, and leaves everything else to the others."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        del path, target
        if fullname == "pandas":
            raise ImportError("pandas is not needed here")


def _hold_back_pandas() -> None:
    """Let pyarrow look for pandas in vain. It looks when it makes its first array, and to import pandas takes longer than a small file;
    what asks for pandas by name later still gets it."""
    if "pandas" not in sys.modules:
        refusing = _NoPandas()
        sys.meta_path.insert(0, refusing)
        try:
            import pyarrow as pa

            pa.array([0])
        finally:
            sys.meta_path.remove(refusing)


def _progress(step: str) -> None:
    """What is being done, for one who waits; nothing where standard error is no terminal."""
    if sys.stderr.isatty():
        typer.echo(f"{step} ...", err=True)


def meaning(field: str) -> tuple[str, str]:
    column, equals, taken = field.rpartition("=")
    if not equals or not column:
        raise typer.BadParameter(f"--fields takes COLUMN=MEANING, not {field!r}")
    return column, taken


def told(summary: "Summary") -> Iterator[str]:
    """What was done, for a person, in lines of WIDTH signs; a long value runs on into further lines."""
    kinds = ", ".join(f"{count:,} {KINDS[kind]}" for kind, count in summary.kinds.items())
    yield f"{summary.records:,} records ({kinds or 'none'}) are {summary.entities:,} entities. Took {summary.seconds:.1f} s."
    yield from _columns(summary)
    yield from _blocking(summary)
    yield from _groups(summary)


def _columns(summary: "Summary") -> Iterator[str]:
    width = min(max((len(name) for name in summary.columns), default=0), 26)
    yield "\nColumns used, as (correct it by --fields COLUMN=MEANING)"
    for name, column in summary.columns.items():
        if column.meaning != "ignore":
            yield from _row(name, column.why, width, column.meaning)
    if any(column.meaning == "ignore" for column in summary.columns.values()):
        yield "\nColumns not used"
        for name, column in summary.columns.items():
            if column.meaning == "ignore":
                yield from _row(name, column.why, width)
    yield f"\nA record is named by {summary.ids}."


def _row(name: str, text: str, width: int, beside: str = "") -> Iterator[str]:
    """A name, what stands beside it, and what is said of it, the lines that it takes under each other."""
    if len(name) > width:
        yield f"  {name}"
        name = ""
    beside = f"{beside:<22}" if beside else ""
    first, *others = wrap(text, WIDTH - width - len(beside) - 4, break_long_words=False) or [""]
    yield f"  {name:<{width}}  {beside}{first}".rstrip()
    for line in others:
        yield f"  {'':<{width}}  {'':<{len(beside)}}{line}"


def _blocking(summary: "Summary") -> Iterator[str]:
    yield f"\nCompared {summary.compared:,} pairs of records, of those that share"
    used = [rule for rule in summary.blocking if not rule.left_out and (rule.pairs or rule.blocks_skipped)]
    for rule in used:
        skipped = f"; {_plural(rule.blocks_skipped, 'value')} shared by too many skipped" if rule.blocks_skipped else ""
        alone = f", {_plural(rule.records_skipped, 'record')} left without a candidate" if rule.records_skipped else ""
        yield from _row(rule.rule, f"{_plural(rule.pairs, 'pair')}{skipped}{alone}", 30)
    if not used:
        yield "  nothing: no two records have a value in common"
    for rule in summary.blocking:
        if rule.left_out:
            yield from _row(rule.rule, f"not used: {rule.left_out}", 30)


def _groups(summary: "Summary") -> Iterator[str]:
    models = {"learned": "learned from this file", "shipped": "the shipped one, since this file is too small to learn from"}
    yield "\nHow sure that is"
    for kind, model in summary.models.items():
        yield from _row("Model", f"of {KINDS[kind]}: {models[model]}", 12)
    yield from _row("Entities", _listed({f"of {size} record{'' if size == '1' else 's'}": n for size, n in summary.sizes.items()}), 12)
    yield from _row("Records sure", _listed({SURE[low]: count for low, count in summary.confidence.items() if count}), 12)
    yield from _row("Doubtful", f"{_plural(summary.doubtful, 'group')} may be more than one party" if summary.doubtful else "no group", 12)
    for weak in summary.weakest:
        between = f"{weak.between[0]} and {weak.between[1]}"
        yield from _row("", f"{weak.entity_id}, {weak.records} records: {', '.join(weak.reasons)}; {between} at {weak.weakest:.0%}", 12)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _plural(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"
