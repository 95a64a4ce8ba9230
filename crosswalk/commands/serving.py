"""Serve what there is: REST, MCP and the console over HTTP, MCP over standard input and output."""

from contextlib import suppress
from typing import Annotated

import typer

from crosswalk.commands.ground import opened
from crosswalk.commands.output import console


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(mcp)
    app.command()(migrate)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes one that is free.")] = 8000,
) -> None:
    """Serve the API, MCP at /mcp and the console at /console.

    [bold]Example:[/bold] crosswalk serve --port 8080
    """
    import uvicorn

    from context_api import logs
    from context_api.app import create_app
    from crosswalk.listening import address, listening
    from crosswalk.settings import Settings

    with listening(host, port) as listener, opened() as database:
        # Its own access log stays off: the console's sign-in link holds a key in its query string.
        server = uvicorn.Server(uvicorn.Config(create_app(database), log_config=None, access_log=False, server_header=False))
        console.print(
            f"Crosswalk serves {address(listener)}/ (console), /v1 (REST, described at /openapi.json), /mcp. Ctrl-C stops it.",
            highlight=False,
        )
        logs.configure(Settings().log_level)
        with suppress(KeyboardInterrupt):
            server.run([listener])
        if not server.started:
            raise typer.Exit(1)


def mcp() -> None:
    """Speak MCP over standard input and output, as the account whose key is in CROSSWALK_API_KEY.

    [bold]Example:[/bold] CROSSWALK_API_KEY=cw_… crosswalk mcp
    """
    from context_api.mcp.server import run_stdio

    with opened() as database:
        run_stdio(database)


def migrate() -> None:
    """Bring the database's tables up to date. Every command that opens the database does so too.

    [bold]Example:[/bold] CROSSWALK_DATABASE_URL=postgresql://… crosswalk migrate
    """
    with opened():
        pass
