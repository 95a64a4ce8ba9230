"""A stub of Microsoft Graph's mail, written from its public documentation: folders, delta, $value in a batch."""

import base64
from pathlib import Path
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.mailing import SKIPS, MailShelf, OfMail, message
from tests.integration.conformance.world import HttpWorld

BOX = "/v1.0/users/us@ours.example"


class OutlookWorld(OfMail, HttpWorld):
    kind, many = "outlook", 20_000
    skips: ClassVar = SKIPS
    shelf: MailShelf

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shelf = MailShelf()
        self.forgotten = 0  # tokens from before this event are too old
        self.too_old = (410, "syncStateNotFound")

    def toml(self) -> str:
        return (
            f'url = "{self.url}/v1.0"\nsecret = "env:CONFORMANCE_SECRET"\nmailboxes = ["us@ours.example"]\n'
            f"page_size = {self.page}\nrequests_per_second = 5000.0"
        )

    def routes(self) -> list[Route]:
        return [
            Route(f"{BOX}/mailFolders", self._folders),
            Route(f"{BOX}/mailFolders/{{name}}/childFolders", self._children),
            Route(f"{BOX}/mailFolders/{{name}}", self._special),
            Route(f"{BOX}/mailFolders/inbox-id/messages/delta", self._delta),
            Route(f"{BOX}/mailFolders/top-id/messages/delta", self._empty),
            Route(f"{BOX}/messages", self._search),
            Route("/v1.0/$batch", self._batch, methods=["POST"]),
        ]

    async def _folders(self, request: Request) -> Response:
        """Two at the top, a page each; the inbox lies within one of them."""
        top = {"id": "junk-id", "childFolderCount": 1} if "$skip" in request.query_params else {"id": "top-id", "childFolderCount": 2}
        more = {} if "$skip" in request.query_params else {"@odata.nextLink": f"{self.url}{BOX}/mailFolders?$skip=1"}
        return JSONResponse({"value": [top], **more})

    async def _children(self, request: Request) -> Response:
        assert request.path_params["name"] == "top-id"
        search = {"@odata.type": "#microsoft.graph.mailSearchFolder", "id": "search-id", "childFolderCount": 0}
        return JSONResponse({"value": [{"id": "inbox-id", "childFolderCount": 0}, search]})

    async def _empty(self, request: Request) -> Response:
        return JSONResponse({"value": [], "@odata.deltaLink": str(request.url.replace(hostname="127.0.0.1"))})

    async def _special(self, request: Request) -> Response:
        return JSONResponse({"id": "junk-id"}) if request.path_params["name"] == "junkemail" else self.refused(404)

    async def _delta(self, request: Request) -> Response:
        assert 'IdType="ImmutableId"' in request.headers["prefer"]
        size = int(request.headers["prefer"].rpartition("=")[2])
        query, shelf = request.query_params, self.shelf
        if "$deltatoken" in query:
            start = int(query["$deltatoken"])
            if start < self.forgotten:
                status, code = self.too_old
                return JSONResponse({"error": {"code": code, "message": "too old"}}, status)
            told = [(key, there and key in shelf.by_id) for key, there in shelf.events[start : start + size]]
            end = start + size
            return self._told(told, f"$deltatoken={end}" if end < len(shelf.events) else None, len(shelf.events))
        begun, _, offset = query.get("$skiptoken", f"{len(shelf.events)}.0").partition(".")
        mails, here = shelf.mails(), int(offset)
        more = f"$skiptoken={begun}.{here + size}" if here + size < len(mails) else None
        return self._told([(key, True) for key in mails[here : here + size]], more, int(begun))

    def _told(self, told: list[tuple[str, bool]], more: str | None, token: int) -> Response:
        """The mails of a page, and the address of the next, or of the next sync."""
        address = f"{self.url}{BOX}/mailFolders/inbox-id/messages/delta?"
        link = {"@odata.nextLink": address + more} if more else {"@odata.deltaLink": f"{address}$deltatoken={token}"}
        return JSONResponse({"value": [self._row(key, there=there) for key, there in told], **link})

    def _row(self, key: str, *, there: bool) -> dict[str, Any]:
        if not there:
            return {"id": key, "@removed": {"reason": "deleted"}}
        return {"id": key, "receivedDateTime": f"{self.shelf.by_id[key].at:%Y-%m-%dT%H:%M:%SZ}", "isDraft": False}

    async def _search(self, request: Request) -> Response:
        key = request.query_params["$filter"].split("<")[1].partition("@")[0]
        return JSONResponse({"value": [{"id": self.shelf.ids[key]}] if key in self.shelf.ids else []})

    async def _batch(self, request: Request) -> Response:
        asked = (await request.json())["requests"]
        assert len(asked) <= 20
        return JSONResponse({"responses": [self._one(one) for one in reversed(asked)]})

    def _one(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["headers"] == {"Prefer": 'IdType="ImmutableId"'}
        item = self.shelf.by_id.get(asked["url"].split("/")[-2])
        if item is None:
            return {"id": asked["id"], "status": 404, "body": {"error": {"code": "ErrorItemNotFound"}}}
        return {"id": asked["id"], "status": 200, "headers": {}, "body": base64.b64encode(message(item)).decode()}
