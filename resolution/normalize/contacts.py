"""Emails, phones, web domains and dates in one spelling; role mailboxes and free-mail domains are told apart here, once."""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from resolution.normalize.profile import Terms, one
from resolution.normalize.text import latin
from resolution.normalize.vocabulary import table, words

if TYPE_CHECKING:
    import tldextract

ROLES = words("roles")
FREE_MAIL = words("free_mail")
#: How many mailboxes or phones of one value are read.
MOST_IN_ONE = 8

_DOTTED_LOCALS = frozenset(("gmail.com", "googlemail.com"))


def is_role(email: str) -> bool:
    """Whether a normalised address is a function's and not a person's (info@, billing@)."""
    local = email.partition("@")[0]
    return local in ROLES or local.replace("-", ".").split(".")[0] in ROLES


def domain_of(email: str) -> str:
    return email.rpartition("@")[2]


def is_free_mail(domain: str) -> bool:
    return domain in FREE_MAIL


def email(raw: str) -> str | None:
    """A lower-case address without display name, `+tag` and Gmail's dots; null for text without any letter or digit."""
    value = latin(raw).lower()
    if " " in value or not value.isprintable():
        value = value.translate(_BLANKS)
    if "<" in value:
        inside, closed, _ = value.rpartition("<")[2].partition(">")
        value = inside if closed else value
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
    """The addresses in one value; several may stand in it, between commas, semicolons or spaces."""
    if raw.count("@") < 2:
        return one("email", email(raw))
    return tuple(term for found in _SEVERAL_MAILBOXES.findall(raw)[:MOST_IN_ONE] for term in one("email", email(found)))


def work_domain(email: str) -> Terms:
    """The registrable domain of a normalised address that is no free mail's."""
    host = email.partition("@")[2]
    if host in FREE_MAIL or not _HOST_NAME.fullmatch(host):
        return ()
    return one("domain", (_registrable(host) or host) if host.count(".") > 1 else host)


_SEVERAL_MAILBOXES = re.compile(r"[^\s,;<>()\"]+@[^\s,;<>()\"]+")
_SEVERAL_PHONES = re.compile(r"[;,|\n]|\s/\s|\sor\s")
_EXTENSION = re.compile(r"(ext|x|extension|durchwahl|#)[ .:]*\d{1,6}\s*$")
_NOT_DIGIT = re.compile(r"[^0-9]+")
_NO_NUMBER = re.compile(r"1+|2+|3+|4+|5+|6+|7+|8+|9+|1234567890?")


def phone(raw: str) -> str | None:
    """Digits only: after "+" or "00" with the country code, else without the trunk zero; an extension is cut; fewer than six digits or
    one digit repeated becomes null. Two spellings of one number are equal, or one is the end of the other."""
    value = latin(raw)
    value = value if value.isdigit() else _EXTENSION.sub("", value.lower()).replace("(0)", "")
    value = _NOT_DIGIT.sub("", value).lstrip("0")
    return None if len(value) < 6 or _NO_NUMBER.fullmatch(value) else value


def telephone(raw: str) -> Terms:
    """The numbers in one value; several may stand in it, each of six digits at least."""
    pieces = _SEVERAL_PHONES.split(raw)[:MOST_IN_ONE] if len(raw) > 12 else [raw]
    if len(pieces) < 2 or any(sum(map(str.isdigit, piece)) < 6 for piece in pieces):
        return one("phone", phone(raw))
    return tuple(term for piece in pieces for term in one("phone", phone(piece)))


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


_ISO = re.compile(r"\d{4}-\d\d-\d\d$")
_YEAR_FIRST = re.compile(r"^(\d{4})\D{0,5}(\d{1,2})\D{0,5}(\d{1,2})(?:\D|$)")
_YEAR_LAST = re.compile(r"^(\d{1,2})\D{1,3}(\d{1,2})\D{1,3}(\d{4})(?:\D|$)")
_WORD, _NUMBER = re.compile("[a-z]{3,}"), re.compile("[0-9]+")
_MONTHS = table("months")
_LIKE_DIGITS = re.compile(r"(?<=\d)[lIOo]|[lIOo](?=\d)")  # as scanners and typists confuse them
_NO_DATES = frozenset(("00000000", "00010101", "99991231"))


def date(text: str) -> str | None:
    """Eight digits YYYYMMDD where the parts can be told, else the digits as they are; four digits for a bare year. Day before month where
    both are possible."""
    text = latin(text).strip()
    if _ISO.match(text):
        found = f"{text[:4]}{text[5:7]}{text[8:]}"
    elif worded := _worded_date(text.lower()):
        found = worded
    elif year_first := _YEAR_FIRST.match(text := _LIKE_DIGITS.sub(lambda found: "0" if found.group() in "Oo" else "1", text)):
        found = _date(*year_first.groups())
    elif year_last := _YEAR_LAST.match(text):
        day, month, year = year_last.groups()
        found = _date(year, day, month) if int(month) > 12 >= int(day) else _date(year, month, day)
    else:
        found = re.sub(r"\D", "", text)[:8]
    return found if found and found not in _NO_DATES else None


def _date(year: str, month: str, day: str) -> str:
    return f"{year}{month:0>2}{day:0>2}"


def _worded_date(text: str) -> str | None:
    """The date where its month is a word and all its parts are there: "3. April 1990", "Apr 3, 1990", "3 de abril de 1990"."""
    words = _WORD.findall(text)
    if not words:
        return None
    numbers = _NUMBER.findall(text)
    month = next((number for word in words for number in (_MONTHS.get(word[:4]), _MONTHS.get(word[:3])) if number), None)
    year = next((number for number in numbers if len(number) == 4), None)
    day = next((number for number in numbers if len(number) < 3), None)
    return _date(year, month, day) if year and month and day else None


def birth_date(raw: str) -> Terms:
    return one("birth_date", date(raw))
