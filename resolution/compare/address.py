"""Two addresses compared as a whole: how near they are is one level, since the parts of an address travel together.

Each part of a pair is in a state (unknown, other, near, same), and the level is a function of the states.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from resolution.compare.likeness import edits, similar
from resolution.normalize.addresses import PARTS, SEPARATOR
from resolution.normalize.features import Part
from resolution.normalize.hashing import Hashes, hash_terms, hash_text

MISSING = -1
UNKNOWN, OTHER, NEAR, SAME = range(4)
#: Jaro-Winkler similarity from which streets and cities are near each other.
SIMILAR = 0.9
#: What sets a house number apart from its street in the hash of both.
_NUMBER = 0x9E3779B97F4A7C15

COMPARED = ("street", "number", "city", "postcode")
_PLACES = tuple(PARTS.index(part) for part in COMPARED)


def streets(left: str, right: str) -> int:
    """1 where two streets are near each other; the smaller one first, as with all of these."""
    return 1 if similar(left, right, SIMILAR) or fuzz.token_set_ratio(left, right, score_cutoff=90) > 0 else 0


def cities(left: str, right: str) -> int:
    return 1 if similar(left, right, SIMILAR) else 0


def postcodes(left: str, right: str) -> int:
    return 1 if edits(left, right, 1) <= 1 else 0


def address_level(left: str, right: str) -> int:
    """The level of two address terms, equal or not, as an index into compare.ADDRESS_LEVELS; MISSING where they share no part to
    compare."""
    one, two = left.split(SEPARATOR), right.split(SEPARATOR)
    street, number, city, postcode = _PLACES
    return level_of_states(
        _state(one[street], two[street], streets),
        number_state(one[number], two[number]),
        _state(one[city], two[city], cities),
        _state(one[postcode], two[postcode], postcodes),
    )


def _state(left: str, right: str, near: Callable[[str, str], int]) -> int:
    if not left or not right:
        return UNKNOWN
    if left == right:
        return SAME
    return OTHER + (near(left, right) if left < right else near(right, left))


def number_state(left: str, right: str) -> int:
    """That of house numbers, which are the same where both lack one."""
    return SAME if left == right else OTHER if left and right else UNKNOWN


def level_of_states(street: int, number: int, city: int, postcode: int) -> int:
    line = OTHER if street else UNKNOWN
    if street >= NEAR and number != OTHER:
        line = SAME if street == number == SAME else NEAR
    here, around = SAME in (city, postcode), city >= NEAR or postcode >= NEAR
    if not line and not city and not postcode:
        return MISSING
    if line == SAME and (around or (not city and not postcode)):
        return 9
    if line >= NEAR:
        return 8 if around else 7
    if street >= NEAR and here:
        return 6
    if postcode == SAME:
        return 4 if line else 5
    if city == SAME:
        return 3 if postcode == NEAR else 2
    return 1 if around else 0


#: level_of_states by 64 street + 16 number + 4 city + postcode.
LEVELS: NDArray[np.int8] = np.array([level_of_states(*states) for states in product(range(4), repeat=4)], np.int8)

#: What of an address an agreement on each level is counted as.
COUNTED = {9: "line", 7: "line", 5: "postcode", 4: "postcode", 3: "city", 2: "city"}


def address_term(left: str, right: str, level: int) -> int:
    """The hash of what two addresses agree on at a level, 0 where they do not: as in `frequency_terms`."""
    counted = COUNTED.get(level)
    if counted is None:
        return 0
    one, two = _counted(left, counted), _counted(right, counted)
    return one if one == two else 0


@lru_cache(maxsize=1 << 14)
def _counted(address: str, counted: str) -> int:
    parts = address.split(SEPARATOR)
    if counted != "line":
        return hash_text(parts[PARTS.index(counted)])
    number, street = parts[PARTS.index("number")], parts[PARTS.index("street")]
    return (hash_text(number) * _NUMBER + hash_text(street)) % 2**64 if street else 0


def frequency_terms(parts: Mapping[str, Part]) -> dict[str, Hashes]:
    """The hash under which each address's line, postcode and city are counted; 0 where it lacks one."""
    street, number, postcode, city = (
        hash_terms(terms)[codes] for codes, terms in (parts[part] for part in ("street", "number", "postcode", "city"))
    )
    line = np.where(street != 0, number * np.uint64(_NUMBER) + street, np.uint64(0))
    return {"line": line, "postcode": postcode, "city": city}
