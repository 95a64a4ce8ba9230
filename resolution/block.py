"""Blocking keys: a record's keys depend on that record alone, so that an inverted index of them can be kept and extended.

Two records are candidates when they share a key. A key carries its rule and kind, so keys of different rules never meet, nor do people and
organisations. Each coarse rule has finer ones beside it, so what a block over the cap leaves out is sought in smaller blocks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.normalize import contacts, names
from resolution.normalize.addresses import SEPARATOR
from resolution.normalize.features import ORGANIZATION, PERSON, Features, Index
from resolution.normalize.hashing import Hashes, combine, combine_unordered, hash_terms, mix, sort_order

#: Rule number -> name and the comparisons that its keys take for granted (which learning must then not look at).
RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("identifier", ("identifier",)),
    ("code", ("code",)),
    ("email", ("email", "domain", "workplace")),
    ("email name", ("email",)),
    ("phone", ("phone",)),
    ("house", ("address",)),
    ("full name", ("given", "family", "order")),
    ("full name, city", ("given", "family", "order", "address")),
    ("full name, postcode", ("given", "family", "order", "address")),
    ("formal name", ("given", "family", "order")),
    ("family name, birth date", ("family", "birth_date", "order")),
    ("given name, birth date", ("given", "birth_date", "order")),
    ("birth date, initial", ("given", "birth_date")),
    ("sound of name, birth year", ("given", "family", "birth_date")),
    ("given name, postcode", ("given", "address")),
    ("family name, postcode", ("family", "address")),
    ("given name, workplace", ("given", "workplace")),
    ("family name, workplace", ("family", "workplace")),
    ("given name, city", ("given", "address")),
    ("family name, city", ("family", "address")),
    ("domain", ("domain", "email")),
    ("organisation name", ("name",)),
    ("organisation name, city", ("name", "address")),
    ("word of name, city", ("name", "address")),
    ("word of name, postcode", ("name", "address")),
    ("word of name", ("name",)),
    ("initials, city", ("name", "address")),
    ("start of name", ("name",)),
)
_NUMBER = {name: number for number, (name, _) in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class BlockingKeys:
    """One row for each (record, key): record is a row number of the features, key a stable 64-bit hash that includes the rule.

    record: int64[k]; key: uint64[k]; rule: uint8[k], an index into RULES. Keep keys in PostgreSQL as `key.view(np.int64)`.
    """

    record: Index
    key: Hashes
    rule: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate pairs with left < right, each once, ordered; rules: uint64[p], a bit for each rule that found the pair.

    skipped: how many blocks were larger than the cap and gave no pairs.
    """

    left: Index
    right: Index
    rules: NDArray[np.uint64]
    skipped: int


@dataclass(frozen=True, slots=True)
class _Marks:
    """Hashes of records: hash[i] belongs to the record in row[i], rows ascending; a record may have several or none."""

    row: Index
    hash: Hashes

    def cross(self, other: "_Marks", how: Callable[[Hashes, Hashes], Hashes] = combine) -> "_Marks":
        """Each mark of a record with each mark of the same record in `other`."""
        if not len(self.row) or not len(other.row):
            return _Marks(self.row[:0], self.hash[:0])
        first, last = np.searchsorted(other.row, self.row), np.searchsorted(other.row, self.row, "right")
        counts = last - first
        left = np.repeat(np.arange(len(self.row)), counts)
        right = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
        return _Marks(self.row[left], how(self.hash[left], other.hash[right]))


Convert = Callable[[pa.StringArray], pa.Array]


def _marks(features: Features, column: str, convert: Convert | None = None) -> _Marks:
    """The hashed values of a column, each converted first; a list where `convert` gives lists; null and '' give no mark."""
    values = features.column(column)
    if not len(values.codes):
        return _Marks(np.zeros(0, np.int64), np.zeros(0, np.uint64))
    terms = convert(values.terms) if convert else values.terms
    rows, codes = values.rows(), values.codes.astype(np.int64)
    if not pa.types.is_list(terms.type):
        hashes = hash_terms(terms)[codes]
        return _Marks(rows[hashes != 0], hashes[hashes != 0])
    offsets = terms.offsets.to_numpy().astype(np.int64)
    lengths = np.diff(offsets)[codes]
    flat = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(offsets[codes], lengths)
    return _Marks(np.repeat(rows, lengths), hash_terms(terms.values)[flat])


