"""Options that commands share. Without rich, so that a command that prints plain lines starts at once."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]
Actor = Annotated[str, typer.Option("--as", help="Who does so: kept with it.", envvar="USER")]
Reason = Annotated[str, typer.Option(help="Why: kept with it.")]
