"""interim"""

from typing import Any


async def why_one(connection: Any, party_id: str, access: Any) -> None:
    return None