def _together(*marks: _Marks) -> _Marks:
    row, hashed = np.concatenate([each.row for each in marks]), np.concatenate([each.hash for each in marks])
    order = np.argsort(row, kind="stable")
    return _Marks(row[order], hashed[order])


def _part(*places: int) -> Convert:
    """Parts of address terms, joined; null unless all are there."""

    def convert(terms: pa.StringArray) -> pa.Array:
        parts = pc.split_pattern(terms, SEPARATOR)
        found = [pc.list_element(parts, place) for place in places]
        found = [pc.if_else(pc.equal(part, ""), pa.scalar(None, pa.string()), part) for part in found]
        return found[0] if len(found) == 1 else pc.binary_join_element_wise(*found, " ")

    return convert


def _initial(terms: pa.StringArray) -> pa.Array:
    return pc.utf8_slice_codeunits(terms, 0, 1)


def _sound(terms: pa.StringArray) -> pa.Array:
    """The first letter and the next two consonants."""
    rest = pc.replace_substring_regex(pc.utf8_slice_codeunits(terms, 1), "[aeiouyhw ]", "")
    return pc.binary_join_element_wise(_initial(terms), pc.utf8_slice_codeunits(rest, 0, 2), "")


def _local_part(terms: pa.StringArray) -> pa.Array:
    local = pc.replace_substring_regex(terms, "@.*$", "")
    usable = pc.and_(pc.greater(pc.utf8_length(local), 4), pa.array(contacts.sorts(terms) < 2))
    return pc.if_else(usable, local, pa.scalar(None, pa.string()))


def _lists(words: Callable[[str], list[str]]) -> Convert:
    return lambda terms: pa.array([words(term) for term in terms.to_pylist()], pa.list_(pa.string()))


def _distinctive(name: str) -> list[str]:
    return [word for word in dict.fromkeys(name.split()) if len(word) > 2 and word not in names.GENERIC]


def _both_kinds(features: Features) -> Iterator[tuple[str, _Marks]]:
    """Rules that hold for people and organisations alike."""
    yield "identifier", _marks(features, "identifier")
    codes = [_marks(features, column) for column in features.columns if column.startswith("code:")]
    if codes:
        yield "code", _together(*codes)
    yield "email", _marks(features, "email")
    yield "phone", _marks(features, "phone", lambda terms: pc.utf8_slice_codeunits(terms, -9, 2**31 - 1))
    yield "house", _together(_marks(features, "address", _part(0, 1)), _marks(features, "address", _part(0, 4)))


def _people(features: Features) -> Iterator[tuple[str, _Marks]]:
    given, family, birth = _marks(features, "given"), _marks(features, "family"), _marks(features, "birth_date")
    city, postcode = _marks(features, "address", _part(2)), _marks(features, "address", _part(4))
    full = given.cross(family, combine_unordered)
    yield "email name", _marks(features, "email", _local_part)
    yield "full name", full
    yield "full name, city", full.cross(city)
    yield "full name, postcode", full.cross(postcode)
    yield "formal name", _marks(features, "given", _lists(lambda term: list(names.formal_names(term)))).cross(family)
    yield "family name, birth date", family.cross(birth)
    yield "given name, birth date", given.cross(birth)
    yield "birth date, initial", birth.cross(_marks(features, "given", _initial))
    sound = _marks(features, "family", _sound).cross(_marks(features, "given", _initial))
    yield "sound of name, birth year", sound.cross(_marks(features, "birth_date", lambda terms: pc.utf8_slice_codeunits(terms, 0, 4)))
    yield "given name, postcode", given.cross(postcode)
    yield "family name, postcode", family.cross(postcode)
    workplace = _marks(features, "workplace")
    yield "given name, workplace", given.cross(workplace)
    yield "family name, workplace", family.cross(workplace)
    yield "given name, city", given.cross(city)
    yield "family name, city", family.cross(city)


def _organizations(features: Features) -> Iterator[tuple[str, _Marks]]:
    city, postcode = _marks(features, "address", _part(2)), _marks(features, "address", _part(4))
    name = _marks(features, "name", lambda terms: pa.array(["".join(sorted(term.split())) for term in terms.to_pylist()], pa.string()))
    words = _marks(features, "name", _lists(_distinctive))
    yield "domain", _marks(features, "domain")
    yield "organisation name", name
    yield "organisation name, city", name.cross(city)
    yield "word of name, city", words.cross(city)
    yield "word of name, postcode", words.cross(postcode)
    yield "word of name", words
    short = _marks(features, "name", lambda terms: pa.array([names.initials(term) for term in terms.to_pylist()], pa.string()))
    yield "initials, city", short.cross(city)
    yield "start of name", _marks(features, "name", lambda terms: pc.utf8_slice_codeunits(pc.replace_substring_regex(terms, " ", ""), 0, 6))


