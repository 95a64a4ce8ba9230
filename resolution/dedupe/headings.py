"""What the name of a column says that it means: a function of the name alone."""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from resolution.normalize.text import plain_text

_HUMP = re.compile(r"([a-z0-9])([A-Z])")
_AND = frozenset(("and", "und", "et", "y", "e"))


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(resources.files("resolution.dedupe").joinpath("headings.toml").read_text("utf-8"))


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_content()[name].split())


@cache
def _by_name() -> dict[str, str]:
    return {name: meaning for meaning, names in reversed(list(_content()["meanings"].items())) for name in names.split()}


@cache
def _kinds() -> dict[str, str]:
    return {word: kind for kind, words in _content()["kinds"].items() for word in words.split()}


def kind_said(value: str) -> str | None:
    """'person' or 'organization', where a value of a column of types says it."""
    return _kinds().get("".join(plain_text(value).split()))


def _parts(column: str) -> list[str]:
    return plain_text(_HUMP.sub(r"\1 \2", column)).split()


def meaning_of(column: str) -> str | None:
    """The meaning that a column's name says ("Kunden-Vorname" -> "given_name"), or None.

    The name as a whole comes first, then without the words that say whose it is, then the longest run of its words that is known, the
    last of equals: "date of birth (dd/mm)" is a date of birth.
    """
    parts = _parts(column)
    whole = _known(parts)
    if whole:
        return whole
    bare = [part for part in parts if part not in _words("whose")]
    for place, part in enumerate(bare):
        if part in _AND and place:
            return _known(bare[:place]) or _known(bare[place + 1 :])
    if found := _known(bare):
        return found
    runs = [(end - start, end, bare[start:end]) for start in range(len(bare)) for end in range(start + 1, len(bare) + 1)]
    known = [(length, end, meaning) for length, end, run in runs if sum(map(len, run)) > 2 and (meaning := _known(run))]
    return max(known)[2] if known else None


def _known(parts: list[str]) -> str | None:
    """The meaning of these words in one, with and without what is left out, a number at the end or a plural's s."""
    short = [part for part in parts if part not in _words("left_out")]
    for word in ("".join(parts), "".join(short), "".join(short).rstrip("0123456789"), "".join(short).removesuffix("s")):
        if word in _by_name():
            return _by_name()[word]
    return None


def set_of(column: str) -> str:
    """Which set of address columns it belongs to, alike for all that make one address: "billing_city2" -> "billing2"."""
    parts = _parts(column)
    others = [part for part in parts if part not in _words("sets")]
    named = "".join(part for part in parts if part in _words("sets")) if _known(others) else ""
    line = (_known(parts) or "").startswith("address.street")
    return named + ("" if line else re.findall(r"\d*$", "".join(parts))[0])
