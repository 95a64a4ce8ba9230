"""Limits and faults of the stub servers: the vendors' own rate limits, and errors thrown in on request.

Which requests fail is a function of the fault's seed and the order of the requests.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from threading import Lock

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KINDS = ("500", "429", "truncated", "closed", "content_type", "slow")


@dataclass(frozen=True, slots=True)
class Faults:
    """A share `rate` of the requests fails in one of the `kinds`; a slow one answers after `delay` seconds, and rightly."""

    rate: float = 0.0
    seed: int = 0
    kinds: tuple[str, ...] = KINDS
    delay: float = 0.3

    def __post_init__(self) -> None:
        """Raises ValueError for a rate outside 0 to 1 or a kind that is not one of KINDS."""
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown or not 0 <= self.rate <= 1 or not self.kinds:
            got = f"{self.rate} and {unknown or self.kinds}"
            raise ValueError(f"faults need a rate from 0 to 1 and kinds out of {', '.join(KINDS)}; got {got}")


@dataclass(slots=True)
class RateLimit:
    """A rolling window: so many requests in so many seconds."""

    requests: int
    seconds: float
    policy: str
    clock: Callable[[], float] = time.monotonic
    _taken: deque[float] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)

    def take(self) -> tuple[int, float]:
        """(requests left after this one, seconds to wait); the wait is 0 where this one may pass."""
        with self._lock:
            now = self.clock()
            while self._taken and self._taken[0] <= now - self.seconds:
                self._taken.popleft()
            if len(self._taken) >= self.requests:
                return 0, self._taken[0] + self.seconds - now
            self._taken.append(now)
            return self.requests - len(self._taken), 0.0


class FaultInjection:
    """ASGI middleware that lets some requests fail, the failure drawn before the request is looked at."""

    def __init__(self, app: ASGIApp, faults: Faults, refusal: Callable[[str], Response]) -> None:
        self.app, self.faults, self.refusal = app, faults, refusal
        self.rng = Random(faults.seed)
        self.thrown = dict.fromkeys(faults.kinds, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or fails."""
        kind = self.rng.choice(self.faults.kinds) if scope["type"] == "http" and self.rng.random() < self.faults.rate else ""
        if not kind:
            await self.app(scope, receive, send)
            return
        self.thrown[kind] += 1
        if kind == "slow":
            await asyncio.sleep(self.faults.delay)
            await self.app(scope, receive, send)
        elif kind in ("500", "429"):
            await self.refusal(kind)(scope, receive, send)
        elif kind == "content_type":
            page = Response("<html><body><h1>502 Bad Gateway</h1></body></html>", 200, media_type="text/html")
            await page(scope, receive, send)
        else:
            await self._cut(kind, scope, receive, send)

    async def _cut(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Half of the true answer: as if whole (truncated), or with the connection closed in the middle of it (closed)."""
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, keep)
        start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
        half = body[: len(body) // 2]
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        length = len(half) if kind == "truncated" else len(body) + 1
        await send({**start, "headers": [*headers, (b"content-length", str(length).encode())]})
        await send({"type": "http.response.body", "body": half, "more_body": kind == "closed"})


def refusal(body: Callable[[str], dict[str, object]]) -> Callable[[str], Response]:
    """Makes the vendor's answer to a fault `500` or `429`, with Retry-After for the latter."""

    def answer(kind: str) -> Response:
        return JSONResponse(body(kind), int(kind), {"Retry-After": "1"} if kind == "429" else None)

    return answer
