"""What a pack left out, by the handle it gave: `<receipt id>.<section>`, and `.<page>` after that where it goes on.

A handle is no right: what it gets is decided by the caller's scopes now. It works for the account that asked, for a day.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api import receipts
from context_api.access import Access
from context_api.context import facts
from context_api.context.knowledge import timestamp
from context_api.context.pack import ExpandedItem, Expansion
from context_api.context.store import reading
from context_api.context.store.reading import Listing, Scope
from context_api.receipts import Receipt

LIFE = timedelta(days=1)
PAGE = 20  # items
LISTED_CHARACTERS = 2_000  # of each item's text where several are listed
PAGE_CHARACTERS = 40_000  # of one item's text
LAST_PAGE = 10_000


class HandleNotFoundError(Exception):
    """There is no such handle of this account, or it is older than a day. Ask for the context again: its pack gives fresh handles."""


async def expand(connection: AsyncConnection, handle: str, access: Access) -> Expansion:
    """What the handle stands for, a page of it. Raises HandleNotFoundError; writes a receipt in the connection's transaction."""
    receipt_id, section, page = _parse(handle)
    asked = await reading.receipt(connection, receipt_id, access.account)
    entry = next((one for one in (asked or {}).get("omitted", ()) if one["section"] == section), None)
    if asked is None or entry is None or datetime.now(UTC) - asked["created_at"] > LIFE:
        raise HandleNotFoundError
    current = await reading.current_party(connection, asked["party_id"])
    if current is not None and not await reading.known(connection, [current], access):
        raise HandleNotFoundError
    expansion = Expansion(handle=handle, receipt_id=receipts.new_id(), party_id=current)
    if expansion.party_id is not None:
        scope = Scope(
            expansion.party_id,
            access,
            _moment(asked["request"].get("as_of")) or datetime.now(UTC),
            _moment(asked["request"].get("known_at")),
        )
        more = await _fill(connection, expansion, (scope, entry), page)
        expansion.next = f"{receipt_id}.{section}.{page + 1}" if more else None
    shown = [item.ref for item in expansion.items] + sorted({ref for fact in expansion.facts for ref in fact.refs})
    receipt = Receipt(expansion.receipt_id, "expand", expansion.party_id, {"handle": handle}, shown, (), expansion.withheld)
    await receipts.write(connection, access, receipt)
    return expansion


def _parse(handle: str) -> tuple[str, str, int]:
    parts = handle.replace("\x00", "").split(".")
    if len(parts) not in (2, 3) or (len(parts) == 3 and not (parts[2].isascii() and parts[2].isdigit() and len(parts[2]) < 6)):
        raise HandleNotFoundError
    return parts[0], parts[1], min(int(parts[2]), LAST_PAGE) if len(parts) == 3 else 0


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


async def _fill(connection: AsyncConnection, expansion: Expansion, wanted: tuple[Scope, dict[str, Any]], page: int) -> bool:
    """Put the page in; whether there is more after it."""
    scope, entry = wanted
    if "refs" in entry:
        return await _whole(connection, expansion, (scope, entry["refs"]), page)
    if "kind" in entry:
        listing = Listing([entry["kind"]], without=entry["without"], count=PAGE + 1, skip=page * PAGE)
        rows = await reading.listed(connection, scope, listing)
        expansion.items = [_item(row, row["text"][:LISTED_CHARACTERS]) for row in rows[:PAGE]]
        return len(rows) > PAGE
    heads = await reading.heads(connection, [scope.party_id])
    if head := heads.get(scope.party_id):
        document, withheld = facts.seen(head["kind"], head["document"], scope.access)
        expansion.facts = facts.of_document(document)
        expansion.withheld = dict(withheld)
    return False


async def _whole(connection: AsyncConnection, expansion: Expansion, wanted: tuple[Scope, list[str]], page: int) -> bool:
    """The whole text of items, a page of characters of each at a time."""
    scope, refs = wanted
    rows = await reading.listed(connection, scope, Listing(only=refs))
    texts = await reading.item_texts(connection, [row["ref"] for row in rows])
    start, end = page * PAGE_CHARACTERS, (page + 1) * PAGE_CHARACTERS
    expansion.items = [_item(row, (texts.get(row["ref"]) or row["text"])[start:end]) for row in rows]
    return any(len(text) > end for text in texts.values())


def _item(row: dict[str, Any], text: str) -> ExpandedItem:
    return ExpandedItem(
        kind=row["kind"],
        title=row["title"],
        text=text,
        ref=row["ref"],
        source=row["source"],
        url=row["url"],
        occurred_at=timestamp(row["occurred_at"]),
        status=row["status"],
        amount=None if row["amount"] is None else str(row["amount"]),
        currency=row["currency"],
        data_class=row["data_class"],
        untrusted=row["untrusted"],
    )
