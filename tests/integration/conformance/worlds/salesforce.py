"""A stub of Salesforce's accounts, written from its public documentation: SOQL with cursors, a description of the fields, and bulk jobs
whose results are CSV. Of what is deleted, the even ones lie in the recycle bin; the odd have been emptied from it."""

import csv
import io
import re
from email.utils import parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.conformance.world import HttpWorld, Item

ROOT = "/services/data/v62.0"
TYPES = {"Id": "id", "Name": "string", "IsDeleted": "boolean", "SystemModstamp": "datetime", "CreatedDate": "datetime"}
TYPES |= {
    "LastModifiedDate": "datetime",
    "LastViewedDate": "datetime",
    "Fax": "phone",
    "NumberOfEmployees": "int",
    "AnnualRevenue": "currency",
    "BillingAddress": "address",
    "BillingCity": "string",
}


class SalesforceWorld(HttpWorld):
    kind, stream, renames = "salesforce", "accounts", "Name"
    before = 2
    more = ""

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        self.cursors: dict[str, list[Item]] = {}
        self.jobs: dict[str, tuple[list[str], list[Item]]] = {}
        self.queries: dict[str, list[str]] = {}
        self.looks = 0

    def toml(self) -> str:
        plain = f'url = "{self.url}"\nsecret = "env:CONFORMANCE_SECRET"\npage_size = {self.page}\nrequests_per_second = 5000.0\n'
        return plain + self.more

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return payload["Name"]

    def key_of(self, key: str) -> str:
        return str(int(key.removeprefix("001")))

    def refused(self, status: int) -> Response:
        if status == 429:
            return JSONResponse([{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}], 403)
        code = {401: "INVALID_SESSION_ID", 404: "NOT_FOUND", 400: "INVALID_QUERY_LOCATOR"}.get(status, "MALFORMED_QUERY")
        return JSONResponse([{"message": "refused", "errorCode": code}], status)

    def routes(self) -> list[Route]:
        return [
            Route(f"{ROOT}/sobjects/Account/describe", self._describe),
            Route(f"{ROOT}/sobjects/Account/{{key}}", self._change, methods=["PATCH"]),
            Route(f"{ROOT}/limits/recordCount", self._counts),
            Route(f"{ROOT}/queryAll", self._query),
            Route(f"{ROOT}/query/{{cursor}}", self._more),
            Route(f"{ROOT}/jobs/query", self._begin, methods=["POST"]),
            Route(f"{ROOT}/jobs/query/{{job}}", self._look),
            Route(f"{ROOT}/jobs/query/{{job}}/results", self._results),
        ]

    async def _describe(self, request: Request) -> Response:
        own = {f"{name}__c": "string" for one in self.shelf.items.values() if one.extra for name in one.extra}
        return JSONResponse({"fields": [{"name": name, "type": kind} for name, kind in (TYPES | own).items()]})

    async def _change(self, request: Request) -> Response:
        item = self.shelf.items[self.key_of(request.path_params["key"])]
        if parsedate_to_datetime(request.headers["If-Unmodified-Since"]) < item.at.replace(microsecond=0):
            return JSONResponse([{"message": "changed", "errorCode": "PRECONDITION_FAILED"}], 412)
        self.shelf.put(item.key, (await request.json())["Name"])
        return Response(status_code=204)

    async def _counts(self, request: Request) -> Response:
        return JSONResponse({"sObjects": [{"count": len(self.shelf.living()), "name": request.query_params["sObjects"]}]})

    def found(self, query: str) -> tuple[list[str], list[Item]]:
        """Fields and items that a query asks for."""
        asked = re.fullmatch(r"SELECT (\S+) FROM Account WHERE (.+?)(?: LIMIT \d+)?", query)
        assert asked, query
        items = self.shelf.living()
        for condition in asked[2].split(" AND "):
            if earliest := re.fullmatch(r"SystemModstamp >= (\S+)Z", condition):
                there = [one for one in self.shelf.items.values() if not one.deleted or int(one.key) % 2 == 0]
                items = [one for one in there if f"{one.at:%Y-%m-%dT%H:%M:%S}" >= earliest[1]]
            elif one := re.fullmatch(r"Id = '(\w+)'", condition):
                held = self.shelf.items.get(self.key_of(one[1]))
                items = [held] if held and not (held.deleted and int(held.key) % 2) else []
            elif name := re.fullmatch(r"Name = '(.+)'", condition):
                items = [one for one in items if one.name == re.sub(r"\\(.)", r"\1", name[1])]
            else:
                assert condition == "IsDeleted = false"
        return asked[1].split(","), items

    async def _query(self, request: Request) -> Response:
        fields, items = self.found(request.query_params["q"])
        if fields == ["COUNT()"]:
            return JSONResponse({"totalSize": len(items), "done": True, "records": []})
        cursor = f"01g{len(self.cursors)}"
        self.cursors[cursor], self.queries[cursor] = items, fields
        size = int(request.headers.get("Sforce-Query-Options", "batchSize=2000").partition("=")[2])
        return self._batch(cursor, 0, size)

    async def _more(self, request: Request) -> Response:
        cursor, _, start = request.path_params["cursor"].partition("-")
        if cursor not in self.cursors:
            return self.refused(400)
        size = int(request.headers.get("Sforce-Query-Options", "batchSize=2000").partition("=")[2])
        return self._batch(cursor, int(start), size)

    def _batch(self, cursor: str, start: int, size: int) -> Response:
        items, end = self.cursors[cursor], start + size
        more = {"nextRecordsUrl": f"{ROOT}/query/{cursor}-{end}"} if end < len(items) else {}
        rows = [account(one, self.queries[cursor]) for one in items[start:end]]
        return JSONResponse({"totalSize": len(items), "done": not more, "records": rows, **more})

    async def _begin(self, request: Request) -> Response:
        sent = await request.json()
        assert sent["operation"] == "queryAll"
        job = f"750{len(self.jobs)}"
        self.jobs[job] = self.found(sent["query"])
        return JSONResponse({"id": job, "state": "UploadComplete"})

    async def _look(self, request: Request) -> Response:
        self.looks += 1
        known = request.path_params["job"] in self.jobs
        return JSONResponse({"state": "InProgress" if self.looks == 1 else "JobComplete"}) if known else self.refused(404)

    async def _results(self, request: Request) -> Response:
        fields, items = self.jobs[request.path_params["job"]]
        start = int(request.query_params.get("locator", 0))
        end = start + int(request.query_params["maxRecords"])
        text = io.StringIO()
        writer = csv.DictWriter(text, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(flat(account(one, fields)) for one in items[start:end])
        told = {"Sforce-Locator": str(end) if end < len(items) else "null", "Sforce-NumberOfRecords": str(len(items[start:end]))}
        return Response(text.getvalue(), media_type="text/csv", headers=told)


def account(item: Item, fields: list[str]) -> dict[str, Any]:
    at = f"{item.at:%Y-%m-%dT%H:%M:%S}.000+0000"
    whole = {"Id": f"001{int(item.key):015d}", "Name": item.name, "IsDeleted": item.deleted, "SystemModstamp": at, "CreatedDate": at}
    whole |= {"NumberOfEmployees": 40, "AnnualRevenue": 1200.0, **{f"{name}__c": value for name, value in item.extra.items()}}
    whole["LastModifiedDate"] = at
    if item.poison:
        del whole["Id"]
    return {"attributes": {"type": "Account", "url": "…"}, **{name: whole.get(name) for name in fields}}


def flat(row: dict[str, Any]) -> dict[str, str]:
    """As CSV has it: boxes as words, times with a Z, nothing for no value."""
    del row["attributes"]
    words = {True: "true", False: "false", None: ""}
    return {
        name: words[value] if value is None or isinstance(value, bool) else str(value).replace("+0000", "Z") for name, value in row.items()
    }
