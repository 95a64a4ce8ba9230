"""Signing in with an API key, and out."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from context_api.console import rendering
from context_api.console.routing import HOME, AnyVisitor, ConsoleRoute, inside, services, signer, visitor_of
from context_api.console.session import COOKIE, HOURS, SignInNeededError
from context_api.keys import KEY

router = APIRouter(route_class=ConsoleRoute, include_in_schema=False)

FOREIGN = frozenset({"cross-site", "same-site"})  # values of Sec-Fetch-Site for a request that another site caused


@router.get("/login")
async def sign_in_form(
    request: Request, key: Annotated[str | None, Query(max_length=200)] = None, onward: Annotated[str, Query(alias="next")] = HOME
) -> Response:
    """The form; with a key in the address, as the demo prints it, signs in and goes on to an address without it."""
    if key is not None and request.headers.get("Sec-Fetch-Site") not in FOREIGN:
        return await _enter(request, key, onward)
    return rendering.page(request, "login.html", onward=inside(onward), problem=None)


@router.post("/login")
async def sign_in(
    request: Request, key: Annotated[str, Form(max_length=200)], onward: Annotated[str, Form(alias="next")] = HOME
) -> Response:
    """Signs in. There is no session yet whose token the form could carry, so where it came from is told by its Origin."""
    if _from_elsewhere(request):
        return rendering.page(request, "login.html", 403, onward=HOME, problem="That form came from another site. Sign in here.")
    return await _enter(request, key, onward)


@router.post("/logout")
async def sign_out(request: Request, _visitor: AnyVisitor) -> Response:
    response = rendering.redirect(request, "/console/login")
    response.delete_cookie(COOKIE, path="/console", httponly=True, samesite="strict")
    return response


async def _enter(request: Request, key: str, onward: str) -> Response:
    holder = await services(request).keys.holder(key.strip())
    match = KEY.fullmatch(key.strip())
    if holder is None or match is None:
        problem = "This key is not in force: mistyped, revoked or past its end. An administrator makes one with `crosswalk keys create`."
        return rendering.page(request, "login.html", 401, onward=inside(onward), problem=problem)
    session = signer(request).start(match["id"])
    try:
        await visitor_of(request, session)
    except SignInNeededError:
        problem = "This key may not read. Ask an administrator for the scope `read`."
        return rendering.page(request, "login.html", 403, onward=inside(onward), problem=problem)
    response = rendering.redirect(request, inside(onward))
    response.set_cookie(
        COOKIE,
        signer(request).seal(session),
        max_age=int(HOURS * 3600),
        path="/console",
        secure=services(request).settings.secure,
        httponly=True,
        samesite="strict",
    )
    return response


def _from_elsewhere(request: Request) -> bool:
    """Whether another site's page sent this form. The host is compared and not the scheme, which a proxy in front may change."""
    origin = request.headers.get("Origin")
    return request.headers.get("Sec-Fetch-Site") in FOREIGN or (origin is not None and urlsplit(origin).netloc != request.url.netloc)
