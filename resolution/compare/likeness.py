"""How alike two different values of a field are, as a level: higher is more alike, 0 is different.

Each function takes `Words`: values normalised, never equal pairwise, and in each pair the smaller string on the left, so that a level
does not depend on
the side. It gives int8 levels; compare.COMPARISONS names them, and those of equal values.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from resolution.normalize import contacts, names

Levels = NDArray[np.int8]
Flags = NDArray[np.bool_]


class Words:
    """Pairs of strings, as two Arrow arrays; as lists of Python strings only where those are asked for."""

    def __init__(self, left: pa.StringArray, right: pa.StringArray) -> None:
        swapped = pc.greater(left, right)
        self.left: pa.StringArray = pc.if_else(swapped, right, left)
        self.right: pa.StringArray = pc.if_else(swapped, left, right)

    def __len__(self) -> int:
        return len(self.left)

    @cached_property
    def lists(self) -> tuple[list[str], list[str]]:
        return self.left.to_pylist(), self.right.to_pylist()

    @cached_property
    def shortest(self) -> NDArray[np.int32]:
        """Length of the shorter one."""
        lengths: NDArray[np.int32] = pc.min_element_wise(pc.utf8_length(self.left), pc.utf8_length(self.right)).to_numpy(
            zero_copy_only=False
        )
        return lengths

    def map(self, convert: Callable[[pa.StringArray], pa.StringArray]) -> "Words":
        """The pairs with both sides converted; they may then be equal."""
        return Words(convert(self.left), convert(self.right))

    @property
    def equal(self) -> Flags:
        return flags(pc.equal(self.left, self.right))

    def where(self, test: Callable[[str, str], bool], rows: Flags) -> Flags:
        """Whether `test` holds of each pair in `rows`."""
        held, chosen = np.zeros(len(self), bool), np.flatnonzero(rows)
        some_left, some_right = self.left.take(pa.array(chosen)).to_pylist(), self.right.take(pa.array(chosen)).to_pylist()
        held[chosen] = [test(a, b) for a, b in zip(some_left, some_right, strict=True)]
        return held


def flags(values: pa.BooleanArray) -> Flags:
    found: Flags = values.to_numpy(zero_copy_only=False).astype(bool)
    return found


def similarity(words: Words, least: float) -> NDArray[np.float32]:
    """Jaro-Winkler similarity, 0 to 1; below `least` it is 0."""
    return cpdist(*words.lists, scorer=JaroWinkler.similarity, score_cutoff=least, dtype=np.float32)


def edits(words: Words, most: int = 2) -> NDArray[np.int32]:
    """Optimal string alignment distance; above `most` it is most + 1."""
    return cpdist(*words.lists, scorer=OSA.distance, score_cutoff=most, dtype=np.int32)


def ladder(*steps: Flags) -> Levels:
    """Level i + 1 where steps[i] is the last that holds; 0 where none does."""
    found = np.zeros(len(steps[0]), np.int8)
    for level, holds in enumerate(steps, 1):
        found[holds] = level
    return found


def _first(size: int) -> Callable[[pa.StringArray], pa.StringArray]:
    return lambda values: pc.utf8_slice_codeunits(values, 0, size)


def _initials_agree(words: Words) -> Flags:
    return words.map(_first(1)).equal & np.equal(words.shortest, 1)


def _is_part(left: str, right: str) -> bool:
    one, two = set(left.split()), set(right.split())
    return one <= two or two <= one


def _several(words: Words) -> Flags:
    """Whether either side has more than one word."""
    return flags(pc.or_(pc.match_substring(words.left, " "), pc.match_substring(words.right, " ")))


def _starts(words: Words, least: int) -> Flags:
    """Whether the shorter one, of `least` letters at least, begins the longer one."""
    return words.where(lambda a, b: a.startswith(b) or b.startswith(a), (words.shortest >= least) & words.map(_first(least)).equal)


def spelling(words: Words) -> tuple[Flags, Flags]:
    """(similar, nearly the same) spelling of short words."""
    alike = similarity(words, 0.8)
    return alike > 0, (alike >= 0.92) | ((edits(words, 1) <= 1) & (words.shortest >= 4))


def given_names(words: Words) -> Levels:
    similar, near = spelling(words)
    within = words.where(lambda a, b: a in b or b in a, ~similar & (words.shortest >= 3))
    return ladder(similar | within, _initials_agree(words), near, words.where(names.are_nicknames, words.shortest > 1))


def family_names(words: Words) -> Levels:
    similar, near = spelling(words)
    return ladder(similar, _initials_agree(words) | words.where(_is_part, _several(words)), near)


def middle_names(words: Words) -> Levels:
    def meets(a: str, b: str) -> bool:
        one, two = set(a.split()), set(b.split())
        return not one.isdisjoint(two) or any(x[0] == y[0] and (len(x) == 1 or len(y) == 1) for x in one for y in two)

    return ladder(spelling(words)[1] | words.where(meets, np.ones(len(words), bool)))


def _days(dates: pa.StringArray) -> NDArray[np.float64]:
    """Days since year 0, roughly; a year alone stands for its middle, and what is no date for NaN."""
    length = pc.utf8_length(dates)
    usable = pc.if_else(pc.equal(length, 8), dates, pc.if_else(pc.equal(length, 4), pc.binary_join_element_wise(dates, "0701", ""), "0"))
    number = usable.cast(pa.int64()).to_numpy().astype(np.float64)
    return np.where(number > 0, number // 10000 * 365.25 + number // 100 % 100 * 30.44 + number % 100, np.nan)


def _month_and_day_swapped(left: str, right: str) -> bool:
    return len(left) == len(right) == 8 and left[4:6] == right[6:] and left[6:] == right[4:6]


def birth_dates(words: Words) -> Levels:
    apart = np.abs(_days(words.left) - _days(words.right))
    typed, same_year = edits(words, 2), words.map(_first(4)).equal
    swapped = words.where(_month_and_day_swapped, same_year)
    return ladder(apart <= 3700, (apart <= 400) | same_year, (typed == 2) | (apart <= 45), (typed <= 1) | swapped)


def _local(emails: pa.StringArray) -> pa.StringArray:
    return pc.replace_substring_regex(emails, "@.*$", "")


def _digits(values: pa.StringArray) -> pa.StringArray:
    return pc.replace_substring_regex(values, r"\D", "")


def emails(words: Words) -> Levels:
    """Mailboxes are named after people: so a like name alone says nothing that the names did not say, and other digits are another
    mailbox."""
    near = edits(words, 2) <= 2
    some = np.flatnonzero(near)
    close = Words(words.left.take(pa.array(some)), words.right.take(pa.array(some)))
    near[some] = close.map(_digits).equal & close.map(_first(1)).equal & (close.map(_local).shortest >= 3)
    local = words.map(_local)
    distinctive = flags(pc.match_substring_regex(local.left, r".{3,}\d|\d.{3,}"))
    return ladder(_sorts_differ(words), _numbered_apart(words), local.equal & distinctive, near)


def _sorts_differ(words: Words) -> Flags:
    """Whether one mailbox is private and the other at work, or one a function's and the other a person's: a person may well have both."""
    differ: Flags = contacts.sorts(words.left) != contacts.sorts(words.right)
    return differ


def _numbered_apart(words: Words) -> Flags:
    """Whether two mailboxes of one domain differ in a number only: that is how two people of one name are told apart."""
    bare = words.map(lambda values: pc.replace_substring_regex(values, r"\d+@", "@"))
    return bare.equal & ~words.equal


def phones(words: Words) -> Levels:
    near = edits(words.map(lambda values: pc.utf8_slice_codeunits(values, -9, 2**31 - 1)), 1) <= 1
    same_end = words.where(lambda a, b: a.endswith(b) or b.endswith(a), near & (words.shortest >= 7))
    short = words.where(lambda a, b: a.endswith(b) or b.endswith(a), ~near & (words.shortest >= 7) & (words.shortest < 9))
    return ladder(near, same_end | short)


def codes(words: Words) -> Levels:
    typed = edits(words, 2)
    return ladder((typed == 2) & (words.shortest > 4), typed <= 1)


def workplaces(words: Words) -> Levels:
    return ladder((similarity(words, 0.9) > 0) | _starts(words, 4))


def domains(words: Words) -> Levels:
    """Domains are named after their owners: a like one says nothing that the names did not say."""
    labels = words.map(lambda values: pc.replace_substring_regex(values, r"\..*$", ""))
    return ladder((edits(labels, 1) <= 1) & (labels.shortest >= 5), labels.equal)


def categories(words: Words) -> Levels:
    return ladder(similarity(words, 0.92) > 0)


def _initials_of(left: str, right: str) -> bool:
    """Whether one name is put together from the beginnings of the other's words, in its order or as sorted initials:
    "bt" of "blackwell textiles" and of "textiles blackwell", "heng" of "hodgson engineering"."""
    short, long = sorted((left, right), key=len)
    words = long.split()
    if " " in short or len(words) < 2 or len(short) < 2:
        return False
    return _from_beginnings(short, words) or short == "".join(sorted(word[0] for word in words))


def _from_beginnings(short: str, words: list[str]) -> bool:
    if not words or not short:
        return not words and not short
    return any(words[0].startswith(short[:size]) and _from_beginnings(short[size:], words[1:]) for size in range(1, len(short) + 1))


def _abbreviates(short: str, long: str) -> bool:
    """Whether the letters of a short word stand in a long one in their order, the first first: "mfg" and "manufacturing"."""
    letters = iter(long)
    return short[0] == long[0] and 2 < len(short) <= 5 and len(long) > len(short) + 1 and all(letter in letters for letter in short)


def _abbreviated(one: list[str], two: list[str]) -> bool:
    """Whether two names are the same word by word, but for abbreviations."""
    if len(one) != len(two) or len(one) < 2 or not set(one) & set(two):
        return False
    return all(a == b or _abbreviates(a, b) or _abbreviates(b, a) for a, b in zip(one, two, strict=True))


def _organization_name(left: str, right: str) -> int:
    one, two = left.split(), right.split()
    if left.replace(" ", "") == right.replace(" ", "") or sorted(one) == sorted(two):
        return 6
    if _abbreviated(one, two):
        return 5
    if _initials_of(left, right):
        return 4
    shared, extra = set(one) & set(two), set(one) ^ set(two)
    distinctive = {word for word in shared if word not in names.GENERIC and len(word) > 2}
    if distinctive and extra <= names.GENERIC:
        return 3
    if distinctive and _is_part(left, right):
        return 2
    return 1 if distinctive else 0


def organization_names(words: Words) -> Levels:
    kinds = np.array([_organization_name(a, b) for a, b in zip(*words.lists, strict=True)], np.int8)
    ordered = words.map(lambda values: pa.array([" ".join(sorted(value.split())) for value in values.to_pylist()], pa.string()))
    near = (edits(words, 2) <= 2) | (edits(ordered, 2) <= 2)
    return np.maximum(kinds, np.where(near & (words.shortest >= 8), 5, 0)).astype(np.int8)


def longest_shared_word(left: str, right: str) -> str:
    """The longest word of both names, generic ones last; '' where none is shared."""
    shared = set(left.split()) & set(right.split())
    return max(shared, key=lambda word: (word not in names.GENERIC, len(word), word), default="")
