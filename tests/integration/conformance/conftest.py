"""Each connector's world is a module of `worlds`, found by being there. What each has passed is told by table.py."""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sources import SourceDeclaration
from sql.database import Database
from tests.conftest import copy_of
from tests.integration.conformance.world import World

HERE = Path(__file__).parent


def worlds() -> list[type[World]]:
    """Every world, by its kind."""
    found = {}
    for path in sorted((HERE / "worlds").glob("[a-z]*.py")):
        module = importlib.import_module(f"tests.integration.conformance.worlds.{path.stem}")
        for _, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, World) and not inspect.isabstract(one) and one.__module__ == module.__name__:
                found[one.kind] = one
    return [found[kind] for kind in sorted(found)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "world" in metafunc.fixturenames:
        metafunc.parametrize("world", worlds(), indirect=True, ids=lambda one: one.kind)


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The source, being there; a behaviour that it does not have is skipped with the reason."""
    behaviour = request.function.__name__.removeprefix("test_")
    if behaviour in request.param.skips:
        pytest.skip(request.param.skips[behaviour])
    made = request.param(tmp_path)
    monkeypatch.setenv("CROSSWALK_HOME", str(tmp_path / "home"))  # where the key to kept tokens is made
    if made.secret():
        monkeypatch.setenv("CONFORMANCE_SECRET", made.secret())
    with made.serve():
        yield made


@pytest.fixture
def source(request: pytest.FixtureRequest, world: World) -> SourceDeclaration:
    return world.declaration(f"{world.kind}_{request.function.__name__.removeprefix('test_')}")


@pytest.fixture(scope="session")
def database(server: Database, template: str) -> Iterator[Database]:
    """One for all of the suite, in which each test has a source of its own. At the end, no table holds a planted secret."""
    with copy_of(server, template) as database:
        yield database
        with database.begin() as connection:
            names = connection.exec_driver_sql(
                "select table_schema || '.' || table_name from information_schema.tables "
                "where table_schema in ('landing', 'staging', 'governance') and table_type = 'BASE TABLE'"
            ).scalars()
            for name in names.all():
                rows = connection.exec_driver_sql(
                    f"select row_to_json(t)::text from {name} t where row_to_json(t)::text ~ 'conformance-secret'"
                )
                assert rows.first() is None, f"{name} holds a secret"


@pytest.fixture(autouse=True)
def no_secret_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level("DEBUG")
    yield
    assert "conformance-secret" not in caplog.text
