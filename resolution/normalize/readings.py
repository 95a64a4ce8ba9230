"""What the values of party records mean: one table for all who read them, one record at a time or millions in columns.

A value's terms depend on that value alone, and a few terms on other values of the same record (a name on the record's city, a register
number on its country). A shortcut may only say of which values a reading is known without reading them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from resolution.normalize import contacts, identifiers, names
from resolution.normalize.kinds import ORGANIZATION, PERSON
from resolution.normalize.profile import Terms, named
from resolution.normalize.text import plain_text

Shortcut = Callable[[pa.StringArray], pa.BooleanArray]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source (an attribute, or a column read before) is read, of records of one kind or of all.

    as_is: of which values it is certain that they are their own term in `column`; silent: of which that they say nothing.
    """

    source: str
    read: Callable[[str], Terms]
    kind: int | None = None
    column: str = ""
    as_is: Shortcut | None = None
    silent: Shortcut | None = None


def _matches(pattern: str, but: str = "") -> Shortcut:
    def shortcut(values: pa.StringArray) -> pa.BooleanArray:
        found = pc.match_substring_regex(values, pattern)
        return pc.and_not(found, pc.match_substring_regex(values, but)) if but else found

    return shortcut


def _plain_reading(source: str, column: str) -> Reading:
    return Reading(source, lambda raw: named(((column, plain_text(raw)),)), None, column, _matches("^[a-z0-9]+$"))


#: Attributes whose values say the same in every record of a kind.
READINGS: tuple[Reading, ...] = (
    Reading("given_name", names.given_name, PERSON),
    Reading("family_name", names.family_name, PERSON),
    Reading("birth_date", contacts.birth_date, PERSON),
    Reading("employer", names.employer, PERSON),
    Reading("website", contacts.website),
    Reading(
        "email",
        contacts.mailbox,
        column="email",
        as_is=_matches(r"^[a-z0-9._-]+@[a-z0-9.-]+$", but=r"@googlemail\.com$|\..*@gmail\.com$"),
    ),
    Reading(
        "phone", contacts.telephone, column="phone", as_is=_matches("^[1-9][0-9]{5,}$", but="^(1+|2+|3+|4+|5+|6+|7+|8+|9+|1234567890?)$")
    ),
    _plain_reading("industry", "category:industry"),
)

#: Columns whose terms say something in another column.
DERIVED: tuple[Reading, ...] = (
    Reading("email", contacts.work_domain, silent=_matches(f"@({'|'.join(sorted(map(str, contacts.FREE_MAIL)))})$".replace(".", r"\."))),
    Reading("domain", names.workplace, PERSON),
)

_OWN_COLUMN = ("category:", "code:")
_IDENTIFIERS = ("vat", "tax_id", "registration_number", "lei", "duns")


def readings_of(attributes: Collection[str]) -> tuple[Reading, ...]:
    """The readings of a record's attributes, those of own columns (`code:<x>`) among them."""
    own = sorted(attribute for attribute in attributes if attribute.startswith(_OWN_COLUMN))
    return READINGS + tuple(_plain_reading(attribute, attribute) for attribute in own)


def identifiers_of(attributes: Collection[str]) -> list[str]:
    """Which attributes hold identifiers, in the order of their terms."""
    keys = sorted(attribute for attribute in attributes if attribute.startswith(identifiers.KEY))
    return [attribute for attribute in _IDENTIFIERS if attribute in attributes] + keys


@dataclass(frozen=True, slots=True)
class Clue:
    """What tells the kind of a record that does not say it: a value of `attribute` of which `holds`; `named`: only where it has a name."""

    attribute: str
    holds: Callable[[str], bool]
    kind: int
    named: bool = False


def _anything(raw: str) -> bool:
    return bool(raw.strip())


#: From the strongest on; a bare name is a person's if it comes with a personal email.
CLUES: tuple[Clue, ...] = (
    Clue("name", lambda raw: names.has_legal_form(plain_text(raw)), ORGANIZATION),
    *(Clue(attribute, _anything, PERSON) for attribute in ("given_name", "family_name", "birth_date", "employer")),
    *(Clue(attribute, _anything, ORGANIZATION) for attribute in ("vat", "registration_number", "lei", "duns")),
    Clue("email", contacts.is_personal, PERSON, named=True),
    Clue("name", _anything, ORGANIZATION),
)

Texts = Mapping[str, Sequence[str]]
