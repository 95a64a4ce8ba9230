"""A stub of the Gmail API, written from its public documentation: profile, list, history, and a batch of gets."""

import base64
import json
import re
from pathlib import Path
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.mailing import SKIPS, MailShelf, OfMail, message
from tests.integration.conformance.world import HttpWorld

BOX = "/gmail/v1/users/me"
FIRST = 1000  # the history's first id


class GmailWorld(OfMail, HttpWorld):
    kind, many = "gmail", 20_000
    skips: ClassVar = SKIPS
    shelf: MailShelf

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shelf = MailShelf()
        self.forgotten = 0  # of the history, what came before this event
        self.labels: dict[str, list[str]] = {}
        self.relabelled: list[tuple[int, str, str, str]] = []  # (after so many events, name, id, label)

    def toml(self) -> str:
        return f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\nrequests_per_second = 500000.0'

    def refused(self, status: int) -> Response:
        reason = {429: "rateLimitExceeded", 404: "notFound", 401: "authError"}.get(status, "backendError")
        error = {"error": {"code": status, "errors": [{"reason": reason}]}}
        return JSONResponse(error, status, {"Retry-After": "1"} if status == 429 else None)

    def routes(self) -> list[Route]:
        return [
            Route(f"{BOX}/profile", self._profile),
            Route(f"{BOX}/messages", self._list),
            Route(f"{BOX}/history", self._history),
            Route("/batch/gmail/v1", self._batch, methods=["POST"]),
        ]

    def _now(self) -> str:
        return str(FIRST + len(self.shelf.events))

    async def _profile(self, request: Request) -> Response:
        return JSONResponse({"emailAddress": "us@ours.example", "historyId": self._now()})

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        if "q" in query:
            key = query["q"].removeprefix("rfc822msgid:").partition("@")[0]
            return JSONResponse({"messages": [{"id": self.shelf.ids[key]}]} if key in self.shelf.ids else {"resultSizeEstimate": 0})
        start, size, mails = int(query.get("pageToken", 0)), int(query["maxResults"]), self.shelf.mails()
        more = {"nextPageToken": str(start + size)} if start + size < len(mails) else {}
        return JSONResponse({"messages": [{"id": one} for one in mails[start : start + size]], **more})

    async def _history(self, request: Request) -> Response:
        query = request.query_params
        start, size = int(query["startHistoryId"]) - FIRST, int(query["maxResults"])
        if start < self.forgotten:
            return self.refused(404)
        start += int(query.get("pageToken", 0))
        events = self.shelf.events[start : start + size]
        told = [{"messagesAdded" if there else "messagesDeleted": [{"message": {"id": key}}]} for key, there in events]
        told += [{name: [{"message": {"id": key}, "labelIds": [label]}]} for at, name, key, label in self.relabelled if at >= start]
        more = {"nextPageToken": str(int(query.get("pageToken", 0)) + size)} if start + size < len(self.shelf.events) else {}
        return JSONResponse({**({"history": told} if told else {}), "historyId": self._now(), **more})

    async def _batch(self, request: Request) -> Response:
        asked = re.findall(rf"Content-ID: <(\d+)>\r\n\r\nGET {BOX}/messages/(\w+)\?format=raw\r\n", (await request.body()).decode())
        assert 0 < len(asked) <= 50
        parts = [
            f"--answer\r\nContent-Type: application/http\r\nContent-ID: <response-{place}>\r\n\r\n{self._one(key)}\r\n"
            for place, key in asked
        ]
        return Response("".join([*parts, "--answer--"]), media_type="multipart/mixed; boundary=answer")

    def _one(self, key: str) -> str:
        item = self.shelf.by_id.get(key)
        if item is None:
            return 'HTTP/1.1 404 Not Found\r\n\r\n{"error": {"code": 404}}'
        raw = base64.urlsafe_b64encode(message(item)).decode().rstrip("=")
        said = json.dumps({"id": key, "raw": raw, "labelIds": self.labels.get(key, [])})
        return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{said}"
