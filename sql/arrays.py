"""Lists as array literals of no type of their own: the statement says what they are, as in `CAST(:ids AS bigint[])`.

psycopg finds the smallest type that holds the first numbers of a list, and so one statement is prepared anew for lists of small numbers,
of large ones, and of none. This way each is prepared once.
"""

from collections.abc import Callable
from typing import Any

from psycopg.abc import Buffer
from psycopg.adapt import Dumper

_WRITTEN: dict[type, Callable[[Any], str]] = {
    int: str,
    float: repr,
    bool: lambda value: "t" if value else "f",
    type(None): lambda _: "NULL",
    bytes: lambda value: f'"\\\\x{value.hex()}"',
}


class ArrayDumper(Dumper):
    """A list of numbers, truth values, texts, bytes, None, lists of these, or what PostgreSQL reads from `str`, such as dates."""

    def dump(self, obj: list[Any]) -> Buffer:
        return literal(obj).encode()


def literal(values: list[Any]) -> str:
    return "{" + ",".join([_WRITTEN.get(type(value), _other)(value) for value in values]) + "}"


def _other(value: Any) -> str:
    if isinstance(value, list):
        return literal(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
