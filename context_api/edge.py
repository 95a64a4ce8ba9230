"""What holds for every request before a route sees it: it has an id, a bounded body and a measured time; its answer has safe headers.

The id is the caller's X-Request-Id where that is well formed, else a new one. It is in the answer, the log, receipts and audit rows.
An error that nothing below handled becomes a problem document here; its trace goes to the log and never to the caller.
"""

import json
import logging
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from context_api import problems
from context_api.metrics import Metrics
from sql import audit

logger = logging.getLogger("context_api.request")
WELL_FORMED = re.compile(r"[A-Za-z0-9._:-]{8,64}")

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """How large a body may be, in bytes, and whether callers come over HTTPS."""

    max_body_bytes: int
    secure: bool


def new_request_id() -> str:
    """An id for a request whose caller gave none."""
    return f"req_{secrets.token_hex(8)}"


class _BodyTooLargeError(Exception):
    """The body went over the limit while it came."""


class Edge:
    """The outermost layer of the app, as plain ASGI: it adds some tens of microseconds."""

    def __init__(self, app: ASGIApp, rules: Rules, metrics: Metrics) -> None:
        self.app, self.rules, self.metrics = app, rules, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self.rules)
        token = audit.request_id.set(exchange.id)
        self.metrics.in_flight.inc()
        try:
            await exchange.run(self.app)
        finally:
            seconds = time.perf_counter() - exchange.began
            self.metrics.in_flight.dec()
            self.metrics.answered(scope["method"], _route(scope), exchange.status, seconds)
            logger.info("%s %s %d %.1f ms", scope["method"], scope["path"], exchange.status, seconds * 1000)
            audit.request_id.reset(token)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, rules: Rules) -> None:
        self._scope, self._receive, self._send, self._rules = scope, receive, send, rules
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        self.id = given if WELL_FORMED.fullmatch(given) else new_request_id()
        self.began, self.status = time.perf_counter(), 500
        self._started = self._too_large = False
        self._declared, self._received = headers.get("content-length", "0"), 0
        scope.setdefault("state", {})["request_id"] = self.id

    async def run(self, app: ASGIApp) -> None:
        if self._declared.isdigit() and int(self._declared) > self._rules.max_body_bytes:
            await self._refuse_body()
            return
        try:
            await app(self._scope, self.receive, self.send)
        except _BodyTooLargeError:
            pass
        except Exception:
            logger.exception("an error that nothing handled in %s %s", self._scope["method"], self._scope["path"])
            if self._started:
                raise
            detail = "Something went wrong here. Tell the operator this request's id: the log has the cause."
            await self._problem(500, "internal-error", detail)
        if self._too_large and not self._started:
            await self._refuse_body()

    async def receive(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self._rules.max_body_bytes:
            self._too_large = True
            raise _BodyTooLargeError
        return message

    async def send(self, message: Message) -> None:
        if self._too_large and not self._started:
            return  # what was made of half a body is not the answer
        if message["type"] == "http.response.start":
            self._started, self.status = True, message["status"]
            self._seal(MutableHeaders(scope=message))
        await self._send(message)

    def _seal(self, headers: MutableHeaders) -> None:
        headers["X-Request-Id"] = self.id
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        if self._rules.secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    async def _refuse_body(self) -> None:
        detail = f"The body is larger than {self._rules.max_body_bytes} bytes. Send less at once."
        await self._problem(413, "body-too-large", detail, [(b"connection", b"close")])

    async def _problem(self, status: int, code: str, detail: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        body = json.dumps(problems.document(self.id, status, code, detail)).encode()
        start = [(b"content-type", problems.MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode()), *headers]
        self._too_large = False
        await self.send({"type": "http.response.start", "status": status, "headers": start})
        await self.send({"type": "http.response.body", "body": body})


def _route(scope: Scope) -> str:
    """The path with names for the values in it, so that metrics have a bounded number of labels; "unknown" where no route matched."""
    path: str = scope["path"]
    if "route" not in scope:
        return next((mount for mount in ("/mcp", "/console/static") if path.startswith(mount)), "unknown")
    for name, value in reversed(scope.get("path_params", {}).items()):
        before, found, after = path.rpartition(f"/{value}")
        if not found:
            return "unknown"
        path = f"{before}/{{{name}}}{after}"
    return path
