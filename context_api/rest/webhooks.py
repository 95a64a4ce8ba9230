"""POST /v1/webhooks/{source}: a vendor says that its source has news. It proves itself by the vendor's signature and not by a key."""

import logging
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from connectors import sources
from connectors.errors import AuthenticationError, ConfigurationError
from connectors.http.webhooks import Webhook
from connectors.landing import inbox
from connectors.sources import SourceDeclaration
from context_api.callers import ServicesDependency
from context_api.problems import ProblemError

logger = logging.getLogger(__name__)
router = APIRouter(tags=["webhooks"])


class Received(BaseModel):
    """The webhook is kept, and the next sync follows it."""

    new: bool = Field(description="False where the same webhook came before")


@router.post("/webhooks/{source}", status_code=202, response_model=Received)
async def receive_webhook(
    source: Annotated[str, InPath(max_length=64, examples=["crm"])], request: Request, services: ServicesDependency
) -> Any:
    """Keep a vendor's webhook. Needs `webhook_secret` in the source's declaration; the body is only taken as a sign to sync.

    A vendor that only tries whether we are there is answered with its own token, as plain text (200).
    """
    declaration = declared(services.settings.config).get(source)
    if declaration is None or not declaration.webhook_secret:
        raise ProblemError(404, "webhook-not-found", "No source of this name takes webhooks. Add webhook_secret to it in crosswalk.toml.")
    query = f"?{request.url.query}" if request.url.query else ""
    url = services.settings.public_url.rstrip("/") + request.url.path + query  # as the vendor signed it, whatever proxy lies between
    webhook = Webhook(request.method, url, dict(request.headers), await request.body())
    if (greeting := inbox.greeting(declaration, webhook)) is not None:
        return PlainTextResponse(greeting)
    try:
        new = await to_thread.run_sync(inbox.receive, services.database, declaration, webhook)
    except AuthenticationError as error:
        logger.warning("webhook refused: %s", error)
        detail = "The signature is not the vendor's over this body, URL and time. Compare webhook_secret and CROSSWALK_PUBLIC_URL."
        raise ProblemError(401, "webhook-refused", detail, {"WWW-Authenticate": 'Signature realm="crosswalk"'}) from error
    return Received(new=new)


def declared(config: Path) -> dict[str, SourceDeclaration]:
    """The sources by name, read again when the file changes; none where it can't be read, and the log says why."""
    try:
        return _load(config, config.stat().st_mtime_ns)
    except (OSError, ConfigurationError) as error:
        logger.warning("no source takes webhooks: %s", error)
        return {}


@lru_cache(maxsize=4)
def _load(config: Path, _changed_at: int) -> dict[str, SourceDeclaration]:
    return {declaration.name: declaration for declaration in sources.load(config)}
