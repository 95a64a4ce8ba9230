"""Emails, phones, web domains and dates in one spelling; role mailboxes and free-mail domains are told apart here, once."""

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.normalize.text import each, to_ascii
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


def emails(values: pa.StringArray) -> pa.StringArray:
    """Lower-case addresses without display name, `+tag` and Gmail's dots; text without any letter or digit becomes null."""
    values = pc.utf8_trim_whitespace(pc.utf8_lower(to_ascii(values)))
    values = pc.replace_substring_regex(values, r"^.*<([^<>]*)>.*$", r"\1")
    values = pc.replace_substring_regex(values, r"^mailto:|\s+", "")
    special = pc.match_substring_regex(values, r"\+.*@|@g(oogle)?mail\.com$")
    if pc.any(special).as_py():
        values = pc.replace_with_mask(values, special, each(_special_email)(values.filter(special)))
    return pc.if_else(pc.match_substring_regex(values, "[a-z0-9]"), values, pa.scalar(None, pa.string()))


def _special_email(email: str) -> str:
    local, _, domain = email.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTTED_LOCALS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def phones(values: pa.StringArray) -> pa.StringArray:
    """Digits only: after "+" or "00" with the country code, else without the trunk zero; an extension is cut; fewer than six digits or
    one digit
    repeated becomes null. Two spellings of one number are equal, or one is the end of the other."""
    values = pc.replace_substring_regex(pc.utf8_lower(values), r"(ext|x|extension|durchwahl|#)[ .:]*\d{1,6}\s*$", "")
    values = pc.replace_substring_regex(values, r"\(0\)", "")
    values = pc.replace_substring_regex(values, r"\D", "")
    values = pc.replace_substring_regex(values, "^0+", "")
    useless = pc.or_(pc.less(pc.utf8_length(values), 6), pc.match_substring_regex(values, "^(1+|2+|3+|4+|5+|6+|7+|8+|9+|1234567890?)$"))
    return pc.if_else(useless, pa.scalar(None, pa.string()), values)


@cache
def _extract() -> "tldextract.TLDExtract":
    import tldextract  # here, since it is slow to import and many records have no website

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the snapshot in the package: no request, no file


_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?/*(?:[^/@]*@)?([^/:?#\s]+)")


def domain(website: str) -> str | None:
    """The registrable domain of a URL, host or bare domain ("https://www.shop.acme.co.uk/x" -> "acme.co.uk"), or null."""
    found = _HOST.match(website.strip().lower())
    if not found:
        return None
    return _extract()(found.group(1)).top_domain_under_public_suffix or None


def dates(values: pa.StringArray) -> pa.StringArray:
    """Eight digits YYYYMMDD where the parts can be told, else the digits as they are; four digits for a bare year."""
    return each(date)(values)


_YEAR_FIRST = re.compile(r"^(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?:\D|$)")
_YEAR_LAST = re.compile(r"^(\d{1,2})\D(\d{1,2})\D(\d{4})(?:\D|$)")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: f"{number:02}" for number, name in enumerate(_MONTH_NAMES, 1)}
_MONTH_NAME = re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?", re.IGNORECASE)


def date(text: str) -> str | None:
    """`dates` of one string. Day before month where both are possible."""
    text = _MONTH_NAME.sub(lambda found: _MONTHS[found.group(1).lower()], text.strip())
    if year_first := _YEAR_FIRST.match(text):
        year, month, day = year_first.groups()
    elif year_last := _YEAR_LAST.match(text):
        day, month, year = year_last.groups()
        if int(month) > 12 >= int(day):
            day, month = month, day
    else:
        return re.sub(r"\D", "", text)[:8] or None
    return f"{year}{month:0>2}{day:0>2}"
