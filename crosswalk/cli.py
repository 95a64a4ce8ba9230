"""The command `crosswalk`. Exit status 0 means that it did what was asked; errors go to standard error, in a line that says what to do."""

import logging
import sys

import typer

from crosswalk.commands import demo, files, governance, identity, serving, sources, status
from crosswalk.settings import Settings

app = typer.Typer(
    name="crosswalk",
    help="Find which records of your CRM, ERP, mail and documents are one customer, and answer AI agents with what is known.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)
for module in (demo, files, sources, identity, serving, status, governance):
    module.register(app)

OURS = ("crosswalk", "dagster_project", "context_api", "resolution", "connectors", "sql")


def main() -> None:
    """Run the command line; an error of ours is shown as one line, any other with its traceback."""
    logging.basicConfig(level=Settings().log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except Exception as error:
        if type(error).__module__.split(".")[0] not in OURS or logging.getLogger().isEnabledFor(logging.DEBUG):
            raise
        sys.stderr.write(" ".join(filter(None, ["crosswalk:", str(error), getattr(error, "action", None)])) + "\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
