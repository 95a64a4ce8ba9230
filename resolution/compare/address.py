"""Two addresses compared as a whole: how near they are is one level, since the parts of an address travel together."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from resolution.compare import likeness
from resolution.compare.pairs import LevelCodes
from resolution.normalize.addresses import PARTS, SEPARATOR
from resolution.normalize.features import Index
from resolution.normalize.hashing import Hashes, combine, hash_terms

#: What a term of an address comparison stands for, mixed into its hash.
LINE, POSTCODE, CITY = (np.uint64(tag) for tag in (1, 2, 3))

_UNKNOWN, _OTHER, _NEAR, _SAME = 0, 1, 2, 3


class Parts:
    """The parts of address terms as codes: code[part][i] is an index into terms[part], and 0 where the address lacks the part."""

    def __init__(self, addresses: pa.StringArray) -> None:
        split = pc.split_pattern(addresses, SEPARATOR)
        self.terms: dict[str, pa.StringArray] = {}
        self.code: dict[str, Index] = {}
        for place, name in enumerate(PARTS):
            values = pa.concat_arrays([pa.array([""]), pc.list_element(split, place)]) if len(addresses) else pa.array([""])
            encoded = values.dictionary_encode()
            self.terms[name], self.code[name] = encoded.dictionary, encoded.indices.to_numpy()[1:].astype(np.int64)

    def hashes(self, name: str) -> Hashes:
        return hash_terms(self.terms[name])[self.code[name]]

    def frequency_terms(self) -> dict[str, Hashes]:
        """The hash under which each address's line, postcode and city are counted; 0 where it lacks one."""
        number, street = self.hashes("number"), self.hashes("street")
        line = np.where(street != 0, combine(combine(number, street), np.full(len(street), LINE)), np.uint64(0))
        tagged = {"line": line}
        for name, tag in (("postcode", POSTCODE), ("city", CITY)):
            value = self.hashes(name)
            tagged[name] = np.where(value != 0, combine(value, np.full(len(value), tag)), np.uint64(0))
        return tagged


def address_levels(addresses: pa.StringArray, left: Index, right: Index) -> tuple[LevelCodes, Hashes]:
    """(level, term) of each pair of codes of address terms; levels as compare.ADDRESS_LEVELS, MISSING where they share no part to
    compare."""
    used, place = np.unique(np.concatenate((left, right)), return_inverse=True)
    parts = Parts(addresses.take(pa.array(used)))
    one, two = place[: len(left)], place[len(left) :]
    line, street = _lines(parts, one, two)
    city, postcode = _state(parts, "city", one, two, 0.9), _state(parts, "postcode", one, two, None)
    unknown = (line == _UNKNOWN) & (city == _UNKNOWN) & (postcode == _UNKNOWN)
    here = (city == _SAME) | (postcode == _SAME)
    around = here | (city == _NEAR) | (postcode == _NEAR)
    nowhere = (city == _UNKNOWN) & (postcode == _UNKNOWN)
    level = likeness.ladder(
        around,
        city == _SAME,
        (city == _SAME) & (postcode == _NEAR),
        (postcode == _SAME) & (line != _UNKNOWN),
        (postcode == _SAME) & (line == _UNKNOWN),
        street & here,
        line >= _NEAR,
        (line >= _NEAR) & around,
        (line == _SAME) & (around | nowhere),
    )
    level[unknown] = -1
    tagged = parts.frequency_terms()
    term = np.zeros(len(one), np.uint64)
    for name, chosen in (
        ("city", (level == 2) | (level == 3)),
        ("postcode", (level == 4) | (level == 5)),
        ("line", (level == 7) | (level == 9)),
    ):
        chosen &= tagged[name][one] == tagged[name][two]
        term[chosen] = tagged[name][one[chosen]]
    return level, term


def _unequal(parts: Parts, name: str, one: Index, two: Index) -> tuple[likeness.Words, Index]:
    """The distinct pairs of a part's values, and which of them each pair of addresses has."""
    terms, span = parts.terms[name], len(parts.terms[name])
    low, high = np.minimum(parts.code[name][one], parts.code[name][two]), np.maximum(parts.code[name][one], parts.code[name][two])
    keys, place = np.unique(low * span + high, return_inverse=True)
    return likeness.Words(terms.take(pa.array(keys // span)), terms.take(pa.array(keys % span))), place


def _state(parts: Parts, name: str, one: Index, two: Index, alike: float | None) -> NDArray[np.int8]:
    """Unknown, other, near or same; near is a Jaro-Winkler similarity of `alike`, or without one a single edit."""
    a, b = parts.code[name][one], parts.code[name][two]
    state = np.where((a == 0) | (b == 0), _UNKNOWN, np.where(a == b, _SAME, _OTHER)).astype(np.int8)
    rows = np.flatnonzero(state == _OTHER)
    if len(rows):
        words, place = _unequal(parts, name, one[rows], two[rows])
        near = likeness.similarity(words, alike) > 0 if alike else likeness.edits(words, 1) <= 1
        state[rows[near[place]]] = _NEAR
    return state


def _lines(parts: Parts, one: Index, two: Index) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """(state of number and street together, whether at least the street is the same or nearly so)."""
    street_one, street_two = parts.code["street"][one], parts.code["street"][two]
    number_one, number_two = parts.code["number"][one], parts.code["number"][two]
    known = (street_one != 0) & (street_two != 0)
    same_street = known & (street_one == street_two)
    near_street = np.zeros(len(one), bool)
    rows = np.flatnonzero(known & ~same_street)
    if len(rows):
        words, place = _unequal(parts, "street", one[rows], two[rows])
        near = (likeness.similarity(words, 0.9) > 0) | (
            cpdist(*words.lists, scorer=fuzz.token_set_ratio, score_cutoff=90, dtype=np.float32) > 0
        )
        near_street[rows] = near[place]
    numbered = (number_one != 0) & (number_two != 0)
    number_agrees = ~numbered | (number_one == number_two)
    line = np.where(known, _OTHER, _UNKNOWN).astype(np.int8)
    line[(near_street | same_street) & number_agrees] = _NEAR
    line[same_street & number_agrees & (numbered | (number_one == number_two))] = _SAME
    return line, same_street | near_street
