"""What every connector is tried against: a source with a shelf of items, that tells them as its vendor would, and can be made to misbehave.

A vendor's world says how its connector is declared, how an item looks on its wire, and which behaviours its vendor does not have, and why.
"""

import asyncio
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from connectors import sources
from connectors.sources import SourceDeclaration
from tests.integration.conformance.tokens import Tokens

#: Where the vendor's clock stands at first: nobody's now, so that a connector that asked our own clock would fail.
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Item:
    """One record of a source. change: the number of its last change, which rises through the whole shelf; poison: told in a form that
    can't be read; extra: fields that were not there at first."""

    key: str
    name: str
    at: datetime
    change: int
    deleted: bool = False
    poison: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


class Shelf:
    """The source's truth. Its clock is its own and moves a second with each change."""

    def __init__(self, now: datetime = NOON) -> None:
        self.items: dict[str, Item] = {}
        self.now, self.changes = now, 0
        self._sorted: dict[str, tuple[int, list[Item]]] = {}

    def put(self, key: str, name: str, at: datetime | None = None, **extra: Any) -> Item:
        """Make or change an item; `at` is its time of change where that is not now, as of a row that appears late."""
        self.now += timedelta(seconds=1)
        self.changes += 1
        held = self.items.get(key)
        item = Item(key, name, at or self.now, self.changes, extra={**(held.extra if held else {}), **extra})
        self.items[key] = item
        return item

    def fill(self, count: int, start: int = 1) -> None:
        for number in range(start, start + count):
            self.put(str(number), f"Name {number}")

    def remove(self, key: str) -> None:
        """Its time of change moves on too; a vendor that deletes for good shows it nowhere."""
        item = self.items[key]
        self.now += timedelta(seconds=1)
        self.changes += 1
        item.deleted, item.at, item.change = True, self.now, self.changes

    def living(self) -> list[Item]:
        """By key as a number."""
        return self._kept("living", lambda: sorted((one for one in self.items.values() if not one.deleted), key=lambda one: int(one.key)))

    def changed(self) -> list[Item]:
        """The living, by time of change."""
        return self._kept("changed", lambda: sorted(self.living(), key=lambda one: (one.at, int(one.key))))

    def _kept(self, name: str, make: Callable[[], list[Item]]) -> list[Item]:
        """Sorted once for each state of the shelf: a stub asks for it with each page."""
        if self._sorted.get(name, (-1, []))[0] != self.changes:
            self._sorted[name] = (self.changes, make())
        return self._sorted[name][1]

    def since(self, change: int) -> list[Item]:
        """What changed after that change, the deleted too, in order."""
        return sorted((one for one in self.items.values() if one.change > change), key=lambda one: one.change)

    def truth(self) -> dict[str, str]:
        """Key -> name of what a right sync has landed and kept."""
        return {one.key: one.name for one in self.living() if not one.poison}


class World(ABC):
    """A source of one kind. `skips`: behaviour -> why the vendor, or the kind of source, does not have it."""

    kind: ClassVar[str]
    stream: ClassVar[str]
    skips: ClassVar[Mapping[str, str]] = {}
    #: The vendor's field of an item's name, where the stub takes changes of it; '' where it takes none.
    renames: ClassVar[str] = ""
    #: Records of a page, set small so that a few items make several.
    page: ClassVar[int] = 4
    #: Records that are many; fewer only where each is a file or a request of its own, and making so many would take minutes.
    many: ClassVar[int] = 100_000
    #: Requests of a first reading before that for its first page.
    before: ClassVar[int] = 0

    def __init__(self, folder: Path) -> None:
        self.folder, self.shelf = folder, Shelf()

    @abstractmethod
    @contextmanager
    def serve(self) -> Iterator[None]:
        """The source is there, until the block is left."""

    @abstractmethod
    def toml(self) -> str:
        """The lines of the source's declaration beside name and kind; its secret, where it has one, is `env:CONFORMANCE_SECRET`."""

    @abstractmethod
    def secret(self) -> str:
        """What the secret is now; '' where the source has none."""

    @abstractmethod
    def name_of(self, payload: Any, body: bytes | None) -> str:
        """The item's name, out of what was landed."""

    def declaration(self, name: str, more: str = "") -> SourceDeclaration:
        """The source as crosswalk.toml would declare it; `more` is put at the end."""
        said = f'[[source]]\nname = "{name}"\nkind = "{self.kind}"\nstreams = ["{self.stream}"]\n{self.toml()}\n{more}\n'
        (declaration,) = sources.parse(said, self.folder)
        return declaration

    def key_of(self, key: str) -> str:
        """The shelf's key, out of the landed one, where the vendor's are longer (a path, a Message-ID)."""
        return key


