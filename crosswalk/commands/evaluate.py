"""How good the resolver is, where labels say what is true."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crosswalk.commands.files import meaning
from crosswalk.commands.ground import opened
from crosswalk.commands.options import AsJson
from crosswalk.commands.output import console, show, table

if TYPE_CHECKING:
    from resolution.evaluate.calibration import Calibration
    from resolution.evaluate.evaluation import Evaluation

#: Points of the curve that are told at the command line; the page shows all.
TOLD = (-6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 6.0, 8.0)

#: A threshold that is better by less is as good.
AS_GOOD = 0.0005


def register(app: typer.Typer) -> None:
    app.command("eval")(evaluate)


def evaluate(
    source: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The records, as for dedupe (default: what stewards decided).")
    ] = None,
    truth: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column that names each record's true group.")] = None,
    pairs: Annotated[
        Path | None, typer.Option(metavar="LABELS", help="A file of labelled pairs: left, right (ids of records), match (1 or 0).")
    ] = None,
    clusters: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Evaluate this result of dedupe, or of another tool: record_id, entity_id.")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="The column that names a record (default: worked out).")] = None,
    fields: Annotated[list[str] | None, typer.Option("--fields", metavar="COLUMN=MEANING", help="As for dedupe.")] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="As for dedupe.")] = None,
    errors: Annotated[int, typer.Option(min=0, help="Mistakes of each sort to explain, at most.")] = 10,
    html: Annotated[Path | None, typer.Option(metavar="OUT", help="Write a page with plots, too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how good the resolver is where the truth is known: in a file, or by the stewards' decisions in the database.

    [bold]Example:[/bold] crosswalk eval people.csv --truth person --html report.html
    """
    from resolution.dedupe import Options
    from resolution.evaluate.files import Asked, evaluate_file

    if source is None and (truth or pairs or clusters or id_column or fields or ignore):
        raise typer.BadParameter("without a FILE the stewards' decisions are evaluated, to which no labels and columns are given")
    options = Options(id_column=id_column, fields=dict(meaning(field) for field in fields or []), ignore=ignore or [])
    found = _of_decisions(errors) if source is None else evaluate_file(source, Asked(truth, pairs, clusters, options, errors))
    if html:
        from resolution.evaluate.page import write_page

        write_page(found, source.name if source else "What stewards decided", html)
    if as_json:
        show(found.to_json(), True)
    else:
        tell(found)


def _of_decisions(errors: int) -> "Evaluation":
    from resolution.identity import decided
    from resolution.identity.settling import present_terms

    with opened() as database, database.begin() as connection:
        return decided.evaluate(connection, present_terms(connection), errors)


def tell(found: "Evaluation") -> None:
    """The figures, the curve and the mistakes, for a person."""
    for line in (*_figures(found), *_calibrations(found)):
        console.print(line, highlight=False)
    if found.curve:
        chosen = {*(found.curve.default.threshold + step for step in TOLD), found.curve.best.threshold}
        rows = [
            [
                f"{point.threshold:+.1f}",
                *(f"{value:.4f}" for value in (point.quality.precision, point.quality.recall, point.quality.f1)),
                mark,
            ]
            for point in found.curve.points
            if point.threshold in chosen
            for mark in ["default" if point == found.curve.default else "best" if point == found.curve.best else ""]
        ]
        console.print()
        console.print(table(("threshold", "precision", "recall", "F1", ""), rows))
    for mistake in found.mistakes:
        told = f" {mistake.cause[:1].upper()}{mistake.cause[1:]}. {mistake.sentence}" if mistake.cause else ""
        console.print(f"\n{mistake.sort}: {mistake.left} and {mistake.right}.{told}", highlight=False, markup=False)


def _figures(found: "Evaluation") -> list[str]:
    quality = found.quality
    bcubed = f" (B-cubed {quality.bcubed:.4f})" if quality.bcubed is not None else ""
    told = [f"Precision {quality.precision:.4f}, recall {quality.recall:.4f}, F1 {quality.f1:.4f}{bcubed} on {quality.records:,} records."]
    wrong, missed = quality.joined - quality.both, quality.true - quality.both
    told.append(f"Of {quality.joined:,} pairs joined {wrong:,} are wrong; of {quality.true:,} true pairs {missed:,} are missed.")
    if found.curve:
        best, default = found.curve.best, found.curve.default
        told.append(
            f"The best threshold is {best.threshold:+.1f} bits, F1 {best.quality.f1:.4f}: the default of {default.threshold:+.1f} gives "
            f"away {found.curve.distance:.4f}."
            if found.curve.distance >= AS_GOOD
            else f"No threshold does better than the default of {default.threshold:+.1f} bits."
        )
    return told


def _calibrations(found: "Evaluation") -> list[str]:
    def told(of: str, calibration: "Calibration | None") -> list[str]:
        return [f"Calibration error of {of}: {calibration.error:.4f} ({calibration.cases:,} cases)."] if calibration else []

    return told("pairs", found.pairs) + told("records", found.records)
