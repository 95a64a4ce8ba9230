"""Which pairs of terms are certainly of the lowest level, told from bounds on how alike two strings can be: the shortcut beside `likeness`.

Each function takes the terms of a column and the codes of pairs of different terms, and gives int8 levels: that of the definition, or
UNSURE where only the definition itself can tell.
"""

import numpy as np
from numpy.typing import NDArray

from resolution.compare import address, likeness, traits
from resolution.compare.terms import Bits, Flags, Slices, Terms
from resolution.normalize.features import Index

LevelCodes = NDArray[np.int8]
#: Codes of terms.
Codes = NDArray[np.int32] | NDArray[np.int64]

UNSURE = -2


class Bounds:
    """Bounds on pairs of slices, from which characters one has and the other lacks; `bits` are the slices' words or numbers."""

    def __init__(self, slices: Slices, bits: Bits, one: Codes, two: Codes) -> None:
        self.slices, self.one, self.two = slices, one, two
        left, right = bits[one], bits[two]
        self.lacking_two = np.bitwise_count(left & ~right)
        self.lacking_one = np.bitwise_count(right & ~left)
        self.size_one, self.size_two = slices.sizes[one], slices.sizes[two]

    @property
    def within(self) -> Flags:
        """Whether all characters of one may stand in the other."""
        found: Flags = (self.lacking_one == 0) | (self.lacking_two == 0)
        return found

    def edits(self, most: int) -> Flags:
        """Whether an edit distance of at most `most` is possible: it is no less than the characters that one lacks."""
        found: Flags = (np.maximum(self.lacking_one, self.lacking_two) <= most) & (np.abs(self.size_one - self.size_two) <= most)
        return found

    def similar(self, least: float) -> Flags:
        """Whether a Jaro-Winkler similarity of `least` is possible, with all that both have in place and in order."""
        common = np.minimum(self.size_one - self.lacking_two, self.size_two - self.lacking_one).astype(np.float32)
        shares = common / self.size_one + common / self.size_two
        possible: Flags = shares >= 3 * (least - 0.4) / 0.6 - 1.0001  # with a prefix of four
        rows = np.flatnonzero(possible)
        jaro = (shares[rows] + 1) / 3
        possible[rows] = jaro + 0.1 * self._prefix(rows) * (1 - jaro) >= least - 0.0001
        return possible

    def _prefix(self, rows: Index) -> NDArray[np.float32]:
        """How many of the first four characters are the same."""
        differ = self.slices.heads[self.one[rows]] ^ self.slices.heads[self.two[rows]]
        length = np.zeros(len(rows), np.float32)
        for kept in (0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF):
            length += (differ & np.uint32(kept)) == 0
        return length


def _unsure(possible: Flags) -> LevelCodes:
    return np.where(possible, np.int8(UNSURE), np.int8(0))


def _words(terms: Slices, one: Codes, two: Codes) -> Bounds:
    return Bounds(terms, terms.words, one, two)


def given_names(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    bounds = _words(terms, one, two)
    formal = terms.trait(traits.formal_names)
    nicknames = (formal[one] & formal[two]) != 0
    return _unsure(nicknames | bounds.within | bounds.edits(1) | bounds.similar(likeness.SIMILAR))


def family_names(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    """Names alike but for particles, or one a part of the other, have a word in common."""
    bounds, words = _words(terms, one, two), terms.trait(traits.word_bits)
    shared = (words[one] & words[two]) != 0
    initials = bounds.within & (np.minimum(bounds.size_one, bounds.size_two) == 1)
    return _unsure(shared | initials | bounds.edits(1) | bounds.similar(likeness.SIMILAR))


def middle_names(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    bounds, begins = _words(terms, one, two), terms.trait(traits.first_letters)
    meet = (begins[one] & begins[two]) != 0
    return _unsure(meet | bounds.edits(1) | bounds.similar(likeness.NEARLY_SAME))


def birth_dates(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    typed = Bounds(terms, terms.numbers, one, two).edits(2)
    days = terms.trait(traits.days)
    apart = np.abs(days[one] - days[two])
    same_year = terms.heads[one] == terms.heads[two]
    level = np.where((apart <= likeness.YEAR) | same_year, 2, apart <= likeness.TEN_YEARS)
    return np.where(typed, UNSURE, np.where(apart <= likeness.MONTH, 3, level)).astype(np.int8)


def emails(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    boxes = terms.trait(traits.mailboxes)
    unlike = ~_words(terms, one, two).edits(2) & (boxes.local[one] != boxes.local[two]) & (boxes.bare[one] != boxes.bare[two])
    plain = boxes.plain[one] & boxes.plain[two]
    return np.where(unlike & plain, boxes.sort[one] != boxes.sort[two], UNSURE).astype(np.int8)


def phones(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    ends = terms.trait(traits.endings)
    bounds = Bounds(ends, ends.numbers, one, two)
    return _unsure(bounds.edits(1) | bounds.within)


def codes(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    return _unsure(Bounds(terms, terms.numbers, one, two).edits(2))


def workplaces(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    bounds = _words(terms, one, two)
    return _unsure(bounds.within | bounds.similar(likeness.SIMILAR_WORK))


def domains(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    labels = terms.trait(traits.labels)
    return _unsure(_words(labels, one, two).edits(1))


def categories(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    return _unsure(_words(terms, one, two).similar(likeness.SIMILAR_CATEGORY))


def organization_names(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    bounds, names = _words(terms, one, two), terms.trait(traits.name_words)
    shared = (names.distinctive[one] & names.distinctive[two]) != 0
    lacking = np.bitwise_count(names.telling[one] & ~names.telling[two]), np.bitwise_count(names.telling[two] & ~names.telling[one])
    typed = (np.maximum(*lacking) <= 1) & (np.abs(names.size[one] - names.size[two]) <= 1)
    return _unsure(shared | (names.initials[one] == names.initials[two]) | bounds.within | bounds.edits(2) | typed)


def streets(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    """Where one's words are not all in the other, a token set ratio of 90 needs what neither shares to be a tenth of both at most, or what
    one has for itself to be small beside the words shared."""
    bounds, characters = _words(terms, one, two), Bounds(terms, terms.characters, one, two)
    lacking = characters.lacking_one.astype(np.int16), characters.lacking_two.astype(np.int16)
    tenth = 10 * (lacking[0] + lacking[1]) <= bounds.size_one + bounds.size_two
    little = (11 * lacking[0] <= 2 * bounds.size_two - 11) | (11 * lacking[1] <= 2 * bounds.size_one - 11)
    return _unsure(characters.within | tenth | little | bounds.similar(address.SIMILAR))


def cities(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    return _unsure(_words(terms, one, two).similar(address.SIMILAR))


def one_edit(terms: Terms, one: Codes, two: Codes) -> LevelCodes:
    return _unsure(Bounds(terms, terms.numbers, one, two).edits(1))
