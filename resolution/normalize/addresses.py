"""Addresses as one term each, since the parts of an address travel together: number, street, city, region, postcode, country, by
SEPARATOR."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from resolution.normalize.text import plain_text, usable, without_umlauts
from resolution.normalize.vocabulary import table

SEPARATOR = "\x1f"
PARTS = ("number", "street", "city", "region", "postcode", "country")

_SHORT = table("streets")
_COUNTRIES = {name: code for code, names in table("countries").items() for name in names.split("|")}
_NUMBER = re.compile(r"(?<![a-z0-9])(\d+ ?[a-z]?)(?![a-z0-9])")
_GERMAN_STREET = re.compile(r"(?<=[a-z]{3})(strasse|str)\b")


def street_words(street: str) -> str:
    """A plain street with its usual abbreviations, and German compounds split: "hauptstrasse 5" -> "haupt st 5"."""
    split = _GERMAN_STREET.sub(" st", street) if "str" in street else street
    return without_umlauts(" ".join([_SHORT.get(word, word) for word in split.split()]))


def place(raw: str) -> str:
    """The plain name of a city or region, its umlauts as one letter: Muenchen, München, Munchen."""
    return without_umlauts(plain_text(raw))


def postcode(raw: str) -> str:
    """Letters and digits only, without leading zeros (spreadsheets lose them) and the last four digits of ZIP+4."""
    value = plain_text(raw).replace(" ", "")
    if len(value) == 9 and value.isdigit():
        value = value[:5]
    return value.lstrip("0")


def country_code(country: str) -> str:
    """ISO 3166-1 alpha-2 in lower case where the country is known by that name, else its name folded."""
    folded = plain_text(country)
    return _COUNTRIES.get(folded, folded)


def strings_of(address: Mapping[str, object]) -> Mapping[str, str]:
    """The parts of an address that can be read."""
    return {name: value for name, value in address.items() if usable(value)}


class Street(NamedTuple):
    """What the lines of a street say: their words, the house number in them (the first number that stands alone), the words without it."""

    words: str
    number: str
    bare: str


def street_of(line: str, second: str) -> Street:
    """The street in two raw lines."""
    words = street_words(f"{plain_text(line)} {plain_text(second)}" if second else plain_text(line))
    found = _NUMBER.search(words)
    if not found:
        return Street(words, "", words)
    return Street(words, found.group().replace(" ", ""), f"{words[: found.start()].rstrip()} {words[found.end() :].lstrip()}".strip())


#: How the parts besides the street are read.
OTHER_PARTS: Mapping[str, Callable[[str], str]] = {
    "number": plain_text,
    "city": place,
    "region": place,
    "postcode": postcode,
    "country": country_code,
}


def address_term(parts: Mapping[str, str]) -> str:
    """The term of an address, of whose parts (street, number, street2, city, region, postcode, country) any may be missing; '' where
    nothing is in it."""
    read = {name: convert(parts[name]) if parts.get(name) else "" for name, convert in OTHER_PARTS.items()}
    street = street_of(parts.get("street") or "", parts.get("street2") or "")
    read["street"] = street.words if read["number"] else street.bare
    read["number"] = read["number"] or street.number
    return SEPARATOR.join(read[name] for name in PARTS) if any(read.values()) else ""
