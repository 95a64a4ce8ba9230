"""Relationships follow from claims, their earlier versions, and keys that exactly one employer has."""

from datetime import UTC, datetime, timedelta

from resolution.golden.relationships import Claim, Claimant, Claims, Clue, affiliation_keys, relate
from resolution.golden.survivorship import Authority, Member, survive

AUTHORITIES = {"crm": Authority(0.7), "erp": Authority(0.8)}
HOLDERS = {"crm/companies/1": "pty_a", "crm/companies/2": "pty_b", "erp/customers/1": "pty_a"}


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def employed(ref: str, at: int, *to: str, title: str = "") -> Claimant:
    claims = [Claim("employment", each, ref, {"title": title}, None, None) for each in to]
    return Claimant(ref, ref.split("/")[0], day(at), [Claims(day(at), claims)])


def test_a_claim_of_a_record_that_nobody_holds_yet_says_nothing() -> None:
    assert relate("pty_p", [employed("crm/contacts/1", 0, "crm/companies/9")], HOLDERS, AUTHORITIES) == []


def test_a_claim_within_one_party_is_dropped() -> None:
    assert relate("pty_a", [employed("crm/companies/1", 0, "erp/customers/1")], HOLDERS, AUTHORITIES) == []


def test_what_two_sources_claim_is_one_relationship_with_both_as_evidence() -> None:
    claimants = [
        employed("crm/contacts/1", 5, "crm/companies/1", title="clerk"),
        employed("erp/customers/7", 3, "erp/customers/1", title="head"),
    ]
    (found,) = relate("pty_p", claimants, HOLDERS, AUTHORITIES)
    assert (found.to_party, found.evidence, found.attributes) == ("pty_a", ("crm/contacts/1", "erp/customers/7"), {"title": "head"})
    assert (found.valid_from, found.valid_to) == (day(3), None)


def test_a_record_that_changed_its_employer_gives_a_past_one_and_a_present_one() -> None:
    claim = Claim("employment", "crm/companies/1", "crm/contacts/1", {}, None, None)
    versions = [Claims(day(0), [claim]), Claims(day(40), [claim._replace(to="crm/companies/2")])]
    first, second = relate("pty_p", [Claimant("crm/contacts/1", "crm", day(40), versions)], HOLDERS, AUTHORITIES)
    assert (first.to_party, first.valid_from, first.valid_to) == ("pty_a", day(0), day(40))
    assert (second.to_party, second.valid_from, second.valid_to) == ("pty_b", day(40), None)


def test_a_newer_claim_of_the_same_source_ends_the_older() -> None:
    claimants = [employed("crm/contacts/1", 0, "crm/companies/1"), employed("crm/contacts/2", 40, "crm/companies/2")]
    assert [(each.to_party, each.valid_to) for each in relate("pty_p", claimants, HOLDERS, AUTHORITIES)] == [
        ("pty_a", day(40)),
        ("pty_b", None),
    ]


def test_one_record_may_name_two_employers() -> None:
    found = relate("pty_p", [employed("crm/contacts/1", 0, "crm/companies/1", "crm/companies/2")], HOLDERS, AUTHORITIES)
    assert [each.valid_to for each in found] == [None, None]


def test_an_employer_is_inferred_unless_a_record_as_new_names_one() -> None:
    clue = Clue("pty_b", "domain:b.de", "mail/addresses/x@b.de", "crm/companies/2", day(20))
    assert [each.to_party for each in relate("pty_p", [], {}, AUTHORITIES, [clue])] == ["pty_b"]
    older, newer = employed("crm/contacts/1", 0, "crm/companies/1"), employed("crm/contacts/1", 30, "crm/companies/1")
    assert [each.to_party for each in relate("pty_p", [older], HOLDERS, AUTHORITIES, [clue])] == ["pty_a", "pty_b"]
    assert [each.to_party for each in relate("pty_p", [newer], HOLDERS, AUTHORITIES, [clue])] == ["pty_a"]


def test_a_free_mail_address_tells_no_employer() -> None:
    person = survive([Member("crm/c/1", "crm", {"email": ["x@gmail.com", "x@sub.acme.co.uk"], "employer": ["Acme Ltd"]})], AUTHORITIES)
    assert set(affiliation_keys("person", person)) == {("works_at", "domain:acme.co.uk"), ("works_at", "name:acme")}
    assert affiliation_keys("organization", survive([Member("crm/c/2", "crm", {"website": ["https://gmail.com"]})], AUTHORITIES)) == {}
