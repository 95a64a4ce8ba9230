"""A transform gives values, nothing, or a ValueError that is told as a doubt: whatever it is given, and quickly."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import TypeGuard

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import vendors
from connectors.mapping import locales
from connectors.mapping.tables import ActivityTable, PartyTable, Reader, cells_of
from connectors.mapping.transforms import TRANSFORMS, Choice, Transform, Word


def own(transform: object) -> TypeGuard[Transform]:
    return callable(transform) and not isinstance(transform, Choice | Word)


def of_vendors() -> Iterator[tuple[str, Transform]]:
    """The transforms that vendors' tables have of their own."""
    for vendor in pkgutil.iter_modules(vendors.__path__, "connectors.vendors."):
        for part in pkgutil.iter_modules(importlib.import_module(vendor.name).__path__, f"{vendor.name}."):
            for table in vars(importlib.import_module(part.name)).values():
                if isinstance(table, PartyTable | ActivityTable):
                    yield from ((f"{vendor.name} {path}", transform) for path, transform in cells_of(table) if own(transform))


ALL: dict[str, Transform] = {
    **TRANSFORMS,
    **{
        name: locales.named(name)
        for kind in ("moment", "day", "decimal", "money")
        for name in (f"{kind}:de", f"{kind}:en-US", f"{kind}:zh")
    },
    **{name: locales.named(name) for name in ("currency:de", "currency:US", "phone:DE", "phone:US")},
    "choice": Choice({"a": "b"}),
    "word": Word("a"),
    "word of": Word("a", "true"),
    **dict(of_vendors()),
}

ATOMS = (
    st.floats()
    | st.integers()
    | st.integers(-(10**5000), 10**5000)
    | st.booleans()
    | st.binary()
    | st.text(st.characters(), max_size=40)
    | st.text(st.characters(categories=["Cs", "Cc", "Nd", "Zs"]), max_size=20)
    | st.from_regex(r"[-+(]?[0-9]{1,30}([.,e/: -][0-9]{1,30}){0,4}( ?(EUR|\$|kr))?", fullmatch=True)
    | st.from_regex(r"/Date\([0-9]{1,30}\)/", fullmatch=True)
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "name"]), inner) | st.tuples(st.integers(), inner).map(list)
    ),
    max_leaves=8,
)


def nested(depth: int, *, objects: bool = False) -> object:
    value: object = "deep"
    for _ in range(depth):
        value = {"id": value} if objects else [value]
    return value


def holds(transform: Transform, value: object) -> None:
    try:
        found, told = transform(value), ""
    except ValueError as error:
        found, told = [], str(error)
    assert isinstance(found, list)
    assert len(told) < 300, "the doubt holds all of the value"


@pytest.mark.parametrize("name", ALL)
@given(VALUES)
@settings(max_examples=60)
def test_a_hostile_value_is_read_or_refused(name: str, value: object) -> None:
    holds(ALL[name], value)


HOSTILE = [
    float("inf"), float("-inf"), float("nan"), 10**400, -(10**400), 10**5000, "9" * 5000, "1e999999999", "1e-999999999",
    "-1e9999999", "sNaN",
     "Infinity", b"\xff", "\ud800", nested(900), nested(900, objects=True), [3, nested(900)], {"id": nested(900)}, [True, "x"], [[], {}],
     "/Date(99999999999999999999)/", "99999999999999", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
]  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_each_of_these_is_read_or_refused(name: str) -> None:
    for value in HOSTILE:
        holds(ALL[name], value)


@pytest.mark.parametrize("name", ALL)
def test_a_very_long_text_takes_time_in_its_length_alone(name: str) -> None:
    """A transform whose time grows with the square of the length would not end for these."""
    for sign in (" ", "1", "(", "1 ", "a", "@", ",", ".", "1.", "1,", "a@", "-", "/", "\u00a0"):
        for around in ("", "1", "x"):
            holds(ALL[name], around + sign * 300_000 + around)


def test_what_is_refused_is_told_and_nothing_else_is_lost() -> None:
    reader = Reader({"at": float("inf"), "amount": "1e999999999", "name": "Ann"})
    assert (reader.all(("at", "moment")), reader.all(("amount", "decimal")), reader.all(("name", "text"))) == ([], [], ["Ann"])
    assert reader.doubts == ["at: inf is not a time; left out", "amount: '1e999999999' is not an amount of money; left out"]
