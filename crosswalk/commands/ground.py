"""The database that a command works on: opened, brought up to date, and closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sql.database import Database
    from sql.settings import Settings


class HomeError(Exception):
    """The folder for Crosswalk's files can't be made. Set CROSSWALK_HOME to one that can."""


def made(folder: "Path") -> None:
    """Make a folder of the home where it is not there. Raises HomeError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeError(f"The folder {folder} can't be made: {error.strerror}. Set CROSSWALK_HOME to one that can.") from error


@contextmanager
def opened(settings: "Settings | None" = None) -> "Iterator[Database]":
    """The database of the settings, migrated, so that every command works on the first day. Raises DatabaseUnavailableError, HomeError."""
    from sql.database import open_database
    from sql.migrate import migrate
    from sql.settings import Settings

    settings = settings or Settings()
    if settings.database_url is None:
        made(settings.home)
    with open_database(settings) as database:
        migrate(database)
        yield database
