"""The page for operators has a row for each thing that can go wrong, and an error says what is wrong and what to do."""

from pathlib import Path

from connectors import errors
from connectors.errors import ConfigurationError, ConnectorError, TransientError

PAGE = Path(__file__).parents[2] / "docs" / "asking-a-source.md"


def test_each_failure_is_told_on_the_page_for_operators() -> None:
    kinds = {one.failure for one in vars(errors).values() if isinstance(one, type) and issubclass(one, ConnectorError)}
    told = {line.split("`")[1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")}
    assert told == kinds
    for status, kind in errors.BY_STATUS.items():
        assert errors.classify(status) is kind


def test_what_is_wrong_and_what_to_do_are_sentences() -> None:
    assert ConnectorError("it is so", action="Do that.").told == "it is so. Do that."
    assert ConnectorError("It is so.", action="Do that.").told == "It is so. Do that."
    assert TransientError("it is down").told == f"it is down. {TransientError.advice}"
    assert "crosswalk.toml" not in ConfigurationError.advice  # it may have another name
