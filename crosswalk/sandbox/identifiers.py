"""Identifiers that pass their own checks: VAT numbers with right check digits, telephone numbers of the country's plan.

They are drawn, not looked up; that one of them is in use somewhere is possible and means nothing.
"""

import string
from random import Random

from stdnum.at import uid
from stdnum.es import cif
from stdnum.iso7064 import mod_11_10
from stdnum.luhn import calc_check_digit as luhn

from crosswalk.sandbox.vocabulary import Country

_EIN_PREFIXES = ("12", "13", "20", "26", "27", "36", "45", "46", "47", "81", "82", "83")


def pattern(form: str, rng: Random) -> str:
    """The form with a digit for every # and a capital letter for every @."""
    return "".join(
        rng.choice(string.digits) if sign == "#" else rng.choice("ABDEFGHJLNPQRSTUWXYZ") if sign == "@" else sign for sign in form
    )


def vat_number(country: str, rng: Random) -> str:
    """A VAT number with its country's prefix, or an EIN for the United States (`12-3456789`)."""
    digits = str(rng.randrange(1, 10)) + pattern("########", rng)
    return _MAKERS[country](digits, rng)


def _german(digits: str, _: Random) -> str:
    return "DE" + digits[:8] + str(mod_11_10.calc_check_digit(digits[:8]))


def _austrian(digits: str, _: Random) -> str:
    return "ATU" + digits[:7] + str(uid.calc_check_digit("U" + digits[:7]))


def _french(digits: str, _: Random) -> str:
    siren = digits[:8] + str(luhn(digits[:8]))
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _british(digits: str, _: Random) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), digits[:7], strict=True))
    return f"GB{digits[:7]}{97 - total % 97:02d}"


def _dutch(digits: str, rng: Random) -> str:
    check = sum((9 - place) * int(digit) for place, digit in enumerate(digits[:8])) % 11
    if check == 10:
        return vat_number("NL", rng)
    return f"NL{digits[:8]}{check}B01"


def _spanish(digits: str, rng: Random) -> str:
    body = rng.choice("AB") + f"{int(digits[0]) + 10}" + digits[1:6]
    return "ES" + body + str(cif.calc_check_digits(body))[0]


def _italian(digits: str, rng: Random) -> str:
    body = digits[:7] + f"{rng.randrange(1, 100):03d}"
    return "IT" + body + str(luhn(body))


def _american(digits: str, rng: Random) -> str:
    return f"{rng.choice(_EIN_PREFIXES)}-{digits[:7]}"


_MAKERS = {
    "DE": _german, "AT": _austrian, "FR": _french, "GB": _british, "NL": _dutch, "ES": _spanish, "IT": _italian, "US": _american,
}  # fmt: skip


def landline(country: Country, area: str, rng: Random) -> str:
    """A landline in E.164. In France the area is one digit and the rest eight of a narrower range."""
    if country.code == "FR":
        return f"+33{area}" + {"1": "4", "3": "2", "4": "7", "5": "5"}[area] + pattern("#######", rng)
    return f"+{country.dial}{area}{rng.randrange(2, 9)}{pattern(country.landline[1:], rng)}"


def mobile(country: Country, rng: Random) -> str:
    """A mobile number in E.164."""
    return f"+{country.dial}{pattern(rng.choice(country.mobile), rng)}"


def extension(switchboard: str, number: int) -> str:
    """The direct line behind a switchboard ending in 0: the digits of the extension take its place."""
    return f"{switchboard[:-1]}{number}"


def write_phone(number: str, country: Country, style: int) -> str:
    """One of the five ways people write a telephone number; style 0 is E.164."""
    national = number[len(country.dial) + 1 :]
    area, rest = national[:3], national[3:]
    pairs = " ".join(rest[at : at + 2] for at in range(0, len(rest), 2))
    if country.code == "US":
        office, line = rest[:3], rest[3:]
        forms = (
            number, f"({area}) {office}-{line}", f"{area}-{office}-{line}", f"+1 {area} {office} {line}", f"{area}.{office}.{line}",
        )  # fmt: skip
    else:
        forms = (
            number, f"+{country.dial} {area} {rest}", f"{country.trunk}{area}/{rest}" if country.trunk else f"{area} {rest}",
            f"00{country.dial} {area} {pairs}", f"{country.trunk}{area} {pairs}",
        )  # fmt: skip
    return forms[style % len(forms)]
