"""Blocking keys depend on one record alone; pairs come once, and no block explodes."""

import numpy as np
import pytest

from resolution import block
from resolution.normalize import features
from resolution.normalize.features import Features
from resolution.normalize.hashing import mix, sort_order
from resolution.records import PartyRecord


def people(*attributes: dict[str, str], kind: str = "person") -> Features:
    return features(
        PartyRecord(row, f"crm/contacts/{row}", "crm", kind, {name: [value] for name, value in each.items()})
        for row, each in enumerate(attributes)
    )


def keys_of(found: Features) -> list[set[int]]:
    keys = block.keys(found)
    return [set(keys.key[keys.record == row].tolist()) for row in range(len(found))]


def test_a_record_has_the_same_keys_alone_and_among_others() -> None:
    one, two = {"name": "Bob Smith", "email": "bob@acme.com"}, {"name": "Ann Lee", "birth_date": "1990-01-02"}
    assert keys_of(people(one, two)) == keys_of(people(one)) + keys_of(people(two))
    assert keys_of(people(two, one))[1] == keys_of(people(one))[0]


def test_keys_never_change_since_they_are_stored() -> None:
    keys = block.keys(people({"email": "bob@acme.com"}))
    by_rule = {block.RULES[rule][0]: int(key) for rule, key in zip(keys.rule, keys.key, strict=True)}
    assert by_rule == {"mailbox": 10113753824690235793}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Bob Smith"}, {"name": "Robert Smith"}),
        ({"given_name": "Smith", "family_name": "Bob"}, {"given_name": "Bob", "family_name": "Smith"}),
        ({"phone": "+49 40 1234567"}, {"phone": "040 1234567"}),
        ({"family_name": "Smith", "birth_date": "1990-01-02"}, {"family_name": "Smith", "birth_date": "2.1.1990"}),
        ({"name": "Bob Smith", "employer": "Acme GmbH"}, {"name": "Rob Smith", "email": "rob@acme.com"}),
    ],
)
def test_two_accounts_of_one_person_meet(one: dict[str, str], two: dict[str, str]) -> None:
    found = block.pairs(block.keys(people(one, two)), 10)
    assert (found.left.tolist(), found.right.tolist()) == ([0], [1])


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Acme Tools GmbH"}, {"name": "Tools, Acme"}),
        ({"name": "Acme", "website": "acme.com"}, {"name": "Zeta", "email": "x@acme.com"}),
        ({"vat": "DE136695976"}, {"vat": "de 136695976"}),
        ({"name": "Penhale Logistics"}, {"name": "Penhale Group"}),
    ],
)
def test_two_accounts_of_one_organisation_meet(one: dict[str, str], two: dict[str, str]) -> None:
    assert len(block.pairs(block.keys(people(one, two, kind="organization")), 10).left) == 1


def test_people_and_organisations_never_meet_but_the_unknown_meets_both() -> None:
    same = {"phone": ["040 1234567"]}
    found = features(PartyRecord(row, str(row), "crm", kind, same) for row, kind in enumerate(("person", "organization", "unknown")))
    pairs = block.pairs(block.keys(found), 10)
    assert set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == {(0, 2), (1, 2)}


def test_a_pair_found_by_several_rules_comes_once_and_names_them_all() -> None:
    found = block.pairs(block.keys(people(*[{"name": "Bob Smith", "email": "bob.smith@acme.com"}] * 2)), 10)
    assert len(found.left) == 1
    rules = {block.RULES[number][0] for number in range(len(block.RULES)) if int(found.rules[0]) >> number & 1}
    assert {"mailbox", "name"} <= rules


def test_a_block_over_the_cap_is_counted_and_gives_nothing() -> None:
    keys = block.keys(people(*[{"email": "bob@acme.com"}] * 5))
    assert len(block.pairs(keys, 5).left) == 10
    over = block.pairs(keys, 4)
    assert (len(over.left), over.skipped) == (0, 1)


def test_the_fitting_cap_keeps_within_the_pairs_asked_for() -> None:
    rows = np.arange(13)
    keys = block.BlockingKeys(rows, np.array([1] * 2 + [2] * 3 + [3] * 8, np.uint64), np.zeros(13, np.uint8))
    assert block.fitting_cap(keys, 4, 100) >= 3
    assert len(block.pairs(keys, block.fitting_cap(keys, 4, 100)).left) == 4
    assert len(block.pairs(keys, block.fitting_cap(keys, 1000, 100)).left) == 32
    assert block.fitting_cap(block.keys(people()), 10, 10) >= 2


def test_no_records_have_no_keys_and_no_pairs() -> None:
    assert len(block.pairs(block.keys(people()), 10).left) == 0
    assert len(block.keys(people({})).key) == 0


@pytest.mark.parametrize("keys", [[], [5], [3, 1, 2, 1, 3], [2**64 - 1, 2**64 - 2, 0, 2**64 - 2, 2**64 - 1]])
def test_keys_are_put_in_order_and_equal_ones_left_as_they_stand(keys: list[int]) -> None:
    given = np.array(keys, np.uint64)
    assert sort_order(given).tolist() == np.argsort(given, kind="stable").tolist()


def test_a_thousand_keys_that_share_their_upper_bits_are_put_in_order() -> None:
    given = (mix(np.arange(1000, dtype=np.uint64)) & np.uint64(255)) | np.uint64(1 << 63)
    assert sort_order(given).tolist() == np.argsort(given, kind="stable").tolist()
