"""Odoo 19 and later, through JSON-2: partners, sales orders, invoices and payments.

Records are read by id, those whose `write_date` lies after a time shortly before the last sync's: a transaction writes its beginning as
the time and may commit later. What changes while a sync reads has a later time than the one the sync began with, so the next finds it.
Reading by id rather than by time makes no record slip when others change meanwhile. Deletions show by comparing ids; an archived
record (`active` false) is a tombstone too.
Source: odoo.com/documentation/19.0/developer/reference/external_api.html.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from connectors.connector import Connector, Declaration, Landed, Options, Page, Position, Raw, Stream, Unreadable
from connectors.errors import NotFoundError, SchemaError
from connectors.http.authentication import Key
from connectors.http.door import Door, Vendor
from connectors.http.shared import Rate, Shared
from connectors.mapping.staged import Mapped
from connectors.vendors.odoo import mapping

LOOKBACK = timedelta(minutes=10)

#: Stream -> (model, the part of the model's records that belongs to it).
MODELS: Mapping[str, tuple[str, list[Any]]] = {
    "customers": ("res.partner", []),
    "orders": ("sale.order", []),
    "invoices": ("account.move", [["move_type", "in", ["out_invoice", "out_refund"]]]),
    "payments": ("account.payment", []),
}


class OdooOptions(Options):
    """url: the server's; database: its name, where the server has several."""

    url: str
    database: str | None = None
    requests_per_second: float = 20.0
    page_size: int = 200


class Odoo(Connector):
    kind = "odoo"
    Options = OdooOptions

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        rate = self.options.requests_per_second
        account = self.account(Rate(rate, max(1, int(rate))))
        database = {"X-Odoo-Database": self.options.database} if self.options.database else {}
        vendor = Vendor(error_code=error_code, errors={(500, "builtins.ValueError"): SchemaError}, headers=database)
        key = Key(declaration.name, declaration.secret, form="bearer {}")
        self.api = self.door = Door(self.options.url, key, account, vendor)

    def check(self) -> str:
        for stream in self.declaration.streams or MODELS:
            self._read(stream, [], ["id"], limit=1)
        return f"Odoo answers at {self.options.url}"

    def streams(self) -> Sequence[Stream]:
        return [Stream(name, lists_ids=True) for name in MODELS]

    def map(self, record: Landed) -> Mapped:
        return mapping.map_record(record, self.declaration.mapping.get(record.stream, {}), self._links())

    def mapping_table(self, stream: str) -> object:
        return mapping.TABLES[stream], self._links()

    def _links(self) -> str | None:
        """Where a person opens a record: not on this machine itself, whose ports change and which nobody else reaches."""
        host = httpx.URL(self.options.url).host
        return None if host in ("localhost", "127.0.0.1", "::1") else self.options.url.rstrip("/")

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: {"since"} between syncs; {"since", "until", "after"} while one reads."""
        position = position or {}
        since, fields = position.get("since"), self._fields(stream)
        until, after = (position["until"], position["after"]) if "after" in position else (self._latest(stream), 0)
        domain = [["write_date", ">=", _earlier(since)]] if since else []
        rows = self._read(stream, [*domain, ["id", ">", after]], fields)
        while True:
            after = max([after, *(row["id"] for row in rows if _has_id(row))])
            following = self._read(stream, [*domain, ["id", ">", after]], fields) if rows else []
            on_the_way = {"since": since, "until": until, "after": after} if until != since else position
            yield self._page(rows, on_the_way if following else {"since": until})
            if not following:
                return
            rows = following

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        after = 0
        while rows := self._read(stream, [["id", ">", after]], ["id"], limit=5000):
            after = max(row["id"] for row in rows)
            yield [str(row["id"]) for row in rows]

    def count(self, stream: str) -> int | None:
        """How many there are that are not archived."""
        found = self.api.post(f"/json/2/{MODELS[stream][0]}/search_count", {"domain": MODELS[stream][1]})
        return found if isinstance(found, int) else None

    def _latest(self, stream: str) -> str | None:
        rows = self._read(stream, [], ["write_date"], order="write_date desc", limit=1)
        return rows[0].get("write_date") or None if rows else None

    def _fields(self, stream: str) -> list[str]:
        """What to read: what the mapping names and this server's model has (fields come and go between versions), and the user's own."""
        own = mapping.own_fields(self.declaration.mapping.get(stream, {}))
        wanted = {"id", "write_date", "create_date", *mapping.fields(stream), *own}
        known = self._known_fields(stream)
        return sorted(wanted & {*known, *own, "id"} if known else wanted)

    def _known_fields(self, stream: str) -> list[str]:
        try:
            return list(self.api.post(f"/json/2/{MODELS[stream][0]}/fields_get", {"attributes": ["type"]}))
        except NotFoundError:
            return list(next(iter(self._read(stream, [], [], limit=1)), []))

    def _read(
        self, stream: str, domain: list[Any], fields: list[str], *, order: str = "id asc", limit: int | None = None
    ) -> list[dict[str, Any]]:
        model, part = MODELS[stream]
        body = {
            "domain": [*part, *domain],
            "fields": fields,
            "order": order,
            "limit": limit or self.options.page_size,
            "context": {"active_test": False},
        }
        rows = self.api.post(f"/json/2/{model}/search_read", body)
        if not isinstance(rows, list) or (rows and not any(_has_id(row) for row in rows)):
            raise SchemaError(f"{model}/search_read answered without a list of records")
        return rows

    def _page(self, rows: Sequence[Any], position: Position) -> Page:
        readable = [row for row in rows if _has_id(row)]
        unreadable = [Unreadable("", "it has no id", repr(row).encode("utf-8", "replace")) for row in rows if not _has_id(row)]
        records = [
            Raw(str(row["id"]), row, updated_at=_moment(row.get("write_date")), deleted=row.get("active") is False) for row in readable
        ]
        return Page(records, position, unreadable)


def error_code(body: Any) -> str:
    """The name of the exception, such as odoo.exceptions.AccessError."""
    return str(body.get("name") or "")


def _has_id(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("id"), int)


def _moment(written: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(written).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None


def _earlier(written: str) -> str:
    return f"{datetime.fromisoformat(written) - LOOKBACK:%Y-%m-%d %H:%M:%S}"
