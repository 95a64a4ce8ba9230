"""The distinct terms of a column as bytes, and what bounds how alike two of them can be without looking at them letter by letter.

A bound may be too generous, never too strict: what it rules out is out. Terms that are long or not plain ASCII have no bounds.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.normalize.features import Index
from resolution.normalize.hashing import Hashes, hash_slices

Flags = NDArray[np.bool_]
Bits = NDArray[np.uint64]
Trait = TypeVar("Trait")

#: Longer terms have no bounds.
LONGEST = 100
#: So many terms are kept as strings of Python.
KEPT = 1 << 16
_AT_ONCE = 1 << 13


def _alphabet(letters: int, digits: int) -> tuple[Bits, Bits]:
    """(field, lowest bit) by byte: so many bits for each letter and digit, in which its occurrences are counted up from the lowest; what
    does not fit shares the highest bits."""
    field, lowest = np.zeros(256, np.uint64), np.zeros(256, np.uint64)
    place = 0
    for characters, width in ((b"abcdefghijklmnopqrstuvwxyz", letters), (b"0123456789", digits)):
        for byte in characters if width else b"":
            field[byte], lowest[byte] = ((1 << width) - 1) << place, 1 << place
            place += width
    rest = np.flatnonzero(lowest == 0)
    lowest[rest] = np.uint64(1) << (np.uint64(place) + (rest % (64 - place)).astype(np.uint64))
    field[rest] = lowest[rest]
    return field, lowest


#: Of 64 bits, how many count each letter and digit: for words, and for numbers.
WORDS, NUMBERS = _alphabet(2, 0), _alphabet(0, 5)


class Slices:
    """Strings as slices of bytes: data[starts[i] : starts[i] + lengths[i]]."""

    def __init__(self, data: NDArray[np.uint8], starts: Index, lengths: Index) -> None:
        self.data, self.starts, self.lengths = data, starts, lengths

    @cached_property
    def hashes(self) -> Hashes:
        """`hash_terms` of each."""
        return hash_slices(self.data, self.starts, self.lengths)

    @cached_property
    def sizes(self) -> NDArray[np.int16]:
        """The lengths, up to LONGEST."""
        return np.minimum(self.lengths, LONGEST).astype(np.int16)

    @cached_property
    def heads(self) -> NDArray[np.uint32]:
        """The first four bytes, the first one lowest; what is not there is 0."""
        head = np.zeros(len(self.starts), np.uint32)
        for place in range(4):
            longer = np.flatnonzero(self.lengths > place)
            head[longer] |= self.data[self.starts[longer] + place].astype(np.uint32) << np.uint32(8 * place)
        return head

    @cached_property
    def words(self) -> Bits:
        """Which letters each has, and whether more than once."""
        return self._bits(*WORDS)

    @cached_property
    def characters(self) -> Bits:
        """Which letters each has, however often."""
        found: Bits = self.words & np.bitwise_or.reduce(WORDS[1])
        return found

    @cached_property
    def numbers(self) -> Bits:
        """How often each has each digit, up to five times."""
        return self._bits(*NUMBERS)

    def _bits(self, field: Bits, lowest: Bits) -> Bits:
        bits = np.empty(len(self.starts), np.uint64)
        for begin in range(0, len(bits), _AT_ONCE):  # as much as stays near the processor
            some = slice(begin, begin + _AT_ONCE)
            bits[some] = _counted(self.data, self.starts[some], self.sizes[some], (field, lowest))
        return bits

    def before(self, byte: bytes) -> "Slices":
        """Each up to where `byte` first stands in it."""
        at = np.flatnonzero(self.data == byte[0])
        first = np.append(at, len(self.data))[np.searchsorted(at, self.starts)]
        return Slices(self.data, self.starts, np.minimum(self.lengths, first - self.starts))

    def last(self, size: int) -> "Slices":
        """The last bytes of each."""
        lengths = np.minimum(self.lengths, size)
        return Slices(self.data, self.starts + self.lengths - lengths, lengths)


def _counted(data: NDArray[np.uint8], starts: Index, sizes: NDArray[np.int16], alphabet: tuple[Bits, Bits]) -> Bits:
    """The characters of slices, counted up in the bits that the alphabet gives them."""
    field, lowest = alphabet
    order = np.argsort(LONGEST - sizes, kind="stable")
    ordered, counts = starts[order], len(order) - np.cumsum(np.bincount(sizes, minlength=LONGEST + 1))
    found = np.zeros(len(order), np.uint64)
    for place in range(int(sizes.max(initial=0))):
        longer = counts[place]
        byte, some = data[ordered[:longer] + place], found[:longer]
        fields = field[byte]
        some |= ((some & fields) << np.uint64(1) | lowest[byte]) & fields
    bits = np.empty_like(found)
    bits[order] = found
    return bits


class Terms(Slices):
    """Distinct terms, with their strings.

    bounded: which of them bounds hold of.
    """

    def __init__(self, strings: pa.StringArray) -> None:
        self.strings = strings
        offsets = np.frombuffer(strings.buffers()[1], np.int32)[strings.offset : strings.offset + len(strings) + 1].astype(np.int64)
        held = strings.buffers()[2]
        data = np.frombuffer(held, np.uint8) if held is not None else np.zeros(0, np.uint8)
        super().__init__(data, offsets[:-1], np.diff(offsets))
        self._traits: dict[Callable[[Terms], Any], Any] = {}

    def __len__(self) -> int:
        return len(self.strings)

    @cached_property
    def bounded(self) -> Flags:
        ascii_only: Flags = pc.string_is_ascii(self.strings).to_numpy(zero_copy_only=False).astype(bool)
        return ascii_only & (self.lengths <= LONGEST)

    def texts(self, codes: Index) -> list[str]:
        """The strings of some terms; of few distinct ones each is kept, and made once."""
        if len(self) > KEPT:
            texts: list[str] = self.strings.take(pa.array(codes)).to_pylist()
            return texts
        kept = self._kept
        return [kept[code] for code in codes.tolist()]

    @cached_property
    def _kept(self) -> list[str]:
        kept: list[str] = self.strings.to_pylist()
        return kept

    def trait(self, of: Callable[["Terms"], Trait]) -> Trait:
        """`of(self)`, worked out once."""
        if of not in self._traits:
            self._traits[of] = of(self)
        found: Trait = self._traits[of]
        return found
