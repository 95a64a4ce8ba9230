"""How the tests stand on the ground.

One embedded PostgreSQL is started for the whole run and migrated once into a template; a test that asks for `database` gets a copy of
it, made in about a tenth of a second and dropped after. Nothing is shared between tests and nothing is mocked.
"""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import text

from sql import embedded
from sql.database import Database
from sql.migrate import migrate

pytest_plugins = ["tests.integration.conformance.table"]

settings.register_profile("any machine", deadline=None)  # a busy one may take its time
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def nobodys_shell() -> Iterator[None]:
    """What the shell says of Crosswalk is not for the tests: with its key they would ask the language model, and somebody would pay."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name == "ANTHROPIC_API_KEY" or (name.startswith("CROSSWALK_") and not name.startswith("CROSSWALK_TEST_")):
                patch.delenv(name)
        patch.setenv("COLUMNS", "120")  # so that no line is broken where a test looks for it
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[Database]:
    """The maintenance database of the run's own server."""
    with tempfile.TemporaryDirectory(prefix="crosswalk-tests-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        database = Database(embedded.start(Path(folder)))
        yield database
        database.close()


@pytest.fixture(scope="session")
def template(server: Database) -> str:
    name = "crosswalk_template"
    _run(server, f'CREATE DATABASE "{name}"')
    database = Database(server.url.set(database=name))
    migrate(database)
    database.close()
    return name


@pytest.fixture
def database(server: Database, template: str) -> Iterator[Database]:
    """A fresh, migrated database of its own."""
    with copy_of(server, template) as database:
        yield database


@contextmanager
def copy_of(server: Database, template: str) -> Iterator[Database]:
    """A database that begins as the template is, dropped at the end."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    database = Database(server.url.set(database=name))
    try:
        yield database
    finally:
        database.close()
        _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(server: Database, statement: str) -> None:
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
