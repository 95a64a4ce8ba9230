"""The made world: its identifiers are right, its errors are there, and it is the same for the same seed. No files, no network."""

import email
from collections import Counter
from datetime import datetime
from email import policy
from random import Random

import phonenumbers
import pytest
from stdnum.eu import vat
from stdnum.gb import vat as british
from stdnum.us import ein

from crosswalk.sandbox.correspondence import Correspondence, Correspondent, Message
from crosswalk.sandbox.crm import Crm, make_crm
from crosswalk.sandbox.crm_search import SearchError, search_ids
from crosswalk.sandbox.erp import Erp, make_erp
from crosswalk.sandbox.erp_domain import DomainError, matches
from crosswalk.sandbox.faults import Faults, RateLimit
from crosswalk.sandbox.identifiers import vat_number, write_phone
from crosswalk.sandbox.maildir import compose
from crosswalk.sandbox.parties import World, slug
from crosswalk.sandbox.trade import Trade, make_trade
from crosswalk.sandbox.truth import Truth
from crosswalk.sandbox.vocabulary import COUNTRIES
from crosswalk.sandbox.world import make_world

MOMENT = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001
Made = tuple[World, Trade, Truth, Crm, Erp]


def make(seed: int, size: int) -> Made:
    world = make_world(seed, size)
    trade, truth = make_trade(world), Truth()
    crm = make_crm(world, trade, truth)
    return world, trade, truth, crm, make_erp(world, trade, truth, crm)


@pytest.fixture(scope="module")
def made() -> Made:
    return make(7, 400)


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda one: one.code)
def test_vat_numbers_have_right_check_digits(country):
    check = {"GB": british.is_valid, "US": ein.is_valid}.get(country.code, vat.is_valid)
    rng = Random(1)
    drawn = [vat_number(country.code, rng) for _ in range(300)]
    assert [number for number in drawn if not check(number)] == []


def test_telephone_numbers_are_valid_in_their_country(made):
    world = made[0]
    numbers = [one.switchboard for one in world.organizations] + [person.mobile for person in world.people]
    numbers += [job.phone for person in world.people for job in person.employments if job.phone]
    assert [number for number in numbers if not phonenumbers.is_valid_number(phonenumbers.parse(number))] == []


def test_every_way_of_writing_a_telephone_number_reads_back_as_the_number(made):
    for one in made[0].organizations[:80]:
        for style in range(5):
            read = phonenumbers.parse(write_phone(one.switchboard, one.country, style), one.country.code)
            assert phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164) == one.switchboard


def test_the_same_seed_makes_the_same_company_and_another_seed_another():
    first, again, other = make(3, 60), make(3, 60), make(4, 60)
    assert (first[3], first[4], first[2].parties) == (again[3], again[4], again[2].parties)
    assert first[3].companies != other[3].companies


def test_vat_numbers_customer_numbers_and_addresses_of_people_belong_to_one_only(made):
    world = made[0]
    for values in (
        [one.vat for one in world.organizations if one.vat],
        [one.customer_number for one in world.organizations if one.number],
        [job.email for person in world.people for job in person.employments],
    ):
        assert [value for value, count in Counter(values).items() if count > 1] == []


def test_the_crm_holds_no_address_twice(made):
    held = [one["properties"].get("email") for one in made[3].contacts.values()]
    assert [value for value, count in Counter(filter(None, held)).items() if count > 1] == []


def test_every_party_record_of_crm_and_erp_has_a_true_party(made):
    _, _, truth, crm, erp = made
    expected = {f"crm/{kind}/{key}" for kind in ("companies", "contacts") for key in getattr(crm, kind)}
    expected |= {f"erp/customers/{key}" for key in erp.models["res.partner"]}
    assert set(truth.parties) == expected


def test_money_adds_up(made):
    erp = made[4]
    paid = {one["reconciled_invoice_ids"][0]: one["amount"] for one in erp.models["account.payment"].values()}
    for key, invoice in erp.models["account.move"].items():
        assert invoice["amount_residual"] == round(invoice["amount_total"] - paid.get(key, 0), 2)
        assert invoice["payment_state"] == ("paid" if not invoice["amount_residual"] else "partial" if key in paid else "not_paid")


def test_a_customer_is_billed_under_another_name_with_only_the_vat_number_in_common(made):
    _, _, truth, crm, erp = made
    centres = {key: one for key, one in erp.models["res.partner"].items() if str(one["name"]).endswith("Shared Services")}
    assert centres
    for key, centre in centres.items():
        party = truth.parties[f"erp/customers/{key}"]
        known = [ref.rsplit("/", 1)[1] for ref, one in truth.parties.items() if one == party and ref.startswith("crm/companies/")]
        entries = [crm.companies[company]["properties"] for company in known]
        assert any(entry.get("vat_number", "").replace(" ", "") == centre["vat"] for entry in entries)
        assert all(slug(centre["name"]) != slug(entry["name"]) and entry.get("zip") != centre["zip"] for entry in entries)


def test_times_of_change_never_lie_after_the_sandbox_s_day(made):
    world, _, _, crm, erp = made
    assert max(one["updatedAt"] for one in [*crm.contacts.values(), *crm.companies.values()])[:10] <= str(world.today)
    assert max(one["write_date"] for model in erp.models.values() for one in model.values())[:10] <= str(world.today)


