"""Each connector's world is a module of `worlds`, found by being there. The table of what each has passed is printed at the end of a run;
with CROSSWALK_WRITE_TABLE=1 it is written into docs/connectors.md."""

import importlib
import inspect
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import sources
from connectors.sources import SourceDeclaration
from tests.integration.conformance import table
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
    if made.secret():
        monkeypatch.setenv("CONFORMANCE_SECRET", made.secret())
    with made.serve():
        yield made


@pytest.fixture
def source(world: World) -> SourceDeclaration:
    (declaration,) = sources.parse(
        f'[[source]]\nname = "there"\nkind = "{world.kind}"\nstreams = ["{world.stream}"]\n{world.toml()}\n', world.folder
    )
    return declaration


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.when == "call" or report.skipped:
        table.note(item, report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if table.SEEN:
        terminalreporter.section("connector × behaviour")
        terminalreporter.write_line(table.written())
    if os.environ.get("CROSSWALK_WRITE_TABLE"):
        table.write()
