"""What each attribute is to a golden record: how fast it ages, whether a party has one or several, and when two spellings say the same.

An attribute that is not named here ages like any other, has one value, and is equal where its words are.
"""

import json
import re
from functools import lru_cache
from typing import Any

from resolution.normalize import contacts, identifiers
from resolution.normalize.addresses import country_code
from resolution.normalize.identifiers import KEY
from resolution.records import ADDRESS

#: Years in which what a source says of the attribute loses half its authority; None where it does not age.
HALF_LIFE: dict[str, float | None] = {
    "name": 8.0,
    "birth_date": None,
    "vat": None,
    "tax_id": None,
    "registration_number": None,
    "lei": None,
    "duns": None,
    "language": None,
    "title": 2.0,
    "employer": 2.0,
    "status": 1.0,
}
USUAL_HALF_LIFE = 4.0

#: A party may have several of these at once: the golden record keeps the best, and the others beside it.
SEVERAL = frozenset({"name", "email", "phone", "website"})

#: A party has one of these (an identifier: one in each country that gives it): different values contradict each other.
EXCLUSIVE = ("birth_date", *sorted(identifiers.STRONG))

#: A person's name travels whole: these parts come from the record that gives the name.
NAME_PARTS = ("given_name", "family_name")

_WORDS = re.compile(r"[\W_]+")
_EXTENSION = re.compile(r"(ext|x|extension|durchwahl|#)[ .:]*\d{1,6}\s*$")
#: Digits at the end of a telephone number that tell it from others, with or without country code and trunk zero.
_TELLING_DIGITS = 9


def half_life(attribute: str) -> float | None:
    if attribute.startswith(KEY):
        return None
    return HALF_LIFE.get(attribute, USUAL_HALF_LIFE)


def has_several(attribute: str) -> bool:
    return attribute in SEVERAL or attribute.startswith(KEY)


def exclusive_scope(attribute: str, value: Any) -> str:
    """Within which scope one party has one value: values of the same scope contradict each other. '' where several may stand."""
    if not isinstance(value, str):
        return ""
    if attribute == "birth_date":
        return attribute
    if attribute not in identifiers.STRONG:
        return ""
    term = identifiers.term(attribute, value)
    return identifiers.conflict_scope(term) if term else ""


def canonical(attribute: str, value: Any) -> str:
    """Equal for two values exactly if they say the same."""
    if isinstance(value, str):
        return _canonical_text(attribute, value)
    if attribute == ADDRESS and isinstance(value, dict):
        parts = {part: country_code(str(text)) if part == "country" else _fold(str(text)) for part, text in value.items() if text}
        return json.dumps(parts, sort_keys=True)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


@lru_cache(maxsize=1 << 16)
def _canonical_text(attribute: str, value: str) -> str:
    match attribute:
        case "email":
            return value.strip().casefold()
        case "phone":
            digits = re.sub(r"\D", "", _EXTENSION.sub("", value.casefold()))
            return digits[-_TELLING_DIGITS:] or _fold(value)
        case "website":
            return contacts.domain(value) or _fold(value)
        case "birth_date":
            return contacts.date(value) or _fold(value)
    if attribute in identifiers.STRONG:
        return identifiers.term(attribute, value) or _fold(value)
    return value.strip() if attribute.startswith(KEY) else _fold(value)


def _fold(value: str) -> str:
    return _WORDS.sub(" ", value.casefold()).strip() or value


def completeness(value: Any) -> tuple[int, int]:
    """How much a value says: parts filled, and characters."""
    if isinstance(value, dict):
        filled = [str(part) for part in value.values() if part]
        return len(filled), sum(map(len, filled))
    return 1, len(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
