"""Comparison of candidate pairs by levels: each distinct pair of values is compared once, however many records hold it.

A level is a function of the two records' features alone and does not depend on their order. Of several values of a field the most alike
pair counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.compare import likeness
from resolution.compare.address import address_levels
from resolution.compare.identifier import agreement
from resolution.compare.pairs import LevelCodes, ValuePairs, best_by_pair, value_pairs
from resolution.normalize import contacts
from resolution.normalize.features import ORGANIZATION, PERSON, UNKNOWN, Column, Features, Index
from resolution.normalize.hashing import Hashes, hash_terms

MISSING = -1

Compare = Callable[[likeness.Words], likeness.Levels]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison: the column it reads, its levels in words (from 0 = different), how different values are compared, and which of
    two equal values are less than the top level says (`equal`: values -> levels)."""

    column: str
    levels: tuple[str, ...]
    compare: Compare
    equal: Callable[[list[str]], likeness.Levels] | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison over p pairs: level int8[p] (MISSING, or an index into the comparison's levels: 0 = different, higher = more alike);
    term: uint64[p], the hash of the agreed value for the term-frequency adjustment, or 0."""

    level: LevelCodes
    term: Hashes


@dataclass(frozen=True, slots=True)
class Levels:
    """What a set of pairs looks like; kind int8[p] says which comparison set applies (PERSON or ORGANIZATION, UNKNOWN: never a match)."""

    kind: NDArray[np.int8]
    comparisons: Mapping[str, Compared]


def _initials_only(values: list[str]) -> likeness.Levels:
    return np.array([2 if len(value) == 1 else 5 for value in values], np.int8)


def _role_mailboxes(values: list[str]) -> likeness.Levels:
    return np.array([5 if contacts.is_role(value) else 6 for value in values], np.int8)


COMPARISONS: Mapping[str, Comparison] = {
    "given": Comparison(
        "given", ("different", "similar", "initial agrees", "nearly the same", "nickname", "same"), likeness.given_names, _initials_only
    ),
    "family": Comparison("family", ("different", "similar", "in part the same", "nearly the same", "same"), likeness.family_names),
    "middle": Comparison("middle", ("different", "in part the same", "same"), likeness.middle_names),
    "birth_date": Comparison(
        "birth_date", ("different", "within ten years", "within a year", "two digits off", "one digit off", "same"), likeness.birth_dates
    ),
    "email": Comparison(
        "email",
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
        _role_mailboxes,
    ),
    "phone": Comparison("phone", ("different", "one digit off", "same but for the prefix", "same"), likeness.phones),
    "workplace": Comparison("workplace", ("different", "similar", "same"), likeness.workplaces),
    "name": Comparison(
        "name",
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
        likeness.organization_names,
    ),
    "branch": Comparison("branch", ("different", "nearly the same", "same"), likeness.categories),
    "domain": Comparison("domain", ("different", "nearly the same", "same but for the ending", "same"), likeness.domains),
}
CODE = Comparison("code", ("different", "two characters off", "one character off", "same"), likeness.codes)
CATEGORY = Comparison("category", ("different", "nearly the same", "same"), likeness.categories)
ADDRESS_LEVELS = (
    "different", "place similar", "same city", "same city, postcode similar", "same postcode, other street", "same postcode",
    "same street, other number", "same street and number, other place", "same address, spelled differently", "same",
)  # fmt: skip
ORDER_LEVELS = ("given and family name swapped", "in order")
IDENTIFIER_LEVELS = ("different", "same")

OF_PEOPLE = ("given", "family", "order", "middle", "birth_date", "email", "phone", "workplace", "address", "identifier")
OF_ORGANIZATIONS = ("name", "branch", "domain", "email", "phone", "address", "identifier")


def level_words(comparison: str) -> tuple[str, ...]:
    """The levels of a comparison in words, from 0 = different."""
    if comparison in COMPARISONS:
        return COMPARISONS[comparison].levels
    if comparison.startswith("code:"):
        return CODE.levels
    if comparison.startswith("category:"):
        return CATEGORY.levels
    return {"address": ADDRESS_LEVELS, "order": ORDER_LEVELS, "identifier": IDENTIFIER_LEVELS}[comparison]


def levels(features: Features, left: Index, right: Index) -> Levels:
    """The levels of each pair (left[i], right[i]) of row numbers of the features."""
    kind = pair_kinds(features, left, right)
    found: dict[str, Compared] = {}
    for name, column in features.columns.items():
        spec = COMPARISONS.get(name) or (CODE if name.startswith("code:") else CATEGORY if name.startswith("category:") else None)
        if spec:
            found[name] = _compared(value_pairs(column, column, left, right), column, column, spec)
    if "given" in found and "family" in found:
        found |= _names_in_order(features, left, right, found["given"], found["family"])
    if "branch" in found:
        found["branch"] = _branch_or_none(features, left, right, found["branch"])
    if "identifier" in features.columns:
        agreed = agreement(features, left, right, strong_only=False)
        both = np.where(parts_of_one(found, len(left)), MISSING, 1)
        level = np.where(agreed.shared >= 0, both, np.where(agreed.conflict, 0, MISSING)).astype(np.int8)
        found["identifier"] = Compared(level, np.zeros(len(left), np.uint64))
    if "address" in features.columns:
        pairs = value_pairs(features.column("address"), features.column("address"), left, right)
        level, term = address_levels(features.column("address").terms, pairs.left, pairs.right)
        found["address"] = Compared(*best_by_pair(pairs, level, term))
    return Levels(kind, found)


def parts_of_one(found: Mapping[str, Compared], count: int) -> NDArray[np.bool_]:
    """Which of `count` pairs may share an identifier that is a third party's: people of different given names (their company's key), or
    a branch and its parent (whose VAT number both carry)."""
    parts = np.zeros(count, bool)
    for name in ("given", "branch"):
        if name in found:
            parts |= found[name].level == 0
    return parts


def pair_kinds(features: Features, left: Index, right: Index) -> NDArray[np.int8]:
    """What each pair is compared as: a record of unknown kind as the other one is, two such as people; UNKNOWN where the kinds differ."""
    one, two = features.kind[left], features.kind[right]
    kind = np.where(one == UNKNOWN, two, one)
    kind[(one == UNKNOWN) & (two == UNKNOWN)] = PERSON
    kind[(one + two == PERSON + ORGANIZATION) & (one != UNKNOWN) & (two != UNKNOWN)] = UNKNOWN
    return kind.astype(np.int8)


def _compared(pairs: ValuePairs, left: Column, right: Column, spec: Comparison) -> Compared:
    """The level of each pair; two columns may be given, to compare one field with another."""
    terms, one, two = (left.terms, pairs.left, pairs.right) if left is right else _one_table(pairs, left, right)
    level = np.full(len(one), len(spec.levels) - 1, np.int8)
    equal = one == two
    distinct, place = _distinct_pairs(one[~equal], two[~equal], len(terms))
    level[~equal] = spec.compare(_words(terms, distinct))[place] if len(place) else 0
    used, where = np.unique(one[equal], return_inverse=True)
    if spec.equal and len(used):
        level[equal] = spec.equal(_strings(terms, used))[where]
    term = np.zeros(len(one), np.uint64)
    if len(used):
        term[equal] = hash_terms(terms.take(pa.array(used)))[where]
    if spec.column == "name":
        term[~equal] = _shared_words(terms, distinct)[place]
    return Compared(*best_by_pair(pairs, level, term))


def _branch_or_none(features: Features, left: Index, right: Index, branch: Compared) -> Compared:
    """A branch on one side only is a difference: the other is the parent."""
    has = np.diff(features.column("branch").offsets) > 0
    return Compared(np.where(has[left] != has[right], np.int8(0), branch.level), branch.term)


def _one_table(pairs: ValuePairs, left: Column, right: Column) -> tuple[pa.StringArray, Index, Index]:
    """(terms, codes of the left values, codes of the right values) over one table in which equal strings have one code."""
    used_left, place_left = np.unique(pairs.left, return_inverse=True)
    used_right, place_right = np.unique(pairs.right, return_inverse=True)
    both = pa.concat_arrays([left.terms.take(pa.array(used_left)), right.terms.take(pa.array(used_right))]).dictionary_encode()
    code = both.indices.to_numpy().astype(np.int64)
    return both.dictionary, code[place_left], code[len(used_left) + place_right]


def _distinct_pairs(one: Index, two: Index, span: int) -> tuple[tuple[Index, Index], Index]:
    keys = pc.dictionary_encode(pa.array(np.minimum(one, two) * span + np.maximum(one, two)))
    distinct = keys.dictionary.to_numpy()
    return (distinct // max(span, 1), distinct % max(span, 1)), keys.indices.to_numpy().astype(np.int64)


def _words(terms: pa.StringArray, distinct: tuple[Index, Index]) -> likeness.Words:
    return likeness.Words(terms.take(pa.array(distinct[0])), terms.take(pa.array(distinct[1])))


def _strings(terms: pa.StringArray, codes: Index) -> list[str]:
    strings: list[str] = terms.take(pa.array(codes)).to_pylist()
    return strings


def _shared_words(terms: pa.StringArray, distinct: tuple[Index, Index]) -> Hashes:
    words = map(likeness.longest_shared_word, _strings(terms, distinct[0]), _strings(terms, distinct[1]))
    return hash_terms(pa.array(list(words), pa.string()))


def _names_in_order(features: Features, left: Index, right: Index, given: Compared, family: Compared) -> dict[str, Compared]:
    """Given and family names the other way round where that agrees and the straight order does not; and the comparison `order`."""
    order = np.where((given.level >= 3) | (family.level >= 3), np.int8(1), np.int8(MISSING))
    doubtful = np.flatnonzero((given.level <= 1) & (family.level <= 2))
    one, two = left[doubtful], right[doubtful]
    spec, columns = COMPARISONS["family"], (features.column("given"), features.column("family"))
    first = _compared(value_pairs(columns[0], columns[1], one, two), columns[0], columns[1], spec).level
    second = _compared(value_pairs(columns[0], columns[1], two, one), columns[0], columns[1], spec).level
    better, worse = np.maximum(first, second), np.minimum(first, second)
    swapped = (better >= 3) & ((worse == MISSING) | (worse >= 3))
    chosen = doubtful[swapped]
    levels_given, levels_family = given.level.copy(), family.level.copy()
    order[chosen] = 0
    levels_family[chosen] = better[swapped]
    levels_given[chosen] = np.where(worse[swapped] == MISSING, MISSING, worse[swapped] + np.where(worse[swapped] == 4, 1, 0))
    no_term = np.ones(len(left), np.uint64)
    no_term[chosen] = 0
    return {
        "given": Compared(levels_given, given.term * no_term),
        "family": Compared(levels_family, family.term * no_term),
        "order": Compared(order.astype(np.int8), np.zeros(len(left), np.uint64)),
    }
