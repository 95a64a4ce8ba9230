"""The table of comparisons: what each reads, its levels in words, and its definition as a function of one pair of values.

A new comparison of a column is a row here: its definition, and where many pairs of its values are expected a shortcut from `bounds`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from resolution.compare import address, bounds, likeness, organization, traits
from resolution.compare.terms import Terms
from resolution.normalize import contacts
from resolution.normalize.features import PERSON, UNKNOWN

MISSING = -1

Definition = Callable[[str, str], int]
Shortcut = Callable[[Terms, bounds.Codes, bounds.Codes], bounds.LevelCodes]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of two values of a column.

    levels: in words, from 0 = different; different: the level of two different values, the smaller one first; shortcut: the same of many
    pairs, or UNSURE (where absent nothing is certain); equal: the level of a value with itself (where absent the top one); equals: the
    same of many values; shared: the word that two different values share at a level, or ''.
    """

    levels: tuple[str, ...]
    different: Definition
    shortcut: Shortcut | None = None
    equal: Callable[[str], int] | None = None
    equals: Callable[[Terms, bounds.Codes], bounds.LevelCodes] | None = None
    shared: Callable[[str, str, int], str] | None = None


def _given_name_itself(value: str) -> int:
    return 2 if len(value) == 1 else 5


def _email_itself(value: str) -> int:
    return 5 if contacts.is_role(value) else 6


def _emails_themselves(terms: Terms, codes: bounds.Codes) -> bounds.LevelCodes:
    level: bounds.LevelCodes = 6 - (terms.trait(traits.mailboxes).sort[codes] == 2).astype(np.int8)
    return level


COMPARISONS: Mapping[str, Comparison] = {
    "given": Comparison(
        ("different", "similar", "initial agrees", "nearly the same", "nickname", "same"),
        likeness.given_names,
        bounds.given_names,
        equal=_given_name_itself,
    ),
    "family": Comparison(
        ("different", "similar", "in part the same", "nearly the same", "same"), likeness.family_names, bounds.family_names
    ),
    "middle": Comparison(("different", "in part the same", "same"), likeness.middle_names, bounds.middle_names),
    "generation": Comparison(("different", "may be the same", "same"), likeness.generations),
    "birth_date": Comparison(
        ("different", "within ten years", "within a year", "two digits off", "one digit off", "same"),
        likeness.birth_dates,
        bounds.birth_dates,
    ),
    "email": Comparison(
        (
            "different",
            "of different sorts",
            "told apart by a number",
            "same name elsewhere",
            "nearly the same",
            "same shared mailbox",
            "same",
        ),
        likeness.emails,
        bounds.emails,
        equal=_email_itself,
        equals=_emails_themselves,
    ),
    "phone": Comparison(("different", "one digit off", "same but for the prefix", "same"), likeness.phones, bounds.phones),
    "workplace": Comparison(("different", "similar", "same"), likeness.workplaces, bounds.workplaces),
    "name": Comparison(
        (
            "different",
            "a word in common",
            "one within the other",
            "same but for general words",
            "initials",
            "nearly the same",
            "same words",
            "same",
        ),
        organization.organization_names,
        bounds.organization_names,
        shared=organization.shared_word,
    ),
    "branch": Comparison(("different", "nearly the same", "same"), likeness.categories, bounds.categories),
    "domain": Comparison(("different", "nearly the same", "same but for the ending", "same"), likeness.domains, bounds.domains),
}
#: Those of columns whose names begin so.
FAMILIES: Mapping[str, Comparison] = {
    "code": Comparison(("different", "two characters off", "one character off", "same"), likeness.codes, bounds.codes),
    "category": Comparison(("different", "nearly the same", "same"), likeness.categories, bounds.categories),
}
#: Those of the parts of an address.
PARTS: Mapping[str, Comparison] = {
    "street": Comparison(("other", "near", "same"), address.streets, bounds.streets),
    "city": Comparison(("other", "near", "same"), address.cities, bounds.cities),
    "postcode": Comparison(("other", "near", "same"), address.postcodes, bounds.one_edit),
}
ADDRESS_LEVELS = (
    "different", "place similar", "same city", "same city, postcode similar", "same postcode, other street", "same postcode",
    "same street, other number", "same street and number, other place", "same address, spelled differently", "same",
)  # fmt: skip
ORDER_LEVELS = ("given and family name swapped", "in order")
IDENTIFIER_LEVELS = ("different", "same")

OF_PEOPLE = ("given", "family", "order", "middle", "generation", "birth_date", "email", "phone", "workplace", "address", "identifier")
OF_ORGANIZATIONS = ("name", "branch", "domain", "email", "phone", "address", "identifier")


def comparison_of(column: str) -> Comparison | None:
    """The comparison of a column by itself; None for those that take more than one value of each side to compare, and unknown ones."""
    return COMPARISONS.get(column) or FAMILIES.get(column.partition(":")[0] if ":" in column else "")


def level_words(comparison: str) -> tuple[str, ...]:
    """The levels of a comparison in words, from 0 = different."""
    alone = comparison_of(comparison)
    if alone:
        return alone.levels
    return {"address": ADDRESS_LEVELS, "order": ORDER_LEVELS, "identifier": IDENTIFIER_LEVELS}[comparison]


@lru_cache(maxsize=1 << 10)
def compared_names(columns: frozenset[str]) -> tuple[str, ...]:
    """The comparisons of records that have these columns, always in one order."""
    found = {name for name in columns if comparison_of(name) or name in ("address", "identifier")}
    if "given" in found or "family" in found:
        found.add("order")
    known = tuple(dict.fromkeys(OF_PEOPLE + OF_ORGANIZATIONS))
    return tuple(name for name in known if name in found) + tuple(sorted(found.difference(known)))


def pair_kind(left: int, right: int) -> int:
    """What two records are compared as: one of unknown kind as the other one is, two such as people; UNKNOWN where the kinds differ."""
    if left == right == UNKNOWN:
        return PERSON
    if UNKNOWN in (left, right) or left == right:
        return max(left, right)
    return UNKNOWN


class Names(NamedTuple):
    """The levels of two people's names."""

    given: int
    family: int
    order: int


def names_in_order(given: int, family: int, first: int, second: int) -> Names:
    """The levels of names with the order that fits them: the other way round where that agrees and the straight order does not.

    first and second: the levels, as of family names, of one's given name with the other's family name, and the other way about.
    """
    better, worse = max(first, second), min(first, second)
    if may_be_swapped(given, family) and better >= 3 and (worse == MISSING or worse >= 3):
        return Names(MISSING if worse == MISSING else worse + (worse == 4), better, 0)
    return Names(given, family, 1 if given >= 3 or family >= 3 else MISSING)


def may_be_swapped(given: int, family: int) -> bool:
    """Whether names so alike leave room for the other order."""
    return given <= 1 and family <= 2


def parts_of_one(given: int, branch: int) -> bool:
    """Whether two records may share an identifier that is a third party's: people of different given names (their company's key), or a
    branch and its parent (whose VAT number both carry)."""
    return given == 0 or branch == 0


def identifier_level(shared: bool, conflict: bool, of_one: bool) -> int:
    """The level of identifiers of which some are shared, some contradict each other, and which may be a third party's."""
    if shared:
        return MISSING if of_one else 1
    return 0 if conflict else MISSING
