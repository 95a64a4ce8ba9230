"""What is answered where, under /console."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from context_api.console import acts, browsing, login, party, reasons, rendering, reviews
from context_api.console.routing import AnyVisitor, ConsoleRoute

FILES = StaticFiles(directory=rendering.HERE / "static")

pages = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
for noun in (login, browsing, party, reasons, reviews, acts):
    pages.include_router(noun.router)


@pages.get("/static/{path:path}")
async def static(path: str, request: Request) -> Response:
    """A file of the console; the browser keeps it, and asks each time whether it is still the same."""
    response = await FILES.get_response(path, request.scope)
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("")
@pages.get("/")
async def first_page() -> Response:
    return RedirectResponse("/console/parties", 303)


@pages.get("/{path:path}")
async def nothing(_visitor: AnyVisitor) -> Response:
    raise HTTPException(404)


router = APIRouter(include_in_schema=False)
router.add_api_route("/", first_page, include_in_schema=False)
router.include_router(pages)
