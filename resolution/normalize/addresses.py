"""Addresses as one term each, since the parts of an address travel together: number, street, city, region, postcode, country, by
SEPARATOR."""

import re
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from resolution.normalize.text import each, map_distinct, plain, plain_text
from resolution.normalize.vocabulary import table

SEPARATOR = "\x1f"
PARTS = ("number", "street", "city", "region", "postcode", "country")

_SHORT = table("streets")
_COUNTRIES = {name: code for code, names in table("countries").items() for name in names.split("|")}
_NUMBER = re.compile(r"(?<![a-z0-9])(\d+ ?[a-z]?)(?![a-z0-9])")
_GERMAN_STREET = re.compile(r"(?<=[a-z]{3})(strasse|str)\b")


def street_words(street: str) -> str:
    """A plain street with its usual abbreviations, and German compounds split: "hauptstrasse 5" -> "haupt st 5"."""
    return " ".join(_SHORT.get(word, word) for word in _GERMAN_STREET.sub(" st", street).split())


def _number_of(street: str) -> str | None:
    """The house number in a plain street: the first free-standing number, at the front or the end."""
    found = _NUMBER.findall(street)
    return found[0].replace(" ", "") if found else None


def _without_number(street: str) -> str:
    return " ".join(_NUMBER.sub(" ", street, count=1).split())


def _postcodes(values: pa.StringArray) -> pa.StringArray:
    """Letters and digits only, without leading zeros (spreadsheets lose them) and the last four digits of ZIP+4."""
    values = pc.replace_substring_regex(plain(values), " ", "")
    values = pc.replace_substring_regex(values, r"^(\d{5})\d{4}$", r"\1")
    return pc.replace_substring_regex(values, "^0+", "")


def country_code(country: str) -> str:
    """ISO 3166-1 alpha-2 in lower case where the country is known by that name, else its name folded."""
    folded = plain_text(country)
    return _COUNTRIES.get(folded, folded)


def address_terms(parts: Mapping[str, pa.Array], count: int) -> pa.StringArray:
    """The term of each of `count` addresses, or null where nothing is in it.

    parts: of street, number, street2, city, region, postcode, country those that the source has, each string[count].
    """
    blank = pa.array([""] * count, pa.string())

    def folded(name: str) -> pa.Array:
        return pc.fill_null(map_distinct(parts[name], plain), "") if name in parts else blank

    raw_street = pc.utf8_trim(pc.binary_join_element_wise(folded("street"), folded("street2"), " "), " ")
    street, number = map_distinct(raw_street, each(street_words)), folded("number")
    own = pc.fill_null(map_distinct(street, each(_number_of)), "")
    takes = pc.and_(pc.equal(number, ""), pc.not_equal(own, ""))
    street = pc.if_else(takes, map_distinct(street, each(_without_number)), street)
    number = pc.if_else(takes, own, number)
    postcode = pc.fill_null(map_distinct(parts["postcode"], _postcodes), "") if "postcode" in parts else blank
    country = map_distinct(folded("country"), each(country_code))
    term = pc.binary_join_element_wise(number, street, folded("city"), folded("region"), postcode, country, SEPARATOR)
    return pc.if_else(pc.equal(term, SEPARATOR * (len(PARTS) - 1)), pa.scalar(None, pa.string()), term)
