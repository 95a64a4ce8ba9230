"""A stub of Microsoft Graph's drives: delta with its tokens, single items, and the host that gives contents to whoever has the address."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance import filing
from tests.integration.conformance.world import HttpWorld, Item

DRIVE = "/v1.0/drives/b!1"
CODES = {401: "InvalidAuthenticationToken", 403: "accessDenied", 404: "itemNotFound", 410: "resyncRequired", 429: "activityLimitReached"}


class SharePointWorld(HttpWorld):
    """oldest: tokens of changes before that are answered by 410. names: of folders that were renamed, by their ids; touched: by the number
    of that change."""

    kind, stream = "sharepoint", "files"
    skips: ClassVar[Mapping[str, str]] = filing.NO_SCHEMA
    oldest = 0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.names: dict[str, str] = {}
        self.touched: dict[str, int] = {}

    def rename(self, folder: str, name: str) -> None:
        """A folder whose files are told by nobody."""
        self.shelf.changes += 1
        self.names[folder], self.touched[folder] = name, self.shelf.changes

    def toml(self) -> str:
        said = f'url = "{self.url}/v1.0"\ndrive = "drives/b!1"\nsecret = "env:CONFORMANCE_SECRET"'
        return f"{said}\npage_size = {self.page}\nrequests_per_second = 5000.0"

    def authorised(self, request: Request) -> bool:
        if request.url.path.startswith("/content/"):
            return "authorization" not in request.headers and request.query_params.get("tempauth") == "conformance-secret-address"
        return super().authorised(request)

    def refused(self, status: int) -> Response:
        headers = {"Retry-After": "1"} if status == 429 else None
        return JSONResponse({"error": {"code": CODES.get(status, "generalException"), "message": "no"}}, status, headers)

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return filing.name_in(payload, body)

    def key_of(self, key: str) -> str:
        return key.removeprefix("item-")

    def routes(self) -> list[Route]:
        return [
            Route(f"{DRIVE}/root/delta", self._delta),
            Route(f"{DRIVE}/items/{{key}}", self._item),
            Route(f"{DRIVE}/items/{{key}}/children", self._children),
            Route("/content/{key}", self._content),
        ]

    async def _delta(self, request: Request) -> Response:
        """Tokens: `whole.KEY.CHANGE`, where KEY is the last one told and CHANGE when it began; `since.CHANGE` from then on."""
        kind, _, rest = request.query_params.get("token", f"whole.0.{self.shelf.changes}").partition(".")
        if kind == "since":
            if int(rest) < self.oldest:
                return self.refused(410)
            items = self.shelf.since(int(rest))
            told = items[: self.page]
            end = len(items) <= self.page
            following = f"since.{self.shelf.changes if end else told[-1].change}"
            above = {filing.path_of(one, self.shelf).partition("/")[0] for one in told if not one.deleted}
            folders = [self._folder(one) for one in sorted(above | {key for key, change in self.touched.items() if change > int(rest)})]
        else:
            last, began = rest.split(".")
            items = self.shelf.living()
            first = next((place for place, one in enumerate(items) if int(one.key) > int(last)), len(items)) if last != "0" else 0
            told = items[first : first + self.page]
            end = first + self.page >= len(items)
            following = f"since.{began}" if end else f"whole.{told[-1].key}.{began}"
        link = "@odata.deltaLink" if end else "@odata.nextLink"
        root = {"id": "root", "name": "root", "root": {}, "folder": {"childCount": 1}}
        body = {
            "value": [root, *(folders if kind == "since" else []), *map(self._told, told)],
            link: f"{self.url}{DRIVE}/root/delta?token={following}",
        }
        return JSONResponse(body)

    async def _item(self, request: Request) -> Response:
        key = request.path_params["key"]
        if key == "root":
            return JSONResponse({"id": "root", "name": "root", "root": {}, "folder": {}})
        if key.startswith("folder"):
            return JSONResponse(self._folder(key))
        item = self.shelf.items.get(self.key_of(key))
        return JSONResponse(self._told(item)) if item and not item.deleted else self.refused(404)

    async def _children(self, request: Request) -> Response:
        key, first = request.path_params["key"], int(request.query_params.get("$skiptoken", "0"))
        items = [one for one in self.shelf.living() if filing.path_of(one, self.shelf).startswith(f"{key}/")]
        more = first + self.page < len(items)
        link = {"@odata.nextLink": f"{self.url}{DRIVE}/items/{quote(key)}/children?$skiptoken={first + self.page}"} if more else {}
        return JSONResponse({"value": [self._told(one) for one in items[first : first + self.page]], **link})

    async def _content(self, request: Request) -> Response:
        item = self.shelf.items.get(request.path_params["key"])
        return Response(filing.content_of(item)) if item and not item.deleted else self.refused(404)

    def _folder(self, key: str) -> dict[str, Any]:
        above = {"id": "root", "path": "/drives/b!1/root:"}
        return {"id": key, "name": self.names.get(key, key), "folder": {}, "parentReference": above}

    def _told(self, item: Item) -> dict[str, Any]:
        if item.deleted:
            return {"id": f"item-{item.key}", "deleted": {"state": "deleted"}}
        folder, _, name = filing.path_of(item, self.shelf).partition("/")
        return {
            "id": f"item-{item.key}",
            "name": name,
            "size": filing.size_of(item),
            "cTag": f'"c:{item.change}"',
            "file": {"mimeType": "text/markdown"},
            "lastModifiedDateTime": f"{item.at:%Y-%m-%dT%H:%M:%SZ}",
            "parentReference": {"driveId": "b!1", "id": folder},
            "webUrl": f"https://example.sharepoint.com/{quote(name)}",
            "@microsoft.graph.downloadUrl": f"{self.url}/content/{item.key}?tempauth=conformance-secret-address",
        }
