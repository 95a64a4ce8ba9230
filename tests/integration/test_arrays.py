"""Lists on their way into the database."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from sql.database import Database

MOMENT = datetime(2026, 2, 28, 12, 30, 1, 250, UTC)


@pytest.mark.parametrize(
    ("of", "values"),
    [
        ("bigint", [1, -(2**63), None, 2**63 - 1]),
        ("smallint", []),
        ("float8", [0.1, -1e-300, float("inf"), None, 3.0]),
        ("boolean", [True, False, None]),
        ("text", ["", "null", "NULL", None, 'a "b"', "c\\d", "{e,f}", " g ", "h\nü\u2003😀"]),
        ("bytea", [b"", b"\x00\\'\"\xff", None]),
        ("timestamptz", [MOMENT, None]),
        ("date", [date(2026, 2, 28)]),
    ],
)
def test_what_a_list_holds_arrives(database: Database, of: str, values: list[Any]) -> None:
    with database.begin() as connection:
        assert connection.scalar(text(f"SELECT CAST(:given AS {of}[])"), {"given": values}) == values


def test_lists_of_lists_arrive(database: Database) -> None:
    with database.begin() as connection:
        assert connection.scalar(text("SELECT CAST(:given AS text[])"), {"given": [["a", "b"], ["c", None]]}) == [["a", "b"], ["c", None]]


def test_one_statement_is_prepared_once_whatever_its_lists_hold(database: Database) -> None:
    with database.begin() as connection:
        for ids in ([1], [70_000], [2**40], [], [None]) * 6:
            connection.execute(text("SELECT 'so many', CAST(:ids AS bigint[])"), {"ids": ids})
        prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%so many%' AND statement NOT LIKE '%pg_prep%'")
        assert connection.scalar(prepared) == 1
