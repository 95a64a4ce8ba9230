"""Keys of service accounts, and the audit chain."""

from typing import Annotated

import typer

from crosswalk.commands.ground import opened
from crosswalk.commands.options import AsJson
from crosswalk.commands.output import console, show

keys = typer.Typer(help="Keys of service accounts: create, list, revoke.", no_args_is_help=True)
audit = typer.Typer(help="The audit chain.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")
    app.add_typer(audit, name="audit")


@keys.command()
def create(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The service account; made if it is new.")],
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            help="read, steward, admin; source:NAME; class:public, internal, personal, financial, sensitive; source:* and class:* are all.",
        ),
    ],
) -> None:
    """Make a key and print it, once.

    [bold]Example:[/bold] crosswalk keys create agents --scope read --scope 'source:*' --scope class:public --scope class:internal
    """
    from context_api.keys import create

    with opened() as database:
        typer.echo(create(database, account, scope).key)


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show the keys, without their secrets.

    [bold]Example:[/bold] crosswalk keys list --json
    """
    from context_api.keys import listing

    with opened() as database:
        show([dict(row._mapping) for row in listing(database)], as_json)


@keys.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, from `crosswalk keys list`.")]) -> None:
    """End a key; within five seconds no process accepts it.

    [bold]Example:[/bold] crosswalk keys revoke 5f2a9c0d1e2b3a4f
    """
    from context_api.keys import revoke

    with opened() as database:
        revoke(database, key_id)


@audit.command()
def verify() -> None:
    """Prove that no audit row was changed, removed or put in.

    [bold]Example:[/bold] crosswalk audit verify
    """
    from sql.audit import verify

    with opened() as database, database.begin() as connection:
        broken = list(verify(connection))
    for line in broken:
        typer.echo(line, err=True)
    console.print("The audit chain is broken." if broken else "The audit chain is whole.")
    raise typer.Exit(1 if broken else 0)
