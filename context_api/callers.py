"""Who calls: from the Authorization header to an `Access`, the same for REST and MCP.

A route takes `Reader` or `Steward`; what the caller may see of the data is decided below, by `Access`, and not here.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from context_api.access import Access
from context_api.problems import NotAuthenticatedError, ProblemError, ScopeMissingError
from context_api.services import Services

PURPOSE_LENGTH = 200
bearer = HTTPBearer(auto_error=False, description="A key made by `crosswalk keys create`: cw_<id>_<secret>")


def services_of(request: HTTPConnection) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDependency = Annotated[Services, Depends(services_of)]


async def authenticate(services: Services, key: str | None, request_id: str, purpose: str | None = None) -> Access:
    """The access of a key; raises NotAuthenticatedError where none is given or none is in force."""
    if key is None:
        raise NotAuthenticatedError("A key is needed. Send it as `Authorization: Bearer cw_...`; `crosswalk keys create` makes one.")
    holder = await services.keys.holder(key)
    if holder is None:
        services.metrics.refused.inc()
        raise NotAuthenticatedError("This key is not in force: it is unknown, revoked or expired. `crosswalk keys create` makes one.")
    return Access(holder.account, holder.scopes, purpose_of(purpose), request_id)


def purpose_of(text: str | None) -> str | None:
    """The purpose as it may be recorded; raises ProblemError where it is too long or not text."""
    if text is None or not text.strip():
        return None
    if len(text) > PURPOSE_LENGTH or not text.isprintable():
        raise ProblemError(422, "invalid-purpose", f"A purpose is up to {PURPOSE_LENGTH} printable characters, e.g. `renewal-call`.")
    return text.strip()


async def caller(
    request: Request,
    services: ServicesDependency,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    x_purpose: Annotated[str | None, Header(description="What the data is for; kept in the receipt")] = None,
) -> Access:
    """The access of the request's key, whatever it may do."""
    return await authenticate(services, credentials.credentials if credentials else None, request.state.request_id, x_purpose)


def may(action: str) -> Callable[[Access], Coroutine[Any, Any, Access]]:
    """A dependency that gives the caller's access, and refuses who may not do `action`."""

    async def check(access: Annotated[Access, Depends(caller)]) -> Access:
        if not access.may(action):
            raise ScopeMissingError(action)
        return access

    return check


Reader = Annotated[Access, Depends(may("read"))]
Steward = Annotated[Access, Depends(may("steward"))]
