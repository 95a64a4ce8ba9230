"""A value is read as it was written where it was written; what may mean two things is refused and never guessed."""

from decimal import Decimal
from typing import Any

import pytest

from connectors import sources
from connectors.errors import ConfigurationError
from connectors.mapping import locales
from connectors.mapping.tables import Reader, own_cells


@pytest.mark.parametrize(
    ("transform", "value", "ours"),
    [
        ("day:de", "01.02.2026", "2026-02-01"),
        ("day:de", "1.2.26", "2026-02-01"),
        ("day:de", "1. Februar 2026", "2026-02-01"),
        ("day:de", "2026-02-01", "2026-02-01"),
        ("day:de-AT", "3. Mär 2026", "2026-03-03"),
        ("day:en-GB", "01/02/2026", "2026-02-01"),
        ("day:en-US", "01/02/2026", "2026-01-02"),
        ("day:en-US", "Feb 1, 2026", "2026-02-01"),
        ("day:en-US", "Sunday, February 1st, 2026", "2026-02-01"),
        ("day:fr", "1er février 2026", "2026-02-01"),
        ("day:es", "1 de febrero de 2026", "2026-02-01"),
        ("day:pl", "1 lutego 2026", "2026-02-01"),
        ("day:hu", "2026. 02. 01.", "2026-02-01"),
        ("day:ja", "2026/2/1", "2026-02-01"),
        ("day:de", "2026/2/1", "2026-02-01"),
        ("day:de", "31.12.68", "2068-12-31"),
        ("day:de", "31.12.69", "1969-12-31"),
        ("day:nl", "1-2-2026", "2026-02-01"),
        ("decimal:de", "1.234,50 €", Decimal("1234.50")),
        ("decimal:de", "1.234", Decimal(1234)),
        ("decimal:de", "-12,5", Decimal("-12.50")),
        ("decimal:de", "12,50-", Decimal("-12.50")),
        ("decimal:de", "5,-", Decimal(5)),
        ("decimal:de", 12.5, Decimal("12.50")),
        ("decimal:en-US", "$1,234.50", Decimal("1234.50")),
        ("decimal:en-US", "(1,234.50)", Decimal("-1234.50")),
        ("decimal:fr", "1\u202f234,50 €", Decimal("1234.50")),
        ("decimal:de-CH", "CHF 1’234.50", Decimal("1234.50")),
        ("decimal:en-IN", "12,34,567.00", Decimal("1234567.00")),
        ("decimal:en-GB", "1234567.891", Decimal("1234567.89")),
        ("currency:de", "1.234,50 €", "EUR"),
        ("currency:de", "1.234,50 usd", "USD"),
        ("currency:en-CA", "$5", "CAD"),
        ("currency:sv", "5 kr", "SEK"),
        ("money:de", "1.234,50 €", "1234.50 EUR"),
        ("money:en-US", "$1,234.50", "1234.50 USD"),
        ("money:de", "7", "7.00"),
        ("phone:DE", "030 1234567", "+49301234567"),
        ("phone:de-AT", "01 5138890", "+4315138890"),
        ("phone:de", "+44 20 7946 0958", "+442079460958"),
        ("phone:it", "06 698 12345", "+390669812345"),
        ("phone:us", "(212) 555-0123", "+12125550123"),
        ("phone:DE", "Durchwahl 7", "Durchwahl 7"),
        ("moment:en-US", "01/02/2026 2:30 pm", "2026-01-02T14:30:00+00:00"),
        ("moment:de", "01.02.2026 14:30", "2026-02-01T14:30:00+00:00"),
    ],
)
def test_a_value_is_read_as_it_is_written_there(transform: str, value: Any, ours: Any) -> None:
    (found,) = locales.named(transform)(value)
    assert (found.isoformat() if transform.startswith("moment") else found) == ours


@pytest.mark.parametrize(
    ("transform", "value"),
    [
        ("day", "01.02.2026"),
        ("day:de", "32.01.2026"),
        ("day:de", "1. Brumaire 2026"),
        ("day:en-US", "13/02/2026"),
        ("day:de", "soon"),
        ("decimal:de", "1,234.50"),
        ("decimal:de", "12.5"),
        ("decimal:en-US", "1.234,50"),
        ("decimal:de", "5 bis 7"),
        ("decimal:de", "viel"),
        ("currency:de", "5 $"),
        ("money:de", "5 $"),
    ],
)
def test_what_is_written_otherwise_is_refused(transform: str, value: str) -> None:
    with pytest.raises(ValueError):
        locales.named(transform)(value)


@pytest.mark.parametrize(
    ("transform", "value"), [("decimal:US", "1,234"), ("day:US", "03/04/2026"), ("money:CH", "5"), ("moment:GB", "1.2.26")]
)
def test_a_country_alone_does_not_say_how_dates_and_amounts_are_written(transform: str, value: str) -> None:
    with pytest.raises(ValueError, match="needs the language"):
        locales.named(transform)(value)
    assert locales.named("currency:US")("$5") == ["USD"]


def test_an_amount_without_a_currency_has_none() -> None:
    assert locales.named("currency:de")("12,50") == []


DECLARED = """
[[source]]
name = "crm"
kind = "hubspot"
secret = "env:TOKEN"
locale = "%s"

[source.mapping.companies]
since = ["since", "%s"]
tier = ["class", { A = "gold" }]
name = "firm"
"""


def test_the_locale_of_a_source_holds_for_its_own_fields_and_words_are_translated() -> None:
    (source,) = sources.parse(DECLARED % ("de", "day"))
    reader = Reader({"since": "01.02.2026", "class": "A", "firm": "X"})
    cells = own_cells(source.mapping["companies"])
    assert {name: reader.all(cell) for name, cell in cells.items()} == {"since": ["2026-02-01"], "tier": ["gold"], "name": ["X"]}
    assert Reader({"class": "C"}).all(cells["tier"]) == ["C"]


@pytest.mark.parametrize(
    ("locale", "transform", "said"), [("en", "day", "en-GB"), ("de", "dya", "day:LOCALE"), ("german", "day", "no locale")]
)
def test_what_is_declared_wrongly_is_told_with_its_line(locale: str, transform: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=rf":\d+ .*{said}"):
        sources.parse(DECLARED % (locale, transform))
