"""A few records compared by themselves give what the same records give as columns, and bounds only pass over what is certain."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.compare import Compared, few, levels
from resolution.compare.bounds import UNSURE
from resolution.compare.comparisons import COMPARISONS, FAMILIES, PARTS
from resolution.compare.terms import LONGEST, Terms
from resolution.normalize import features, profile_of
from resolution.records import PartyRecord
from resolution.rules import Shared, decide_few, decide_levels

VALUES: dict[str, list[str]] = {
    "name": ["Bob Smith", "smith, bob", "Dr. Jane Anne Doe", "Acme Tools GmbH", "Acme Foods", "AcmeTools Ltd", "AT", "Acme Mfg Hamburg"],
    "given_name": ["Bob", "Robert", "R.", "Anne Marie", "Smith", "Jane"],
    "family_name": ["Smith", "Smyth", "Smith-Jones", "Bob", "Doe"],
    "birth_date": ["1990-04-03", "1990-03-04", "1991-04-05", "1950", "12"],
    "email": ["bob.smith23@acme.com", "bob.smith41@acme.com", "bob.smith@gmail.com", "info@acme.com", "no mailbox", "a@b@c.de"],
    "phone": ["+49 40 1234567", "040 1234567", "040 1234568", "1234567"],
    "website": ["acme.com", "acme.de", "https://www.acmes.com"],
    "employer": ["Acme Tools GmbH", "Zeta"],
    "vat": ["DE136695976", "DE129273398", "ATU13585627"],
    "duns": ["123456780", "123456789", "987654321"],
    "registration_number": ["12345", "12346", "98765"],
    "key:erp": ["ABC-1", "ABC-2"],
    "code:x": ["AB1234", "AB1243", "CD99"],
    "category:y": ["painter", "painters", "baker"],
}
ADDRESSES = st.fixed_dictionaries(
    {},
    optional={
        "street": st.sampled_from(["5 High Street", "7 High St", "Mill Lane", "5 Hihg Street"]),
        "city": st.sampled_from(["Leeds", "Leed", "York", "Hamburg"]),
        "postcode": st.sampled_from(["LS1 4AB", "LS1 4AC", "YO1 2AA"]),
    },
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        **{field: st.lists(st.sampled_from(values) | st.text(max_size=8), min_size=1, max_size=3) for field, values in VALUES.items()},
        "address": st.lists(ADDRESSES, min_size=1, max_size=2),
    },
)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(("person", "organization", "unknown")), RECORDS), min_size=2, max_size=5))
def test_records_by_themselves_compare_as_in_columns(drawn: list[tuple[str, dict[str, list[str]]]]) -> None:
    records = [PartyRecord(row, str(row), "crm", kind, each) for row, (kind, each) in enumerate(drawn)]
    found, alone = features(records), [profile_of(record) for record in records]
    left, right = np.triu_indices(len(records), 1)
    pairs = [(alone[i], alone[j]) for i, j in zip(left, right, strict=True)]
    columns, singly = levels(found, left, right), few.levels_of(pairs)
    nothing = Compared(np.full(len(pairs), -1, np.int8), np.zeros(len(pairs), np.uint64))
    assert singly.kind.tolist() == columns.kind.tolist()
    assert set(singly.comparisons) <= set(columns.comparisons)
    for name, compared in columns.comparisons.items():
        same = singly.comparisons.get(name, nothing)
        assert (name, same.level.tolist(), same.term.tolist()) == (name, compared.level.tolist(), compared.term.tolist())
    shared = Shared(frozenset({"vat:DE136695976"}))
    one, two = decide_few(pairs, singly, shared), decide_levels(found, left, right, columns, shared)
    assert (one.verdict.tolist(), one.rule.tolist(), one.term) == (two.verdict.tolist(), two.rule.tolist(), two.term)


def test_no_pairs_have_no_levels() -> None:
    assert len(few.levels_of([]).kind) == 0


def edited(draw: st.DrawFn, word: str, alphabet: str) -> str:
    """A word with a letter swapped, lost, changed or put in."""
    place = draw(st.integers(0, len(word)))
    head, tail = word[:place], word[place:]
    letter = draw(st.sampled_from(alphabet))
    return draw(st.sampled_from([head + letter + tail, head + tail[1:], head + letter + tail[1:], head + tail[1:2] + tail[:1] + tail[2:]]))


@st.composite
def like_values(draw: st.DrawFn, values: Sequence[str], alphabet: str) -> list[str]:
    """The values, and others some of which are a few edits or words apart."""
    found = draw(st.lists(st.sampled_from(values) | st.text(alphabet, min_size=1, max_size=12), min_size=1, max_size=3))
    for word in list(found):
        found.append(edited(draw, word, alphabet))
        found.append(edited(draw, found[-1], alphabet))
        found.append(" ".join(draw(st.permutations(word.split()))))
    return sorted({" ".join(word.split()) for word in (*found, *values)} - {""})


PLAIN = {
    "given": ["robert", "bob", "bobby", "r", "annemarie", "marie", "jon", "john"],
    "family": ["smith", "smyth", "smith jones", "de la cruz", "s", "aa b", "b b", "cruz", "van cruz"],
    "middle": ["ann marie", "a", "marie b", "mary"],
    "birth_date": ["19900403", "19900304", "1990", "19910101", "20000229"],
    "email": [
        "bob.smith23@acme.com",
        "bob.smith@acme.com",
        "info@acme.com",
        "b@gmail.com",
        "x",
        "a@b@c.de",
        "info-x@y.de",
        "12@a.de",
        "bob.smith9876@acme.com",
    ],
    "phone": ["49401234567", "401234567", "1234567", "12345678", "123456"],
    "workplace": ["acme", "acmetools", "zeta"],
    "name": [
        "harrow mfg",
        "harrow manufacturing",
        "ht",
        "acme tools",
        "toolsacme",
        "blackwel textiles group",
        "blackwell textiles services",
        "blackwell store 12",
    ],
    "branch": ["hamburg", "hamburgs", "graz"],
    "domain": ["acme.com", "acmes.de", "harrow.co.uk", "harow.com"],
    "code": ["ab1234", "12345", "ab12"],
    "category": ["painter", "painters", "baker"],
    "street": ["high st", "high st north", "st high", "mill lane lane", "martin luther king bd x", "martin luther king bd qwz vfp cjy"],
    "city": ["leeds", "leed", "york"],
    "postcode": ["ls14ab", "ls14ac", "12345"],
}


@pytest.mark.parametrize("name", PLAIN)
@given(data=st.data())
@settings(max_examples=40)
def test_a_bound_says_what_the_definition_says_or_nothing(name: str, data: st.DataObject) -> None:
    comparison = (COMPARISONS | FAMILIES | PARTS)[name]
    alphabet = "0123456789" if name in ("birth_date", "phone") else "abo1 .@-"
    values = data.draw(like_values(PLAIN[name], alphabet))
    one, two = np.triu_indices(len(values), 1)
    assert comparison.shortcut is not None
    certain = comparison.shortcut(Terms(pa.array(values, pa.string())), one, two)
    for i, j, level in zip(one.tolist(), two.tolist(), certain.tolist(), strict=True):
        assert level in (UNSURE, comparison.different(values[i], values[j])), (values[i], values[j])


def test_bounds_rule_out_strangers() -> None:
    for name, values in PLAIN.items():
        shortcut = (COMPARISONS | FAMILIES | PARTS)[name].shortcut
        assert shortcut is not None
        one, two = np.triu_indices(len(values), 1)
        assert (shortcut(Terms(pa.array(values, pa.string())), one, two) != UNSURE).any(), name


def test_long_and_foreign_terms_have_no_bounds() -> None:
    assert Terms(pa.array(["a" * LONGEST, "a" * (LONGEST + 1), "ä"], pa.string())).bounded.tolist() == [True, False, False]
