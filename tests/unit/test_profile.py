"""One record read by itself and many read in columns give the same terms, whatever the records hold."""

from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.normalize import features, features_from, profile_of
from resolution.normalize.address_columns import parts_of
from resolution.normalize.readings import DERIVED, READINGS, Reading
from resolution.records import PartyRecord

TRIED = settings(max_examples=60)
PERSON_WORDS = ["Bob", "Dr.", "Smith", "Smith-Jones", "O'Neill", "van", "de", "Müller", "Иванов", "王", "jr", "|", "-", "(", ")", ","]
COMPANY_WORDS = ["Acme", "ACME", "Tools", "GmbH", "Ltd", "& Co KG", "Graz", "Filiale", "and", "s", "a", "p", "007"]
WORDS = st.sampled_from(PERSON_WORDS) | st.sampled_from(COMPANY_WORDS)
LINES = st.lists(WORDS, max_size=6).map(" ".join)
MAILBOXES = st.builds(
    "{}{}@{}".format,
    st.sampled_from(("bob", "B.o.b", "info", "", "ann <ann")),
    st.sampled_from(("", "+x", " ", ".")),
    st.sampled_from(("gmail.com", "googlemail.com", "acme-tools.com", "Mail.Acme.co.uk", "acme", "x.c0m", "acme.com>", "")),
)
DIGITS = st.text("0123456789 +-./()x", max_size=14)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | LINES | MAILBOXES | DIGITS
ATTRIBUTES = (
    "name", "given_name", "family_name", "birth_date", "email", "phone", "website", "employer", "vat", "tax_id", "registration_number",
    "lei", "duns", "industry", "code:a", "category:b", "key:erp", "key:crm", "other",
)  # fmt: skip
PARTS = ("street", "street2", "number", "city", "region", "postcode", "country", "other")
ADDRESSES = st.dictionaries(st.sampled_from(PARTS), ANYTHING | st.just("Graz") | st.just("Deutschland"), max_size=6)
RECORDS = st.builds(
    lambda kind, texts, addresses: PartyRecord(7, "crm/contacts/7", "crm", kind, {**texts, "address": addresses}),
    st.sampled_from(("person", "organization", "unknown")),
    st.dictionaries(st.sampled_from(ATTRIBUTES), st.lists(ANYTHING, max_size=3), max_size=5),
    st.lists(ADDRESSES, max_size=2),
)


@TRIED
@given(st.lists(RECORDS, max_size=5))
def test_a_record_read_by_itself_has_the_terms_it_has_among_others(records: list[PartyRecord]) -> None:
    together = features(records)
    assert [profile_of(record) for record in records] == [together.profile(row) for row in range(len(records))]


@TRIED
@given(st.lists(RECORDS, max_size=4))
def test_profiles_give_back_their_features(records: list[PartyRecord]) -> None:
    profiles = [profile_of(record) for record in records]
    found = features_from(profiles)
    assert [found.profile(row) for row in range(len(found))] == profiles


@pytest.mark.parametrize(
    "reading", [each for each in (*READINGS, *DERIVED) if each.as_is or each.alike], ids=lambda reading: reading.source
)
@TRIED
@given(st.lists(ANYTHING | st.from_regex(r"[a-z.]{1,8}@g(oogle)?mail\.com", fullmatch=True), min_size=1))
def test_a_shortcut_says_what_reading_says(reading: Reading, raw: list[str]) -> None:
    values = pa.array(raw, pa.string())
    if reading.as_is:
        for value, settled in zip(raw, reading.as_is(values).to_pylist(), strict=True):
            assert not settled or reading.read(value) == ((reading.column, value),)
    if reading.alike:
        assert [reading.read(value) for value in reading.alike(values).to_pylist()] == [reading.read(value) for value in raw]


@TRIED
@given(st.lists(RECORDS, max_size=4))
def test_the_parts_of_addresses_are_those_of_their_terms(records: list[PartyRecord]) -> None:
    column = features(records).column("address")
    at_hand, split = (
        [[terms[code].as_py() for code in codes] for codes, terms in parts_of(each).values()]
        for each in (column, replace(column, parts=None))
    )
    assert at_hand == split
