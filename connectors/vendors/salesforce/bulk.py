"""Bulk API 2.0: a query is a job that Salesforce works off, and its result is read in parts, as CSV.

A part's locator is good as long as the job is (seven days), so a reading that was killed goes on with the part it stopped at. CSV knows no
types: they are those that the vendor describes, so that a record looks as it does by REST.
Source: "Bulk API 2.0 Query" in the Bulk API developer guide at developer.salesforce.com.
"""

import csv
import io
import time
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.apis.api import Api
from connectors.apis.resource import Reading, Resource
from connectors.errors import NotFoundError, PermanentError, TransientError
from connectors.http.messages import Answer, Request
from connectors.records import Page, Position

#: Seconds between looks at a job: ever longer, but no longer than that; and how long it may take.
LONGEST_WAIT, PATIENCE = 30.0, 2 * 3600.0


def pages(api: Api, stream: str, resource: Resource, position: Position, types: Mapping[str, str]) -> Iterator[Page]:
    """Everything that `resource` asks for. types: field -> the vendor's name of its type. position: as Api's, its page a job's."""
    reading = Reading(**position)
    if reading.page:
        try:
            _wait(api, resource, reading.page["job"])
        except NotFoundError:
            reading = Reading()
    if not reading.page:
        reading = _begun(api, resource)
        yield Page((), reading.position())
        _wait(api, resource, reading.page["job"])
    while reading.page:
        answer = _part(api, resource, reading.page)
        rows = [typed(row, types) for row in _rows(answer)]
        raws, unreadable = api.raws(stream, resource, rows)
        reading = reading.after(answer, raws, _following(reading.page["job"], answer))
        yield Page(raws, reading.position() if reading.page else reading.ended(api.resources()[stream]), unreadable)


def _begun(api: Api, resource: Resource) -> Reading:
    """A reading that begins with a new job, by the vendor's clock then."""
    body = {"operation": "queryAll", "query": resource.request.params["q"]}
    answer = api.send(Request(resource.request.path, "POST", body=body))
    clock = answer.said_at()
    return Reading(begun=clock.isoformat() if clock else None, page={"job": answer.at("id")})


def _wait(api: Api, resource: Resource, job: str) -> None:
    """Until the job's result is there. PermanentError where it failed, TransientError where it takes long: the next sync looks again."""
    end, pause = time.monotonic() + PATIENCE, 0.5
    while (state := (said := api.send(Request(f"{resource.request.path}/{job}"))).at("state")) != "JobComplete":
        if state in ("Failed", "Aborted"):
            raise PermanentError(f"the bulk query was {state.lower()}: {said.at('errorMessage') or 'no reason is given'}", code=state)
        if time.monotonic() > end:
            raise TransientError(f"the bulk query is not done after {PATIENCE / 3600:.0f} hours ({state})")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_WAIT)


def _part(api: Api, resource: Resource, page: Mapping[str, str]) -> Answer:
    locator = {"locator": page["locator"]} if "locator" in page else {}
    params = {"maxRecords": api.options.page_size, **locator}
    return api.send(Request(f"{resource.request.path}/{page['job']}/results", params=params, headers={"Accept": "text/csv"}))


def _rows(answer: Answer) -> list[dict[str, Any]]:
    """The part's rows. TransientError where there are fewer than the vendor says that there are."""
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    said = answer.headers.get("Sforce-NumberOfRecords", "")
    if said.isdigit() and int(said) != len(rows):
        raise TransientError(f"a part of the bulk query has {len(rows)} of {said} records")
    return rows


def _following(job: str, answer: Answer) -> dict[str, str] | None:
    locator = answer.headers.get("Sforce-Locator", "null")
    return {"job": job, "locator": locator} if locator not in ("", "null") else None


def typed(row: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """The row as REST would have it: no value for an empty one, numbers and boxes as such, times with their zone as +0000."""
    return {name: _typed(value, types.get(name, "string")) for name, value in row.items()}


def _typed(value: str, kind: str) -> Any:
    if value == "":
        return None
    if kind == "boolean":
        return value == "true"
    if kind == "datetime":
        return value.removesuffix("Z") + "+0000" if value.endswith("Z") else value
    try:
        return int(value) if kind == "int" else float(value) if kind in ("double", "currency", "percent") else value
    except ValueError:
        return value
