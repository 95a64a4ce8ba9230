"""A GraphQL endpoint with a Relay connection, written from spec.graphql.org and relay.dev; it reads the variables and not the query."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.declared_api import MAPPING, part, told
from tests.integration.conformance.world import HttpWorld


class GraphQlWorld(HttpWorld):
    kind, stream = "graphql", "customers"

    def toml(self) -> str:
        return f"""url = "{self.url}/graphql"
secret = "env:CONFORMANCE_SECRET"
page_size = {self.page}
requests_per_second = 5000.0
[[source.stream]]
name = "customers"
query = "query ($first: Int, $after: String, $since: DateTime) {{ customers(...) {{ nodes {{ id name updated_at }} }} }}"
records = "data.customers.nodes"
page_info = "data.customers.pageInfo"
updated = "updated_at"
since = {{ param = "since" }}
one_query = "query ($id: ID!) {{ customer(id: $id) {{ id name updated_at }} }}"
one_at = "data.customer"
{MAPPING}"""

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["name"]

    def routes(self) -> list[Route]:
        return [Route("/graphql", self._answer, methods=["POST"])]

    def refused(self, status: int) -> Response:
        """Most servers answer 200 all the same."""
        code = {401: "UNAUTHENTICATED", 429: "THROTTLED"}.get(status, "INTERNAL_SERVER_ERROR")
        return JSONResponse({"data": None, "errors": [{"message": "refused", "extensions": {"code": code}}]})

    async def _answer(self, request: Request) -> Response:
        variables = (await request.json())["variables"]
        if "id" in variables:
            item = self.shelf.items.get(variables["id"])
            return JSONResponse({"data": {"customer": told(item) if item and not item.deleted else None}})
        rows, following = part(self.shelf.changed(), variables.get("since"), variables.get("after"), variables["first"])
        info = {"hasNextPage": following is not None, "endCursor": following}
        return JSONResponse({"data": {"customers": {"nodes": rows, "pageInfo": info}}})
