"""Survivorship decides by its written order, tells the past from the records' own versions, and depends on nothing else."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.golden.attributes import canonical
from resolution.golden.history import believe, effective
from resolution.golden.survivorship import Authority, Member, Override, Version, survive

AUTHORITIES = {"crm": Authority(0.7), "erp": Authority(0.8, {"phone": 0.2}), "mail": Authority(0.7), "old": Authority(0.3)}


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def member(ref: str, at: int | None = 0, **attributes: Any) -> Member:
    lists = {name: value if isinstance(value, list) else [value] for name, value in attributes.items()}
    return Member(ref, ref.split("/")[0], lists, None if at is None else day(at))


def decided(attribute: str, *members: Member) -> tuple[Any, str]:
    entry = survive(members, AUTHORITIES)[attribute]
    return entry.value, entry.rule


def test_one_value_in_several_spellings_is_no_contest() -> None:
    entry = survive([member("crm/c/1", phone="+49 40 1234567"), member("erp/c/1", phone="040 1234567")], AUTHORITIES)["phone"]
    assert (entry.value, entry.rule, entry.also) == ("+49 40 1234567", "only_value", ())


def test_authority_decides_before_recency() -> None:
    assert decided("industry", member("crm/c/1", 30, industry="mills"), member("old/c/1", 60, industry="fish")) == ("mills", "authority")


def test_an_attribute_may_have_an_authority_of_its_own() -> None:
    assert decided("phone", member("erp/c/1", 9, phone="111111"), member("crm/c/1", 0, phone="222222")) == ("222222", "authority")


def test_authority_decays_with_age_against_the_partys_newest_observation() -> None:
    old, new = member("erp/c/1", 0, title="clerk"), member("old/c/1", 2000, title="head")
    assert decided("title", old, new) == ("head", "authority")
    assert decided("title", old, member("old/c/1", 100, title="head")) == ("clerk", "authority")


def test_an_identifier_does_not_age() -> None:
    assert decided("vat", member("erp/c/1", 0, vat="DE136695976"), member("old/c/1", 3000, vat="DE129274202"))[0] == "DE136695976"


def test_of_equal_authority_the_most_recent_day_decides() -> None:
    assert decided("title", member("crm/c/1", 10, title="clerk"), member("mail/a/1", 12, title="head")) == ("head", "most_recent")


def test_of_one_day_the_most_frequent_decides() -> None:
    three = [member("crm/c/1", title="head"), member("crm/c/2", title="clerk"), member("mail/a/1", title="Clerk")]
    assert decided("title", *three)[1] == "most_frequent"
    assert decided("title", *three)[0].casefold() == "clerk"


def test_then_the_most_complete_decides() -> None:
    short, full = {"city": "Hamburg"}, {"street": "Kai 1", "city": "Bremen", "country": "DE"}
    assert decided("address", member("crm/c/1", address=short), member("mail/a/1", address=full)) == (full, "most_complete")


def test_then_the_smallest_reference_decides() -> None:
    assert decided("title", member("mail/a/1", title="boss"), member("crm/c/2", title="head")) == ("head", "record_ref")


def test_undated_is_earlier_than_any_date_and_is_worth_half() -> None:
    assert decided("title", member("crm/c/1", None, title="clerk"), member("mail/a/1", 0, title="head")) == ("head", "authority")


def test_a_records_first_value_is_its_word() -> None:
    entry = survive([member("crm/c/1", email=["a@x.de", "b@x.de"])], AUTHORITIES)["email"]
    assert (entry.value, entry.rule, [other["value"] for other in entry.also]) == ("a@x.de", "first_listed", ["b@x.de"])


def test_an_address_travels_whole() -> None:
    here, there = {"street": "Kai 1", "city": "Hamburg"}, {"city": "Bremen", "postcode": "28195", "country": "DE"}
    entry = survive([member("erp/c/1", 90, address=here), member("crm/c/1", 0, address=there)], AUTHORITIES)["address"]
    assert entry.value == here
    assert [other["value"] for other in entry.losing] == [there]


def test_given_and_family_name_travel_with_the_name() -> None:
    whole = member("crm/c/1", 9, name="Ann Lee", given_name="Ann", family_name="Lee")
    other = member("mail/a/1", 0, name="A. Leigh", given_name="A.", family_name="Leigh")
    entries = survive([whole, other], AUTHORITIES)
    assert {name: entries[name].record_ref for name in entries} == dict.fromkeys(("name", "given_name", "family_name"), "crm/c/1")


def test_a_name_without_parts_brings_no_parts_of_another() -> None:
    entries = survive([member("crm/c/1", 9, name="Ann Lee"), member("mail/a/1", 0, given_name="Bo", family_name="Ray")], AUTHORITIES)
    assert set(entries) == {"name"}
    assert [other["value"] for other in entries["name"].also] == ["Bo Ray"]


def test_a_name_is_made_of_its_parts_where_there_is_none() -> None:
    assert survive([member("crm/c/1", given_name="Ann", family_name="Lee")], AUTHORITIES)["name"].value == "Ann Lee"


def test_losing_values_keep_where_they_came_from() -> None:
    losing = survive([member("crm/c/1", 9, title="head"), member("mail/a/1", 0, title="clerk")], AUTHORITIES)["title"].losing
    assert losing == ({"value": "clerk", "source": "mail", "record_ref": "mail/a/1", "observed_at": day(0).isoformat()},)


def test_empty_values_are_no_values() -> None:
    assert survive([member("crm/c/1", title="", phone=[], address={}, email=[None])], AUTHORITIES) == {}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("DE136695976", "DE129274202", True),
        ("DE136695976", "DE 136 695 976", False),
        ("DE136695976", "ATU13585627", False),
    ],
)
def test_trusted_sources_contradict_each_other_within_one_country(left: str, right: str, expected: bool) -> None:
    assert survive([member("crm/c/1", vat=left), member("erp/c/1", vat=right)], AUTHORITIES)["vat"].conflict is expected


def test_an_untrusted_source_makes_no_conflict() -> None:
    entry = survive([member("crm/c/1", birth_date="1980-01-02"), member("old/c/1", birth_date="1981-01-02")], AUTHORITIES)["birth_date"]
    assert not entry.conflict
    assert len(entry.losing) == 1


def test_an_override_is_above_all_and_ends_a_conflict() -> None:
    members = [member("crm/c/1", birth_date="1980-01-02"), member("erp/c/1", birth_date="1981-01-02")]
    entry = survive(members, AUTHORITIES, [Override(5, "birth_date", "1979-01-01", "crm/c/1")])["birth_date"]
    assert (entry.value, entry.rule, entry.source, entry.override_id, entry.conflict) == ("1979-01-01", "override", "steward", 5, False)
    assert [other["value"] for other in entry.losing] == ["1981-01-02", "1980-01-02"]


def test_the_latest_of_two_overrides_holds() -> None:
    overrides = [Override(7, "title", "second", "crm/c/1"), Override(3, "title", "first", "mail/a/1")]
    entry = survive([member("crm/c/1", title="x"), member("mail/a/1", title="x")], AUTHORITIES, overrides)["title"]
    assert entry.value == "second"
    assert [other["value"] for other in entry.losing] == ["first", "x"]


def test_a_name_and_its_parts_fit_each_other_under_an_override() -> None:
    members = [member("crm/c/1", name="Ann Lee", given_name="Ann", family_name="Lee")]
    assert set(survive(members, AUTHORITIES, [Override(1, "name", "Bo Ray", "crm/c/1")])) == {"name"}
    assert survive(members, AUTHORITIES, [Override(1, "family_name", "Ray", "crm/c/1")])["name"].value == "Ann Ray"


WORDS = st.sampled_from(["a", "b", "c", "Cc"])
MEMBERS = st.lists(
    st.builds(
        lambda source, at, titles, names: member(f"{source}/c/1", at, title=titles, name=names),
        st.sampled_from(sorted(AUTHORITIES)),
        st.none() | st.integers(0, 900),
        st.lists(WORDS, max_size=2),
        st.lists(WORDS, max_size=2),
    ),
    max_size=4,
    unique_by=lambda each: each.ref,
)


@given(MEMBERS, st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(members: list[Member], random: Any) -> None:
    shuffled = random.sample(members, len(members))
    assert survive(members, AUTHORITIES) == survive(shuffled, AUTHORITIES)


@given(MEMBERS)
def test_no_distinct_value_is_lost(members: list[Member]) -> None:
    for attribute, entry in survive(members, AUTHORITIES).items():
        told = {entry.value.casefold(), *(other["value"].casefold() for other in (*entry.losing, *entry.also))}
        assert told == {value.casefold() for each in members for value in each.attributes[attribute]}


def versioned(ref: str, *versions: tuple[int | None, dict[str, list[Any]]]) -> Member:
    told = [Version(None if at is None else day(at), attributes) for at, attributes in versions]
    return Member(ref, ref.split("/")[0], told[-1].attributes, told[-1].since, told[-1].since, told)


def test_a_records_change_of_word_is_a_change_in_the_world() -> None:
    belief = believe([versioned("crm/c/1", (0, {"title": ["clerk"]}), (50, {"title": ["head"]}))], AUTHORITIES)
    assert [(each.entry.value, each.valid_from, each.valid_to) for each in belief.intervals] == [
        ("clerk", day(0), day(50)),
        ("head", day(50), None),
    ]
    assert belief.entries["title"].since == day(50)


def test_two_records_that_differ_tell_of_no_change() -> None:
    belief = believe([member("crm/c/1", 0, title="clerk"), member("mail/a/1", 50, title="head")], AUTHORITIES)
    assert [(each.entry.value, each.valid_to) for each in belief.intervals] == [("head", None)]


def test_a_value_that_did_not_change_goes_on_through_a_change_of_another() -> None:
    before, after = {"title": ["clerk"], "phone": ["111111"]}, {"title": ["head"], "phone": ["111111"]}
    belief = believe([versioned("crm/c/1", (0, before), (50, after))], AUTHORITIES)
    assert [each.valid_from for each in belief.intervals if each.attribute == "phone"] == [day(0)]


def test_a_value_that_is_gone_has_an_end_and_is_believed_no_longer() -> None:
    belief = believe([versioned("crm/c/1", (0, {"title": ["clerk"]}), (50, {"phone": ["111111"]}))], AUTHORITIES)
    assert set(belief.entries) == {"phone"}
    assert [(each.valid_from, each.valid_to) for each in belief.intervals if each.attribute == "title"] == [(day(0), day(50))]


def test_a_later_word_about_an_earlier_time_corrects_it() -> None:
    first, second, correction = (Version(day(at), {"title": [name]}) for at, name in ((0, "a"), (50, "b"), (20, "c")))
    assert [each.attributes["title"][0] for each in effective([first, second, correction])] == ["a", "c"]
    assert effective([first, second, Version(None, {})]) == [Version(None, {})]


@given(st.lists(st.tuples(st.none() | st.integers(0, 9), WORDS), min_size=1, max_size=6))
def test_what_is_believed_at_any_time_is_one_value(told: list[tuple[int | None, str]]) -> None:
    intervals = believe([versioned("crm/c/1", *((at, {"title": [word]}) for at, word in told))], AUTHORITIES).intervals
    for left, right in pairwise(intervals):
        assert left.valid_to == right.valid_from
        assert left.entry.value != right.entry.value
    assert intervals[-1].valid_to is None
    assert intervals[-1].entry.value == told[-1][1]


def test_a_country_by_name_and_by_code_is_one_country() -> None:
    assert canonical("address", {"city": "Lille", "country": "France"}) == canonical("address", {"city": "Lille", "country": "FR"})
    assert canonical("address", {"city": "Lille", "country": "France"}) != canonical("address", {"city": "Lille", "country": "DE"})
