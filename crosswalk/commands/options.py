"""Options that commands share. Without rich, so that a command that prints plain lines starts at once."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]
