"""The composition root of the API: what is built, and what is answered where."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from context_api import problems
from context_api.edge import Edge, Rules
from context_api.keys import Keyring
from context_api.metrics import Metrics
from context_api.refusals import DOMAIN
from context_api.rest import changes, health, receipts
from context_api.services import Services
from context_api.settings import Settings
from context_api.stewardship import Stewardship
from sql.database import Database, open_database

DESCRIPTION = """Who a customer is, over all systems, and what matters about them for the question at hand.

Every request but `/healthz`, `/readyz` and `/metrics` carries a key, as `Authorization: Bearer cw_...`.
Every error is a problem document (RFC 9457).
Lists go on with `cursor=<next_cursor>`. What the key's scopes keep back is counted in `withheld` by the scope that is missing, never shown.
"""


def create_app(settings: Settings | None = None, database: Database | None = None, embedder: Any = None) -> FastAPI:
    """The API over a database that is migrated; what is not given is opened by the settings in the environment."""
    settings = settings or Settings()
    services = build_services(settings, database or open_database(), embedder)
    app = FastAPI(
        title="Crosswalk",
        description=DESCRIPTION,
        version="1",
        lifespan=lifespan(services),
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        responses={"default": {"model": problems.ProblemDocument, "description": "A problem"}},
    )
    app.state.services = services
    app.add_middleware(Edge, Rules(settings.max_body_bytes, settings.secure), services.metrics)
    problems.install(app, DOMAIN)
    app.include_router(health.router)
    app.include_router(version_1())
    return app


def version_1() -> APIRouter:
    """Everything under /v1."""
    router = APIRouter(prefix="/v1")
    for noun in (changes, receipts):
        router.include_router(noun.router)
    return router


def build_services(settings: Settings, database: Database, embedder: Any) -> Services:
    """What routes, tools and pages are handed."""
    return Services(
        database=database,
        embedder=embedder,
        settings=settings,
        keys=Keyring(database.async_engine, settings.key_cache_seconds),
        stewardship=Stewardship(database),
        metrics=Metrics(),
        session_secret=settings.session_secret.get_secret_value().encode() if settings.session_secret else secrets.token_bytes(32),
    )


def lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await services.database.aclose()

    return run
