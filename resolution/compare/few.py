"""The levels of a few pairs of records, by plain calls of the definitions: what `Pairing` gives for the same records as columns."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain

import numpy as np

from resolution.compare.address import address_level, address_term
from resolution.compare.comparisons import (
    MISSING,
    Comparison,
    compared_names,
    comparison_of,
    identifier_level,
    may_be_swapped,
    names_in_order,
    pair_kind,
    parts_of_one,
)
from resolution.compare.fields import Compared
from resolution.compare.identifier import agreement_of
from resolution.compare.pairing import Levels
from resolution.normalize.hashing import hash_text
from resolution.normalize.profile import Profile

#: (level, hash of the agreed value or 0)
Seen = tuple[int, int]
Pair = tuple[Profile, Profile]
Terms = Sequence[str]

NOTHING: Seen = (MISSING, 0)
_hash = lru_cache(maxsize=1 << 16)(hash_text)


def levels_of(pairs: Sequence[Pair]) -> Levels:
    """The levels of each pair; a comparison for which neither record of any pair has a value may be absent."""
    names = compared_names(frozenset(chain.from_iterable(profile.terms for pair in pairs for profile in pair)))
    seen = [_seen(one.terms, two.terms, names) for one, two in pairs]
    kinds = np.array([pair_kind(one.kind, two.kind) for one, two in pairs], np.int8)
    each = [[of.get(name, NOTHING) for of in seen] for name in names]
    level = np.array([[level for level, _ in values] for values in each], np.int8)
    term = np.array([[term for _, term in values] for values in each], np.uint64)
    return Levels(kinds, {name: Compared(level[place], term[place]) for place, name in enumerate(names)})


def _seen(one: Mapping[str, Terms], two: Mapping[str, Terms], names: Sequence[str]) -> dict[str, Seen]:
    """The comparisons that say something of two records' terms."""
    found = {}
    for name in names:
        a, b = one.get(name), two.get(name)
        if a and b and name != "identifier":
            found[name] = _best(_by(name), a, b)
        elif name == "branch" and (a or b):
            found[name] = (0, 0)  # a branch on one side only is a difference: the other is the parent
    if "order" in names:
        found |= _names(one, two, found.get("given", NOTHING), found.get("family", NOTHING))
    if "identifier" in one and "identifier" in two:
        shared, conflict = agreement_of(one["identifier"], two["identifier"], strong_only=False)
        of_one = parts_of_one(found.get("given", NOTHING)[0], found.get("branch", NOTHING)[0])
        found["identifier"] = (identifier_level(bool(shared), conflict, of_one), 0)
    return found


def _names(one: Mapping[str, Terms], two: Mapping[str, Terms], given: Seen, family: Seen) -> dict[str, Seen]:
    """Given and family names in the order that fits them, and which that is."""
    first = second = MISSING
    if may_be_swapped(given[0], family[0]):
        first, second = _crossed(one, two), _crossed(two, one)
    fits = names_in_order(given[0], family[0], first, second)
    if fits.order == 0:
        return {"given": (fits.given, 0), "family": (fits.family, 0), "order": (0, 0)}
    return {"given": given, "family": family, "order": (fits.order, 0)}


def _crossed(one: Mapping[str, Terms], two: Mapping[str, Terms]) -> int:
    given, family = one.get("given"), two.get("family")
    return _best(_by("family"), given, family)[0] if given and family else MISSING


def _best(value: Callable[[str, str], Seen], one: Terms, two: Terms) -> Seen:
    """The highest level of any two values, and of these the largest hash."""
    if len(one) == len(two) == 1:
        return value(one[0], two[0])
    return max(value(a, b) for a in one for b in two)


@cache
def _by(name: str) -> Callable[[str, str], Seen]:
    """How two values of a column are compared."""
    if name == "address":
        return _addresses
    comparison = comparison_of(name)
    assert comparison is not None, name
    return _values(comparison)


def _addresses(left: str, right: str) -> Seen:
    level = address_level(left, right)
    return level, address_term(left, right, level)


def _values(comparison: Comparison) -> Callable[[str, str], Seen]:
    top, different, equal, shared = len(comparison.levels) - 1, comparison.different, comparison.equal, comparison.shared

    def compare(left: str, right: str) -> Seen:
        if left == right:
            return equal(left) if equal else top, _hash(left)
        if left > right:
            left, right = right, left
        level = different(left, right)
        return level, _hash(shared(left, right, level)) if shared else 0

    return compare
