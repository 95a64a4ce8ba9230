"""See what a mapping makes of what has landed."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from crosswalk.commands.ground import opened
from crosswalk.commands.options import AsJson
from crosswalk.commands.output import console, show, table
from crosswalk.commands.sources import Config, config_path

if TYPE_CHECKING:
    from connectors.staging.preview import Preview


def register(app: typer.Typer) -> None:
    app.command("map")(show_mapping)


def show_mapping(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Which source.")],
    stream: Annotated[str | None, typer.Option("--stream", help="One stream of it (default: each).")] = None,
    sample: Annotated[int, typer.Option("--sample", min=1, help="How many records of each stream.")] = 5,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show records as they came and what is made of them, side by side, and what is not mapped. Nothing is written.

    What crosswalk.toml maps of a source's own fields is tried as it stands there now.

    [bold]Example:[/bold] crosswalk map crm --stream companies --sample 2
    """
    from connectors.staging.preview import previews
    from dagster_project.resources import Rooms

    with opened() as database:
        found = previews(database, Rooms(config_path(config), database).declaration(source), stream, sample)
    if as_json:
        show([asdict(one) for one in found], True)
        return
    for one in found:
        print_preview(source, one)


def print_preview(source: str, preview: "Preview") -> None:
    from connectors.staging.preview import lines, made, shown

    if not preview.samples:
        console.print(f"{source}/{preview.stream}: nothing has landed yet: crosswalk sync {source}\n", highlight=False)
        return
    for sample in preview.samples:
        console.rule(sample.ref, align="left")
        said = [*made(sample.mapped), *(f"! {doubt}" for doubt in sample.doubts)]
        console.print(table(("as it came", "what is made of it"), [("\n".join(lines(sample.raw)), "\n".join(said))]))
    of = len(preview.samples)
    console.rule(f"{source}/{preview.stream}: not mapped", align="left")
    if preview.not_mapped is None:
        console.print("its mapping is no table of paths, so this can't be told")
    else:
        rows = [(one.path, f"{one.records} of {of}", shown(one.example)) for one in preview.not_mapped]
        console.print(table(("path", "records", "for instance"), rows) if rows else "nothing")
    console.print()
