"""What the values of party records mean: one table for all who read them, one record at a time or millions in columns.

A value's terms depend on that value alone, and a few terms on other values of the same record (a name on the record's city, a register
number on its country). A shortcut, of whole arrays, may only say of which values it is known how they read.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from resolution.normalize import contacts, identifiers, names, people
from resolution.normalize.kinds import ORGANIZATION, PERSON
from resolution.normalize.profile import Terms, one
from resolution.normalize.text import plain_text

#: Of which values something is certain; for each value one that reads the same.
Certain = Callable[[pa.StringArray], pa.BooleanArray]
Alike = Callable[[pa.StringArray], pa.StringArray]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source (an attribute, or a column read before) is read, of records of one kind or of all.

    as_is: of which values it is certain that they are their own and only term in `column`; alike: values that read the same.
    """

    source: str
    read: Callable[[str], Terms]
    kind: int | None = None
    column: str = ""
    as_is: Certain | None = None
    alike: Alike | None = None


def _matches(pattern: str, but: str = "") -> Certain:
    def certain(values: pa.StringArray) -> pa.BooleanArray:
        found = pc.match_substring_regex(values, pattern)
        return pc.and_not(found, pc.match_substring_regex(values, but)) if but else found

    return certain


def _bare_numbers(values: pa.StringArray) -> pa.BooleanArray:
    """Of 6 to 20 digits, the first no zero, and not one digit repeated."""
    size = pc.binary_length(values)
    usual = pc.and_(pc.ascii_is_decimal(values), pc.and_(pc.greater_equal(size, 6), pc.less_equal(size, 20)))
    return pc.and_not(pc.and_not(usual, pc.starts_with(values, "0")), pc.is_in(values, _no_numbers()))


@cache
def _no_numbers() -> pa.StringArray:
    return pa.array([digit * size for digit in "123456789" for size in range(6, 21)] + ["123456789", "1234567890"])


def _hosts(emails: pa.StringArray) -> pa.StringArray:
    """Addresses without what is before their "@"."""
    rest = pc.list_flatten(pc.list_slice(pc.split_pattern(emails, "@", max_splits=1), 1))
    return pc.replace_with_mask(emails, pc.match_substring(emails, "@"), pc.binary_join_element_wise("@", rest, ""))


def _plain_words(values: pa.StringArray) -> pa.BooleanArray:
    return pc.and_(pc.ascii_is_alnum(values), pc.equal(pc.ascii_lower(values), values))


def _plain_reading(source: str, column: str) -> Reading:
    return Reading(source, lambda raw: one(column, plain_text(raw)), None, column, _plain_words)


#: Attributes whose values say the same in every record of a kind.
READINGS: tuple[Reading, ...] = (
    Reading("given_name", people.given_name, PERSON),
    Reading("family_name", people.family_name, PERSON),
    Reading("birth_date", contacts.birth_date, PERSON),
    Reading("employer", names.employer, PERSON),
    Reading("website", contacts.website),
    Reading(
        "email",
        contacts.mailbox,
        column="email",
        as_is=_matches(r"^[a-z0-9._-]+@[a-z0-9.-]+$", but=r"@googlemail\.com$|\..*@gmail\.com$"),
    ),
    Reading("phone", contacts.telephone, column="phone", as_is=_bare_numbers),
    _plain_reading("industry", "category:industry"),
)

#: Columns whose terms say something in another column.
DERIVED: tuple[Reading, ...] = (
    Reading("email", contacts.work_domain, alike=_hosts),
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
