"""Transforms that need to know where a value was written: `day:de`, `decimal:fr-CH`, `money:en-US`, `phone:AT`.

A locale is a language, and a country where that makes a difference (BCP 47); for a phone or a currency a country alone will do. What is
written in a way of no locale (ISO 8601, a number of JSON) is read as that first. What two locales would read differently is never guessed:
without a locale it is refused.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any

import phonenumbers

from connectors.mapping import transforms
from connectors.mapping.transforms import Transform

_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "nb": "januar februar mars april mai juni juli august september oktober november desember",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta "
    "joulukuuta",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
}
#: No date or amount is longer. The patterns take time in the square of the length.
LONGEST = 100

#: Languages that are written with a point before the decimals.
_POINT = ("en", "zh", "ja", "ko", "th", "he")
_POINT_BY_COUNTRY = ("de-CH", "de-LI", "it-CH", "es-MX")
_YEAR_FIRST = ("zh", "ja", "ko", "hu", "lt")
_MONTH_FIRST = ("en-US", "en-PH")

_SIGNS = {
    "€": "EUR", "£": "GBP", "zł": "PLN", "Kč": "CZK", "₹": "INR", "₺": "TRY", "₪": "ILS", "₩": "KRW", "₴": "UAH", "US$": "USD",
    "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "R$": "BRL", "Fr.": "CHF", "Ft": "HUF", "lei": "RON",
}  # fmt: skip
#: Signs that mean another currency in another country.
_LOCAL = {
    "$": {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "MX": "MXN", "SG": "SGD", "HK": "HKD"},
    "kr": {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK"},
    "¥": {"JP": "JPY", "CN": "CNY"},
}
#: Languages -> the country that is meant, where its code is another.
_COUNTRIES = {
    "sv": "SE", "da": "DK", "nb": "NO", "no": "NO", "cs": "CZ", "ja": "JP", "zh": "CN", "ko": "KR", "he": "IL", "uk": "UA", "el": "GR",
    "et": "EE", "sl": "SI",
}  # fmt: skip

_TIME = r"(?:[ ,T]+(?:um )?(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?\s*([ap]\.?m\.?)?)?"
_NUMERIC = re.compile(rf"(\d{{1,4}})\s*[./\- ]\s*(\d{{1,2}})\s*[./\- ]\s*(\d{{1,4}})\.?{_TIME}", re.IGNORECASE)
_DAY_FIRST = r"(\d{1,2})(?:\.|er|º|st|nd|rd|th)?\s+(?:de\s+)?([^\W\d]+)\.?"
_NAME_FIRST = r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?"
_NAMED = re.compile(rf"(?:[^\W\d]+,?\s+)?(?:{_DAY_FIRST}|{_NAME_FIRST}),?\s+(?:de\s+)?(\d{{2,4}})", re.IGNORECASE)
_AMOUNT = re.compile(r"[-+−(]*\s*\d[\d.,'’\s]*[-)]?")


def moment(locale: str, value: Any) -> list[Any]:
    """A time as it is written there; UTC where no zone is given."""
    try:
        return transforms.moment(value)
    except ValueError:
        found = _date(str(value).strip(), locale)
        if found is None:
            raise
    return transforms.moment(found)


def day(locale: str, value: Any) -> list[Any]:
    """A day as it is written there, as YYYY-MM-DD."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return transforms.day(value)
    return [moment(locale, value)[0].date().isoformat()]


def decimal(locale: str, value: Any) -> list[Any]:
    """An amount as it is written there, with or without its currency."""
    if not isinstance(value, str):
        return transforms.decimal(value)
    return transforms.decimal(_number(value, locale))


def currency(locale: str, value: Any) -> list[Any]:
    """The code of the currency that an amount is written with; nothing where there is none. ValueError where its sign may mean several."""
    rest = _AMOUNT.sub(" ", value).strip() if isinstance(value, str) and len(value) <= LONGEST else ""
    if re.fullmatch(r"[A-Za-z]{3}", rest) and rest not in _SIGNS:
        return [rest.upper()]
    if not rest or rest in _SIGNS:
        return [_SIGNS[rest]] if rest else []
    known = _LOCAL.get(rest.rstrip(".").lower(), {}).get(_country(locale))
    if known is None:
        raise ValueError(f"{rest!r} is not the sign of one currency in {locale}")
    return [known]


def money(locale: str, value: Any) -> list[Any]:
    """Amount and currency, as `1234.50 EUR`."""
    return [" ".join(str(one) for one in (*decimal(locale, value), *currency(locale, value)))]


def phone(locale: str, value: Any) -> list[Any]:
    """A number as it is dialled from abroad, `+49301234567`; one that can't be read so is left as it is."""
    found = []
    for one in transforms.text(value):
        try:
            number = phonenumbers.parse(one, _country(locale))
            possible = phonenumbers.is_possible_number(number)
        except phonenumbers.NumberParseException:
            possible = False
        form = phonenumbers.PhoneNumberFormat.E164
        found.append(phonenumbers.format_number(number, form) if possible and not number.extension else one)
    return found


