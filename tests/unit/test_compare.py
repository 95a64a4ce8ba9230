"""Levels say how alike two records are, whichever side each stands on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.compare import MISSING, OF_ORGANIZATIONS, OF_PEOPLE, level_words, levels
from resolution.normalize import features
from resolution.normalize.features import ORGANIZATION, PERSON, UNKNOWN, Features
from resolution.records import PartyRecord

LEFT, RIGHT = np.array([0]), np.array([1])


def two(kind: str, field: str, left: object, right: object) -> Features:
    sides = [value if isinstance(value, list) else [value] for value in (left, right)]
    return features(PartyRecord(row, str(row), "crm", kind, {field: value}) for row, value in enumerate(sides))


def word(kind: str, field: str, comparison: str, left: object, right: object) -> str:
    found = two(kind, field, left, right)
    there, back = (levels(found, *sides).comparisons[comparison].level[0] for sides in ((LEFT, RIGHT), (RIGHT, LEFT)))
    assert there == back
    return "missing" if there == MISSING else level_words(comparison)[there]


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("Robert", "robert", "same"),
        ("Bob", "Robert", "nickname"),
        ("Robert", "Robret", "nearly the same"),
        ("R.", "Robert", "initial agrees"),
        ("R.", "R", "initial agrees"),
        ("Robert", "Jane", "different"),
    ],
)
def test_given_names(left: str, right: str, said: str) -> None:
    assert word("person", "given_name", "given", left, right) == said


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("Smith", "Smith-Jones", "in part the same"),
        ("Smith", "Smyth", "nearly the same"),
        ("de la Cruz", "Delacruz", "nearly the same"),
        ("van der Berg", "Berg", "nearly the same"),
        ("von Cruz", "de la Cruz", "nearly the same"),
        ("Smith", "Jones", "different"),
    ],
)
def test_family_names(left: str, right: str, said: str) -> None:
    assert word("person", "family_name", "family", left, right) == said


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("John Smith Jr.", "John Smith Sr.", "different"),
        ("John Smith III", "John Smith Jr.", "different"),
        ("John Smith II", "John Smith, Jr.", "may be the same"),
        ("Smith Jr., John", "John Smith Junior", "same"),
        ("John Smith", "John Smith Jr.", "missing"),
    ],
)
def test_a_father_is_not_his_son(left: str, right: str, said: str) -> None:
    assert word("person", "name", "generation", left, right) == said


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("1990-04-03", "1990-03-04", "one digit off"),
        ("1990-04-03", "1990-04-08", "one digit off"),
        ("1990-04-03", "1990-05-08", "two digits off"),
        ("1990", "1990-05-08", "within a year"),
        ("1990-04-03", "1984-11-25", "within ten years"),
        ("1990-04-03", "1950-11-25", "different"),
        ("12", "1990-04-03", "different"),
    ],
)
def test_birth_dates(left: str, right: str, said: str) -> None:
    assert word("person", "birth_date", "birth_date", left, right) == said


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("bob.smith@acme.com", "bob.smiht@acme.com", "nearly the same"),
        ("bob.smith23@acme.com", "bob.smith41@acme.com", "told apart by a number"),
        ("bob.smith@acme.com", "bob.smith2@acme.com", "told apart by a number"),
        ("bob.smith23@acme.com", "bob.smith41@zeta.com", "different"),
        ("asmith@acme.com", "bsmith@acme.com", "different"),
        ("bob.smith23@acme.com", "bob.smith23@zeta.com", "same name elsewhere"),
        ("bob.smith@acme.com", "bob.smith@zeta.com", "different"),
        ("bob.smith@acme.com", "bobby@gmail.com", "of different sorts"),
        ("bob.smith@acme.com", "info@acme.com", "of different sorts"),
        ("info@acme.com", "info@acme.com", "same shared mailbox"),
    ],
)
def test_emails(left: str, right: str, said: str) -> None:
    assert word("person", "email", "email", left, right) == said


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("+49 40 1234567", "040 1234567", "same but for the prefix"),
        ("040 1234567", "040 1234568", "one digit off"),
        ("040 1234567", "030 7654321", "different"),
    ],
)
def test_phones(left: str, right: str, said: str) -> None:
    assert word("person", "phone", "phone", left, right) == said


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("Acme Tools GmbH", "ACME Tools Ltd.", "same"),
        ("Tools, Acme", "Acme Tools", "same words"),
        ("Acme Tools", "AcmeTools", "same words"),
        ("Harrow Mfg Ltd", "Harrow Manufacturing", "nearly the same"),
        ("Blackwell Textiles", "BT LLP", "initials"),
        ("Penhale", "Penhale Holdings", "same but for general words"),
        ("Penhale Logistics", "Penhale Foods", "a word in common"),
        ("Blackwel Textiles Group", "Blackwell Textiles", "same but for general words"),
        ("Harrow Store 12", "Harrow Store 13", "a word in common"),
        ("Harrow Stroe 12", "Harrow Store 12", "nearly the same"),
        ("Penhale Services", "Zeta Services", "different"),
    ],
)
def test_organisation_names(left: str, right: str, said: str) -> None:
    assert word("organization", "name", "name", left, right) == said


ADDRESS = {"street": "5 High Street", "city": "Leeds", "postcode": "LS1 4AB"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "same"),
        ({"street": "5 High St."}, "same"),
        ({"street": "5 Hihg Street"}, "same address, spelled differently"),
        ({"city": "York", "postcode": "YO1 2AA"}, "same street and number, other place"),
        ({"street": "7 High Street"}, "same street, other number"),
        ({"street": ""}, "same postcode"),
        ({"street": "9 Mill Lane"}, "same postcode, other street"),
        ({"street": "9 Mill Lane", "postcode": "LS1 4AC"}, "same city, postcode similar"),
        ({"street": "9 Mill Lane", "postcode": "LS9 9ZZ"}, "same city"),
        ({"street": "9 Mill Lane", "postcode": "YO1 2AA", "city": "York"}, "different"),
        ({"street": "", "postcode": "", "city": ""}, "missing"),
    ],
)
def test_an_address_is_one_comparison(change: dict[str, str], said: str) -> None:
    other = {"country": "GB"} | ADDRESS | change
    assert word("organization", "address", "address", [ADDRESS], [other]) == said


def test_the_most_alike_of_several_values_counts() -> None:
    assert word("person", "email", "email", ["a1@x.com", "bob@acme.com"], ["zed@y.com", "bob@acme.com"]) == "same"


def test_swapped_names_agree_the_other_way_round() -> None:
    records = [{"given_name": ["Bob"], "family_name": ["Smith"]}, {"given_name": ["Smith"], "family_name": ["Bob"]}]
    found = features(PartyRecord(row, str(row), "crm", "person", each) for row, each in enumerate(records))
    seen = {name: int(of.level[0]) for name, of in levels(found, LEFT, RIGHT).comparisons.items()}
    assert seen == {"given": 5, "family": 4, "order": 0}


def test_a_branch_differs_from_its_parent() -> None:
    assert word("organization", "name", "branch", "Acme GmbH", "Acme GmbH Niederlassung Hamburg") == "different"


def test_a_pair_of_different_kinds_has_no_comparison_set() -> None:
    found = features(PartyRecord(row, str(row), "crm", kind, {}) for row, kind in enumerate(("person", "organization", "unknown")))
    assert levels(found, np.array([0, 0, 1, 2]), np.array([1, 2, 2, 2])).kind.tolist() == [UNKNOWN, PERSON, ORGANIZATION, PERSON]


VALUES = st.one_of(
    st.sampled_from(["Bob", "Bobby Smith", "smith, bob", "5 High St", "a.b@c.de", "info@c.de", "1990-04-03", "DE136695976"]),
    st.text(max_size=12),
)
FIELDS = ("name", "given_name", "family_name", "birth_date", "email", "phone", "website", "employer", "vat", "code:x", "category:y")
RECORDS = st.dictionaries(st.sampled_from(FIELDS), st.lists(VALUES, max_size=3), max_size=6)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(("person", "organization", "unknown")), RECORDS), min_size=2, max_size=4))
def test_any_records_compare_alike_from_both_sides_and_alone(drawn: list[tuple[str, dict[str, list[str]]]]) -> None:
    found = features(PartyRecord(row, str(row), "crm", kind, each) for row, (kind, each) in enumerate(drawn))
    left, right = np.triu_indices(len(found), 1)
    there, back = levels(found, left, right), levels(found, right, left)
    for row, (i, j) in enumerate(zip(left, right, strict=True)):
        alone = levels(found.take(np.array([i, j])), LEFT, RIGHT)
        for name, of in there.comparisons.items():
            assert of.level[row] == back.comparisons[name].level[row] == alone.comparisons[name].level[0]
            assert of.term[row] == back.comparisons[name].term[row] == alone.comparisons[name].term[0]


def test_every_comparison_has_words_for_its_levels() -> None:
    assert all(len(level_words(name)) > 1 for name in (*OF_PEOPLE, *OF_ORGANIZATIONS, "code:x", "category:y"))
