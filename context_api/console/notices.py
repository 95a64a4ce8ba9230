"""What was just done, said once on the next page, with a way to undo it.

It is kept in a sealed cookie between the two, so that no link from elsewhere can put words or an undo on a page.
"""

import json
from dataclasses import asdict, dataclass

from fastapi import Request
from fastapi.responses import Response

from context_api.console.routing import services, signer
from context_api.console.session import NOTICE


@dataclass(frozen=True, slots=True)
class Notice:
    """decision_id: what can be undone, or None; back: the page to which the undo leads."""

    words: str
    decision_id: str | None = None
    back: str = ""


def leave(request: Request, response: Response, notice: Notice) -> Response:
    """Say it on the next page."""
    sealed = signer(request).sealed("notice", json.dumps(asdict(notice)))
    response.set_cookie(
        NOTICE, sealed, max_age=60, path="/console", secure=services(request).settings.secure, httponly=True, samesite="strict"
    )
    return response


def left(request: Request) -> Notice | None:
    """What the page before left to be said; this page says it, and the next one no more."""
    body = signer(request).opened("notice", request.cookies.get(NOTICE))
    request.state.notice_read = True
    return Notice(**json.loads(body)) if body else None