_TRANSFORMS: Mapping[str, Callable[[str, Any], list[Any]]] = {
    "moment": moment,
    "day": day,
    "decimal": decimal,
    "currency": currency,
    "money": money,
    "phone": phone,
}
#: Those for which a country is enough; how a date or an amount is written is a language's.
_BY_COUNTRY = ("currency", "phone")


@cache
def named(name: str) -> Transform:
    """The transform of that name, as a mapping table or a user says it. KeyError where there is none, ValueError for no locale."""
    plain, _, locale = name.partition(":")
    if not locale:
        return transforms.TRANSFORMS[plain]
    transform, found = _TRANSFORMS[plain], check(locale)
    if found.isupper() and plain not in _BY_COUNTRY:
        raise ValueError(f"{plain!r} needs the language as well as the country {found!r}, as in en-US or de-AT")
    return partial(transform, found)


def names() -> str:
    """All names, for a message."""
    return f"{', '.join(transforms.TRANSFORMS)}, and by locale {', '.join(f'{name}:LOCALE' for name in _TRANSFORMS)}"


def localised(name: str, locale: str) -> str:
    """The transform with the source's locale, where it needs one and has none."""
    return f"{name}:{locale}" if name in _TRANSFORMS else name


def check(locale: str) -> str:
    """The locale, written as we do. ValueError for what is none, or leaves open what is to be read."""
    language, _, country = locale.partition("-")
    if not re.fullmatch(r"[A-Za-z]{2}(-[A-Za-z]{2})?", locale):
        raise ValueError(f"{locale!r} is no locale; it looks like de or de-AT")
    if locale.lower() == "en":
        raise ValueError("in `en` a date may begin with its day or its month: say en-GB, en-US or another country")
    return f"{language.lower()}-{country.upper()}" if country else locale if locale.isupper() else locale.lower()


def _country(locale: str) -> str:
    """`AT` for de-AT and for AT; for a language alone, the country that it is named after."""
    language, _, country = locale.partition("-")
    return country or (locale if locale.isupper() else _COUNTRIES.get(language, language.upper()))


def _date(value: str, locale: str) -> datetime | None:
    """A date that is written in the order, or with the months' names, of the locale; ValueError where there is no such day."""
    if len(value) > LONGEST:
        return None
    if found := _NUMERIC.fullmatch(value):
        first, second, third, hour, minute, second_of, half = found.groups()
        if len(first) > 2 or locale[:2] in _YEAR_FIRST:
            year, month, number = first, second, third
        elif locale in _MONTH_FIRST:
            month, number, year = first, second, third
        else:
            number, month, year = first, second, third
        hours = int(hour or 0) % 12 + 12 * (half[0] in "pP") if half else int(hour or 0)
        return datetime(_year(year), int(month), int(number), hours, int(minute or 0), int(second_of or 0), tzinfo=UTC)
    if found := _NAMED.fullmatch(value):
        before, month, other, after, year = found.groups()
        number = _month(month or other, locale)
        return datetime(_year(year), number, int(before or after), tzinfo=UTC) if number else None
    return None


def _year(digits: str) -> int:
    """Two digits as POSIX reads them."""
    return int(digits) if len(digits) > 2 else int(digits) + (2000 if int(digits) < 69 else 1900)


def _month(name: str, locale: str) -> int | None:
    """By its name or its first letters, at least three, in the locale's language, else in English."""
    for language in (locale[:2], "en"):
        months = _MONTHS.get(language, "").split()
        found = [place for place, month in enumerate(months, 1) if len(name) >= 3 and month.startswith(name.lower())]
        if len(found) == 1:
            return found[0]
    return None


def _number(value: str, locale: str) -> Decimal:
    """ValueError where the marks are not set as the locale sets them."""
    found = _AMOUNT.search(value) if len(value) <= LONGEST else None
    if not found or len(_AMOUNT.findall(value)) > 1:
        raise ValueError(f"{value[:60]!r} is not one amount")
    digits = re.sub(r"[.,][-–—]+$", "", found[0].strip())  # `5,-` has no cents
    negative = digits.startswith(("-", "−", "(")) or digits.endswith("-")
    point = locale in _POINT_BY_COUNTRY or (locale[:2] in _POINT and locale != "en-ZA")
    mark, group = (r"\.", ",") if point else (",", r"\.")
    bare = re.sub(r"[-+−()\s'’\u00a0\u202f]", "", digits)
    if not re.fullmatch(rf"(\d+|\d{{1,3}}({group}\d{{2,3}})*{group}\d{{3}})({mark}\d+)?", bare):
        raise ValueError(f"{value[:60]!r} is not written as an amount is in {locale}")
    number = Decimal(re.sub(group, "", bare).replace(",", "."))
    return -number if negative else number
