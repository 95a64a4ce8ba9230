"""How alike two different names of organisations are, as a level; see `likeness` for what holds of such functions."""

from resolution.compare.likeness import digits, edits
from resolution.normalize import names


def organization_names(left: str, right: str) -> int:
    one, two = left.split(), right.split()
    ordered = " ".join(sorted(one)), " ".join(sorted(two))
    if left.replace(" ", "") == right.replace(" ", "") or ordered[0] == ordered[1]:
        return 6
    if _abbreviated(one, two) or _typed(left, right, 2) or _typed(*ordered, 2):
        return 5
    if _initials_of(left, right):
        return 4
    shared, extra = set(one) & set(two), set(one) ^ set(two)
    distinctive = any(len(word) > 2 and word not in names.GENERIC for word in shared)
    if (distinctive and extra <= names.GENERIC) or _typed_words(_telling(one), _telling(two)):
        return 3
    if not distinctive:
        return 0
    return 2 if shared == set(one) or shared == set(two) else 1


def _telling(words: list[str]) -> list[str]:
    """The words that tell which organisation it is, and not of what sort."""
    return [word for word in words if word not in names.GENERIC]


def _typed_words(one: list[str], two: list[str]) -> bool:
    """Whether as many words are one edit apart."""
    return len(one) == len(two) and _typed(" ".join(one), " ".join(two), 1)


def _typed(left: str, right: str, most: int) -> bool:
    """Whether two longer names are so few edits apart; another number is another name ("store 12")."""
    return min(len(left), len(right)) >= 8 and edits(left, right, most) <= most and digits(left) == digits(right)


def shared_word(left: str, right: str, level: int) -> str:
    """The word that tells two names apart from others, on the levels that rest on words: the longest of both that is no general one."""
    if level not in (1, 2, 3):
        return ""
    shared = set(left.split()) & set(right.split()) - names.GENERIC
    return max(shared, key=lambda word: (len(word), word), default="")


def _initials_of(left: str, right: str) -> bool:
    """Whether one name is put together from the beginnings of the other's words, in its order or as sorted initials:
    "bt" of "blackwell textiles" and of "textiles blackwell", "heng" of "hodgson engineering"."""
    short, long = sorted((left, right), key=len)
    words = long.split()
    if " " in short or len(words) < 2 or len(short) < 2:
        return False
    return _from_beginnings(short, words) or short == "".join(sorted(word[0] for word in words))


def _from_beginnings(short: str, words: list[str]) -> bool:
    reached = {0}
    for word in words:
        reached = {place + size for place in reached for size in range(1, _begun(short, place, word) + 1)}
    return len(short) in reached


def _begun(short: str, place: int, word: str) -> int:
    """How many letters of `word` stand in `short` from `place` on."""
    return next((size for size, letter in enumerate(word) if short[place + size : place + size + 1] != letter), len(word))


def _abbreviates(short: str, long: str) -> bool:
    """Whether the letters of a short word stand in a long one in their order, the first first: "mfg" and "manufacturing"."""
    letters = iter(long)
    return short[0] == long[0] and 2 < len(short) <= 5 and len(long) > len(short) + 1 and all(letter in letters for letter in short)


def _abbreviated(one: list[str], two: list[str]) -> bool:
    """Whether two names are the same word by word, but for abbreviations."""
    if len(one) != len(two) or len(one) < 2 or set(one).isdisjoint(two):
        return False
    return all(a == b or _abbreviates(a, b) or _abbreviates(b, a) for a, b in zip(one, two, strict=True))
