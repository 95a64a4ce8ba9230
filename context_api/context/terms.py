"""What a party can be found by: names, addresses of mail, numbers, keys, each as one record says it.

Both sides of a search are folded by the same function, so `Krämer`, `Kraemer` and `KRAMER` meet, and `DE 123.456` meets `de123456`.
A term belongs to one record of one source, so a caller who may not see that source can't find by it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii

from context_api.access import attribute_class

#: Attributes by which a party is told apart from all others; a caller who gives one expects one party.
IDENTIFIERS = ("email", "phone", "vat", "tax_id", "registration_number", "lei", "duns", "website")
KEY_PREFIX = "key:"
RECORD_KEY = "record key"

LONGEST = 200  # characters of a folded value: more does not fit an index and tells nobody apart
MOST = 100  # terms of one record
PHONE_DIGITS = 7  # compared from the end, since the same number is written with and without its country


@dataclass(frozen=True, slots=True)
class Term:
    """One way to find a party. `value` is folded, `shown` is as the source writes it."""

    meaning: str
    value: str
    shown: str
    data_class: str


def of_record(kind: str, key: str, attributes: Mapping[str, Sequence[Any]]) -> list[Term]:
    """The terms of a party record, each once, in a fixed order; at most 100."""
    found: dict[tuple[str, str], Term] = {}
    for meaning, shown in _stated(key, attributes):
        value = fold(meaning, shown)
        if value:
            found.setdefault((meaning, value), Term(meaning, value, shown[:LONGEST], attribute_class(kind, meaning)))
    return [found[term] for term in sorted(found)[:MOST]]


def _stated(key: str, attributes: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, str]]:
    yield RECORD_KEY, key
    parts = [str(values[0]) for part in ("given_name", "family_name") if (values := attributes.get(part))]
    if parts:
        yield "name", " ".join(parts)
    for attribute, values in attributes.items():
        if attribute == "name" or attribute in IDENTIFIERS or attribute.startswith(KEY_PREFIX):
            for value in values:
                if isinstance(value, str):
                    yield attribute, value


def fold(meaning: str, value: str) -> str:
    """The value as it is compared, or "" where nothing is left of it."""
    if meaning == "name":
        return folded_words(value)[:LONGEST].strip()
    if meaning == "email":
        return value.strip().lower()[:LONGEST]
    if meaning == "phone":
        digits = re.sub(r"\D", "", value)
        return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else ""
    if meaning == "website":
        return domain(value)[:LONGEST]
    return code(value)[:LONGEST]


def folded_words(text: str) -> str:
    """Lower-case ASCII words; a vowel and the e that spells its umlaut become the vowel: krämer, kraemer -> kramer."""
    plain = anyascii(text).lower().replace("'", "")
    plain = re.sub(r"([aou])e", r"\1", plain)
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def code(value: str) -> str:
    """Letters and digits, lower case: `ABC-001` -> `abc001`."""
    return re.sub(r"[^a-z0-9]", "", anyascii(value).lower())


def domain(value: str) -> str:
    """`https://www.acme.com/shop` -> `acme.com`."""
    host = re.sub(r"^[a-z]+://", "", value.strip().lower()).split("/")[0].split("@")[-1].split(":")[0]
    return host.removeprefix("www.")


def candidates(text: str) -> list[str]:
    """Every folded value that the text, taken as one identifier, may mean; an email or a web address is never read as a code."""
    text = text.strip()
    if "@" in text:
        return [fold("email", text)]
    values = [code(text)]
    if re.fullmatch(r"[+()\d\s./-]+", text):
        values.append(fold("phone", text))
    if "." in text and " " not in text:
        values.append(domain(text))
    return [value[:LONGEST] for value in dict.fromkeys(values) if value]
