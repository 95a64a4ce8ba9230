"""A stub of HubSpot's CRM API, v3 objects and v4 associations, over a sandbox; written from the vendor's public pages.

What it keeps of the vendor: every value is a string, a property without a value is null only when it was asked for, archived records
are listed apart and archiving leaves the time of change alone, a list gives at most 100 records a page, a search at most 200 and
10,000 in all, and answers carry the limits of the account (a search's do not).
"""

import json
import math
import uuid
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crosswalk.sandbox.crm_search import SearchError, search_ids
from crosswalk.sandbox.faults import RateLimit
from crosswalk.sandbox.sandbox import Sandbox
from crosswalk.sandbox.vocabulary import TENANT_DOMAIN

TYPES = ("companies", "contacts", "deals", "tickets")
SINGULAR = {"companies": "company", "contacts": "contact", "deals": "deal", "tickets": "ticket"}
#: What a record holds where no properties are asked for.
DEFAULTS = {
    "companies": ("name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"),
    "contacts": ("firstname", "lastname", "email", "createdate", "lastmodifieddate", "hs_object_id"),
    "deals": ("dealname", "amount", "dealstage", "pipeline", "closedate", "createdate", "hs_lastmodifieddate", "hs_object_id"),
    "tickets": ("subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority", "createdate",
                "hs_lastmodifieddate", "hs_object_id"),
}  # fmt: skip
_OWN = ("vat_number", "erp_customer_number")
_DATES = ("createdate", "hs_lastmodifieddate", "lastmodifieddate", "closedate", "closed_date")
_SPECIFIC = {
    "companies": ("website", "phone", "address", "zip", "city", "state", "country", "industry", "lifecyclestage", "numberofemployees",
                  "hubspot_owner_id", "hs_parent_company_id", *_OWN),
    "contacts": ("phone", "mobilephone", "country", "jobtitle", "company", "associatedcompanyid", "lifecyclestage", "hs_additional_emails"),
    "deals": ("deal_currency_code", "hubspot_owner_id"),
    "tickets": ("closed_date",),
}  # fmt: skip
ASSOCIATION_TYPES = {
    "contacts/companies": 279, "companies/contacts": 280, "deals/companies": 341, "companies/deals": 342, "deals/contacts": 3,
    "contacts/deals": 4, "tickets/companies": 339, "companies/tickets": 340, "tickets/contacts": 16, "contacts/tickets": 15,
}  # fmt: skip

