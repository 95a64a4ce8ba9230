"""How a long list is read on, and when the whole is read again."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.apis.paging import Keyset, State, Way, is_so
from connectors.apis.resource import Reading, Resource, Since, changed_at, is_outworn
from connectors.errors import SchemaError
from connectors.http.messages import Answer, Request


def answer(body: Any = None) -> Answer:
    return Answer(200, httpx.Headers(), json.dumps(body).encode())


def after(request: Request, state: State) -> Request:
    return request.having("params", {"where": f"id > {state}"} if state else {})


def test_a_keyset_goes_on_after_the_last_record_that_has_a_key() -> None:
    paging = Keyset(3, after)
    assert paging.asking(Request("/x"), None).params == {}
    assert paging.asking(Request("/x"), "7").params == {"where": "id > 7"}
    assert paging.following(None, answer(), [{"id": "5"}, {"id": "7"}, {"name": "no id"}]) == "7"
    assert paging.following("7", answer(), [{"id": "9"}]) is None
    assert paging.following("7", answer(), []) is None
    with pytest.raises(SchemaError, match="has a id to go on after"):
        paging.following("7", answer(), [{}, "no object", None])


def test_the_whole_is_read_again_once_changes_were_read_for_so_many_days() -> None:
    resource = Resource(Request("/x"), refresh=2)
    position = {"since": "2026-02-01T00:00:00+00:00", "whole": "2026-02-28", "read": "2026-03-02"}
    assert is_outworn(resource, position)
    assert not is_outworn(resource, {**position, "read": "2026-03-01"})
    assert not is_outworn(resource, {**position, "page": "on its way"})
    assert not is_outworn(resource, {"since": position["since"]})
    assert not is_outworn(Resource(Request("/x")), position)


def test_a_reading_remembers_on_which_day_the_whole_was_read() -> None:
    changed = Resource(Request("/changed"), since=Since(lambda moment: {"since": moment.isoformat()}))
    resource = Resource(Request("/x"), changed=changed, refresh=1)
    assert resource.reads(None) is resource
    assert resource.reads("2026-03-01T00:00:00+00:00") is changed
    times = [f"2026-03-0{day}T00:00:00+00:00" for day in range(1, 5)]
    first = Reading(until=times[0], begun=times[1]).ended(resource)
    assert first == {"since": times[0], "whole": "2026-03-02", "read": "2026-03-02"}
    later = Reading(first["since"], first["whole"], until=times[2], begun=times[3]).ended(resource)
    assert later == {"since": times[2], "whole": "2026-03-02", "read": "2026-03-04"}


@pytest.mark.parametrize("length", [1, 2, 7])
def test_a_circle_is_noticed_wherever_it_begins_and_a_long_way_is_none(length: int) -> None:
    way = Way()
    assert [way.on(state) for state in range(100)] == list(range(100))
    with pytest.raises(SchemaError, match="the same page"):
        list(map(way.on, (f"page {number % length}" for number in range(1000))))
    assert way.on(None) is None


@pytest.mark.parametrize(
    ("value", "so"),
    [
        (True, True),
        (1, True),
        ("true", True),
        ("2026-03-02", True),
        (False, False),
        (None, False),
        (0, False),
        ("", False),
        (" No ", False),
    ],
)
def test_what_an_api_means_by_yes(value: Any, so: bool) -> None:
    assert is_so(value) is so


@pytest.mark.parametrize("value", [1772452800, "1772452800", 1772452800.0, 1772452800000, "2026-03-02T12:00:00Z"])
def test_a_time_of_change_is_read_in_seconds_and_milliseconds(value: Any) -> None:
    assert changed_at({"at": value}, Resource(Request("/x"), updated="at")) == datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**400, "soon", [], {}, ""])
def test_a_time_of_change_that_is_none_stops_nothing(value: Any) -> None:
    assert changed_at({"at": value}, Resource(Request("/x"), updated="at")) is None
