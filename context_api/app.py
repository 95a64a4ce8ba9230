"""The composition root of the API: what is built, and what is answered where."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from starlette.routing import Route

from context_api import console, openapi, problems, services
from context_api.context.passages import Embedder
from context_api.edge import Edge, Rules
from context_api.mcp.server import HttpDoor
from context_api.refusals import DOMAIN
from context_api.rest import changes, context, health, parties, receipts, reviews, search, webhooks
from context_api.services import Services
from context_api.settings import Settings
from sql.database import Database, open_database


def create_app(database: Database | None = None, settings: Settings | None = None, embedder: Embedder | None = None) -> FastAPI:
    """REST, MCP and the console over a migrated database; what is not given is opened by the settings in the environment.

    The app closes the database at its end, and must run in one event loop.
    """
    built = services.build(database or open_database(), settings, embedder)
    mcp = HttpDoor(built)
    app = FastAPI(
        title="Crosswalk",
        lifespan=lifespan(built, mcp),
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.services = built
    app.add_middleware(Edge, Rules(built.settings.max_body_bytes, built.settings.secure), built.metrics)
    problems.install(app, DOMAIN)
    openapi.install(app)
    app.include_router(health.router)
    app.include_router(version_1())
    app.router.routes.append(Route("/mcp", mcp))
    app.include_router(console.router)
    return app


def version_1() -> APIRouter:
    """Everything under /v1."""
    router = APIRouter(prefix="/v1")
    for noun in (context, parties, search, reviews, changes, receipts, webhooks):
        router.include_router(noun.router)
    return router


def lifespan(built: Services, mcp: HttpDoor) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What runs as long as the app does."""

    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[None]:
        try:
            await to_thread.run_sync(built.embedder.embed, [""])  # reads the model, so that the first question does not wait for it
            async with mcp.server.session_manager.run():
                yield
        finally:
            await built.database.aclose()

    return run
