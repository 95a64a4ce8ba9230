"""The page for operators has a row for each thing that can go wrong."""

from pathlib import Path

from connectors import errors
from connectors.errors import ConnectorError

PAGE = Path(__file__).parents[2] / "docs" / "asking-a-source.md"


def test_each_failure_is_told_on_the_page_for_operators() -> None:
    kinds = {one.failure for one in vars(errors).values() if isinstance(one, type) and issubclass(one, ConnectorError)}
    told = {line.split("`")[1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")}
    assert told == kinds
    for status, kind in errors.BY_STATUS.items():
        assert errors.classify(status) is kind
