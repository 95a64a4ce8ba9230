"""Bring a database to the schema of `sql.tables`."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from sql.database import Database, lock


def migrate(database: Database) -> None:
    """Apply what is missing. Safe to run at every start and by two processes at once; all of it, or none."""
    with database.begin() as connection:
        lock(connection, "migrate")
        command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "sql:migrations")
    return config
