"""What landed and waits for a person: records in quarantine, and syncs that are held."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from crosswalk.commands.ground import opened
from crosswalk.commands.options import Actor, AsJson
from crosswalk.commands.output import console, show
from crosswalk.commands.sources import Config, config_path

quarantine = typer.Typer(help="Records that could not be read or mapped: list, retry, drop.", no_args_is_help=True)
holds = typer.Typer(help="Syncs that changed too much to be believed: list, publish.", no_args_is_help=True)

Ids = Annotated[list[int] | None, typer.Argument(metavar="ID", help="Which, from `crosswalk quarantine list`.")]
Source = Annotated[str | None, typer.Option("--source", help="All of this source.")]


def register(app: typer.Typer) -> None:
    app.add_typer(quarantine, name="quarantine")
    app.add_typer(holds, name="holds")


@quarantine.command("list")
def list_quarantine(source: Source = None, as_json: AsJson = False) -> None:
    """Show what waits, the latest first: its key, where it failed, why, how often it was tried, and when.

    [bold]Example:[/bold] crosswalk quarantine list --source crm
    """
    from connectors.landing.quarantine import waiting

    with opened() as database:
        show([shown(row) for row in waiting(database, source)], as_json)


def shown(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "record": f"{row.source}/{row.stream}/{row.key}",
        "stage": row.stage,
        "reason": row.reason,
        "attempts": row.attempts,
        "first_at": row.first_at,
        "last_at": row.last_at,
    }


@quarantine.command()
def retry(
    ids: Ids = None,
    source: Source = None,
    every: Annotated[bool, typer.Option("--all", help="All that waits.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Try again: what could not be mapped is queued, what could not be read is read live where its source can be asked.

    [bold]Example:[/bold] crosswalk quarantine retry --source crm && crosswalk resolve
    """
    from connectors import sources
    from connectors.landing.quarantine import waiting
    from connectors.landing.retrying import retry

    if not (ids or source or every):
        raise typer.BadParameter("say which: an ID, --source NAME, or --all")
    with opened() as database:
        rows = waiting(database, source, ids or ())
        show([asdict(one) for one in retry(database, sources.load(config_path(config)), rows)], as_json)


@quarantine.command()
def drop(
    ids: Annotated[list[int], typer.Argument(metavar="ID", help="Which, from `crosswalk quarantine list`.")], actor: Actor = "steward"
) -> None:
    """Decide that records are not wanted as they are. They are kept, with who decided; if they come changed, they are tried again.

    [bold]Example:[/bold] crosswalk quarantine drop 17 18
    """
    from connectors.landing.quarantine import drop

    with opened() as database:
        dropped = drop(database, ids, actor)
    if not dropped:
        raise typer.BadParameter("nothing of these waits: crosswalk quarantine list")
    for ref in dropped:
        console.print(f"dropped {ref}", highlight=False, markup=False)


@holds.command("list")
def list_holds(as_json: AsJson = False) -> None:
    """Show the streams whose records wait, and why.

    [bold]Example:[/bold] crosswalk holds list --json
    """
    from connectors.landing.holds import held

    with opened() as database:
        show([{"stream": f"{row.source}/{row.stream}", "reason": row.reason, "held_at": row.held_at} for row in held(database)], as_json)


@holds.command()
def publish(what: Annotated[str, typer.Argument(metavar="SOURCE[/STREAM]", help="What to let through.")], actor: Actor = "steward") -> None:
    """Let what is held be mapped, after you have looked.

    [bold]Example:[/bold] crosswalk holds publish crm/companies && crosswalk resolve
    """
    from connectors.landing.holds import publish

    source, _, stream = what.partition("/")
    with opened() as database:
        released = publish(database, source, stream or None, actor)
    if not released:
        raise typer.BadParameter(f"nothing of {what} is held: crosswalk holds list")
    for name in released:
        console.print(f"published {source}/{name}; to make something of it: crosswalk resolve", highlight=False, markup=False)