#: Those of our people who look after customers, by the id that `hubspot_owner_id` holds.
OWNERS = ((9100, "Jonas", "Petersen"), (9101, "Miriam", "Albers"), (9102, "Tobias", "Rehm"), (9106, "Simon", "Delacroix"),
          (9107, "Grace", "Whitmore"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """The account's rate limits: requests in ten seconds, and searches in one."""

    ten_seconds: int = 190
    searches_a_second: int = 5


def error(status: int, category: str, message: str, **more: object) -> JSONResponse:
    """An error in the vendor's shape."""
    return JSONResponse(error_body(category, message) | more, status)


def error_body(category: str, message: str) -> dict[str, object]:
    """The body of an error in the vendor's shape."""
    return {"status": "error", "message": message, "correlationId": str(uuid.uuid4()), "category": category}


def fault_body(kind: str) -> dict[str, object]:
    """What the vendor says to a fault `500` or `429`."""
    if kind == "500":
        return error_body("INTERNAL_ERROR", "internal error")
    body = error_body("RATE_LIMITS", "You have reached your ten_secondly_rolling limit.")
    return body | {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}


class HubSpot:
    """The account: its records, its token, its limits."""

    def __init__(self, sandbox: Sandbox, token: str, limits: Limits) -> None:
        self.sandbox, self.token = sandbox, token
        self.general = RateLimit(limits.ten_seconds, 10.0, "TEN_SECONDLY_ROLLING")
        self.search = RateLimit(limits.searches_a_second, 1.0, "SECONDLY")

    def app(self) -> Starlette:
        """The routes."""
        routes = [
            Route("/crm/v3/objects/{kind}", self._guarded(self._list)),
            Route("/crm/v3/objects/{kind}/search", self._guarded(self._search, searching=True), methods=["POST"]),
            Route("/crm/v3/objects/{kind}/{key}", self._guarded(self._one)),
            Route("/crm/v4/associations/{kind}/{other}/batch/read", self._guarded(self._associations), methods=["POST"]),
            Route("/crm/v3/properties/{kind}", self._guarded(self._properties)),
            Route("/crm/v3/owners", self._guarded(self._owners)),
            Route("/account-info/v3/details", self._guarded(self._account)),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _not_found})

    def _guarded(self, answer: Callable[[Request, Any], Response], *, searching: bool = False) -> Callable[[Request], Any]:
        """Token, limits and the body are the same for every route."""

        async def endpoint(request: Request) -> Response:
            if request.headers.get("authorization", "") != f"Bearer {self.token}":
                return error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found. This API supports OAuth 2.0.")
            limit = self.search if searching else self.general
            left, wait = limit.take()
            if wait:
                body = error_body("RATE_LIMITS", f"You have reached your {limit.policy.lower()} limit.")
                body |= {"errorType": "RATE_LIMIT", "policyName": limit.policy}
                return JSONResponse(body, 429, {"Retry-After": str(math.ceil(wait))} | self._headers(0, searching=searching))
            if request.path_params.get("kind", "companies") not in TYPES or request.path_params.get("other", "companies") not in TYPES:
                return error(400, "VALIDATION_ERROR", "Unable to infer object type from: " + str(request.path_params["kind"]))
            try:
                sent = json.loads(await request.body()) if request.method == "POST" else None
            except ValueError as fault:
                return error(400, "VALIDATION_ERROR", f"Invalid input JSON: {fault}")
            if sent is not None and not isinstance(sent, dict):
                return error(400, "VALIDATION_ERROR", "Invalid input JSON: expected an object")
            with self.sandbox.lock:
                response = answer(request, sent)
            response.headers.update(self._headers(left, searching=searching))
            return response

        return endpoint

    def _headers(self, left: int, *, searching: bool) -> dict[str, str]:
        if searching:
            return {}
        return {"X-HubSpot-RateLimit-Max": str(self.general.requests), "X-HubSpot-RateLimit-Remaining": str(left),
                "X-HubSpot-RateLimit-Interval-Milliseconds": "10000", "X-HubSpot-RateLimit-Daily": "625000",
                "X-HubSpot-RateLimit-Daily-Remaining": "624000"}  # fmt: skip

    def _records(self, kind: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = getattr(self.sandbox.crm, kind)
        return found

    def _ids(self, kind: str, *, archived: bool) -> list[int]:
        def make() -> list[int]:
            return sorted(int(key) for key, one in self._records(kind).items() if one["archived"] == archived)

        ids: list[int] = self.sandbox.derived(f"crm/{kind}/{archived}", make)
        return ids

    def _list(self, request: Request, _: Any) -> Response:
        kind, query = request.path_params["kind"], request.query_params
        limit, after = query.get("limit", "10"), query.get("after", "0")
        if not limit.isdigit() or not 1 <= int(limit) <= 100:
            return error(400, "VALIDATION_ERROR", f"The page size must be from 1 to 100; it was {limit}")
        if not after.isdigit():
            return error(400, "VALIDATION_ERROR", f"The paging cursor 'after' is not valid: {after}")
        ids = self._ids(kind, archived=query.get("archived", "false") == "true")
        start = bisect_right(ids, int(after)) if int(after) else 0
        page = ids[start : start + int(limit)]
        shown = [self._shown(kind, str(key), _names(query), _words(query.get("associations"))) for key in page]
        body: dict[str, Any] = {"results": shown}
        if start + len(page) < len(ids):
            body["paging"] = {"next": {"after": str(page[-1]), "link": str(request.url.include_query_params(after=str(page[-1])))}}
        return JSONResponse(body)

    def _one(self, request: Request, _: Any) -> Response:
        kind, key, query = request.path_params["kind"], request.path_params["key"], request.query_params
        record = self._records(kind).get(key)
        if record is None or record["archived"] != (query.get("archived", "false") == "true"):
            return error(404, "OBJECT_NOT_FOUND", "Object not found.  objectId are usually numeric.")
        return JSONResponse(self._shown(kind, key, _names(query), _words(query.get("associations"))))

    def _shown(self, kind: str, key: str, names: list[str], associated: list[str]) -> dict[str, Any]:
        record = self._records(kind)[key]
        held = record["properties"]
        wanted = dict.fromkeys([*DEFAULTS[kind], *names] if not names else [*names, "hs_object_id", "createdate", DEFAULTS[kind][-2]])
        if kind == "contacts":
            wanted.setdefault("lastmodifieddate")
        shown = record | {"properties": {name: held.get(name) for name in wanted}}
        links = {other: self.sandbox.crm.associations.get(f"{kind}/{other}", {}).get(key, []) for other in associated if other in TYPES}
        found = {other: {"results": [{"id": one, "type": f"{SINGULAR[kind]}_to_{SINGULAR[other]}"} for one in ids]}
                 for other, ids in links.items() if ids}  # fmt: skip
        return shown | ({"associations": found} if found else {})

    def _search(self, request: Request, sent: Any) -> Response:
        kind = request.path_params["kind"]
        limit, after = sent.get("limit", 10), str(sent.get("after") or "0")
        if not isinstance(limit, int) or not 1 <= limit <= 200:
            return error(400, "VALIDATION_ERROR", f"The limit of a search must be from 1 to 200; it was {limit}")
        if not after.isdigit() or int(after) + limit > 10_000:
            return error(400, "VALIDATION_ERROR", "The search API gives at most 10,000 results: paging past them is not possible.")
        asked = json.dumps([sent.get("filterGroups"), sent.get("sorts")], sort_keys=True)
        try:
            ids = self.sandbox.derived(f"search/{kind}/{asked}", lambda: search_ids(kind, self._records(kind), sent))
        except SearchError as fault:
            return error(400, "VALIDATION_ERROR", str(fault))
        page = ids[int(after) : int(after) + limit]
        names = [name for name in sent.get("properties") or [] if isinstance(name, str)]
        body: dict[str, Any] = {"total": len(ids), "results": [self._shown(kind, key, names, []) for key in page]}
        if int(after) + len(page) < len(ids):
            body["paging"] = {"next": {"after": str(int(after) + len(page))}}
        return JSONResponse(body)

    def _associations(self, request: Request, sent: Any) -> Response:
        pair = f"{request.path_params['kind']}/{request.path_params['other']}"
        inputs = sent.get("inputs")
        if not isinstance(inputs, list) or len(inputs) > 1000 or not all(isinstance(one, dict) and "id" in one for one in inputs):
            return error(400, "VALIDATION_ERROR", "inputs must be a list of at most 1,000 objects with an id")
        known, type_id = self.sandbox.crm.associations.get(pair, {}), ASSOCIATION_TYPES.get(pair, 0)
        types = [{"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": None}]
        results = [
            {"from": {"id": str(one["id"])}, "to": [{"toObjectId": int(far), "associationTypes": types} for far in known[str(one["id"])]]}
            for one in inputs
            if known.get(str(one["id"]))
        ]
        body: dict[str, Any] = {"status": "COMPLETE", "results": results}
        missing = [str(one["id"]) for one in inputs if not known.get(str(one["id"]))]
        if missing:
            body |= {"numErrors": len(missing), "errors": [
                {"status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                 "message": f"No {pair.split('/')[1]} is associated with {pair.split('/')[0]} {key}.", "context": {"fromObjectId": [key]}}
                for key in missing]}  # fmt: skip
        return JSONResponse(body, 207 if missing else 200)

    def _properties(self, request: Request, _: Any) -> Response:
        kind = request.path_params["kind"]
        names = dict.fromkeys([*DEFAULTS[kind], *_SPECIFIC[kind]])
        return JSONResponse({"results": [
            {"name": name, "label": name.replace("_", " ").title(), "type": "datetime" if name in _DATES else "string",
             "fieldType": "date" if name in _DATES else "text", "description": "", "groupName": f"{SINGULAR[kind]}information",
             "hidden": False, "calculated": False, "hubspotDefined": name not in _OWN} for name in names]})  # fmt: skip

    def _owners(self, _: Request, __: Any) -> Response:
        owners = [
            {"id": str(owner), "email": f"{first.lower()}.{last.lower()}@{TENANT_DOMAIN}", "firstName": first, "lastName": last,
             "userId": owner - 9000, "archived": False}
            for owner, first, last in OWNERS
        ]  # fmt: skip
        return JSONResponse({"results": owners})

    def _account(self, _: Request, __: Any) -> Response:
        return JSONResponse({"portalId": 26490000 + self.sandbox.seed, "accountType": "DEVELOPER_TEST", "timeZone": "Europe/Berlin",
                             "companyCurrency": "EUR", "additionalCurrencies": ["GBP", "USD"], "utcOffset": "+01:00",
                             "utcOffsetMilliseconds": 3600000, "uiDomain": "app.hubspot.com", "dataHostingLocation": "eu1"})  # fmt: skip


def _words(text: str | None) -> list[str]:
    return [word.strip() for word in (text or "").split(",") if word.strip()]


def _names(query: Any) -> list[str]:
    return [name for value in query.getlist("properties") for name in _words(value)]


async def _not_found(_: Request, fault: Exception) -> Response:
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    return error(status, "OBJECT_NOT_FOUND" if status == 404 else "VALIDATION_ERROR", "resource not found" if status == 404 else str(fault))
