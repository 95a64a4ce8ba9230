"""The words that the resolver knows, from vocabulary.toml beside this file."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(resources.files("resolution.normalize").joinpath("vocabulary.toml").read_text("utf-8"))


def words(name: str) -> frozenset[str]:
    """A list of words by its name in the file."""
    return frozenset(_content()[name].split())


def lines(name: str) -> tuple[str, ...]:
    """A list of phrases by its name in the file, one on each line."""
    return tuple(_content()[name].strip().splitlines())


def table(name: str) -> Mapping[str, str]:
    """A table of the file."""
    found: Mapping[str, str] = _content()[name]
    return found


#: What is written where there is nothing to write.
NOTHING = frozenset(lines("nothing"))
