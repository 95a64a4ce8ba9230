"""HubSpot CRM v3: companies, contacts, deals and tickets.

The first sync lists; later ones search by time of change, from a little before the last (the search index lags, and answers with at most
10,000 results: then it goes on from the last time seen). Archiving does not touch the time of change, so the archive is listed each
time. Search does not return associations: they are read in batches and put into the payload as a list has them.
Source: the guides on CRM objects, search and associations at developers.hubspot.com/docs.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from connectors.connector import Connector, Declaration, Landed, Options, Page, Position, Raw, Stream, Unreadable
from connectors.errors import RateLimitedError, SchemaError
from connectors.http.authentication import Key
from connectors.http.door import Door, Vendor
from connectors.http.shared import Rate, Shared
from connectors.mapping.staged import Mapped
from connectors.vendors.hubspot import mapping

LOOKBACK = timedelta(minutes=5)
SEARCH_LIMIT = 10_000

#: Stream -> the streams whose associations come with it.
ASSOCIATED = {"companies": (), "contacts": ("companies",), "deals": ("companies", "contacts"), "tickets": ("companies", "contacts")}


class HubSpotOptions(Options):
    """url: the API's; portal: the account's number, for links back; requests_per_second: ours, within the
    account's limit; where that is lower, the vendor's headers slow us down."""

    url: str = "https://api.hubapi.com"
    portal: str | None = None
    requests_per_second: float = 15.0
    searches_per_second: float = 4.0
    page_size: int = 100


class HubSpot(Connector):
    kind = "hubspot"
    Options = HubSpotOptions

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        vendor = Vendor(error_code=error_code, pause=pause, errors={(403, "RATE_LIMITS"): RateLimitedError})
        rate = self.options.requests_per_second
        account = self.account(Rate(rate, max(1, int(rate * 2))))
        self.api = self.door = Door(self.options.url, Key(declaration.name, declaration.secret), account, vendor)
        self.searches = Rate(self.options.searches_per_second, max(1, int(self.options.searches_per_second)))

    def check(self) -> str:
        for stream in self.declaration.streams or ASSOCIATED:
            self.api.get(f"/crm/v3/objects/{stream}", {"limit": 1})
        return f"HubSpot answers at {self.options.url}"

    def streams(self) -> Sequence[Stream]:
        return [Stream(name, lists_ids=True) for name in ASSOCIATED]

    def map(self, record: Landed) -> Mapped:
        return mapping.map_record(record, self.declaration.mapping.get(record.stream, {}), self.options.portal)

    def mapping_table(self, stream: str) -> object:
        return mapping.TABLES[stream], self.options.portal

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """position: {"until", "after"} while the first sync lists, {"since"} from then on."""
        position = position or {}
        if "since" in position:
            pages = self._changed(stream, position["since"])
        else:
            pages = self._list(stream, position.get("until") or self._latest(stream), position.get("after"))
        for page in pages:
            position = page.position
            yield page
        yield from self._archived(stream, position)

    def _list(self, stream: str, until: str | None, after: str | None) -> Iterator[Page]:
        """Everything. `until` is the latest change before it began: what changes meanwhile is later, and the first search finds it."""
        while True:
            answer = self._objects(stream, after)
            after = _next(answer)
            yield self._page(stream, answer["results"], {"until": until, "after": after} if after else {"since": until})
            if not after:
                return

    def _archived(self, stream: str, position: Position) -> Iterator[Page]:
        after = None
        while True:
            answer = self._objects(stream, after, archived=True)
            after = _next(answer)
            yield self._page(stream, answer["results"], position)
            if not after:
                return

    def _objects(self, stream: str, after: str | None, *, archived: bool = False) -> Any:
        params: dict[str, str | int] = {"limit": self.options.page_size, "properties": ",".join(self._properties(stream))}
        if archived:
            params["archived"] = "true"
        elif ASSOCIATED[stream]:
            params["associations"] = ",".join(ASSOCIATED[stream])
        if after:
            params["after"] = after
        return _results(self.api.get(f"/crm/v3/objects/{stream}", params))

    def _changed(self, stream: str, since: str | None) -> Iterator[Page]:
        """Changed since shortly before then, oldest first; each page moves the position to the latest change seen."""
        by = modified(stream)
        latest, start = since, _earlier(since) if since else "1970-01-01T00:00:00.000Z"
        while True:
            count, last = 0, start
            for results in self._search(stream, by, [(by, "GTE", start)]):
                count += len(results)
                last = max([last, *(moment for one in results if (moment := changed_at(one, by)))])
                latest = max(latest or last, last)
                yield self._page(stream, results, {"since": latest}, self._associations(stream, results))
            if count < SEARCH_LIMIT:
                return
            if last == start:
                for results in self._of_one_time(stream, by, start):
                    yield self._page(stream, results, {"since": latest}, self._associations(stream, results))
                last = _written(_moment(start) + timedelta(milliseconds=1))
            start = last

    def _of_one_time(self, stream: str, by: str, moment: str) -> Iterator[list[Any]]:
        """More records than a search gives changed at one moment (an import does that): read those by id."""
        last, count = "0", SEARCH_LIMIT
        while count >= SEARCH_LIMIT:
            count = 0
            for results in self._search(stream, "hs_object_id", [(by, "EQ", moment), ("hs_object_id", "GT", last)]):
                count += len(results)
                yield results
                last = str(results[-1]["id"]) if results else last

    def _search(self, stream: str, by: str, filters: Sequence[tuple[str, str, str]]) -> Iterator[list[Any]]:
        """The results of one search, sorted, up to the vendor's limit."""
        body: dict[str, Any] = {
            "filterGroups": [{"filters": [{"propertyName": name, "operator": how, "value": value} for name, how, value in filters]}],
            "sorts": [{"propertyName": by, "direction": "ASCENDING"}],
            "properties": self._properties(stream),
            "limit": self.options.page_size,
        }
        read = 0
        while read < SEARCH_LIMIT:
            answer = self._find(stream, body)
            read += len(answer["results"])
            if answer["results"]:
                yield answer["results"]
            body["after"] = _next(answer)
            if not body["after"]:
                return

    def _find(self, stream: str, body: Mapping[str, Any]) -> Any:
        """Search has a limit of its own, far below that of other requests, and no headers that tell of it."""
        time.sleep(self.shared.reserve(f"{self.declaration.name}/search", self.searches))
        return _results(self.api.post(f"/crm/v3/objects/{stream}/search", body))

    def count(self, stream: str) -> int | None:
        total = self._find(stream, {"filterGroups": [], "limit": 1}).get("total")
        return total if isinstance(total, int) else None

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        """The ids that are not archived. A record erased for good is in no archive, and shows only here."""
        after: str | None = ""
        while after is not None:
            params: dict[str, str | int] = {
                "limit": self.options.page_size,
                "properties": "hs_object_id",
                **({"after": after} if after else {}),
            }
            answer = _results(self.api.get(f"/crm/v3/objects/{stream}", params))
            yield [str(one["id"]) for one in answer["results"]]
            after = _next(answer)

    def _latest(self, stream: str) -> str | None:
        by = modified(stream)
        body = {"filterGroups": [], "sorts": [{"propertyName": by, "direction": "DESCENDING"}], "properties": [by], "limit": 1}
        results = self._find(stream, body)["results"]
        return changed_at(results[0], by) if results else None

    def _associations(self, stream: str, results: Sequence[Any]) -> dict[str, dict[str, list[str]]]:
        """Record id -> {associated stream: ids}, for the results of a search."""
        found: dict[str, dict[str, list[str]]] = {str(one["id"]): {} for one in results if isinstance(one, dict) and "id" in one}
        for other in ASSOCIATED[stream] if found else ():
            answer = _results(
                self.api.post(f"/crm/v4/associations/{stream}/{other}/batch/read", {"inputs": [{"id": key} for key in found]})
            )
            for row in answer["results"]:
                found[str(row["from"]["id"])][other] = [str(to["toObjectId"]) for to in row["to"]]
        return found

    def _page(self, stream: str, results: Sequence[Any], position: Position, associations: Mapping[str, Any] | None = None) -> Page:
        records, unreadable = [], []
        for one in results:
            if not isinstance(one, dict) or not str(one.get("id") or "").strip() or not isinstance(one.get("properties"), dict):
                unreadable.append(Unreadable("", "it has no id or no properties", repr(one).encode("utf-8", "replace")))
                continue
            held = associations[str(one["id"])] if associations is not None else _held(one.get("associations"))
            properties = {name: value for name, value in one["properties"].items() if value is not None}
            payload = {
                **one,
                "properties": properties,
                "associations": {name: sorted(set(ids)) for name, ids in sorted(held.items()) if ids},
            }
            changed = changed_at(one, modified(stream))
            records.append(
                Raw(str(one["id"]), payload, updated_at=_moment(changed) if changed else None, deleted=one.get("archived") is True)
            )
        return Page(records, position, unreadable)

    def _properties(self, stream: str) -> list[str]:
        return sorted({modified(stream), "createdate", *mapping.properties(stream, self.declaration.mapping.get(stream, {}))})


