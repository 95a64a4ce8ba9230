"""A stub of a WebDAV server (RFC 4918): PROPFIND of a folder, GET of a file."""

import base64
from collections.abc import Mapping
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.integration.conformance import filing
from tests.integration.conformance.world import HttpWorld, Item


class WebDavWorld(HttpWorld):
    kind, stream = "webdav", "files"
    skips: ClassVar[Mapping[str, str]] = filing.NO_SCHEMA

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._held: tuple[int, dict[str, list[Item]]] = (-1, {})

    def toml(self) -> str:
        said = f'url = "{self.url}/dav/all"\nuser = "anna"\nsecret = "env:CONFORMANCE_SECRET"'
        return f"{said}\npage_size = {self.page}\nrequests_per_second = 5000.0"

    def authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Basic {base64.b64encode(f'anna:{self.token}'.encode()).decode()}"

    def refused(self, status: int) -> Response:
        return PlainTextResponse("no", status, {"Retry-After": "1"} if status == 429 else None)

    def key_of(self, key: str) -> str:
        return filing.number_of(key)

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return filing.name_in(payload, body)

    def routes(self) -> list[Route]:
        return [
            Route("/dav/all/{path:path}", self._find, methods=["PROPFIND"]),
            Route("/dav/all/{path:path}", self._get, methods=["GET"]),
        ]

    async def _find(self, request: Request) -> Response:
        path, depth = request.path_params["path"], request.headers["depth"]
        if "." in path:
            item = self._at(path)
            told = [self._file(item)] if item else []
        else:
            folders = self._folders()
            inside = [self._file(one) for one in folders.get(path.strip("/"), [])] if path else [self._folder(f"{one}/") for one in folders]
            told = [self._folder(path), *(inside if depth == "1" else [])]
        if not told:
            return self.refused(404)
        body = f'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">{"".join(told)}</D:multistatus>'
        return Response(body, 207, media_type="application/xml")

    async def _get(self, request: Request) -> Response:
        item = self._at(request.path_params["path"])
        return Response(filing.content_of(item), headers={"ETag": f'"{item.change}"'}) if item else self.refused(404)

    def _folders(self) -> dict[str, list[Item]]:
        if self._held[0] != self.shelf.changes:
            found: dict[str, list[Item]] = {}
            for item in self.shelf.living():
                found.setdefault(filing.path_of(item, self.shelf).partition("/")[0], []).append(item)
            self._held = (self.shelf.changes, found)
        return self._held[1]

    def _at(self, path: str) -> Item | None:
        item = self.shelf.items.get(filing.number_of(path))
        return item if item and not item.deleted else None

    def _folder(self, path: str) -> str:
        return told(path, "<D:resourcetype><D:collection/></D:resourcetype>")

    def _file(self, item: Item) -> str:
        said = f'<D:resourcetype/><D:getcontentlength>{filing.size_of(item)}</D:getcontentlength><D:getetag>"{item.change}"</D:getetag>'
        return told(
            filing.path_of(item, self.shelf), f"{said}<D:getlastmodified>{format_datetime(item.at, usegmt=True)}</D:getlastmodified>"
        )


def told(path: str, properties: str) -> str:
    """One resource, with a property that it has not beside those that it has."""
    found = f"<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
    missing = "<D:propstat><D:prop><D:quota/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"
    return f"<D:response><D:href>/dav/all/{quote(path)}</D:href>{found}{missing}</D:response>"
