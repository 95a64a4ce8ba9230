"""The database that a command works on: opened, brought up to date, and closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sql.database import Database
    from sql.settings import Settings


@contextmanager
def opened(settings: "Settings | None" = None) -> "Iterator[Database]":
    """The database of the settings, migrated, so that every command works on the first day. Raises DatabaseUnavailableError."""
    from sql.database import open_database
    from sql.migrate import migrate

    with open_database(settings) as database:
        migrate(database)
        yield database
