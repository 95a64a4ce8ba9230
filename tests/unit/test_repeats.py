"""A record that stands in a file many times is one party, and takes nothing from the others."""

import numpy as np

from resolution.dedupe.grouping import Here, group
from resolution.dedupe.repeats import MANY, group_repeated
from resolution.normalize import features
from resolution.records import PartyRecord

Told = dict[str, list[str]]

PEOPLE: list[Told] = [
    {"name": [f"{first} {last}"], "email": [f"{first}.{last}{place}@{first[0]}{last}.com".lower()], "phone": [f"0401{place}234{place}"]}
    for place, (first, last) in enumerate((first, last) for first in ("Ann", "Bob", "Cyril") for last in ("Lee", "Roe", "Marlow"))
]
BARE: Told = {"given_name": ["Bob"]}


def records(told: list[Told]) -> list[PartyRecord]:
    return [PartyRecord(place, f"r{place:04}", "list", "person", dict(each)) for place, each in enumerate(told)]


def labels(told: list[Told]) -> list[int]:
    return group_repeated(features(records(told)), None, Here).label.tolist()


def test_a_record_that_is_repeated_often_is_one_party_with_what_is_like_it() -> None:
    almost = {**PEOPLE[4], "phone": ["+49 401 42344"]}
    found = labels([*PEOPLE, *[PEOPLE[4]] * (MANY + 20), almost])
    assert set(found[9:]) == {found[4]}
    assert len({*found[:9]}) == 9


def test_a_name_that_many_bear_makes_none_of_them_one() -> None:
    found = labels([*PEOPLE, *[BARE] * (MANY + 20)])
    assert len(set(found)) == len(found)


def test_without_repeats_it_is_the_same_as_without_looking_for_them() -> None:
    told = features(records([*PEOPLE, *PEOPLE[:3]]))
    found, plain = group_repeated(told, None, Here), group(told)
    assert (found.label == plain.label).all()
    assert np.allclose(found.confidence, plain.confidence)


def test_the_order_of_the_records_changes_nothing() -> None:
    told = features(records([*PEOPLE, *[PEOPLE[4]] * (MANY + 20)]))
    turned = np.random.default_rng(1).permutation(len(told))
    found, again = group_repeated(told, None, Here), group_repeated(told.take(turned), None, Here)
    assert [turned[row] for row in again.label] == found.label[turned].tolist()
    assert np.allclose(again.confidence, found.confidence[turned])


def test_no_records_are_no_groups() -> None:
    assert len(group_repeated(features([]), None, Here).label) == 0
