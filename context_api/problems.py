"""Every error is a problem document (RFC 9457): what is wrong, and what to do.

    type       urn:crosswalk:problem:<code>, stable: programs may decide by it
    title      the kind of problem, the same each time
    status     the HTTP status
    detail     what is wrong this time, and what to do about it
    instance   the request's id, as in X-Request-Id and the log
    errors     only where fields are wrong: [{"field", "message"}]

The domain itself knows no HTTP: `context_api.refusals` says which of its errors has which status.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from sql.database import DatabaseUnavailableError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One field of the request that is wrong."""

    field: str = Field(examples=["body.budget"])
    message: str = Field(examples=["Input should be greater than or equal to 50"])


class ProblemDocument(BaseModel):
    """What every error answers (RFC 9457)."""

    type: str = Field(examples=["urn:crosswalk:problem:party-not-found"])
    title: str = Field(examples=["Party not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no party pty_0. Find it with GET /v1/search?q=..."])
    instance: str = Field(description="The request's id", examples=["req_5e1f0c9a7b3d4e2f"])
    errors: list[FieldError] | None = Field(default=None, description="The fields that are wrong, where fields are")


class ProblemError(Exception):
    """An error that carries its status, code and headers; its text is the detail."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers


class NotAuthenticatedError(ProblemError):
    """No key, or none in force."""

    def __init__(self, detail: str) -> None:
        super().__init__(401, "not-authenticated", detail, {"WWW-Authenticate": 'Bearer realm="crosswalk"'})


class ScopeMissingError(ProblemError):
    """The account may not do this."""

    def __init__(self, scope: str) -> None:
        super().__init__(403, "scope-missing", f"This needs the scope {scope}, which this key's account does not have. Ask for a grant.")
        self.scope = scope


def document(request_id: str, status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """A problem document as JSON-able data."""
    body: dict[str, Any] = {
        "type": f"urn:crosswalk:problem:{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": request_id,
    }
    return body | {"errors": errors} if errors else body


def response(request: Request, problem: ProblemError, errors: list[dict[str, str]] | None = None) -> Response:
    body = document(request.state.request_id, problem.status, problem.code, problem.detail, errors)
    return JSONResponse(body, problem.status, headers=dict(problem.headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI, domain: Mapping[type[Exception], int]) -> None:
    """Answer every error of the app with a problem; `domain` gives the status of each error of the domain and its kin."""
    for kind, status in domain.items():
        app.add_exception_handler(kind, _domain_handler(status))
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(DataError, _on_data)
    for outage in (DatabaseUnavailableError, OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(outage, _on_outage)


def _domain_handler(status: int) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        code = "-".join(re.findall("[A-Z][a-z]*", type(error).__name__.removesuffix("Error"))).lower()
        return response(request, ProblemError(status, code, told(error)))

    return handle


def told(error: Exception) -> str:
    """What an error of the domain says to whoever caused it."""
    return str(error) or " ".join((type(error).__doc__ or "").split())


def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return response(request, error)


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    details = {
        404: ("not-found", f"There is nothing at {request.url.path}. GET /openapi.json lists what there is."),
        405: ("method-not-allowed", f"{request.method} is not possible on {request.url.path}; see the Allow header."),
        400: ("malformed-request", "The request's body could not be read. Send JSON with Content-Type: application/json."),
    }
    code, detail = details.get(error.status_code, ("request-refused", str(error.detail)))
    return response(request, ProblemError(error.status_code, code, detail, error.headers))


def _on_invalid(request: Request, error: Exception) -> Response:
    """Names the fields and what is wrong with them, never what was in them: it may be secret, and it may be huge."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(entry["type"] == "json_invalid" for entry in found):
        return response(request, ProblemError(400, "malformed-request", "The body is not valid JSON."))
    errors = [{"field": ".".join(str(part) for part in entry["loc"]), "message": str(entry["msg"])} for entry in found[:50]]
    named = ", ".join(dict.fromkeys(entry["field"] for entry in errors))
    return response(request, ProblemError(422, "invalid-request", f"These fields are wrong: {named}. See errors."), errors)


def _on_data(request: Request, _error: Exception) -> Response:
    detail = "A value can't be held by the database: a NUL character, or a number or date out of range. Leave it out."
    return response(request, ProblemError(422, "invalid-request", detail))


def _on_outage(request: Request, error: Exception) -> Response:
    logger.error("the database does not answer: %s", str(error).partition("\n")[0])
    detail = "The database does not answer. Nothing was changed; try again shortly."
    return response(request, ProblemError(503, "database-unavailable", detail, {"Retry-After": "2"}))
