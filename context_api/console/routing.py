"""Who may open a page, and what a person sees when something is wrong: a page in words, never a problem document or a stack trace."""

import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from context_api import reviews
from context_api.access import Access
from context_api.console import rendering
from context_api.console.session import COOKIE, FORM_FIELD, ForgedRequestError, Session, Signer, SignInNeededError
from context_api.console.words import segment
from context_api.services import Services
from resolution.errors import PartyNotFoundError

HOME = "/console/parties"

logger = logging.getLogger(__name__)


class StewardNeededError(Exception):
    """This key may read but not decide. Ask an administrator for the scope steward."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in, the token that this session's forms carry, and how many reviews wait for a steward who opens a page."""

    access: Access
    token: str
    waiting: int = 0


def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def signer(request: Request) -> Signer:
    return Signer(services(request).session_secret)


async def visitor(request: Request) -> Visitor:
    """The signed-in visitor who may read; raises SignInNeededError, and ForgedRequestError for a POST without the session's token."""
    found = await visitor_of(request, signer(request).open(request.cookies.get(COOKIE)))
    if request.method == "POST":
        token = (await request.form()).get(FORM_FIELD)
        signer(request).check(signer(request).open(request.cookies.get(COOKIE)), token if isinstance(token, str) else None)
    elif found.access.may("steward") and not rendering.partial(request):
        async with services(request).database.async_engine.connect() as connection:
            found = replace(found, waiting=await reviews.count(connection, found.access, status="open"))
    request.state.visitor = found
    return found


async def visitor_of(request: Request, session: Session) -> Visitor:
    """The visitor of this session; raises SignInNeededError where its key is no longer good or may not read."""
    holder = await services(request).keys.named(session.key_id)
    if holder is None:
        raise SignInNeededError
    access = Access(holder.account, holder.scopes, "console", request_id(request))
    if not access.may("read"):
        raise SignInNeededError
    return Visitor(access, signer(request).token(session))


def steward(found: Annotated[Visitor, Depends(visitor)]) -> Visitor:
    """The visitor where they may decide; raises StewardNeededError."""
    if not found.access.may("steward"):
        raise StewardNeededError
    return found


AnyVisitor = Annotated[Visitor, Depends(visitor)]
Steward = Annotated[Visitor, Depends(steward)]


class ConsoleRoute(APIRoute):
    """A route whose errors become pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_in_words(request: Request) -> Response:
            try:
                return await handle(request)
            except SignInNeededError:
                return _to_sign_in(request)
            except Exception as error:  # noqa: BLE001 - the last one who can tell a person; the log gets what was not expected
                return error_page(request, error)

        return handle_in_words


def _to_sign_in(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET" or rendering.partial(request):
        wanted = HOME
    return rendering.redirect(request, f"/console/login?next={segment(wanted)}")


def inside(where: str) -> str:
    """The address where it is a page of the console, else the first page: a form or link from elsewhere may not lead away."""
    safe = where.startswith("/console/") and "\\" not in where and "//" not in where.partition("?")[0] and where.isprintable()
    return where if safe else HOME


def error_page(request: Request, error: Exception) -> Response:
    """The page for an error: the same status and words as the API's problem document for it."""
    status, title, detail = _in_words(request, error)
    if status >= 500:
        logger.error("a console page failed: %s", type(error).__name__, exc_info=error)
    response = rendering.page(
        request, "parts/problem.html" if rendering.partial(request) else "error.html", status, title=title, detail=detail
    )
    if rendering.partial(request):
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#notice", "innerHTML"
    return response


def _in_words(request: Request, error: Exception) -> tuple[int, str, str]:
    own = {
        StewardNeededError: (403, "Not for this key"),
        ForgedRequestError: (403, "Form out of date"),
        PartyNotFoundError: (404, "No such party"),
    }
    for kind, (status, title) in own.items():
        if isinstance(error, kind):
            return status, title, (kind.__doc__ or "").strip()
    if isinstance(error, HTTPException) and error.status_code == 404:
        return 404, "Nothing here", "There is no such page. Perhaps the address was cut or mistyped."
    handlers = request.app.exception_handlers
    handler = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers and kind is not Exception), None)
    if handler is None:
        return 500, "Something went wrong", f"Nothing was lost. Tell the operator this id; the log has the cause: {request_id(request)}"
    document = json.loads(bytes(handler(request, error).body))
    wrong = "; ".join(f"{each['field'].rpartition('.')[2]}: {each['message']}" for each in document.get("errors", ()))
    return document["status"], document["title"], f"Please mend this: {wrong}." if wrong else document["detail"]


def request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", "-"))
