"""Any GraphQL API, as crosswalk.toml declares it: the queries, and in the answers the lists and their Relay connections.

    [[source.stream]]
    name = "customers"
    query = '''query ($first: Int, $after: String, $since: DateTime) {
      customers(first: $first, after: $after, updatedSince: $since) {
        nodes { id name email updatedAt } pageInfo { hasNextPage endCursor } } }'''
    records = "data.customers.nodes"
    page_info = "data.customers.pageInfo"
    updated = "updatedAt"
    since = { param = "since", format = "iso" }          # the variable

An answer with `errors` is refused whole, even where it holds data too: a part of a list would look like deletions.
Source: spec.graphql.org/October2021/#sec-Response-Format, relay.dev/graphql/connections.htm.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from connectors.apis.declared import DeclaredApi, DeclaredOptions, ListSaid
from connectors.apis.paging import Cursor, Whole
from connectors.apis.resource import Resource
from connectors.errors import AuthenticationError, NotFoundError, PermissionDeniedError, RateLimitedError, TransientError
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.mapping.tables import at
from connectors.records import Raw


class GraphStream(ListSaid):
    """One stream. variables: sent with the query; first, after: the variables for the size of a page and the cursor; page_info: the path of
    the connection's PageInfo. one_query: the query for one record, with the variable `id`; one_at: where in its answer the record is."""

    query: str
    variables: Mapping[str, Any] = {}
    page_info: str = ""
    first: str = "first"
    after: str = "after"
    one_query: str | None = None

    def asked(self, url: str, size: int) -> Resource:
        info = self.page_info
        paging = Cursor(f"{info}.endCursor", self.after, "body.variables", {self.first: size}, f"{info}.hasNextPage") if info else Whole()
        listed = self.listed(Request(url, "POST", body={"query": self.query, "variables": self.variables}), paging)
        return replace(listed, since=replace(listed.since, where="body.variables") if listed.since else None)


class GraphOptions(DeclaredOptions):
    """url: that of the endpoint itself."""

    stream: Annotated[tuple[GraphStream, ...], Field(min_length=1)]


def refusal(body: Any) -> str:
    """The code of the first error, or that there is one."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not errors:
        return ""
    return str(at(errors, "0.extensions.code") or at(errors, "0.type") or "error")


class GraphQl(DeclaredApi):
    kind = "graphql"
    Options = GraphOptions
    vendor: ClassVar[Vendor] = Vendor(
        error_code=refusal,
        refusal=refusal,
        errors={
            (200, "FORBIDDEN"): PermissionDeniedError,
            (200, "INTERNAL_SERVER_ERROR"): TransientError,
            (200, "NOT_FOUND"): NotFoundError,
            (200, "RATE_LIMITED"): RateLimitedError,
            (200, "THROTTLED"): RateLimitedError,
            (200, "UNAUTHENTICATED"): AuthenticationError,
        },
    )

    def resources(self) -> Mapping[str, Resource]:
        return {one.name: one.asked(self.options.url, self.options.page_size) for one in self.options.stream}

    def fetch(self, stream: str, key: str) -> Raw | None:
        said = next(one for one in self.options.stream if one.name == stream)
        if not said.one_query:
            return None
        body = {"query": said.one_query, "variables": {**said.variables, "id": key}}
        try:
            record = self.send(Request(self.options.url, "POST", body=body)).at(said.one_at)
        except NotFoundError:
            return None
        raws, _ = self.raws(stream, self.resources()[stream], [record])
        return raws[0] if raws and raws[0].key == key else None
