"""Pages: templates with every value escaped, under a policy that lets the browser load nothing from anywhere else.

A request by htmx gets the part it asked for, any other the whole page, so everything works with scripts off too.
"""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from context_api.console import words
from context_api.console.session import NOTICE

HERE = Path(__file__).parent

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",  # the pages hold what only this account may see
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "HX-Request-Type",
}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in (
        "label",
        "sentence",
        "value",
        "day",
        "minute",
        "percent",
        "bits",
        "odds",
        "standing",
        "suspected",
        "money",
        "link",
        "segment",
    ):
        environment.filters[name] = getattr(words, name)
    environment.globals["count"] = words.count
    return environment


ENVIRONMENT = _environment()


def partial(request: Request) -> bool:
    """Whether htmx asks for a part of the page. When it goes back in the history it asks for the whole."""
    return request.headers.get("HX-Request-Type") == "partial"


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The template as a response. Templates see `request`, `visitor` (None where nobody is signed in) and what is given."""
    visitor = getattr(request.state, "visitor", None)
    body = ENVIRONMENT.get_template(template).render(request=request, visitor=visitor, **values)
    response = HTMLResponse(body, status, HEADERS)
    if getattr(request.state, "notice_read", False) and NOTICE in request.cookies:
        response.delete_cookie(NOTICE, path="/console", httponly=True, samesite="strict")
    return response


def redirect(request: Request, where: str) -> Response:
    """Send the browser to another page of the console, by GET."""
    if partial(request):
        return Response(status_code=200, headers={**HEADERS, "HX-Redirect": where})
    return RedirectResponse(where, 303, HEADERS)