Trouble = Callable[[Request, int], Response | None]


class HttpWorld(World):
    """A vendor's API, over HTTP on loopback.

    tokens:  its endpoint for OAuth, at /oauth/token; what it gives is as good as the token.
    trouble: asked for each data request, with its number from 0 on; what it returns is answered instead.
    seen:    method and path with query of each request.
    """

    TOKEN = "conformance-secret-0"  # planted: the suite looks for it everywhere at the end

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.token, self.url = self.TOKEN, ""
        self.tokens = Tokens()
        self.trouble: Trouble = lambda request, number: None
        self.seen: list[str] = []
        self.repeat_at: int | None = None

    @abstractmethod
    def routes(self) -> list[Route]:
        """The vendor's paths; an endpoint is `async def endpoint(request) -> Response`."""

    def authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.token}"

    def open_paths(self) -> tuple[str, ...]:
        """Paths that need no token, such as the one that gives tokens; trouble spares them."""
        return ()

    def refused(self, status: int) -> Response:
        """The vendor's answer to a fault, in its own form; 429 tells to wait a second."""
        return JSONResponse({"error": {"code": str(status)}}, status, {"Retry-After": "1"} if status == 429 else None)

    def secret(self) -> str:
        return self.token

    @contextmanager
    def serve(self) -> Iterator[None]:
        tokens = Route("/oauth/token", self.tokens.answer, methods=["POST"])
        app = _Guarded(self, Starlette(routes=[tokens, *self.routes()]))
        with listening(app) as url:
            self.url = url
            yield


class _Guarded:
    """Token, trouble, repetition and the vendor's clock are the same for every vendor's stub."""

    def __init__(self, world: HttpWorld, app: Starlette) -> None:
        self.world, self.app, self.count = world, app, 0
        self.former: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request, world = Request(scope, receive), self.world
        world.seen.append(f"{request.method} {request.url.path}?{request.url.query}")
        if request.url.path in ("/oauth/token", *world.open_paths()):
            await self.app(scope, receive, send)
            return
        number, self.count = self.count, self.count + 1
        known = world.authorised(request) or world.tokens.knows(request)
        answer = world.trouble(request, number) or (None if known else world.refused(401))
        if answer is not None:
            await answer(scope, receive, send)
            return
        repeat = world.repeat_at is not None and number == world.before + world.repeat_at and bool(self.former)
        await self._answer(scope, receive, send, repeat=repeat)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, *, repeat: bool) -> None:
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, keep)
        if repeat:
            sent = self.former
        self.former = sent
        date = self.world.shelf.now.strftime("%a, %d %b %Y %H:%M:%S GMT").encode()
        for message in sent:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*(h for h in message["headers"] if h[0] != b"date"), (b"date", date)]}
            await send(message)


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """The app on a port of 127.0.0.1, in a thread, until the block is left. Gives the address, without a slash at the end."""
    here = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    here.bind(("127.0.0.1", 0))
    here.listen(128)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
        date_header=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[here]),), daemon=True)
    thread.start()
    try:
        for _ in range(1000):
            if server.started:
                break
            threading.Event().wait(0.01)
        yield f"http://127.0.0.1:{here.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)
        here.close()