def modified(stream: str) -> str:
    """The property that holds the time of change: contacts have one of their own."""
    return "lastmodifieddate" if stream == "contacts" else "hs_lastmodifieddate"


def changed_at(record: Any, by: str) -> str | None:
    """The record's time of change in the vendor's notation, or None where there is none that can be read."""
    properties = record.get("properties") if isinstance(record, dict) else None
    found = (properties.get(by) if isinstance(properties, dict) else None) or (
        record.get("updatedAt") if isinstance(record, dict) else None
    )
    try:
        return _written(_moment(found)) if isinstance(found, str) else None
    except ValueError:
        return None


def error_code(body: Any) -> str:
    """HubSpot's `category`, such as RATE_LIMITS or VALIDATION_ERROR."""
    return str(body.get("category") or "")


def pause(headers: httpx.Headers) -> float:
    """Seconds to wait where the window's requests are used up."""
    try:
        if int(headers.get("X-HubSpot-RateLimit-Remaining", "1")) > 0:
            return 0.0
        return int(headers.get("X-HubSpot-RateLimit-Interval-Milliseconds", "10000")) / 1000
    except ValueError:
        return 0.0


def _results(answer: Any) -> Any:
    if not isinstance(answer, dict) or not isinstance(answer.get("results"), list):
        raise SchemaError("the answer holds no list of results")
    return answer


def _next(answer: Any) -> str | None:
    after = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return str(after) if after is not None else None


def _held(associations: Any) -> dict[str, list[str]]:
    """`{"companies": {"results": [{"id": "1", "type": ...}, ...]}}` as {"companies": ["1"]}."""
    return {name: [str(one["id"]) for one in held.get("results", [])] for name, held in (associations or {}).items()}


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _earlier(written: str) -> str:
    return _written(_moment(written) - LOOKBACK)
