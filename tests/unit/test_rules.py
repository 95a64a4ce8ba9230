"""Strong identifiers decide, and only strong ones."""

import numpy as np
import pytest

from resolution.normalize import features
from resolution.records import PartyRecord
from resolution.rules import RULES, Shared, decide, shared_by_too_many

GOOD, OTHER, AUSTRIAN = "DE136695976", "DE129273398", "ATU13585627"


def decided(
    one: dict[str, str | list[str]], two: dict[str, str | list[str]], kind: str = "organization", shared: Shared | None = None
) -> tuple[int, str, str]:
    found = features(
        PartyRecord(row, str(row), "erp", kind, {name: value if isinstance(value, list) else [value] for name, value in each.items()})
        for row, each in enumerate((one, two))
    )
    there, back = decide(found, np.array([0]), np.array([1]), shared), decide(found, np.array([1]), np.array([0]), shared)
    assert (there.verdict[0], there.rule[0], there.term) == (back.verdict[0], back.rule[0], back.term)
    return int(there.verdict[0]), RULES[there.rule[0]], there.term[0]


@pytest.mark.parametrize(
    ("one", "two", "verdict"),
    [
        ({"vat": GOOD, "name": "Acme"}, {"vat": "de 136 695 976", "name": "Trading as Zeta"}, 1),
        ({"key:erp": "ABC-1"}, {"key:erp": "ABC-1"}, 1),
        ({"lei": "5493001KJTIIGC8Y1R12"}, {"lei": "5493001KJTIIGC8Y1R12"}, 1),
        ({"vat": GOOD}, {"vat": OTHER}, -1),
        ({"vat": GOOD}, {"vat": AUSTRIAN}, 0),
        ({"vat": [GOOD, AUSTRIAN]}, {"vat": AUSTRIAN}, 1),
        ({"vat": "DE136695977"}, {"vat": "DE136695977"}, 0),
        ({"registration_number": "12345"}, {"registration_number": "12346"}, 0),
        ({"registration_number": "12345"}, {"registration_number": "98765"}, -1),
        ({"key:erp": "ABC-1"}, {"key:erp": "ABC-2"}, 0),
        ({"email": "info@acme.com", "website": "acme.com"}, {"email": "info@acme.com", "website": "acme.com"}, 0),
        ({"name": "Acme GmbH", "vat": GOOD}, {"name": "Acme GmbH Niederlassung Hamburg", "vat": GOOD}, 0),
        ({}, {}, 0),
    ],
)
def test_identifiers_of_organisations(one: dict[str, str], two: dict[str, str], verdict: int) -> None:
    assert decided(one, two)[0] == verdict


def test_the_rule_names_the_identifier_that_decided() -> None:
    assert decided({"vat": GOOD}, {"vat": GOOD}) == (1, "shared identifier", f"vat:{GOOD}")
    assert decided({"vat": GOOD}, {"vat": OTHER}) == (-1, "conflicting identifiers", "")


def test_identifiers_that_contradict_each_other_decide_nothing() -> None:
    assert decided({"vat": GOOD, "duns": "123456780"}, {"vat": GOOD, "duns": "987654321"})[:2] == (0, "contradictory identifiers")


def test_the_key_of_a_company_does_not_make_its_contacts_one_person() -> None:
    one, two = {"name": "Bob Smith", "key:erp": "ABC-1"}, {"name": "Jane Doe", "key:erp": "ABC-1"}
    assert decided(one, two, "person")[0] == 0
    assert decided(one, one | {"name": "Robert Smith"}, "person")[0] == 1


def test_an_identifier_shared_by_too_many_decides_nothing() -> None:
    same = {"vat": [GOOD]}
    crowd = features(PartyRecord(row, str(row), "erp", "organization", same) for row in range(4))
    assert shared_by_too_many(crowd, 4).terms == frozenset()
    shared = shared_by_too_many(crowd, 3)
    assert shared.terms == {f"vat:{GOOD}"}
    assert decided({"vat": GOOD}, {"vat": GOOD}, shared=shared)[0] == 0


def test_different_kinds_are_never_the_same() -> None:
    found = features(
        PartyRecord(row, str(row), "erp", kind, {"tax_id": ["12-3456789"]}) for row, kind in enumerate(("person", "organization"))
    )
    said = decide(found, np.array([0]), np.array([1]))
    assert (said.verdict.tolist(), RULES[said.rule[0]]) == ([-1], "different kinds")


def test_no_pairs_have_no_decisions() -> None:
    none = np.zeros(0, np.int64)
    assert decide(features([]), none, none).term == []
