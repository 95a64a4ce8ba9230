"""Emails, phones, web domains and dates in one spelling; role mailboxes and free-mail domains are told apart here, once."""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii
from numpy.typing import NDArray

from resolution.normalize.profile import Terms, one
from resolution.normalize.vocabulary import words

if TYPE_CHECKING:
    import tldextract

ROLES = words("roles")
FREE_MAIL = words("free_mail")
_DOTTED_LOCALS = frozenset(("gmail.com", "googlemail.com"))


def is_role(email: str) -> bool:
    """Whether a normalised address is a function's and not a person's (info@, billing@)."""
    local = email.partition("@")[0]
    return local in ROLES or local.replace("-", ".").split(".")[0] in ROLES


def domain_of(email: str) -> str:
    return email.rpartition("@")[2]


def is_free_mail(domain: str) -> bool:
    return domain in FREE_MAIL


def sorts(emails: pa.StringArray) -> NDArray[np.int8]:
    """Of each normalised address: 0 for a mailbox at work, 1 for one at a free-mail provider, 2 for a function's (as `is_role`)."""
    local = pc.replace_substring_regex(emails, "@.*$", "")
    roles = pa.array(sorted(ROLES))
    role = pc.or_(pc.is_in(local, roles), pc.is_in(pc.replace_substring_regex(local, "[-.].*$", ""), roles))
    free = pc.is_in(pc.replace_substring_regex(emails, "^.*@", ""), pa.array(sorted(FREE_MAIL)))
    found: NDArray[np.int8] = pc.if_else(role, 2, pc.if_else(free, 1, 0)).to_numpy(zero_copy_only=False).astype(np.int8)
    return found


def email(raw: str) -> str | None:
    """A lower-case address without display name, `+tag` and Gmail's dots; null for text without any letter or digit."""
    value = (raw if raw.isascii() else anyascii(raw)).lower().translate(_BLANKS)
    inside, closed, _ = value.rpartition("<")[2].partition(">")
    if closed:
        value = inside
    value = value.removeprefix("mailto:")
    local, at, domain = value.rpartition("@")
    if at:
        local = local.partition("+")[0] or local
        if domain in _DOTTED_LOCALS:
            local, domain = local.replace(".", ""), "gmail.com"
        value = f"{local}@{domain}"
    return value if _LETTER_OR_DIGIT.search(value) else None


_BLANKS = dict.fromkeys((*range(33), 127))  # spaces and control characters, to be left out
_LETTER_OR_DIGIT = re.compile("[a-z0-9]")
_HOST_NAME = re.compile(r"[^@]+\.[a-z]+")


def is_personal(raw: str) -> bool:
    """Whether a raw address is a person's own."""
    found = email(raw)
    return found is not None and not is_role(found)


def mailbox(raw: str) -> Terms:
    return one("email", email(raw))


def work_domain(email: str) -> Terms:
    """The domain of a normalised address that is no free mail's."""
    domain = email.partition("@")[2]
    return (("domain", domain),) if domain not in FREE_MAIL and _HOST_NAME.fullmatch(domain) else ()


_EXTENSION = re.compile(r"(ext|x|extension|durchwahl|#)[ .:]*\d{1,6}\s*$")
_NOT_DIGIT = re.compile(r"[^0-9]+")
_NO_NUMBER = re.compile(r"1+|2+|3+|4+|5+|6+|7+|8+|9+|1234567890?")


def phone(raw: str) -> str | None:
    """Digits only: after "+" or "00" with the country code, else without the trunk zero; an extension is cut; fewer than six digits or
    one digit repeated becomes null. Two spellings of one number are equal, or one is the end of the other."""
    value = raw if raw.isascii() else anyascii(raw)
    value = value if value.isdigit() else _EXTENSION.sub("", value.lower()).replace("(0)", "")
    value = _NOT_DIGIT.sub("", value).lstrip("0")
    return None if len(value) < 6 or _NO_NUMBER.fullmatch(value) else value


def telephone(raw: str) -> Terms:
    return one("phone", phone(raw))


@cache
def _extract() -> "tldextract.TLDExtract":
    import tldextract  # here, since it is slow to import and many records have no website

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the snapshot in the package: no request, no file


_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?/*(?:[^/@]*@)?([^/:?#\s]+)")


def domain(website: str) -> str | None:
    """The registrable domain of a URL, host or bare domain ("https://www.shop.acme.co.uk/x" -> "acme.co.uk"), or null."""
    found = _HOST.match(website.strip().lower())
    return _registrable(found.group(1)) if found else None


@lru_cache(4096)
def _registrable(host: str) -> str | None:
    return _extract()(host).top_domain_under_public_suffix or None


def website(raw: str) -> Terms:
    return one("domain", domain(raw))


_YEAR_FIRST = re.compile(r"^(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?:\D|$)")
_ISO = re.compile(r"\d{4}-\d\d-\d\d$")
_YEAR_LAST = re.compile(r"^(\d{1,2})\D(\d{1,2})\D(\d{4})(?:\D|$)")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: f"{number:02}" for number, name in enumerate(_MONTH_NAMES, 1)}
_MONTH_NAME = re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?", re.IGNORECASE)


def date(text: str) -> str | None:
    """Eight digits YYYYMMDD where the parts can be told, else the digits as they are; four digits for a bare year. Day before month where
    both are possible."""
    text = text.strip()
    if not text.isascii():
        text = anyascii(text)
    if _ISO.match(text):
        return f"{text[:4]}{text[5:7]}{text[8:]}"
    if text.upper() != text.lower():
        text = _MONTH_NAME.sub(lambda found: _MONTHS[found.group(1).lower()], text)
    if year_first := _YEAR_FIRST.match(text):
        year, month, day = year_first.groups()
    elif year_last := _YEAR_LAST.match(text):
        day, month, year = year_last.groups()
        if int(month) > 12 >= int(day):
            day, month = month, day
    else:
        return re.sub(r"\D", "", text)[:8] or None
    return f"{year}{month:0>2}{day:0>2}"


def birth_date(raw: str) -> Terms:
    return one("birth_date", date(raw))
