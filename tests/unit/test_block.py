"""Blocking keys depend on one record alone, in columns and by itself; pairs come once; no block explodes, and none is made for nothing."""

from importlib import import_module
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from resolution import block
from resolution.block import choice, readings
from resolution.normalize import features, profile_of
from resolution.normalize.addresses import PARTS, SEPARATOR
from resolution.normalize.features import Features, Index
from resolution.normalize.hashing import Hashes, hash_terms, hash_text, mix, sort_order
from resolution.normalize.names import formal_names
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


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 2)), max_size=40), st.integers(1, 50))
def test_pairs_made_a_few_at_a_time_are_those_of_every_block(drawn: list[tuple[int, int, int]], at_once: int) -> None:
    rows, values, rules = (np.array([row[place] for row in sorted(set(drawn))], np.int64) for place in range(3))
    keys = block.BlockingKeys(rows, (values + 10 * rules).astype(np.uint64), rules.astype(np.uint8))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("resolution.block.pairs"), "_AT_ONCE", at_once)
        found = block.pairs(keys, 9)
    expected: dict[tuple[int, int], int] = {}
    blocks = {(value, rule): [row for row, *of in drawn if of == [value, rule]] for _, value, rule in drawn}
    for (_, rule), held in blocks.items():
        for pair in combinations(sorted(set(held)), 2):
            expected[pair] = expected.get(pair, 0) | (1 << rule if len(set(held)) <= 9 else 0)
    given = zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.rules.tolist(), strict=True)
    assert list(given) == sorted((pair, bits) for pair, bits in expected.items() if bits)


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


VALUES = {
    "name": ["Bob Smith", "Smith, Bob", "Acme Tools GmbH", "AT", "Élodie Brûlé"],
    "given_name": ["Bob", "Al", "Anne-Marie", "李"],
    "family_name": ["Smith", "de la Cruz"],
    "birth_date": ["1990-04-03", "1950"],
    "email": ["bob.smith@acme.com", "info@acme.com", "joe@gmail.com", "sales-eu@acme.com", "no mailbox", "@"],
    "phone": ["+49 40 1234567", "040 1234567"],
    "website": ["acme.com"],
    "employer": ["Acme GmbH"],
    "vat": ["DE136695976"],
    "code:x": ["AB1234"],
    "code:y": ["AB1234", "Z"],
}
ADDRESSES = st.fixed_dictionaries(
    {}, optional={"street": st.sampled_from(["5 High Street", "High St"]), "city": st.text(max_size=6), "postcode": st.just("LS1 4AB")}
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        **{field: st.lists(st.sampled_from(values) | st.text(max_size=6), min_size=1, max_size=3) for field, values in VALUES.items()},
        "address": st.lists(ADDRESSES, min_size=1, max_size=2),
    },
)
KINDS = st.sampled_from(("person", "organization", "unknown"))


@settings(max_examples=40)
@given(st.lists(st.tuples(KINDS, RECORDS), min_size=1, max_size=4))
def test_a_record_by_itself_has_the_keys_that_it_has_in_columns(drawn: list[tuple[str, dict[str, list[str]]]]) -> None:
    records = [PartyRecord(row, str(row), "crm", kind, each) for row, (kind, each) in enumerate(drawn)]
    keys = block.keys(features(records))
    rows = zip(keys.record.tolist(), keys.key.view(np.int64).tolist(), keys.rule.tolist(), strict=True)
    alone = [(row, key, rule) for row, record in enumerate(records) for key, rule in block.keys_of(profile_of(record))]
    assert sorted(rows) == sorted(alone)


def shortcut_and_function(reading: readings.Reading, terms: list[str]) -> tuple[list[Hashes], list[list[int]]]:
    counts, hashes = reading.hashes(pa.array(terms, pa.string()))
    assert reading.shortcut
    return np.split(hashes, np.cumsum(counts))[:-1], [[hash_text(text) for text in reading.of(term) if text] for term in terms]


@pytest.mark.parametrize("reading", [readings.whole, readings.beginning(4), readings.ending(9), readings.mailbox])
@settings(max_examples=50)
@given(terms=st.lists(st.text("abc-.@ é", max_size=12), max_size=4))
@example(terms=["info@acme.com", "sales-eu@acme.com", "bob.smith@acme.com", "bob.smith", "joe@x", "@", "jürgen.groß@acme.com", ""])
def test_a_shortcut_gives_what_the_function_gives(reading: readings.Reading, terms: list[str]) -> None:
    by_shortcut, by_function = shortcut_and_function(reading, terms)
    assert [each.tolist() for each in by_shortcut] == by_function


