"""The console's words say what they are given, never more certain than it is, and never let an address run."""

from datetime import UTC, datetime

import pytest

from context_api.console import words


@pytest.mark.parametrize(
    ("probability", "said"),
    [(1.0, "100%"), (0.99999, "> 99.9%"), (0.9987, "99.9%"), (0.62, "62%"), (0.00001, "< 0.1%"), (0.0, "0%"), (None, "")],
)
def test_a_probability_never_rounds_to_certainty(probability: float | None, said: str) -> None:
    assert words.percent(probability) == said


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil", "http://[", ""]
)
def test_only_addresses_of_the_web_and_of_mail_become_links(address: str) -> None:
    assert words.link(address) is None


def test_web_and_mail_addresses_stay_as_they_are() -> None:
    assert words.link("https://crm.example/companies/1?a=b") == "https://crm.example/companies/1?a=b"
    assert words.link("mailto:anna@acme.example") == "mailto:anna@acme.example"


def test_bits_carry_their_sign_and_nothing_has_none() -> None:
    assert [words.bits(weight) for weight in (7.25, -3.04, 0.01, float("inf"), None)] == ["+7.2", "−3.0", "0.0", "∞", ""]
    assert words.odds(3) == "8.0 times likelier if they are the same"
    assert words.standing(-1.5) == "2.8 to 1 that they are different"
    assert words.standing(0.0) == "an even chance"
    assert words.odds(-100) == "over a million times likelier if they are different"


def test_an_address_is_one_line_in_the_order_of_an_envelope() -> None:
    assert words.value({"country": "DE", "city": "Hamburg", "street": "Kai 1"}) == "Kai 1, Hamburg, DE"
    assert words.value({"city": "Toulouse", "postcode": "31034", "country": ""}) == "31034 Toulouse"
    assert words.value(["a", {"city": "Bonn"}]) == "a · Bonn"
    assert words.value({"since": "2020", "plan": "gold"}) == "2020, gold"


def test_times_are_said_in_utc_and_what_is_no_time_is_left_alone() -> None:
    assert words.minute("2026-11-03T23:30:00-02:00") == "4 Nov 2026 01:30 UTC"
    assert words.day(datetime(2026, 1, 5)) == "5 Jan 2026"  # noqa: DTZ001 - a time without a zone is what is tried
    assert words.day("in spring") == "in spring"
    assert words.minute(datetime(2026, 1, 5, 7, 8, tzinfo=UTC)) == "5 Jan 2026 07:08 UTC"


def test_money_that_is_no_number_is_said_as_it_came() -> None:
    assert words.money("12300.5", "EUR") == "12,300.50 EUR"
    assert words.money("a lot", "EUR") == "a lot"


@pytest.mark.parametrize(
    ("text", "other"),
    [("Nordwind Pumpen GmbH", "NORDWIND pumps"), ("ẞtraße", "STRASSE"), ("", "x"), ("a" * 1000, "a" * 999), ("İstanbul", "istanbul")],
)
def test_what_is_marked_and_unmarked_is_together_the_text(text: str, other: str) -> None:
    assert "".join(run for _, run in words.differences(text, other)) == text


def test_case_alone_is_not_marked_as_a_difference() -> None:
    assert words.differences("ACME", "Acme") == [(False, "ACME")]
    assert words.differences("Acme GmbH", "Acme") == [(False, "Acme"), (True, " GmbH")]


def test_case_alone_is_no_difference_whatever_the_letters() -> None:
    assert words.differences("ÉTIENNE STRAßE", "Étienne Straße") == [(False, "ÉTIENNE STRAßE")]
    assert words.differences("ÉTIENNE SA", "Étienne SAS") == [(False, "ÉTIENNE "), (True, "SA")]


def test_whole_words_are_marked() -> None:
    assert words.differences("Nordwind (Kassel)", "Nordwind (Kiel)") == [(False, "Nordwind ("), (True, "Kassel"), (False, ")")]
    assert words.differences("Nordwind (Kassel)", "Nordwind") == [(False, "Nordwind"), (True, " (Kassel)")]


def test_why_a_party_may_be_more_than_one_is_said_in_the_words_of_the_page() -> None:
    assert words.suspected("different birth date") == "Two of its records differ in their date of birth:"
    assert words.suspected("chain").endswith("as in a chain.")
