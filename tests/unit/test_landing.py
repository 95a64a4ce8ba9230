"""What landing decides without a database: what is drift, which pages go together, and which run is too much to be true."""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from connectors.landing import drift, gathering, volume
from connectors.landing.gathering import gathered
from connectors.landing.pages import Batch, joined
from connectors.records import Gone, Page, Raw


def tally(*payloads: Any) -> drift.Tally:
    found = drift.Tally()
    found.add(payloads)
    return found


def lines(known: dict[str, str], *payloads: Any) -> list[str]:
    return [str(one) for one in drift.widen(known, drift.shape(payloads))[1]]


def test_drift_is_a_new_path_or_another_type_whatever_the_order() -> None:
    one, other = {"a": 1, "b": {"c": "x"}}, {"a": "1", "b": {"c": None}, "l": [1, "a", {"d": True}]}
    expected = {"a": "number|text", "b.c": "text", "l[]": "number|text", "l[].d": "boolean"}
    assert drift.widen({}, drift.shape([one, other]))[0] == drift.widen({}, drift.shape([other, one]))[0] == expected
    assert lines({"a": "number"}, {"a": 2}, {"a": 2.5}) == []
    assert lines({"a": "number"}, {"a": "x", "b": 1}) == ["a was number, is also text", "b is new (number)"]


def test_a_payload_that_is_no_object_or_goes_deep_has_a_shape_too() -> None:
    assert drift.shape(["text", None, [1]]) == [("", "text"), ("[]", "number")]
    assert drift.shape([{"a": {"b": {"c": {"d": {"e": 1}}}}}]) == [("a.b.c.d", "object")]
    assert drift.shape([{"a\x00": 1, "empty": {}, "none": []}]) == [("a\ufffd", "number")]


def test_paths_are_bounded() -> None:
    assert len(drift.shape({f"field{number}": 1} for number in range(3 * drift.MOST_PATHS))) == drift.MOST_PATHS


def test_a_field_is_gone_that_most_records_had_and_none_has_in_a_run_that_read_enough() -> None:
    had = tally(*[{"name": "a", "colour": "red", "rare": 1 if number < 10 else None} for number in range(100)])
    assert drift.shares(had) == {"colour": 10, "name": 10, "rare": 1}
    shape = {"name": "text", "colour": "text"}
    without = tally(*[{"name": "a", "colour": None} for _ in range(100)])
    assert drift.gone(drift.shares(had), shape, without) == [drift.Drift("colour", "gone", "text", None)]
    assert drift.gone(drift.shares(had), shape, tally(*[{"name": "a"} for _ in range(99)])) == []
    assert drift.gone(drift.shares(had), shape, had) == []


def test_a_run_is_held_that_touches_more_than_its_part_and_more_than_a_few() -> None:
    assert volume.anomaly(600, 0, 1000, 0.5) is not None
    assert volume.anomaly(100, 401, 1000, 0.5) == "one run changed 100 and deleted 401 of 1,000 records, which is more than 50%"
    assert volume.anomaly(500, 0, 1000, 0.5) is None
    assert volume.anomaly(60, 40, 100, 0.5) is None
    assert volume.anomaly(1000, 0, 1000, 1.0) is None
    assert volume.anomaly(5000, 0, 0, 0.5) is None


def page(*keys: str, gone: tuple[Gone, ...] = ()) -> Page:
    return Page([Raw(key, {}) for key in keys], {"after": keys[-1] if keys else None}, gone=gone)


def keys(found: Sequence[Sequence[Batch]]) -> list[list[str]]:
    return [[one.key for one in joined(some).records] for some in found]


def test_pages_that_came_meanwhile_are_landed_together_as_far_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "ROWS", 3)
    first_taken = threading.Event()

    def pages() -> Iterator[Page]:
        yield page("1")
        first_taken.wait(5)
        yield page("2", "3")
        yield page("4")
        yield page("5")
        yield page()

    found = gathered(pages(), drift.Tally())
    first = next(found)
    first_taken.set()
    time.sleep(0.1)
    rest = list(found)
    assert keys([first, *rest])[:2] == [["1"], ["2", "3", "4"]]
    assert rest[-1][-1].position == {"after": None}


def test_what_was_read_before_a_source_fails_comes_first_and_then_the_failure() -> None:
    def breaking() -> Iterator[Page]:
        yield page("1")
        raise ConnectionError("gone")

    found = gathered(breaking(), drift.Tally())
    assert keys([next(found)]) == [["1"]]
    with pytest.raises(ConnectionError):
        next(found)


def test_a_page_that_tells_of_places_begins_anew() -> None:
    found = list(gathered([page("1"), page("2", gone=(Gone("INBOX/1"),)), page("3")], drift.Tally()))
    assert all(not batch.gone for some in found for batch in some[1:])
    assert [key for some in keys(found) for key in some] == ["1", "2", "3"]


def test_nothing_is_read_on_when_nobody_wants_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "ROWS", 1)
    told: list[int] = []

    def endless() -> Iterator[Page]:
        for number in itertools.count():
            told.append(number)
            yield page(str(number))

    found = gathered(endless(), drift.Tally())
    next(found)
    found.close()  # type: ignore[attr-defined]
    count = len(told)
    time.sleep(0.1)
    assert len(told) == count <= 4
