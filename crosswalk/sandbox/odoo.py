"""A stub of Odoo's JSON-2 API over a sandbox: `POST /json/2/<model>/<method>`, written from the vendor's public pages.

What it keeps of the vendor: the body is the arguments by name and the answer the bare value, an empty value is `false`, a many-to-one
is `[id, display name]` (the id alone with `load` null), times are UTC without a zone, an inactive partner is hidden unless the domain
names `active` or the context says `active_test: false`, and an error is `{name, message, arguments, context, debug}` with its status.
"""

import json
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crosswalk.sandbox.erp_domain import DomainError, matches, names_field
from crosswalk.sandbox.sandbox import Sandbox

ARGUMENTS = {
    "search_read": ("domain", "fields", "offset", "limit", "order", "load"),
    "search": ("domain", "offset", "limit", "order"),
    "search_count": ("domain", "limit"),
    "read": ("fields", "load"),
    "fields_get": ("allfields", "attributes"),
}
Body = dict[str, Any]


class OdooError(Exception):
    """An error as Odoo tells it: the exception's name, an HTTP status, a message."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status, self.name, self.message = status, name, message


def error_body(name: str, message: str, status: int) -> dict[str, object]:
    """The body of an error; HTTP errors carry their status among the arguments."""
    arguments: list[object] = [message, status] if name.startswith("werkzeug") else [message]
    debug = f"Traceback (most recent call last):\n{name}: {message}\n"
    return {"name": name, "message": message, "arguments": arguments, "context": {}, "debug": debug}


def fault_body(kind: str) -> dict[str, object]:
    """What a server or the proxy before it says to a fault `500` or `429`."""
    if kind == "500":
        return error_body("psycopg2.errors.SerializationFailure", "could not serialize access due to concurrent update", 500)
    return error_body("werkzeug.exceptions.TooManyRequests", "This user has exceeded an allotted request count. Try again later.", 429)


class Odoo:
    """The database: its records and its key."""

    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self.sandbox, self.key = sandbox, key

    def app(self) -> Starlette:
        """The routes."""
        routes = [
            Route("/json/2/{model}/{method}", self._call, methods=["POST"]),
            Route("/web/version", self._version),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _not_found})

    async def _version(self, _: Request) -> Response:
        return JSONResponse({"version": "19.0", "version_info": [19, 0, 0, "final", 0, ""]})

    async def _call(self, request: Request) -> Response:
        try:
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or key != self.key:
                raise OdooError(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
            try:
                sent = json.loads(await request.body() or b"{}")
            except ValueError as fault:
                raise OdooError(400, "werkzeug.exceptions.BadRequest", f"could not parse the body as json: {fault}") from fault
            if not isinstance(sent, dict):
                raise OdooError(422, "werkzeug.exceptions.UnprocessableEntity", "the body must be a json object")
            with self.sandbox.lock:
                return JSONResponse(self._answer(request.path_params["model"], request.path_params["method"], sent))
        except OdooError as fault:
            return JSONResponse(error_body(fault.name, fault.message, fault.status), fault.status)

    def _answer(self, model: str, method: str, sent: Body) -> Any:
        if (model, method) == ("res.users", "context_get"):
            return {"lang": "en_US", "tz": "Europe/Berlin", "uid": 2}
        if model not in self.sandbox.erp.models:
            raise OdooError(404, "werkzeug.exceptions.NotFound", f"the model {model!r} does not exist")
        if method not in ARGUMENTS:
            raise OdooError(404, "werkzeug.exceptions.NotFound", f"The method '{model}.{method}' does not exist")
        unknown = [name for name in sent if name not in (*ARGUMENTS[method], "ids", "context")]
        if unknown:
            raise OdooError(422, "werkzeug.exceptions.UnprocessableEntity", f"got an unexpected keyword argument '{unknown[0]}'")
        if method == "fields_get":
            return {name: {"type": _type(value)} for name, value in next(iter(self.sandbox.erp.models[model].values()), {"id": 0}).items()}
        if method == "read":
            ids = [key for key in sent.get("ids") or [] if key in self.sandbox.erp.models[model]]
            return self._read(model, ids, sent)
        if sent.get("ids"):
            raise OdooError(422, "werkzeug.exceptions.UnprocessableEntity", f"cannot call {model}.{method} with ids")
        found = self._search(model, sent)
        if method == "search_count":
            return len(found[: sent["limit"]]) if sent.get("limit") else len(found)
        offset, limit = sent.get("offset") or 0, sent.get("limit")
        page = found[offset : offset + limit] if limit else found[offset:]
        return page if method == "search" else self._read(model, page, sent)

    def _search(self, model: str, sent: Body) -> list[int]:
        domain, order, context = sent.get("domain") or [], sent.get("order") or "id", sent.get("context") or {}
        records = self.sandbox.erp.models[model]
        hidden = model == "res.partner" and context.get("active_test", True) and not names_field(domain, "active")

        def make() -> list[int]:
            found = [key for key, one in records.items() if (not hidden or one["active"]) and matches(domain, one)]
            return _ordered(found, records, order)

        asked = json.dumps([model, domain, order, bool(hidden)], sort_keys=True)
        try:
            ids: list[int] = self.sandbox.derived(asked, make)
        except DomainError as fault:
            raise OdooError(500, "builtins.ValueError", str(fault)) from fault
        return ids

    def _read(self, model: str, ids: list[int], sent: Body) -> list[Body]:
        records = self.sandbox.erp.models[model]
        fields = sent.get("fields") or list(next(iter(records.values()), {"id": 0}))
        known = {*next(iter(records.values()), {}), "display_name"}
        unknown = [name for name in fields if name not in known]
        if unknown and records:
            raise OdooError(500, "builtins.ValueError", f"Invalid field {unknown[0]!r} on {model!r}")
        bare = sent.get("load", "_classic_read") != "_classic_read"
        return [self._shown(records[key], fields, bare=bare) for key in ids]

    def _shown(self, record: Body, fields: list[str], *, bare: bool) -> Body:
        shown: Body = {"id": record["id"]}
        for name in fields:
            value = self._display_name(record) if name == "display_name" else record[name]
            linked = isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)
            shown[name] = value[0] if bare and linked else value
        return shown

    def _display_name(self, record: Body) -> str:
        parent = record.get("parent_id")
        name = str(record["name"] or record.get("type", ""))
        return f"{parent[1]}, {name}" if parent and not record.get("is_company") else name


def _type(value: Any) -> str:
    """What a field is, as far as one value tells."""
    kinds = {bool: "boolean", int: "integer", float: "float", list: "many2one"}
    return kinds.get(type(value), "char")


def _ordered(found: list[int], records: dict[int, Body], order: str) -> list[int]:
    """By `field [asc|desc], ...`, stable from the last to the first."""
    found.sort()
    for part in reversed(order.split(",")):
        words = part.split()
        if not words or len(words) > 2 or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
            raise DomainError(f'Invalid "order" specified ({order}).')
        if found and words[0] not in records[found[0]]:
            raise DomainError(f"Invalid field {words[0]!r} in the order {order!r}")
        found.sort(key=_by(records, words[0]), reverse=len(words) == 2 and words[1].lower() == "desc")
    return found


def _by(records: dict[int, Body], name: str) -> Callable[[int], tuple[int, str, float]]:
    def key(record: int) -> tuple[int, str, float]:
        value = records[record][name]
        value = value[1] if isinstance(value, list) and len(value) == 2 else value
        return (1, "", float(value)) if isinstance(value, (int, float)) and value is not False else (0, str(value or ""), 0.0)

    return key


async def _not_found(_: Request, fault: Exception) -> Response:
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    name = "werkzeug.exceptions.NotFound" if status == 404 else "werkzeug.exceptions.MethodNotAllowed"
    return JSONResponse(error_body(name, "Did you mean POST /json/2/<model>/<method>?", status), status)
