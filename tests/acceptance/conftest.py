"""A made company of a few dozen organisations, synced and resolved once for the whole run; a test gets a copy of that database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from crosswalk.demo import declare
from crosswalk.sandbox import Sandbox, Urls, build, serve
from dagster_project.resources import Rooms
from dagster_project.run import Outcome, run
from sql.database import Database
from tests.conftest import copy_of

ORGANIZATIONS = 25


@dataclass(frozen=True, slots=True)
class Company:
    """A sandbox that is served, and the crosswalk.toml that declares its systems."""

    sandbox: Sandbox
    served: Urls
    config: Path

    def sync(self, database: Database) -> Outcome:
        """Sync all of it into the database, by the assets."""
        rooms = Rooms(self.config, database)
        outcome = run(rooms, [declaration.name for declaration in rooms.declarations])
        assert outcome.failed == []
        return outcome


@contextmanager
def founded(folder: Path) -> Iterator[Company]:
    """A company of its own, that a test may change."""
    sandbox = build(folder / "sandbox", organizations=ORGANIZATIONS)
    with serve(sandbox) as served:
        yield Company(sandbox, served, declare(folder, sandbox, served))


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The company that all tests share; none changes it."""
    with founded(tmp_path_factory.mktemp("company")) as company:
        yield company


@pytest.fixture
def own_company(tmp_path: Path) -> Iterator[Company]:
    with founded(tmp_path) as company:
        yield company


@pytest.fixture(scope="session")
def synced(server: Database, template: str, company: Company) -> Iterator[str]:
    """The name of a database in which the company was synced and resolved, to be copied."""
    with copy_of(server, template) as database:
        company.sync(database)
        database.close()
        assert database.url.database is not None
        yield database.url.database


@pytest.fixture
def company_database(server: Database, synced: str) -> Iterator[Database]:
    """A copy of the synced company, to read and to change."""
    with copy_of(server, synced) as database:
        yield database
