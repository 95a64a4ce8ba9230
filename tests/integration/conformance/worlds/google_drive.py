"""A stub of Google Drive's API, version 3: files with their contents and exports, and changes from a token on."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance import filing
from tests.integration.conformance.world import HttpWorld, Item

REASONS = {401: "authError", 403: "insufficientFilePermissions", 404: "notFound", 429: "rateLimitExceeded"}


class GoogleDriveWorld(HttpWorld):
    """names: of folders that were renamed, by their ids, which are told among the changes once."""

    kind, stream = "google_drive", "files"
    skips: ClassVar[Mapping[str, str]] = filing.NO_SCHEMA

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.names: dict[str, str] = {}
        self.touched: dict[str, int] = {}

    def rename(self, folder: str, name: str) -> None:
        """A folder whose files are told by nobody."""
        self.shelf.changes += 1
        self.names[folder], self.touched[folder] = name, self.shelf.changes

    def toml(self) -> str:
        return f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\nrequests_per_second = 5000.0'

    def refused(self, status: int) -> Response:
        """Too many requests are refused with 403, and no word on how long to wait."""
        body = {"error": {"code": status, "errors": [{"domain": "global", "reason": REASONS.get(status, "backendError")}]}}
        return JSONResponse(body, 403 if status == 429 else status)

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return filing.name_in(payload, body)

    def routes(self) -> list[Route]:
        return [
            Route("/drive/v3/files", self._files),
            Route("/drive/v3/files/{key}", self._file),
            Route("/drive/v3/changes/startPageToken", self._start),
            Route("/drive/v3/changes", self._changes),
        ]

    async def _files(self, request: Request) -> Response:
        items, size, asked = self.shelf.living(), int(request.query_params["pageSize"]), request.query_params["q"]
        if " in parents" in asked:
            folder = asked.split("'")[1]
            items = [one for one in items if filing.path_of(one, self.shelf).startswith(f"{folder}/")]
        first = int(request.query_params.get("pageToken", "0"))
        more = {"nextPageToken": str(first + size)} if first + size < len(items) else {}
        return JSONResponse({"files": [self._told(one) for one in items[first : first + size]], **more})

    async def _start(self, request: Request) -> Response:
        return JSONResponse({"startPageToken": str(self.shelf.changes)})

    async def _changes(self, request: Request) -> Response:
        since, size = int(request.query_params["pageToken"]), int(request.query_params["pageSize"])
        items, folders = self.shelf.since(since), [self._folder(key) for key, change in self.touched.items() if change > since]
        told = [
            {"fileId": one.key, "removed": True} if one.deleted else {"fileId": one.key, "removed": False, "file": self._told(one)}
            for one in items[:size]
        ] + [{"fileId": one["id"], "removed": False, "file": one} for one in folders]
        name, at = ("nextPageToken", items[size - 1].change) if len(items) > size else ("newStartPageToken", self.shelf.changes)
        return JSONResponse({"changes": told, name: str(at)})

    async def _file(self, request: Request) -> Response:
        key = request.path_params["key"]
        if key == "root":
            return JSONResponse({"id": "root", "name": "My Drive"})
        if key.startswith("folder"):
            return JSONResponse(self._folder(key))
        item = self.shelf.items.get(key)
        if not item or item.deleted:
            return self.refused(404)
        return Response(filing.content_of(item)) if request.query_params.get("alt") == "media" else JSONResponse(self._told(item))

    def _folder(self, key: str) -> dict[str, Any]:
        return {"id": key, "name": self.names.get(key, key), "parents": ["root"], "mimeType": "application/vnd.google-apps.folder"}

    def _told(self, item: Item) -> dict[str, Any]:
        folder, _, name = filing.path_of(item, self.shelf).partition("/")
        return {
            "id": item.key,
            "name": name,
            "mimeType": "text/markdown",
            "size": str(filing.size_of(item)),
            "md5Checksum": hashlib.md5(filing.content_of(item)).hexdigest(),
            "modifiedTime": f"{item.at:%Y-%m-%dT%H:%M:%S.000Z}",
            "parents": [folder],
            "trashed": False,
        }
