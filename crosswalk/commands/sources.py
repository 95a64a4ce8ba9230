"""Declare sources, try them, and sync them."""

from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from crosswalk.commands.ground import opened
from crosswalk.commands.options import AsJson
from crosswalk.commands.output import console, progress, show
from crosswalk.settings import Settings

EXAMPLES = "`crosswalk init --config example.toml` writes an example of each kind."
DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]

Config = Annotated[Path | None, typer.Option("--config", help="Where the sources are declared (default: crosswalk.toml).")]


def register(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(check)
    app.command()(sync)
    app.command()(resolve)


def config_path(config: Path | None) -> Path:
    return config or Settings().config


def init(config: Config = None) -> None:
    """Write a crosswalk.toml to start from, with each kind of source explained.

    [bold]Example:[/bold] crosswalk init && $EDITOR crosswalk.toml && crosswalk check
    """
    from connectors import sources

    path = config_path(config)
    if path.exists():
        raise typer.BadParameter(f"{path} is there already: it is left as it is. Name another with --config.")
    if not path.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.parent}. Make it first, or name another file with --config.")
    path.write_text(sources.example(), "utf-8")
    console.print(f"Wrote {path}. Declare your sources in it, then: crosswalk check")


def check(config: Config = None, as_json: AsJson = False) -> None:
    """Try each declared source and say in a line what is wrong.

    [bold]Example:[/bold] crosswalk check --json
    """
    from connectors import sources
    from connectors.check import check as check_source
    from connectors.errors import ConfigurationError

    path = config_path(config)
    declarations = sources.load(path)
    if not declarations:
        raise ConfigurationError(f"{path} declares no source", action=EXAMPLES)
    # What was kept of a source's credentials is needed to ask it; files and folders are tried without a database.
    with opened() if any(one.secret or one.oauth for one in declarations) else nullcontext() as database:
        findings = [check_source(declaration, database) for declaration in declarations]
    show([{"source": finding.source, "ok": "yes" if finding.ok else "no", "says": finding.line} for finding in findings], as_json)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


def sync(
    names: Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help="Which sources (default: all).")] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=DATES, help="Only what changed from then on, though it was read before (UTC).")
    ] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=DATES, help="With --from: and before then.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Pull what is new from the sources, resolve it, and build what is read.

    Runs the assets of dagster_project in this process. It can be stopped at any moment and run again: it goes on from the last page.
    With --from a range is read once more, and only landed; where the next sync goes on stays as it is.

    [bold]Example:[/bold] crosswalk sync crm erp
    """
    if end and not start:
        raise typer.BadParameter("--to needs --from")
    if start:
        backfill(config_path(config), names, (start.replace(tzinfo=UTC), end.replace(tzinfo=UTC) if end else None), as_json)
    else:
        run_assets(config_path(config), names, as_json)


def resolve(config: Config = None, as_json: AsJson = False) -> None:
    """Map, resolve and build what has landed, without asking any source.

    [bold]Example:[/bold] crosswalk resolve
    """
    run_assets(config_path(config), [], as_json)


def backfill(config: Path, names: list[str] | None, span: "tuple[datetime, datetime | None]", as_json: bool) -> None:
    from connectors.errors import ConnectorError
    from connectors.landing.sync import backfill, streams_of
    from dagster_project.resources import Rooms

    rows: list[dict[str, Any]] = []
    failed = False
    with opened() as database:
        rooms = Rooms(config, database)
        for declaration in [rooms.declaration(name) for name in names] if names else rooms.declarations:
            for stream in streams_of(declaration):
                row: dict[str, Any] = {"stream": f"{declaration.name}/{stream}", "fetched": 0, "written": 0, "says": "read"}
                rows.append(row)
                try:
                    report = backfill(database, declaration, stream, span)
                    row |= {"fetched": report.counts.fetched, "written": report.counts.written}
                    row["says"] = "; ".join(report.warnings) or "read: crosswalk resolve makes something of it"
                except ConnectorError as error:
                    row["says"], failed = error.told, True
    show(rows, as_json)
    raise typer.Exit(1 if failed else 0)


def run_assets(config: Path, names: list[str] | None, as_json: bool) -> None:
    from crosswalk.commands.progress import RunTable, show_warnings
    from dagster_project.resources import Rooms
    from dagster_project.run import run

    with opened() as database:
        rooms = Rooms(config, database)
        chosen = [declaration.name for declaration in rooms.declarations] if names is None else names
        try:
            with RunTable(visible=not as_json) as live:
                outcome = run(rooms, chosen, live.take)
        except KeyboardInterrupt:
            progress.print("Stopped. What came is kept: run it again, and it goes on from there.")
            raise
    steps = [step_row(step) for step in outcome.steps]
    report = {"steps": steps, "warnings": [asdict(warned) for warned in outcome.warnings]}
    if as_json:
        show(report, True)
    else:
        show_warnings(outcome.warnings)
    raise typer.Exit(1 if outcome.failed else 0)


def step_row(step: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"asset": step.asset, "status": step.status, "error": step.error or None}
    row.update(step.counts)
    return row
