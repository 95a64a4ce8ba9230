"""Search with its receipt, and its cursor in the words of every other list: what REST, MCP and the console call."""

from sqlalchemy.ext.asyncio import AsyncConnection

from context_api import paging, receipts
from context_api.access import Access
from context_api.context import search
from context_api.context.pack import SearchPage


async def find(connection: AsyncConnection, access: Access, query: str, limit: int, cursor: str | None = None) -> SearchPage:
    """Parties that the query may mean, best first. Raises InvalidCursorError; writes a receipt in the connection's transaction."""
    (offset,) = paging.decode("search", cursor, int) or (0,)
    page = await search.search(connection, query, access, limit, str(max(0, offset)))
    asked = {"query": query.replace("\x00", "\ufffd"), "cursor": cursor, "limit": limit}
    returned = [hit.party_id for hit in page.results]
    await receipts.write(connection, access, receipts.Receipt(receipts.new_id(), "search", None, asked, returned))
    following = paging.encode("search", int(page.next_cursor)) if page.next_cursor else None
    return page.model_copy(update={"next_cursor": following})
