"""A cursor holds its place exactly, is of one list, and whatever else is given as one is refused."""

from datetime import UTC, datetime

import pytest

from context_api import paging


@pytest.mark.parametrize("key", [("ab/ü\x00\u2028", 7, -1.5), ("", 2**62, 0.1 + 0.2)])
def test_a_cursor_gives_back_its_key(key: tuple[str, int, float]) -> None:
    assert paging.decode("list", paging.encode("list", *key), str, int, float) == key


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "=", "W10", "bnVsbA", "ImEi", "é", "A" * 499),
        paging.encode("other", 1),
        paging.encode("list", "1"),
        paging.encode("list", True),
        paging.encode("list", 1, 2),
        paging.encode("list"),
    ],
)
def test_what_is_no_cursor_of_the_list_is_refused(cursor: str) -> None:
    with pytest.raises(paging.InvalidCursorError):
        paging.decode("list", cursor, int)


def test_no_cursor_is_the_first_page() -> None:
    assert paging.decode("list", None, int) is None


def test_a_moment_survives_a_cursor_to_the_microsecond() -> None:
    for moment in (datetime(2026, 3, 1, 9, 8, 7, 654321, UTC), datetime(1900, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)):
        assert paging.moment(paging.microseconds(moment)) == moment
    with pytest.raises(paging.InvalidCursorError):
        paging.moment(10**30)
