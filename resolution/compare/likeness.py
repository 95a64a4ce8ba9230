"""How alike two different values of a field are, as a level: higher is more alike, 0 is different.

Each function takes two normalised values, never equal, the smaller one first, so that a level does not depend on the side. These are the
definitions: whatever compares many values at once is held to them. compare.COMPARISONS names the levels.
"""

import re
from functools import lru_cache
from math import nan

from rapidfuzz.distance import OSA, JaroWinkler

from resolution.normalize import contacts, names

#: Jaro-Winkler similarities from which two spellings are nearly the same; a hair below the round figure, which a sum may just miss.
NEARLY_SAME, SIMILAR, SIMILAR_WORK, SIMILAR_CATEGORY = 0.9199999, 0.8, 0.9, 0.92
#: Days within which two birth dates count as near: a month and a half, a year, ten years, with some to spare.
MONTH, YEAR, TEN_YEARS = 45, 400, 3700

#: Particles without which a family name is still the same: "martin" is not "san martin", but "berg" may be "van der berg".
_PARTICLES = names.PARTICLES - {"st", "san", "mac", "mc", "o"}
_DISTINCTIVE_MAILBOX = re.compile(r".{3,}\d|\d.{3,}", re.ASCII)
_NUMBER_OF_MAILBOX = re.compile(r"\d+@", re.ASCII)
_NO_DIGIT = re.compile(r"\D", re.ASCII)


def similar(left: str, right: str, least: float) -> bool:
    """Whether their Jaro-Winkler similarity is `least` or more."""
    return JaroWinkler.similarity(left, right, score_cutoff=least) > 0


def edits(left: str, right: str, most: int) -> int:
    """Optimal string alignment distance; above `most` it is most + 1."""
    return OSA.distance(left, right, score_cutoff=most)


def spelling(left: str, right: str) -> int:
    """0, or 1 for a similar spelling of short words, 2 for nearly the same."""
    alike = JaroWinkler.similarity(left, right, score_cutoff=SIMILAR)
    if alike >= NEARLY_SAME or (len(left) >= 4 and len(right) >= 4 and edits(left, right, 1) <= 1):
        return 2
    return 1 if alike else 0


def _initials_agree(left: str, right: str) -> bool:
    return left[0] == right[0] and (len(left) == 1 or len(right) == 1)


def _is_part(left: str, right: str) -> bool:
    one, two = set(left.split()), set(right.split())
    return one <= two or two <= one


def _starts(left: str, right: str, least: int) -> bool:
    """Whether the shorter one, of `least` letters at least, begins the longer one."""
    return min(len(left), len(right)) >= least and (left.startswith(right) or right.startswith(left))


def given_names(left: str, right: str) -> int:
    shortest = min(len(left), len(right))
    if shortest > 1 and names.are_nicknames(left, right):
        return 4
    spelled = spelling(left, right)
    if spelled == 2:
        return 3
    if _initials_agree(left, right):
        return 2
    return 1 if spelled or (shortest >= 3 and (left in right or right in left)) else 0


def family_names(left: str, right: str) -> int:
    spelled = spelling(left, right)
    if spelled == 2 or ((" " in left or " " in right) and _without_particles(left) == _without_particles(right)):
        return 3
    return 2 if _initials_agree(left, right) or _is_part(left, right) else spelled


def _without_particles(family: str) -> list[str]:
    words = family.split()
    return [word for word in words if word not in _PARTICLES] or words


def middle_names(left: str, right: str) -> int:
    one, two = left.split(), right.split()
    if not set(one).isdisjoint(two) or any(_initials_agree(a, b) for a in one for b in two):
        return 1
    return 1 if spelling(left, right) == 2 else 0


def generations(left: str, right: str) -> int:
    """A father is not his son; but a junior may be the second of his name, and a senior the first."""
    return 1 if (left, right) in (("2", "jr"), ("1", "sr")) else 0


@lru_cache(maxsize=1 << 16)
def day(date: str) -> float:
    """Days since year 0, roughly; a year alone stands for its middle, and what is no date for NaN."""
    number = int(date) if len(date) == 8 else int(date + "0701") if len(date) == 4 else 0
    return number // 10000 * 365.25 + number // 100 % 100 * 30.44 + number % 100 if number > 0 else nan


def birth_dates(left: str, right: str) -> int:
    typed, same_year = edits(left, right, 2), left[:4] == right[:4]
    if typed <= 1 or (same_year and len(left) == len(right) == 8 and left[4:6] == right[6:] and left[6:] == right[4:6]):
        return 4
    apart = abs(day(left) - day(right))
    if typed == 2 or apart <= MONTH:
        return 3
    if apart <= YEAR or same_year:
        return 2
    return 1 if apart <= TEN_YEARS else 0


def mailbox_sort(email: str) -> int:
    """0 for a mailbox at work, 1 for one at a free-mail provider, 2 for a function's."""
    return 2 if contacts.is_role(email) else 1 if contacts.is_free_mail(contacts.domain_of(email)) else 0


def emails(left: str, right: str) -> int:
    """Mailboxes are named after people: so a like name alone says nothing that the names did not say, and other digits are another
    mailbox. One that differs in a number only is how two people of one name are told apart; and a person may well have a mailbox of each
    sort."""
    one, two = left.partition("@")[0], right.partition("@")[0]
    if edits(left, right, 2) <= 2 and left[0] == right[0] and min(len(one), len(two)) >= 3 and digits(left) == digits(right):
        return 4
    if one == two and _DISTINCTIVE_MAILBOX.search(one):
        return 3
    if _NUMBER_OF_MAILBOX.sub("@", left) == _NUMBER_OF_MAILBOX.sub("@", right):
        return 2
    return 1 if mailbox_sort(left) != mailbox_sort(right) else 0


def digits(value: str) -> str:
    return _NO_DIGIT.sub("", value)


def phones(left: str, right: str) -> int:
    if min(len(left), len(right)) >= 7 and (left.endswith(right) or right.endswith(left)):
        return 2
    return 1 if edits(left[-9:], right[-9:], 1) <= 1 else 0


def codes(left: str, right: str) -> int:
    typed = edits(left, right, 2)
    if typed <= 1:
        return 2
    return 1 if typed == 2 and min(len(left), len(right)) > 4 else 0


def workplaces(left: str, right: str) -> int:
    return 1 if similar(left, right, SIMILAR_WORK) or _starts(left, right, 4) else 0


def domains(left: str, right: str) -> int:
    """Domains are named after their owners: a like one says nothing that the names did not say."""
    one, two = left.partition(".")[0], right.partition(".")[0]
    if one == two:
        return 2
    return 1 if min(len(one), len(two)) >= 5 and edits(one, two, 1) <= 1 else 0


def categories(left: str, right: str) -> int:
    return 1 if similar(left, right, SIMILAR_CATEGORY) else 0
