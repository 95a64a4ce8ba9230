"""The small world of the API's tests (api_world), built once for the whole run; a test gets a copy of that database."""

from collections.abc import Iterator

import pytest

from sql.database import Database
from tests.conftest import copy_of
from tests.integration import api_world


@pytest.fixture(scope="session")
def small_world(server: Database, template: str) -> Iterator[str]:
    """The name of a database in which the world was built, to be copied."""
    with copy_of(server, template) as database:
        api_world.build(database)
        database.close()
        assert database.url.database is not None
        yield database.url.database
