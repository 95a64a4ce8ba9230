"""The command `crosswalk`. Exit status 0 means that it did what was asked; errors go to standard error, in a line that says what to do.

A command's module is imported when the command is typed or help on all is asked for: each needs a part of the house, and its start
should cost no more.
"""

import logging
import os
import signal
import sys
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

from crosswalk.settings import Settings

if TYPE_CHECKING:
    from typer._click.core import Command, Context

#: Module of crosswalk.commands -> the commands that it registers, in the order of the help.
COMMANDS = {
    "demo": ("demo",),
    "files": ("dedupe",),
    "evaluate": ("eval",),
    "sources": ("init", "check", "sync", "resolve"),
    "mapping": ("map",),
    "landing": ("quarantine", "holds"),
    "identity": ("review", "why"),
    "models": ("model",),
    "serving": ("serve", "mcp", "migrate"),
    "status": ("status",),
    "governance": ("keys", "audit"),
}
OURS = ("crosswalk", "dagster_project", "context_api", "resolution", "connectors", "sql")


class Commands(TyperGroup):
    """The commands, each loaded when it is wanted."""

    def list_commands(self, ctx: "Context") -> list[str]:
        del ctx
        return [name for names in COMMANDS.values() for name in names]

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        del ctx
        for module, names in COMMANDS.items():
            if cmd_name in names and cmd_name not in self.commands:
                part = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
                part.callback()(lambda: None)
                import_module(f"crosswalk.commands.{module}").register(part)
                self.commands.update(typer.main.get_group(part).commands)
        return self.commands.get(cmd_name)


app = typer.Typer(
    name="crosswalk",
    cls=Commands,
    help="Find which records of your CRM, ERP, mail and documents are one customer, and answer AI agents with what is known.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)
app.callback()(lambda: None)


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends a command as Ctrl-C does, by whatever handles that now; a process in the background may have it ignored."""
    del number
    interrupt = signal.getsignal(signal.SIGINT)
    (interrupt if callable(interrupt) else signal.default_int_handler)(signal.SIGINT, frame)


def main() -> None:
    """Run the command line; an error of ours, or of a file, is shown as one line, any other with its traceback."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        logging.basicConfig(level=Settings().level(), format="%(levelname)s %(name)s: %(message)s")
        app()
    except Exception as error:
        line = _told(error)
        if line is None or logging.getLogger().isEnabledFor(logging.DEBUG):
            raise
        sys.stderr.write(f"crosswalk: {line}\n")
        raise SystemExit(1) from None


def _told(error: Exception) -> str | None:
    """What is wrong and what to do; None where only the traceback tells."""
    if type(error).__module__.split(".")[0] in OURS:
        return str(getattr(error, "told", error))
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    if type(error).__name__ == "ValidationError" and getattr(error, "title", "") == "Settings":
        first = error.errors()[0]  # type: ignore[attr-defined]  # pydantic's, which is not imported for it
        name = "_".join(map(str, first["loc"])).upper()
        variable = next((one for one in os.environ if one.startswith("CROSSWALK_") and one.endswith(name)), name)
        return f"{variable} in the environment is wrong: {first['msg']}."
    return None


if __name__ == "__main__":
    main()
