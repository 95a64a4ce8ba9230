"""Identifiers as terms "type:VALUE"; a mark after the type says that the check digits are wrong: "vat?:DE123"."""

import re
from functools import lru_cache

import stdnum.lei
from stdnum.eu import vat as eu_vat

#: Types whose agreement decides and whose disagreement forbids.
STRONG = frozenset({"vat", "tax_id", "lei", "duns", "registration_number"})
KEY = "key:"
CODE = "code:"

_COUNTRY_PREFIX = re.compile(r"^[A-Z]{2}")
_JUNK = re.compile(r"^(0+|X+|NA|NONE|NULL|TBD|TBA|UNKNOWN|123456789?|9+)$")


@lru_cache(4096)
def term(kind: str, raw: str, country: str = "") -> str | None:
    """The term of a raw identifier of a kind; `country` (ISO 3166-1 alpha-2) completes a VAT number given without it. Null for what says
    nothing."""
    if kind.startswith(KEY):
        return f"{kind}:{raw.strip()}" if raw.strip() else None
    value = re.sub(r"[^A-Z0-9]", "", raw.upper())
    if len(value) < 3 or _JUNK.match(value):
        return None
    if kind == "vat":
        return _vat(value, country.upper())
    if kind == "lei":
        return f"lei:{value}" if stdnum.lei.is_valid(value) else f"lei?:{value}"
    if kind == "duns":
        return f"duns:{value}" if re.fullmatch(r"\d{9}", value) else f"duns?:{value}"
    if kind == "registration_number" and country:
        return f"registration_number:{country.upper()}-{value}"
    return f"{kind}:{value}"


def _vat(value: str, country: str) -> str:
    if not _COUNTRY_PREFIX.match(value) and len(country) == 2:
        value = country + value
    if value[:2].lower() in eu_vat.MEMBER_STATES | {"el"} and not eu_vat.is_valid(value):
        return f"vat?:{value}"
    return f"vat:{value}"


def kind_of(identifier: str) -> str:
    """The type of a term; marked ones keep their mark: "vat?:DE123" -> "vat?", "key:erp:ABC" -> "key:erp"."""
    head, _, rest = identifier.partition(":")
    return f"{head}:{rest.partition(':')[0]}" if f"{head}:" in (KEY, CODE) else head


def is_strong(identifier: str) -> bool:
    kind = kind_of(identifier)
    return kind in STRONG or kind.startswith(KEY)


def conflict_scope(identifier: str) -> str:
    """Within which scope one party has one value: the type, and for VAT and registers the country too. '' for what a party may have
    several of."""
    kind, value = kind_of(identifier), identifier.rpartition(":")[2]
    if kind == "vat":
        return f"vat:{value[:2]}"
    if kind == "registration_number":
        return f"registration_number:{value.partition('-')[0]}" if "-" in value else "registration_number"
    return kind if kind in STRONG else ""
