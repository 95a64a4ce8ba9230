"""The records of one file are grouped alike in any order, by the model and the rules, each kind by itself."""

from typing import Literal

import numpy as np
import pytest

from resolution.dedupe.grouping import group
from resolution.normalize import features
from resolution.normalize.features import Features, Index
from resolution.records import PartyRecord

ACME = {"name": "Acme Tools GmbH", "address.street": "Elbchaussee 7", "address.city": "Hamburg", "phone": "+49 40 7654321"}
Kind = Literal["person", "organization", "unknown"]


def records(*given: dict[str, str], kind: Kind = "organization") -> Features:
    return features(PartyRecord(row, f"file/{row}", "file", kind, attributes(each)) for row, each in enumerate(given))


def attributes(flat: dict[str, str]) -> dict[str, list[str | dict[str, str]]]:
    parts = {name.partition(".")[2]: value for name, value in flat.items() if "." in name}
    rest: dict[str, list[str | dict[str, str]]] = {name: [value] for name, value in flat.items() if "." not in name}
    return rest | ({"address": [parts]} if parts else {})


def groups(label: Index) -> list[list[int]]:
    return sorted([np.flatnonzero(label == one).tolist() for one in np.unique(label)])


def test_no_records_make_no_groups_and_one_makes_one() -> None:
    assert len(group(records()).label) == 0
    alone = group(records(ACME))
    assert (alone.label.tolist(), alone.compared) == ([0], 0)


def test_the_order_of_the_records_does_not_enter() -> None:
    found = records(ACME, {**ACME, "phone": ""}, {"name": "Zeta Foods"}, {"name": "Zeta Foods Ltd"}, {"name": "Beta"}, ACME)
    turned = np.array([3, 5, 1, 0, 4, 2])
    straight, other = group(found), group(found.take(turned))
    assert groups(straight.label) == sorted(sorted(turned[rows].tolist()) for rows in groups(other.label))
    assert np.array_equal(straight.confidence[turned], other.confidence)


def test_a_group_is_named_by_its_first_record_by_ref() -> None:
    assert group(records(ACME, {"name": "Zeta"}, ACME)).label.tolist() == [0, 1, 0]


def test_a_shared_identifier_joins_whatever_the_names() -> None:
    found = group(records({"name": "Acme Tools", "vat": "DE136695976"}, {"name": "Zeta", "vat": "DE 136695976"}))
    assert found.label.tolist() == [0, 0]


def test_conflicting_identifiers_part_what_a_third_record_would_join() -> None:
    found = group(records({**ACME, "vat": "DE136695976"}, ACME, {**ACME, "vat": "DE129273398"}))
    assert found.label[0] != found.label[2]


def test_an_identifier_of_many_joins_none() -> None:
    found = group(records(*[{"name": name, "vat": "DE136695976"} for name in "abcdefghijklmnopqrstuvwxyz"]))
    assert len(np.unique(found.label)) == 26


def test_people_and_organisations_stay_apart_in_one_file() -> None:
    shared = {"name": ["Carl Benz"], "phone": ["+49 40 7654321"], "email": ["carl.benz@acme.com"]}
    kinds: tuple[Kind, ...] = ("person", "organization", "person", "organization")
    found = group(features(PartyRecord(row, str(row), "file", kind, shared) for row, kind in enumerate(kinds)))
    assert groups(found.label) == [[0, 2], [1, 3]]


def test_a_higher_threshold_joins_less() -> None:
    found = records(ACME, {"name": "Acme Tools"})
    assert len(np.unique(group(found, threshold=-50.0).label)) == 1
    assert len(np.unique(group(found, threshold=200.0).label)) == 2


@pytest.mark.parametrize("threshold", [None, -20.0])
def test_every_pair_within_a_group_is_among_the_pairs(threshold: float | None) -> None:
    found = group(records(ACME, ACME, {"name": "Acme Tools", "phone": "040 7654321"}, {"name": "Zeta"}), threshold)
    pairs = {frozenset(pair) for pair in zip(found.left.tolist(), found.right.tolist(), strict=True)}
    within = {frozenset((one, two)) for rows in groups(found.label) for one in rows for two in rows if one < two}
    assert within <= pairs
    assert len(pairs) == len(found.left)
