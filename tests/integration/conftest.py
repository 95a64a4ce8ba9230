"""The small worlds of the tests of API and context, each built once for the whole run; a test gets a copy of that database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sql.database import Database
from tests.conftest import copy_of
from tests.integration import acme_world as acme
from tests.integration import api_world


@pytest.fixture(scope="session")
def small_world(server: Database, template: str) -> Iterator[str]:
    """The name of a database with the world of api_world, to be copied."""
    with built(server, template, api_world.build) as name:
        yield name


@pytest.fixture(scope="session")
def acme_world(server: Database, template: str) -> Iterator[str]:
    """The name of a database with the world of acme_world, to be copied."""
    with built(server, template, acme.build) as name:
        yield name


@contextmanager
def built(server: Database, template: str, build: Callable[[Database], None]) -> Iterator[str]:
    with copy_of(server, template) as database:
        build(database)
        database.close()
        assert database.url.database is not None
        yield database.url.database
