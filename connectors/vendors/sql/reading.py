"""The statements that read a table, or a query, in parts and pages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import ColumnClause, ColumnElement, FromClause, Select, and_, bindparam, column, or_, select, table, text
from sqlalchemy.types import NullType

from connectors.values import plain


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the rows, in the order of columns. dated: the first of them is the cursor. goes_on: a page is followed by another."""

    order: Sequence[str]
    where: ColumnElement[bool]
    dated: bool = False
    goes_on: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """table: its name, with its schema's before a dot; or query."""

    table: str
    query: str
    keys: Sequence[str]
    cursor: str | None

    def parts(self, since: Any) -> Iterator[Part]:
        """Those with a cursor, from `since` on; those without; and, to be told of, those without a key."""
        keyed = and_(*(column(name).is_not(None) for name in self.keys))
        if self.cursor:
            cursor: ColumnElement[Any] = column(self.cursor)
            dated = and_(keyed, cursor.is_not(None), *([cursor >= bound(since)] if since is not None else []))
            yield Part((self.cursor, *self.keys), dated, dated=True)
            keyed = and_(keyed, cursor.is_(None))
        yield Part(self.keys, keyed)
        yield Part(self.keys, or_(*(column(name).is_(None) for name in self.keys)), goes_on=False)

    def page(self, after: Sequence[Any] | None, size: int, part: Part | None = None) -> Select[Any]:
        """So many rows of a part, after the values of the last row before."""
        chosen = select(text("*")).select_from(self._rows())
        return self._paged(chosen, part or Part((), and_(True)), after, size)

    def listing(self, after: Sequence[Any] | None, size: int) -> Select[Any]:
        """So many keys."""
        part = Part(self.keys, and_(*(column(name).is_not(None) for name in self.keys)))
        return self._paged(select(*self._columns(self.keys)).select_from(self._rows()), part, after, size)

    def one(self, key: str) -> Select[Any]:
        values = [key] if len(self.keys) == 1 else [unquote(part) for part in key.split("|")]
        same = [column(name) == bound(value) for name, value in zip(self.keys, values, strict=True)]
        return select(text("*")).select_from(self._rows()).where(and_(*same)).limit(1)

    def _paged(self, chosen: Select[Any], part: Part, after: Sequence[Any] | None, size: int) -> Select[Any]:
        chosen = chosen.where(part.where, *([beyond(part.order, after)] if after else []))
        return chosen.order_by(*(column(name) for name in part.order)).limit(size)

    def _columns(self, names: Iterable[str]) -> list[ColumnClause[Any]]:
        return [column(name) for name in names]

    def _rows(self) -> FromClause:
        if self.query:
            named = dict.fromkeys((*self.keys, *([self.cursor] if self.cursor else [])))
            written = text(self.query.strip().rstrip(";").replace(":", r"\:"))
            return written.columns(*self._columns(named)).subquery("crosswalk_rows")
        schema, _, name = self.table.rpartition(".")
        return table(name, schema=schema or None)


def beyond(order: Sequence[str], after: Sequence[Any]) -> ColumnElement[bool]:
    """What comes after these values in the order of the columns. The first column is compared alone too, for an index on it."""
    later = []
    for place, value in enumerate(after):
        same = [column(name) == bound(one) for name, one in zip(order[:place], after, strict=False)]
        later.append(and_(*same, column(order[place]) > bound(value)))
    return and_(column(order[0]) >= bound(after[0]), or_(*later))


def bound(value: Any) -> ColumnElement[Any]:
    """The value as the driver sends it, without a type: what the column is, the database knows."""
    return bindparam(None, value, type_=NullType(), unique=True)


def key_of(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The values of the key, parted by bars where there are several; '' where one is missing."""
    parts = ["" if row[name] is None else str(plain(row[name])) for name in keys]
    if not all(part.strip() for part in parts):
        return ""
    return parts[0] if len(parts) == 1 else "|".join(quote(part, safe=" /:@,;+()") for part in parts)
