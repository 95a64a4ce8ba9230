"""How alike two different values of a field are, as a level: higher is more alike, 0 is different.

Each function takes two equally long lists of normalised values, never equal pairwise, and gives int8 levels that do not depend on which side
a value stands. Level 0 and the levels for equal values are named in compare.COMPARISONS.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from resolution import names
from resolution.block import initials

Levels = NDArray[np.int8]
Strings = list[str]


def similarity(left: Strings, right: Strings) -> NDArray[np.float32]:
    """Jaro-Winkler similarity, 0 to 1; the same whichever side a value stands on."""
    return np.maximum(
        cpdist(left, right, scorer=JaroWinkler.similarity, dtype=np.float32), cpdist(right, left, scorer=JaroWinkler.similarity, dtype=np.float32)
    )


def edits(left: Strings, right: Strings, most: int = 3) -> NDArray[np.int32]:
    """Optimal string alignment distance; above `most` it is most + 1."""
    return cpdist(left, right, scorer=OSA.distance, score_cutoff=most, dtype=np.int32)


def shortest(left: Strings, right: Strings) -> NDArray[np.int32]:
    return np.array([min(len(a), len(b)) for a, b in zip(left, right, strict=True)], np.int32)


def each_pair(test: Callable[[str, str], bool], left: Strings, right: Strings) -> NDArray[np.bool_]:
    return np.array([test(a, b) for a, b in zip(left, right, strict=True)], bool)


def ladder(*steps: NDArray[np.bool_]) -> Levels:
    """Level i + 1 where steps[i] is the last that holds; 0 where none does."""
    found = np.zeros(len(steps[0]), np.int8)
    for level, holds in enumerate(steps, 1):
        found[holds] = level
    return found


def _is_initial(left: str, right: str) -> bool:
    return (len(left) == 1 or len(right) == 1) and left[0] == right[0]


def _is_part(left: str, right: str) -> bool:
    return (" " in left or " " in right) and (set(left.split()) <= set(right.split()) or set(right.split()) <= set(left.split()))


def spelling(left: Strings, right: Strings) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(similar, nearly the same) spelling of short words."""
    alike, typed = similarity(left, right), edits(left, right)
    return alike >= 0.8, (alike >= 0.92) | ((typed <= 1) & (shortest(left, right) >= 4))


def given_names(left: Strings, right: Strings) -> Levels:
    similar, near = spelling(left, right)
    return ladder(similar, each_pair(_is_initial, left, right), near, each_pair(names.are_nicknames, left, right))


def family_names(left: Strings, right: Strings) -> Levels:
    similar, near = spelling(left, right)
    return ladder(similar, each_pair(_is_initial, left, right) | each_pair(_is_part, left, right), near)


def middle_names(left: Strings, right: Strings) -> Levels:
    def meets(a: str, b: str) -> bool:
        one, two = set(a.split()), set(b.split())
        return not one.isdisjoint(two) or any(_is_initial(x, y) for x in one for y in two)

    return ladder(each_pair(meets, left, right) | spelling(left, right)[1])


def _days(dates: Strings) -> NDArray[np.float64]:
    """Days since year 0, roughly; a year alone stands for its middle, and what is no date for NaN."""
    days = [
        int(date[:4]) * 365.25 + (int(date[4:6]) * 30.44 + int(date[6:8]) if len(date) == 8 else 182) if len(date) in (4, 8) else np.nan for date in dates
    ]
    return np.array(days, np.float64)


def birth_dates(left: Strings, right: Strings) -> Levels:
    apart = np.abs(_days(left) - _days(right))
    typed = edits(left, right)
    swapped = np.array([len(a) == len(b) == 8 and a[:4] + a[6:] + a[4:6] == b for a, b in zip(left, right, strict=True)], bool)
    with_year = np.array([a[:4] == b[:4] for a, b in zip(left, right, strict=True)], bool)
    return ladder(apart <= 3700, (apart <= 400) | with_year, (typed == 2) | (apart <= 45), (typed <= 1) | swapped)


def emails(left: Strings, right: Strings) -> Levels:
    locals_left, locals_right = [a.partition("@")[0] for a in left], [b.partition("@")[0] for b in right]
    alike = similarity(locals_left, locals_right)
    same_local = np.array([a == b and len(a) > 4 and "@" in x and "@" in y for a, b, x, y in zip(locals_left, locals_right, left, right, strict=True)], bool)
    near = (edits(left, right) <= 2) & (shortest(locals_left, locals_right) >= 4)
    return ladder(alike >= 0.88, same_local, near)


def phones(left: Strings, right: Strings) -> Levels:
    same_end = np.array([min(len(a), len(b)) >= 7 and (a.endswith(b) or b.endswith(a)) for a, b in zip(left, right, strict=True)], bool)
    return ladder(edits([a[-9:] for a in left], [b[-9:] for b in right]) <= 1, same_end)


def codes(left: Strings, right: Strings) -> Levels:
    typed = edits(left, right)
    return ladder((typed == 2) & (shortest(left, right) > 4), typed <= 1)


def workplaces(left: Strings, right: Strings) -> Levels:
    starts = np.array([min(len(a), len(b)) >= 4 and (a.startswith(b) or b.startswith(a)) for a, b in zip(left, right, strict=True)], bool)
    return ladder((similarity(left, right) >= 0.9) | starts)


def domains(left: Strings, right: Strings) -> Levels:
    labels_left, labels_right = [a.partition(".")[0] for a in left], [b.partition(".")[0] for b in right]
    same = np.array([a == b for a, b in zip(labels_left, labels_right, strict=True)], bool)
    typed = (edits(labels_left, labels_right) <= 1) & (shortest(labels_left, labels_right) >= 5)
    return ladder(workplaces(labels_left, labels_right) > 0, typed, same)


def categories(left: Strings, right: Strings) -> Levels:
    return ladder(similarity(left, right) >= 0.92)


def _organization_name(left: str, right: str) -> int:
    one, two = left.split(), right.split()
    if left.replace(" ", "") == right.replace(" ", "") or sorted(one) == sorted(two):
        return 6
    if left in (initials(right), "".join(sorted(initials(right)))) or right in (initials(left), "".join(sorted(initials(left)))):
        return 4 if min(len(left), len(right)) > 1 else 0
    shared, extra = set(one) & set(two), set(one) ^ set(two)
    distinctive = {word for word in shared if word not in names.GENERIC and len(word) > 2}
    if distinctive and not {word for word in extra if word not in names.GENERIC}:
        return 3
    if distinctive and (set(one) <= set(two) or set(two) <= set(one)):
        return 2
    return 1 if distinctive else 0


def organization_names(left: Strings, right: Strings) -> Levels:
    words = np.array([_organization_name(a, b) for a, b in zip(left, right, strict=True)], np.int8)
    ordered_left, ordered_right = [" ".join(sorted(a.split())) for a in left], [" ".join(sorted(b.split())) for b in right]
    near = (similarity(left, right) >= 0.95) | ((edits(ordered_left, ordered_right, 2) <= 2) & (shortest(left, right) >= 8))
    return np.maximum(words, np.where(near, 5, 0)).astype(np.int8)


def longest_shared_word(left: str, right: str) -> str:
    """The longest word of both names, generic ones last; '' where none is shared."""
    shared = set(left.split()) & set(right.split())
    return max(shared, key=lambda word: (word not in names.GENERIC, len(word), word), default="")