def keys(features: Features) -> BlockingKeys:
    """The blocking keys of all records, each (record, key) once."""
    kind = features.kind
    emitted: list[tuple[int, Index, Hashes]] = []
    both = list(_both_kinds(features))
    for marked, wanted in ((both + list(_people(features)), PERSON), (both + list(_organizations(features)), ORGANIZATION)):
        of_kind = kind != (ORGANIZATION if wanted == PERSON else PERSON)
        for name, marks in marked:
            kept = of_kind[marks.row]
            salt = mix(np.array([_NUMBER[name] * 4 + wanted], np.uint64))
            emitted.append((_NUMBER[name], marks.row[kept], combine(marks.hash[kept], salt)))
    emitted = [(number, *_once(rows, hashes)) for number, rows, hashes in emitted]
    record = np.concatenate([rows for _, rows, _ in emitted])
    key = np.concatenate([hashes for _, _, hashes in emitted])
    rule = np.repeat(np.array([number for number, _, _ in emitted], np.uint8), [len(rows) for _, rows, _ in emitted])
    order = sort_order(key)
    return BlockingKeys(record[order], key[order], rule[order])


def _once(rows: Index, hashes: Hashes) -> tuple[Index, Hashes]:
    """Each (row, hash) once."""
    if not (rows[1:] == rows[:-1]).any():
        return rows, hashes
    order = np.lexsort((hashes, rows))
    rows, hashes = rows[order], hashes[order]
    new = np.r_[True, (rows[1:] != rows[:-1]) | (hashes[1:] != hashes[:-1])]
    return rows[new], hashes[new]


def pairs(blocking_keys: BlockingKeys, cap: int) -> Candidates:
    """The pairs of records that share a key whose block has at most `cap` records."""
    record, rule, starts, sizes = _blocks(blocking_keys)
    left, right, bits = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= cap)]).tolist():
        block = starts[sizes == size]
        first, second = np.triu_indices(size, 1)
        one, two = record[block[:, None] + first].ravel(), record[block[:, None] + second].ravel()
        left.append(np.minimum(one, two))
        right.append(np.maximum(one, two))
        bits.append(np.repeat(np.uint64(1) << rule[block].astype(np.uint64), len(first)))
    return _distinct(np.concatenate(left), np.concatenate(right), np.concatenate(bits), int((sizes > cap).sum()))


def fitting_cap(blocking_keys: BlockingKeys, most_pairs: int, ceiling: int) -> int:
    """The largest cap up to `ceiling` with which at most `most_pairs` pairs (counted once for each key) come out; at least 2."""
    _, _, _, sizes = _blocks(blocking_keys)
    counts = np.bincount(sizes[sizes > 1], minlength=ceiling + 1)[: ceiling + 1]
    given = np.cumsum(counts * (np.arange(len(counts)) * (np.arange(len(counts)) - 1) // 2))
    return max(2, int(np.searchsorted(given, most_pairs, "right")) - 1)


def _blocks(blocking_keys: BlockingKeys) -> tuple[Index, NDArray[np.uint8], Index, Index]:
    """(records and rules sorted by key, where each block starts, how large it is)."""
    key = blocking_keys.key
    if len(key) and (key[1:] < key[:-1]).any():
        order = sort_order(key)
        return _blocks(BlockingKeys(blocking_keys.record[order], key[order], blocking_keys.rule[order]))
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    return blocking_keys.record, blocking_keys.rule, starts, np.diff(np.r_[starts, len(key)])


def _distinct(left: Index, right: Index, bits: NDArray[np.uint64], skipped: int) -> Candidates:
    if not len(left):
        return Candidates(left, right, bits, skipped)
    span = int(right.max()) + 1
    order = sort_order((left * span + right).astype(np.uint64))
    left, right, bits = left[order], right[order], bits[order]
    starts = np.flatnonzero(np.r_[True, (left[1:] != left[:-1]) | (right[1:] != right[:-1])])
    return Candidates(left[starts], right[starts], np.bitwise_or.reduceat(bits, starts), skipped)
