"""What of a term is looked for: plain functions of one term, each beside a shortcut for whole columns of terms.

A shortcut gives for each term the one slice of it that the function gives, and where it can't tell, has the function asked. It never says
anything else than the function.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolution.normalize import contacts, names
from resolution.normalize.addresses import PARTS, SEPARATOR
from resolution.normalize.features import Index
from resolution.normalize.hashing import Hashes, hash_slices, hash_terms, hash_text


@dataclass(frozen=True, slots=True)
class Bytes:
    """Terms as UTF-8: term i is data[start[i] : start[i] + length[i]]."""

    data: NDArray[np.uint8]
    start: Index
    length: Index

    @staticmethod
    def of(terms: pa.StringArray) -> "Bytes":
        offsets = np.frombuffer(terms.buffers()[1], np.int32)[terms.offset : terms.offset + len(terms) + 1].astype(np.int64)
        held = terms.buffers()[2]
        data = np.frombuffer(held, np.uint8)[offsets[0] : offsets[-1]] if held is not None else np.zeros(0, np.uint8)
        return Bytes(data, offsets[:-1] - offsets[0], np.diff(offsets))

    def first(self, letters: bytes) -> Index:
        """How many bytes of each term stand before the first of `letters`; its length where there is none."""
        wanted = np.zeros(256, bool)
        wanted[list(letters)] = True
        places = np.append(np.flatnonzero(wanted[self.data]), len(self.data))
        return np.minimum(places[np.searchsorted(places, self.start)] - self.start, self.length)

    def beyond_ascii(self) -> NDArray[np.bool_]:
        found = np.zeros(len(self.start), bool)
        if len(self.data) and self.data.max() > 127:
            found[np.searchsorted(self.start, np.flatnonzero(self.data > 127), "right") - 1] = True
        return found


@dataclass(frozen=True, slots=True)
class Slices:
    """One slice of each term, empty where the term has nothing; unsure: where the function is to be asked."""

    start: Index
    length: Index
    unsure: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """of: term -> what is looked for, '' for nothing; shortcut: the same of whole columns, for terms in ASCII."""

    of: Callable[[str], Sequence[str]]
    shortcut: Callable[[Bytes], Slices] | None = None

    def hashes(self, terms: pa.StringArray) -> tuple[Index, Hashes]:
        """(how many each term gives: int64[t], their hashes one after another)."""
        if not len(terms):
            return np.zeros(0, np.int64), np.zeros(0, np.uint64)
        if self.shortcut is None:
            return _asked(self.of, terms.to_pylist())
        text = Bytes.of(terms)
        found = self.shortcut(text)
        hashes = hash_slices(text.data, found.start, found.length)
        unsure = np.flatnonzero(found.unsure | text.beyond_ascii())
        if not len(unsure):
            return (hashes != 0).astype(np.int64), hashes[hashes != 0]
        return _merged(hashes, unsure, *_asked(self.of, terms.take(pa.array(unsure)).to_pylist()))


def _asked(of: Callable[[str], Sequence[str]], terms: list[str]) -> tuple[Index, Hashes]:
    given = [[text for text in of(term) if text] for term in terms]
    counts = np.fromiter(map(len, given), np.int64, len(given))
    return counts, hash_terms(pa.array([text for texts in given for text in texts], pa.string()))


def _merged(hashes: Hashes, unsure: Index, asked: Index, answers: Hashes) -> tuple[Index, Hashes]:
    """One hash for each term, but for those in `unsure` so many as `asked` says."""
    counts = (hashes != 0).astype(np.int64)
    counts[unsure] = asked
    ends = np.cumsum(counts)
    merged = np.empty(int(ends[-1]), np.uint64)
    own = np.ones(len(hashes), bool)
    own[unsure] = False
    own &= counts > 0
    merged[ends[own] - 1] = hashes[own]
    starts = np.repeat(ends[unsure] - asked, asked)
    merged[starts + np.arange(len(answers)) - np.repeat(np.cumsum(asked) - asked, asked)] = answers
    return counts, merged


def _sure(start: Index, length: Index) -> Slices:
    return Slices(start, length, np.zeros(len(start), bool))


def beginning(size: int) -> Reading:
    """The first letters: an initial, or the year of a date."""
    return Reading(lambda term: (term[:size],), lambda text: _sure(text.start, np.minimum(text.length, size)))


def ending(size: int) -> Reading:
    """The last letters: of a phone number what is the same with and without its prefixes."""

    def shortcut(text: Bytes) -> Slices:
        length = np.minimum(text.length, size)
        return _sure(text.start + text.length - length, length)

    return Reading(lambda term: (term[-size:],), shortcut)


whole = Reading(lambda term: (term,), lambda text: _sure(text.start, text.length))


def _separators(text: Bytes) -> Index:
    """Where the parts of address terms end: int64[t, 5]."""
    return np.flatnonzero(text.data == ord(SEPARATOR)).reshape(-1, len(PARTS) - 1)


def address(part: str) -> Reading:
    """One part of an address between its first and last."""
    place = PARTS.index(part)

    def shortcut(text: Bytes) -> Slices:
        ends = _separators(text)
        start = ends[:, place - 1] + 1
        return _sure(start, ends[:, place] - start)

    return Reading(lambda term: (term.split(SEPARATOR)[place],), shortcut)


def _house(term: str) -> tuple[str]:
    number, street, _ = term.split(SEPARATOR, 2)
    return (f"{number}{SEPARATOR}{street[:4]}" if number and street else "",)


def _houses(text: Bytes) -> Slices:
    ends = _separators(text)
    number, street = ends[:, 0] - text.start, ends[:, 1] - ends[:, 0] - 1
    return _sure(text.start, np.where((number > 0) & (street > 0), number + 1 + np.minimum(street, 4), 0))


house = Reading(_house, _houses)


def _mailbox(email: str) -> tuple[str]:
    local = email.partition("@")[0]
    return (local if len(local) > 4 and not contacts.is_role(email) else email,)


@lru_cache(1)
def _role_hashes() -> Hashes:
    return np.sort(hash_terms(pa.array(sorted(contacts.ROLES), pa.string())))


def _mailboxes(text: Bytes) -> Slices:
    local, head = text.first(b"@"), text.first(b"@-.")
    roles = _role_hashes()
    role = np.zeros(len(local), bool)
    for length in (local, head):
        hashes = hash_slices(text.data, text.start, length)
        role |= roles[np.minimum(np.searchsorted(roles, hashes), len(roles) - 1)] == hashes
    return _sure(text.start, np.where((local > 4) & ~role, local, text.length))


#: A person's name before the @, whatever the provider; where that says little, the whole address.
mailbox = Reading(_mailbox, _mailboxes)

_VOWELS = re.compile("[aeiouyhw ]")


#: The first letter and the next two consonants.
sound = Reading(lambda term: (term[:1] + _VOWELS.sub("", term[1:])[:2],))

formal_names = Reading(names.formal_names)

#: The words of an organisation's name in one order and without spaces.
in_order = Reading(lambda term: ("".join(sorted(term.split())),))

initials = Reading(lambda term: (names.initials(term),))

start_of_name = Reading(lambda term: (term.replace(" ", "")[:6],))


def _distinctive(name: str) -> list[str]:
    return [word for word in dict.fromkeys(name.split()) if len(word) > 2 and word not in names.GENERIC]


words = Reading(_distinctive)


@lru_cache(1 << 17)
def hashed(reading: Reading, term: str) -> tuple[int, ...]:
    """What one term gives, hashed."""
    return tuple(hash_text(text) for text in reading.of(term) if text)