def test_mail_reads_back_as_written():
    sender = Correspondent("Krämer, Jörg", "j.kraemer@example.com", "Jörg", ("Jörg Krämer", "T +49 40 123"), "person:1")
    receiver = Correspondent('A "quick" Buyer', "buyer@example.com", "A", (), "person:2")
    subject = "Störung an der Anlage, " * 6 + "bitte dringend"
    first = Message("000001.1.ab@example.com", MOMENT, sender, [receiver], subject, "Grüße\n\naus Wien", "de")
    answer = Message("000001.2.cd@example.com", MOMENT, sender, [receiver], "Re: x", "ja", "de", "alternative", [], first, ("list",))
    read = email.message_from_bytes(compose(answer, {"list": ("l.pdf", "application/pdf", b"%PDF-1")}), policy=policy.default)
    plain = read.get_body(("plain",))
    assert not read.defects
    assert plain is not None
    assert plain.get_content().startswith("ja\n\n-- \nJörg Krämer\n")
    assert "Grüße" in plain.get_content()
    assert [(part.get_filename(), part.get_content()) for part in read.iter_attachments()] == [("l.pdf", b"%PDF-1")]
    assert read["References"] == "<000001.1.ab@example.com>"
    again = email.message_from_bytes(compose(first, {}), policy=policy.default)
    assert (again["From"].addresses[0].display_name, again["Subject"]) == ("Krämer, Jörg", subject)
    assert [(one.display_name, one.addr_spec) for one in again["To"].addresses] == [('A "quick" Buyer', "buyer@example.com")]


def test_mail_is_written_at_office_hours_and_never_in_the_future(made):
    world, trade, truth, _, _ = made
    messages = Correspondence(world, trade, truth).messages
    assert all(one.sent.date() <= world.today and one.sent.weekday() < 5 and 6 <= one.sent.hour < 19 for one in messages)
    assert {one.style for one in messages} == {"plain", "alternative", "html"}


RECORDS = {
    str(key): {"archived": key == 4, "properties": {"name": name, "amount": amount, "hs_lastmodifieddate": f"2026-0{key}-01T00:00:00.000Z"}}
    for key, name, amount in ((1, "Ada", "9.00"), (2, "Bob", "10.00"), (3, "Cyd", None), (4, "Gone", "1"))
}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], ["1", "2", "3"]),
        ([("hs_lastmodifieddate", "GTE", "1769904000000")], ["2", "3"]),
        ([("hs_lastmodifieddate", "GTE", "2026-02-01T00:00:00Z")], ["2", "3"]),
        ([("amount", "GT", "9")], ["2"]),
        ([("name", "EQ", "ada")], ["1"]),
        ([("amount", "NOT_HAS_PROPERTY", None)], ["3"]),
        ([("name", "NEQ", "Ada"), ("amount", "LTE", 10)], ["2"]),
    ],
)
def test_crm_search_finds_what_the_filters_say(filters, found):
    asked = {"filterGroups": [{"filters": [{"propertyName": name, "operator": sign, "value": value} for name, sign, value in filters]}]}
    assert search_ids("companies", RECORDS, asked if filters else {}) == found


def test_crm_search_refuses_an_unknown_operator_and_sorts_numbers_as_numbers():
    with pytest.raises(SearchError):
        search_ids("companies", RECORDS, {"filterGroups": [{"filters": [{"propertyName": "name", "operator": "IS"}]}]})
    asked = {"sorts": [{"propertyName": "amount", "direction": "DESCENDING"}]}
    assert search_ids("companies", RECORDS, asked) == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("domain", "holds"),
    [
        ([], True),
        ([["name", "=", "Ada"], ["age", ">", 30]], True),
        (["|", ["name", "=", "Bob"], ["age", "<=", 36]], True),
        (["&", ["name", "=", "Ada"], "!", ["age", "in", [36]]], False),
        (["!", "|", ["vat", "!=", False], ["age", "=", 1]], True),
        ([["parent", "=", 7]], True),
        ([["parent", "ilike", "acme"]], True),
        ([["vat", ">", "2020-01-01"]], False),
    ],
)
def test_erp_domains_hold_as_written(domain, holds):
    assert matches(domain, {"name": "Ada", "age": 36, "vat": False, "parent": [7, "Acme"]}) is holds


@pytest.mark.parametrize("domain", ["x", ["&", ["a", "=", 1]], [["a", "="]], [["b", "=", 1]], [["a", "~", 1]], [["a", "in", 1]]])
def test_a_malformed_erp_domain_is_refused(domain):
    with pytest.raises(DomainError):
        matches(domain, {"a": 1})


def test_a_rate_limit_lets_pass_what_it_says_and_says_how_long_to_wait():
    now = [0.0]
    limit = RateLimit(2, 10.0, "TEN_SECONDLY_ROLLING", lambda: now[0])
    assert [limit.take(), limit.take(), limit.take()] == [(1, 0.0), (0, 0.0), (0, 10.0)]
    now[0] = 10.5
    assert limit.take() == (1, 0.0)


def test_faults_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="kinds"):
        Faults(0.5, kinds=("fire",))
