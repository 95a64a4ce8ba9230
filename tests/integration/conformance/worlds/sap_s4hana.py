"""A stub of API_BUSINESS_PARTNER, written from SAP's public documentation: OData 2 in JSON, days of change in a zone seven hours west, a
server that links to the next page and ends it where it likes, writes that want a token."""

import base64
import re
from bisect import bisect_right
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item

ROOT = "/sap/opu/odata/sap/API_BUSINESS_PARTNER"
WEST = timedelta(hours=7)


class SapS4HanaWorld(HttpWorld):
    kind, stream = "sap_s4hana", "partners"
    renames = "OrganizationBPName1"

    def toml(self) -> str:
        return (
            f'url = "{self.url}"\nuser = "COMMUNICATION"\nclient = "100"\nsecret = "env:CONFORMANCE_SECRET"\n'
            f"page_size = {self.page}\nrequests_per_second = 5000.0"
        )

    def authorised(self, request: Request) -> bool:
        known = base64.b64encode(f"COMMUNICATION:{self.token}".encode()).decode()
        return request.query_params.get("sap-client") == "100" and request.headers.get("authorization") == f"Basic {known}"

    def refused(self, status: int) -> Response:
        return refusal(status, "SY/530")

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["OrganizationBPName1"]

    def routes(self) -> list[Route]:
        return [
            Route(f"{ROOT}/", self._service),
            Route(f"{ROOT}/A_BusinessPartner", self._list),
            Route(f"{ROOT}/A_BusinessPartner", self._make, methods=["POST"]),
            Route(f"{ROOT}/A_BusinessPartner/$count", self._count),
            Route(f"{ROOT}/A_BusinessPartner('{{key}}')", self._one),
            Route(f"{ROOT}/A_BusinessPartner('{{key}}')", self._change, methods=["PATCH"]),
        ]

    async def _service(self, request: Request) -> Response:
        assert request.headers["x-csrf-token"] == "Fetch"
        answer = JSONResponse({"d": {"EntitySets": ["A_BusinessPartner"]}}, headers={"x-csrf-token": "forge-me-not"})
        answer.set_cookie("SAP_SESSIONID", "1")
        return answer

    async def _list(self, request: Request) -> Response:
        assert request.headers["Accept"] == "application/json"
        query, items = request.query_params, self.shelf.living()
        assert query.get("$orderby", "BusinessPartner asc") == "BusinessPartner asc"
        for condition in re.split(r" and (?=BusinessPartner gt)", query.get("$filter", "")):
            items = held(items, condition.strip("()"))
        size = int(query["$top"])
        rows = [partner(one) for one in items[:size]]
        if "$select" in query:
            rows = [{name: row[name] for name in ("__metadata", *query["$select"].split(",")) if name in row} for row in rows]
        following = {"__next": f"{self.url}{ROOT}/A_BusinessPartner?$skiptoken={size}"} if len(items) > size else {}
        return JSONResponse({"d": {"results": rows, **following}})

    async def _count(self, request: Request) -> Response:
        return PlainTextResponse(str(len(self.shelf.living())))

    async def _one(self, request: Request) -> Response:
        """Of one record neither a number nor an order can be asked, and unless JSON is, it comes as Atom."""
        if {"$top", "$skip", "$orderby", "$filter"} & set(request.query_params):
            return refusal(400, "005056A509B11EE1B9A8FEC11C21D78E")
        if request.headers["Accept"] != "application/json":
            return PlainTextResponse("<entry/>", headers={"Content-Type": "application/atom+xml"})
        item = self.shelf.items.get(request.path_params["key"])
        return JSONResponse({"d": partner(item)}) if item and not item.deleted else refusal(404, "/IWBEP/CM_MGW_RT/020")

    async def _make(self, request: Request) -> Response:
        if refused := forged(request):
            return refused
        name = (await request.json())["OrganizationBPName1"]
        return JSONResponse({"d": partner(self.shelf.put(str(len(self.shelf.items) + 1), name))}, 201)

    async def _change(self, request: Request) -> Response:
        item = self.shelf.items[request.path_params["key"]]
        if refused := forged(request):
            return refused
        if "If-Match" not in request.headers:
            return refusal(428, "/IWFND/CM_MGW/575")
        if request.headers["If-Match"] != etag(item):
            return refusal(412, "/IWFND/CM_MGW/576")
        self.shelf.put(item.key, (await request.json())["OrganizationBPName1"])
        return Response(status_code=204)


def forged(request: Request) -> Response | None:
    known = request.headers.get("x-csrf-token") == "forge-me-not" and request.cookies.get("SAP_SESSIONID") == "1"
    return None if known else PlainTextResponse("CSRF token validation failed", 403, {"x-csrf-token": "Required"})


def refusal(status: int, code: str) -> Response:
    wait = {"Retry-After": "1"} if status == 429 else None
    return JSONResponse({"error": {"code": code, "message": {"lang": "en", "value": "refused"}}}, status, wait)


def held(items: list[Item], condition: str) -> list[Item]:
    if not condition:
        return items
    if after := re.fullmatch(r"BusinessPartner gt '(\d+)'", condition):
        return items[bisect_right(items, int(after[1]), key=lambda one: int(one.key)) :]
    if named := re.fullmatch(r"OrganizationBPName1 eq '(.+)'", condition):
        return [one for one in items if one.name == named[1].replace("''", "'")]
    days = re.fullmatch(r"LastChangeDate ge datetime'([\d-]+)T00:00:00' or CreationDate ge datetime'\1T00:00:00'", condition)
    assert days, condition
    return [one for one in items if f"{one.at - WEST:%Y-%m-%d}" >= days[1]]


def etag(item: Item) -> str:
    return f'W/"{item.change}"'


def partner(item: Item) -> dict[str, Any]:
    day = (item.at - WEST).replace(hour=0, minute=0, second=0, microsecond=0)
    whole = {
        "__metadata": {"id": "…", "uri": "…", "type": "API_BUSINESS_PARTNER.A_BusinessPartnerType", "etag": etag(item)},
        "BusinessPartner": item.key, "BusinessPartnerCategory": "2", "OrganizationBPName1": item.name, "BusinessPartnerFullName": item.name,
        "CreationDate": "/Date(1767225600000)/", "LastChangeDate": f"/Date({int(day.timestamp() * 1000)})/",
        "to_BusinessPartnerAddress": {"results": []}, "to_Supplier": {"__deferred": {"uri": f"…('{item.key}')/to_Supplier"}}, **item.extra,
    }  # fmt: skip
    if item.poison:
        del whole["BusinessPartner"]
    return whole
