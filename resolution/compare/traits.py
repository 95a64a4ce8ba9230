"""What each distinct term of a column has that bounds its likeness to others: an array by term, from its bytes where there may be many."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.compare import likeness
from resolution.compare.terms import WORDS, Bits, Flags, Slices, Terms
from resolution.normalize import contacts, names
from resolution.normalize.features import Index
from resolution.normalize.hashing import Hashes, hash_text

_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """Of each email: hashes of its local part, and of the whole without the number before the @; its sort (likeness.mailbox_sort); and
    whether it has one @, which all that needs."""

    local: Hashes
    bare: Hashes
    sort: NDArray[np.int8]
    plain: Flags


@dataclass(frozen=True, slots=True)
class NameWords:
    """Of each name: a bit for each distinctive word, without a common one of which none is shared; a hash of the first letters of its
    words in their order; and, of the words that are no general ones, the characters and how long they are together."""

    distinctive: Bits
    initials: Hashes
    telling: Bits
    size: NDArray[np.int64]


def formal_names(terms: Terms) -> Bits:
    """A bit for each formal name that a given name may stand for: without a common bit two names are no nicknames of each other."""
    bits = np.zeros(len(terms), np.uint64)
    known = np.flatnonzero(pc.is_in(terms.strings, pa.array(sorted(names.with_nicknames()))).to_numpy(zero_copy_only=False))
    bits[known] = [_formal_bits(term) for term in terms.texts(known)]
    return bits


def _formal_bits(given: str) -> int:
    bits = 0
    for name in names.formal_names(given):
        bits |= 1 << (hash_text(name) & 63)
    return bits


def days(terms: Terms) -> NDArray[np.float64]:
    """`likeness.day` of each."""
    return np.array([likeness.day(term) for term in terms.strings.to_pylist()], np.float64)


def endings(terms: Terms) -> Slices:
    """The last nine digits of phone numbers."""
    return terms.last(9)


def labels(terms: Terms) -> Slices:
    """Domains up to the first dot."""
    return terms.before(b".")


def mailboxes(terms: Terms) -> Mailboxes:
    local = terms.before(b"@")
    domain = Slices(terms.data, terms.starts + local.lengths + 1, np.maximum(terms.lengths - local.lengths - 1, 0))
    bare = Slices(terms.data, terms.starts, local.lengths - _digits_at_end(local))
    role = _is_any(local.hashes, contacts.ROLES) | _is_any(local.before(b"-").before(b".").hashes, contacts.ROLES)
    sort = np.where(role, 2, _is_any(domain.hashes, contacts.FREE_MAIL)).astype(np.int8)
    plain = (local.lengths < terms.lengths) & (domain.before(b"@").lengths == domain.lengths)
    return Mailboxes(local.hashes, bare.hashes * _ODD + domain.hashes, sort, plain)


def _digits_at_end(slices: Slices) -> Index:
    digit = (slices.data >= ord("0")) & (slices.data <= ord("9"))
    count, rows = np.zeros(len(slices.starts), np.int64), np.flatnonzero(slices.lengths)
    while len(rows):
        last = slices.starts[rows] + slices.lengths[rows] - count[rows] - 1
        rows = rows[digit[last]]
        count[rows] += 1
        rows = rows[count[rows] < slices.lengths[rows]]
    return count


def _is_any(hashes: Hashes, words: frozenset[str]) -> Flags:
    wanted = np.sort(np.array([hash_text(word) for word in words], np.uint64))
    found: Flags = wanted[np.minimum(np.searchsorted(wanted, hashes), len(wanted) - 1)] == hashes
    return found


def first_letters(terms: Terms) -> Bits:
    """A bit for each letter that begins a word."""
    of, words = _words(terms)
    return _gathered(np.bitwise_or, WORDS[1][terms.data[words.starts]], of, len(terms))


def word_bits(terms: Terms) -> Bits:
    """A bit for each word: without a common bit two terms share none."""
    of, words = _words(terms)
    return _gathered(np.bitwise_or, np.uint64(1) << (words.hashes & np.uint64(63)), of, len(terms))


def name_words(terms: Terms) -> NameWords:
    of, words = _words(terms)
    general = _is_any(words.hashes, names.GENERIC)
    bits = np.where(~general & (words.lengths > 2), np.uint64(1) << (words.hashes & np.uint64(63)), np.uint64(0))
    place = (np.arange(len(of)) - np.searchsorted(of, of)).astype(np.uint64)
    letters = (terms.data[words.starts].astype(np.uint64) + np.uint64(1)) * (place * _ODD + np.uint64(1))
    telling = np.where(general, np.uint64(0), words.characters)
    return NameWords(
        _gathered(np.bitwise_or, bits, of, len(terms)),
        _gathered(np.add, letters, of, len(terms)),
        _gathered(np.bitwise_or, telling, of, len(terms)),
        np.bincount(of, np.where(general, 0, words.lengths), len(terms)).astype(np.int64),
    )


def _gathered(how: np.ufunc, values: Bits, of: Index, count: int) -> Bits:
    """The values of each of `count` terms in one; `of` ascends."""
    found = np.zeros(count, np.uint64)
    if len(of):
        first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
        found[of[first]] = how.reduceat(values, first)
    return found


def _words(terms: Terms) -> tuple[Index, Slices]:
    """(the term of each word, the words), in the order in which they stand."""
    apart = np.append(terms.data == ord(" "), True)
    begins = ~apart[:-1] & np.r_[True, apart[:-2]]
    begins[terms.starts[terms.lengths > 0]] = True
    start = np.flatnonzero(begins)
    of = np.searchsorted(terms.starts, start, "right") - 1
    inside = (of >= 0) & ~apart[start]
    start, of = start[inside], of[inside]
    ends = terms.starts + terms.lengths
    start, of = start[start < ends[of]], of[start < ends[of]]
    spaces = np.flatnonzero(apart)
    stop = np.minimum(spaces[np.searchsorted(spaces, start)], ends[of])
    return of, Slices(terms.data, start, stop - start)
