"""GET /v1/receipts/{id}."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from context_api import receipts
from context_api.callers import Reader, ServicesDependency

router = APIRouter(tags=["receipts"])


class ReceiptDocument(BaseModel):
    """What was asked and shown, in refs and counts."""

    id: str = Field(examples=["rcp_0f3c5b7a9d1e2f4a6b8c"])
    account: str
    action: str = Field(examples=["context"])
    purpose: str | None
    party_id: str | None
    request: dict[str, Any]
    returned: list[Any] = Field(description="Refs of what was shown")
    omitted: list[Any] = Field(description="Refs that a handle gets")
    withheld: dict[str, int] = Field(description="Missing scope -> how many entries it kept back")
    tokens: int | None
    request_id: str
    created_at: datetime


@router.get("/receipts/{receipt_id}")
async def read_receipt(receipt_id: str, services: ServicesDependency, access: Reader) -> ReceiptDocument:
    """A receipt of the caller's own account; an administrator reads anyone's. Reading it leaves no receipt."""
    async with services.database.async_engine.connect() as connection:
        return ReceiptDocument.model_validate(await receipts.read(connection, access, receipt_id))