@pytest.mark.parametrize("reading", [readings.address("city"), readings.address("postcode"), readings.house])
@settings(max_examples=50)
@given(terms=st.lists(st.tuples(*[st.text("ab 19é", max_size=6)] * len(PARTS)).map(SEPARATOR.join), max_size=4))
def test_a_shortcut_gives_what_the_function_gives_of_addresses(reading: readings.Reading, terms: list[str]) -> None:
    by_shortcut, by_function = shortcut_and_function(reading, terms)
    assert [each.tolist() for each in by_shortcut] == by_function


@given(st.lists(st.text(max_size=30) | st.none()))
def test_terms_hash_together_as_each_alone(terms: list[str | None]) -> None:
    assert hash_terms(pa.array(terms, pa.string())).tolist() == [hash_text(term or "") for term in terms]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 2)), unique=True), st.integers(2, 5))
def test_pairs_are_those_that_share_a_key_of_a_rule_in_a_block_within_the_cap(held: list[tuple[int, int, int]], cap: int) -> None:
    held.sort()
    keys = block.BlockingKeys(
        np.array([row for row, _, _ in held], np.int64),
        np.array([key for _, key, _ in held], np.uint64),
        np.array([rule for _, _, rule in held], np.uint8),
    )
    wanted: dict[tuple[int, int], int] = {}
    for key, rule in {(key, rule) for _, key, rule in held}:
        rows = [row for row, *of in held if of == [key, rule]]
        for pair in combinations(rows, 2) if len(rows) <= cap else ():
            wanted[pair] = wanted.get(pair, 0) | 1 << rule
    found = block.pairs(keys, cap)
    got = zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.rules.tolist(), strict=True)
    assert len(found.left) == len(wanted)
    assert dict(got) == wanted


def crowd(size: int) -> Features:
    """People of whom two have one mailbox each time, and who all have one birthday."""
    return people(
        *[
            {
                "given_name": f"given {row}",
                "email": f"person{row // 2}@acme.com",
                "birth_date": "1990-01-02",
            }
            for row in range(size)
        ]
    )


def same_mailbox(left: Index, right: Index) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (left // 2 == right // 2).astype(np.float64)
    return found


def test_a_rule_that_adds_no_match_is_left_out_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "FEW_PAIRS", 0)
    found, given = block.candidates(crowd(1_000), same_mailbox)
    by_rule = {each.rule: each for each in given}
    assert (len(found.left), by_rule["mailbox"].pairs, by_rule["mailbox"].left_out) == (500, 500, "")
    assert by_rule["birth date, initial"].pairs == 0
    assert by_rule["birth date, initial"].left_out.startswith("of its 499,500 pairs hardly one")


def test_where_there_are_few_pairs_every_rule_makes_its_own() -> None:
    found, given = block.candidates(crowd(100), lambda left, right: pytest.fail("nothing is to be measured"))
    assert len(found.left) == 100 * 99 // 2
    assert not any(each.left_out for each in given)


def test_a_large_block_is_made_where_its_pairs_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "FEW_PAIRS", 0)
    found, _ = block.candidates(people(*[{"phone": "040 1234567"}] * 300), lambda left, right: np.ones(len(left)))
    assert len(found.left) == 300 * 299 // 2


def test_a_block_too_large_is_parted_by_a_finer_rule_and_what_is_left_is_counted() -> None:
    towns = [*(f"town {row // 2}" for row in range(choice.LARGEST_BLOCK)), ""]
    records = features(
        PartyRecord(row, str(row), "crm", "person", {"name": ["Bob Smith"], "address": [{"city": town}] if town else []})
        for row, town in enumerate(towns)
    )
    found, given = block.candidates(records, same_mailbox)
    by_rule = {each.rule: each for each in given}
    assert by_rule["name, city"].pairs == len(found.left) == choice.LARGEST_BLOCK // 2
    assert (by_rule["name"].blocks_skipped, by_rule["name"].records_skipped) == (len(formal_names("bob")), 1)


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
