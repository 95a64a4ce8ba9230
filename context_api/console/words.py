"""How the console says things: names of attributes, dates, money, bits. Pure: what is given is text, which the templates escape."""

import difflib
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

LABELS = {
    "vat": "VAT number",
    "tax_id": "tax number",
    "lei": "LEI",
    "duns": "D-U-N-S",
    "email": "email",
    "emails": "all emails",
    "birth_date": "date of birth",
    "registration_number": "registration number",
    "organization": "organisation",
    "no_match": "not the same",
    "match": "same party",
    "language_model": "language model",
    "price_list": "price list",
    "only_value": "only value",
    "most_recent": "most recent",
    "most_frequent": "most frequent",
    "most_complete": "most complete",
}

ADDRESS_PARTS = ("street", "postcode", "city", "region", "country")
LONGEST_COMPARED = 300  # characters
WORD = re.compile(r"\w+|\W")  # a word, or one sign between words
LINKABLE = frozenset({"http", "https", "mailto"})


def label(name: str) -> str:
    """An attribute's or kind's name as a person would say it: "birth_date" is "date of birth", "key:erp" is "key in erp"."""
    if name.startswith("key:"):
        return f"key in {name[4:]}"
    return LABELS.get(name, name.replace("_", " "))


def sentence(words: str) -> str:
    """With a capital at the start, the rest as it is."""
    return words[:1].upper() + words[1:]


def value(thing: Any) -> str:
    """An attribute's value in one line: an address by its parts, a list by its members."""
    if thing is None:
        return ""
    if isinstance(thing, Mapping):
        if not any(thing.get(part) for part in ADDRESS_PARTS):
            return ", ".join(value(member) for member in thing.values() if member)
        street, postcode, city, region, country = (value(thing.get(part)) for part in ADDRESS_PARTS)
        return ", ".join(part for part in (street, f"{postcode} {city}".strip(), region, country) if part)
    if isinstance(thing, list | tuple):
        return " · ".join(value(member) for member in thing)
    if isinstance(thing, datetime | date):
        return day(thing)
    return str(thing)


def moment(thing: datetime | str | None) -> datetime | None:
    """The moment of an ISO 8601 string or datetime, in UTC; None where it is none."""
    if isinstance(thing, str):
        try:
            thing = datetime.fromisoformat(thing)
        except ValueError:
            return None
    if thing is None:
        return None
    return thing.astimezone(UTC) if thing.tzinfo else thing.replace(tzinfo=UTC)


def day(thing: datetime | date | str | None) -> str:
    """The date, as 3 Nov 2026; what is no date is given back as it is."""
    if isinstance(thing, date) and not isinstance(thing, datetime):
        return f"{thing.day} {thing:%b %Y}"
    when = moment(thing)
    return f"{when.day} {when:%b %Y}" if when else str(thing or "")


def minute(thing: datetime | str | None) -> str:
    """The date and time, as 3 Nov 2026 14:05 UTC."""
    when = moment(thing)
    return f"{day(when)} {when:%H:%M} UTC" if when else str(thing or "")


def percent(probability: float | None) -> str:
    """A probability as a percentage that never rounds to certainty."""
    if probability is None:
        return ""
    if 0.9995 <= probability < 1:
        return "> 99.9%"
    if 0 < probability < 0.0005:
        return "< 0.1%"
    digits = 1 if (0.99 < probability < 1) or 0 < probability < 0.01 else 0
    return f"{probability * 100:.{digits}f}%"


def bits(weight: float | None) -> str:
    """A match weight with its sign, as +7.2 or −3.0."""
    if weight is None:
        return ""
    if not math.isfinite(weight):
        return "∞" if weight > 0 else "−∞"
    rounded = f"{abs(weight):.1f}"
    return rounded if rounded == "0.0" else f"{'+' if weight > 0 else '−'}{rounded}"


def odds(weight: float | None) -> str:
    """What bits mean: +3 is "8 times likelier if they are the same"."""
    if weight is None or not math.isfinite(weight) or abs(weight) < 0.05:
        return "says nothing either way"
    return f"{_times(weight)} times likelier if they are {'the same' if weight > 0 else 'different'}"


def standing(weight: float | None) -> str:
    """What a whole weight comes to: +3 is "8.0 to 1 that they are the same"."""
    if weight is None or not math.isfinite(weight) or abs(weight) < 0.05:
        return "an even chance"
    return f"{_times(weight)} to 1 that they are {'the same' if weight > 0 else 'different'}"


def _times(weight: float) -> str:
    times = 2 ** min(abs(weight), 60)
    return f"{times:.1f}" if times < 10 else f"{times:,.0f}" if times < 1e6 else "over a million"


def suspected(reason: str) -> str:
    """Why a party may be more than one, as said of it or of the two records in which that lies."""
    said = {"chain": "Half of its pairs or more would not match by themselves, as in a chain.", "weak link": "It hangs on a weak link:"}
    return said.get(reason, f"Two of its records differ in their {label(reason.removeprefix('different ').replace(' ', '_'))}:")


def money(amount: Decimal | float | str | None, currency: str | None = None) -> str:
    """An amount with thousands marked and its currency."""
    if amount is None:
        return ""
    try:
        number = Decimal(str(amount))
    except ArithmeticError:
        return str(amount)
    return f"{number:,.2f} {currency or ''}".strip()


def count(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 record", "3 records"; plural is for nouns that take no s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def link(address: str | None) -> str | None:
    """The address where a browser may follow it; None for anything but http, https and mailto."""
    if not address:
        return None
    try:
        return address if urlsplit(address).scheme.lower() in LINKABLE else None
    except ValueError:
        return None


def segment(text: str) -> str:
    """Text as one segment of a path."""
    return quote(text, safe="")


def differences(text: str, other: str) -> list[tuple[bool, str]]:
    """The text cut into runs of (differs, text) against the other, by words, case ignored: what both have stands unmarked."""
    if max(len(text), len(other)) > LONGEST_COMPARED:
        return [(text != other, text)]
    pieces, others = WORD.findall(text), WORD.findall(other)
    matcher = difflib.SequenceMatcher(None, [one.casefold() for one in pieces], [one.casefold() for one in others], autojunk=False)
    return [(tag != "equal", "".join(pieces[i:j])) for tag, i, j, _, _ in matcher.get_opcodes() if j > i]
