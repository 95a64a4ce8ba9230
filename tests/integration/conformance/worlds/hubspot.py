"""A stub of HubSpot's contacts, written from its public documentation: a list by a cursor, a search that ends at a cap, an archive of the
even ones (the odd are erased), and associations in batches."""

from bisect import bisect_right
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item


class HubSpotWorld(HttpWorld):
    kind, stream, renames = "hubspot", "contacts", "lastname"
    #: As many results as a search has, whatever is asked for after them.
    results: ClassVar[int] = 10_000
    company = "900"

    def toml(self) -> str:
        rates = "requests_per_second = 5000.0\nsearches_per_second = 5000.0"
        return f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\n{rates}'

    def name_of(self, payload: Any, body: bytes | None) -> str:
        assert payload["associations"] == {"companies": [self.company]}
        return payload["properties"]["lastname"]

    def routes(self) -> list[Route]:
        return [
            Route("/crm/v3/objects/contacts", self._list),
            Route("/crm/v3/objects/contacts/search", self._search, methods=["POST"]),
            Route("/crm/v3/objects/contacts/{key}", self._one, methods=["GET"]),
            Route("/crm/v3/objects/contacts/{key}", self._change, methods=["PATCH"]),
            Route("/crm/v4/associations/contacts/companies/batch/read", self._associations, methods=["POST"]),
        ]

    def refused(self, status: int) -> Response:
        category = {401: "INVALID_AUTHENTICATION", 404: "OBJECT_NOT_FOUND", 429: "RATE_LIMITS"}.get(status, "VALIDATION_ERROR")
        body = {"status": "error", "category": category, "message": "refused"}
        return JSONResponse(body, status, {"Retry-After": "1"} if status == 429 else None)

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        items = self.shelf.living()
        if query.get("archived") == "true":
            items = sorted(
                (one for one in self.shelf.items.values() if one.deleted and int(one.key) % 2 == 0), key=lambda one: int(one.key)
            )
        start = bisect_right(items, int(query.get("after", 0)), key=lambda one: int(one.key))
        page = items[start : start + int(query["limit"])]
        links = {"companies": {"results": [{"id": self.company, "type": "contact_to_company"}]}}
        shown = [{**record(one), **({"associations": links} if "associations" in query else {})} for one in page]
        more = {"paging": {"next": {"after": page[-1].key, "link": "ignored"}}} if start + len(page) < len(items) else {}
        return JSONResponse({"results": shown, **more})

    def archive(self) -> list[Item]:
        archived = [one for one in self.shelf.items.values() if one.deleted and int(one.key) % 2 == 0]
        return sorted(archived, key=lambda one: int(one.key))

    async def _search(self, request: Request) -> Response:
        sent = await request.json()
        found = self.shelf.living()
        for one in sent["filterGroups"][0]["filters"] if sent["filterGroups"] else ():
            value = int(one["value"])
            if one["propertyName"] == "hs_object_id":
                assert one["operator"] == "GT"
                found = [item for item in found if int(item.key) > value]
            else:
                assert (one["propertyName"], one["operator"]) == ("lastmodifieddate", "GTE")
                found = [item for item in found if int(item.at.timestamp() * 1000) >= value]
        if int(sent.get("after", 0)) + sent["limit"] > self.results:
            return self.refused(400)
        assert not sent.get("after")
        return JSONResponse({"total": len(found), "results": [record(one) for one in found[: sent["limit"]]]})

    async def _one(self, request: Request) -> Response:
        item = self.shelf.items.get(request.path_params["key"])
        if not item or item.deleted:
            return self.refused(404)
        links = {"companies": {"results": [{"id": self.company, "type": "contact_to_company"}]}}
        return JSONResponse({**record(item), "associations": links})

    async def _change(self, request: Request) -> Response:
        return JSONResponse(record(self.shelf.put(request.path_params["key"], (await request.json())["properties"]["lastname"])))

    async def _associations(self, request: Request) -> Response:
        inputs = (await request.json())["inputs"]
        results = [{"from": {"id": one["id"]}, "to": [{"toObjectId": int(self.company), "associationTypes": []}]} for one in inputs]
        return JSONResponse({"status": "COMPLETE", "results": results})


def record(item: Item) -> dict[str, Any]:
    at = f"{item.at:%Y-%m-%dT%H:%M:%S}.{item.at.microsecond // 1000:03d}Z"
    whole = {"lastname": item.name, "lastmodifieddate": at, "email": None}
    return {"id": item.key, "properties": None if item.poison else whole, "archived": item.deleted, **item.extra}
