"""OData, as far as two of its versions agree: conditions, literals, and reading a set on by its key.

A server's own links to the next page count records from the beginning, or end with a session; by key, nothing slips when others change
meanwhile, and a page can be asked for again at any time.
Source: OData URL conventions, versions 2 and 4.01, at odata.org and docs.oasis-open.org.
"""

from collections.abc import Mapping
from typing import Any

from connectors.apis.paging import Keyset, State
from connectors.http.messages import Request


def literal(value: Any) -> str:
    """A text, a number or a boolean, as a condition or an address holds it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


def holding(fields: Mapping[str, Any]) -> str:
    """The condition that a record holds all these values; what is not plain can't be asked for."""
    return " and ".join(f"{name} eq {literal(value)}" for name, value in fields.items() if isinstance(value, str | int | float))


def where(request: Request, condition: str) -> Request:
    """The request, held to one more condition."""
    held = request.params.get("$filter")
    return request.having("params", {"$filter": f"({held}) and {condition}" if held else condition})


def by_key(key: str, size: int, more: str) -> Keyset:
    """Sorted by the key, and beyond the last one. more: the path of the server's link to a next page."""

    def asked(request: Request, state: State) -> Request:
        request = request.having("params", {"$orderby": f"{key} asc"})
        return request if state is None else where(request, f"{key} gt {literal(state)}")

    return Keyset(size, asked, key, more)


def plain(value: Any) -> Any:
    """What an OData 2 service gives, without links to what was not expanded; a list as a list, and the version as version 4 names it."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("results"), list) and not set(value) - {"results", "__next", "__count"}:
        return plain(value["results"])
    etag = (value.get("__metadata") or {}).get("etag")
    kept = {name: one for name, one in value.items() if name != "__metadata" and not (isinstance(one, dict) and "__deferred" in one)}
    return {**({"@odata.etag": etag} if etag else {}), **{name: plain(one) for name, one in kept.items()}}
