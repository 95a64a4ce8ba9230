"""What was shown to whom: every read leaves a receipt in the transaction that read.

A receipt holds refs and counts, never the values that were shown, so it can be kept longer than they are.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from context_api.access import Access
from sql.tables import governance


class ReceiptNotFoundError(Exception):
    """There is no such receipt of this account. Receipts are read by the account that caused them, or by an administrator."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One read: what was asked, the refs of what was shown, what a handle can still get, and what was withheld for which scope."""

    id: str
    action: str  # context, expand, search, party, timeline, ...
    party_id: str | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    returned: Sequence[Any] = ()
    omitted: Sequence[Any] = ()
    withheld: Mapping[str, int] = field(default_factory=dict)
    tokens: int | None = None


def new_id() -> str:
    """A fresh receipt id: "rcp_" and 80 random bits, so it can't be guessed; it holds no dot, which divides a handle."""
    return f"rcp_{secrets.token_hex(10)}"


async def write(connection: AsyncConnection, access: Access, receipt: Receipt) -> None:
    """Add the receipt in the connection's transaction."""
    await connection.execute(
        insert(governance.receipt).values(
            id=receipt.id,
            account=access.account,
            action=receipt.action,
            purpose=access.purpose,
            party_id=receipt.party_id,
            request=dict(receipt.request),
            returned=list(receipt.returned),
            omitted=list(receipt.omitted),
            withheld=dict(receipt.withheld),
            tokens=receipt.tokens,
            request_id=access.request_id,
        )
    )


async def read(connection: AsyncConnection, access: Access, receipt_id: str) -> Mapping[str, Any]:
    """The receipt's row as a mapping; raises ReceiptNotFoundError where it is not the caller's to read."""
    query = select(governance.receipt).where(governance.receipt.c.id == receipt_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None or (row["account"] != access.account and not access.may("admin")):
        raise ReceiptNotFoundError
    return dict(row)
