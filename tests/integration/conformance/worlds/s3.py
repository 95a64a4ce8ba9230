"""A stub of S3's REST API: ListObjectsV2, GetObject and HeadObject of one bucket, each request's signature checked."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote_plus

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.http.sigv4 import Signature
from tests.integration.conformance import filing
from tests.integration.conformance.world import HttpWorld, Item

CODES = {401: (403, "InvalidAccessKeyId"), 403: (403, "AccessDenied"), 404: (404, "NoSuchKey"), 429: (503, "SlowDown")}


class S3World(HttpWorld):
    kind, stream = "s3", "files"
    skips: ClassVar[Mapping[str, str]] = filing.NO_SCHEMA

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._paths: tuple[int, list[str]] = (-1, [])

    def toml(self) -> str:
        said = f'url = "{self.url}"\nbucket = "papers"\nprefix = "folder "\nsecret = "env:CONFORMANCE_SECRET"'
        return f"{said}\npage_size = {self.page}\nrequests_per_second = 5000.0"

    def secret(self) -> str:
        return f"KEY:{self.token}"

    def authorised(self, request: Request) -> bool:
        """As the server sees the request, signed with what the secret is now."""
        (self.folder / "truth").write_text(self.secret())
        at = datetime.strptime(request.headers.get("x-amz-date", "20000101T000000Z"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        path = request.scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
        seen = httpx.Request(request.method, f"http://{request.headers['host']}{path}")
        signed = Signature("truth", f"file:{self.folder / 'truth'}", now=lambda: at).sign(seen)
        return request.headers.get("authorization") == signed["Authorization"]

    def refused(self, status: int) -> Response:
        status, code = CODES.get(status, (status, "InternalError"))
        body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>no</Message></Error>'
        return Response(body, status, {"Retry-After": "1"} if status == 503 else None, media_type="application/xml")

    def key_of(self, key: str) -> str:
        return filing.number_of(key)

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return filing.name_in(payload, body)

    def routes(self) -> list[Route]:
        return [Route("/papers", self._list), Route("/papers/{path:path}", self._get, methods=["GET", "HEAD"])]

    async def _list(self, request: Request) -> Response:
        query, items = request.query_params, self.shelf.living()
        assert query["list-type"] == "2"
        if self._paths[0] != self.shelf.changes:
            self._paths = (self.shelf.changes, [filing.path_of(one, self.shelf) for one in items])
        first, most = bisect_right(self._paths[1], query["start-after"]), int(query["max-keys"])
        found = "".join(self._told(one) for one in items[first : first + most])
        more = "true" if first + most < len(items) else "false"
        top = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        return Response(f"{top}<IsTruncated>{more}</IsTruncated>{found}</ListBucketResult>", media_type="application/xml")

    async def _get(self, request: Request) -> Response:
        item = self.shelf.items.get(filing.number_of(request.path_params["path"]))
        if not item or item.deleted:
            return self.refused(404)
        return Response(filing.content_of(item), headers={"ETag": f'"{item.change}"'})

    def _told(self, item: Item) -> str:
        at = f"{item.at:%Y-%m-%dT%H:%M:%S.000Z}"
        said = f"<LastModified>{at}</LastModified><ETag>&quot;{item.change}&quot;</ETag><Size>{filing.size_of(item)}</Size>"
        return f"<Contents><Key>{quote_plus(filing.path_of(item, self.shelf))}</Key>{said}</Contents>"
