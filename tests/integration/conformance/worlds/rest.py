"""A REST API such as many have: a list under `data`, a cursor, a filter by time of change; declared in crosswalk.toml alone."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.declared_api import MAPPING, part, told
from tests.integration.conformance.world import HttpWorld


class RestWorld(HttpWorld):
    kind, stream = "rest", "customers"

    def toml(self) -> str:
        return f"""url = "{self.url}/api"
secret = "env:CONFORMANCE_SECRET"
page_size = {self.page}
requests_per_second = 5000.0
[source.auth]
kind = "header"
header = "X-Api-Key"
[[source.stream]]
name = "customers"
path = "/v2/customers"
records = "data"
updated = "updated_at"
one = "/v2/customers/{{key}}"
paging = {{ kind = "cursor", next = "meta.next", send = "cursor", limit = "limit" }}
since = {{ param = "updated_after", format = "iso" }}
{MAPPING}"""

    def authorised(self, request: Request) -> bool:
        return request.headers.get("x-api-key") == self.token

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["name"]

    def routes(self) -> list[Route]:
        return [Route("/api/v2/customers", self._list), Route("/api/v2/customers/{key}", self._one)]

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        rows, following = part(self.shelf.changed(), query.get("updated_after"), query.get("cursor"), int(query["limit"]))
        return JSONResponse({"data": rows, "meta": {"next": following}})

    async def _one(self, request: Request) -> Response:
        item = self.shelf.items.get(request.path_params["key"])
        return JSONResponse(told(item)) if item and not item.deleted else self.refused(404)
