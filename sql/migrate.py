"""Bring a database to the schema of `sql.tables`."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from sql.database import Database, lock


class PgvectorMissingError(Exception):
    """The PostgreSQL server has no pgvector. Install it there (its package is postgresql-NN-pgvector), or use the embedded server."""


def migrate(database: Database) -> None:
    """Apply what is missing. Safe to run at every start and by two processes at once; all of it, or none. Raises PgvectorMissingError."""
    with database.begin() as connection:
        lock(connection, "migrate")
        if not connection.scalar(text("select count(*) from pg_available_extensions where name = 'vector'")):
            raise PgvectorMissingError(PgvectorMissingError.__doc__)
        command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "sql:migrations")
    return config
