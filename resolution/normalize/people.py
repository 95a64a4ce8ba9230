"""Names of people: folded, split into parts, freed of titles; a name that may be written in two ways gives both."""

import re
from collections.abc import Container
from dataclasses import dataclass
from itertools import takewhile

from resolution.normalize.profile import Terms, once, one
from resolution.normalize.text import plain_text, spellings
from resolution.normalize.vocabulary import table, words

TITLES = words("titles")
PARTICLES = words("particles")

_FIRST_TITLES = words("first_titles")
_DEGREES = words("after_doctor")
_GENERATIONS = table("generations")
_FIRST_OF_TWO, _SECOND_OF_TWO = words("first_of_two"), words("second_of_two")

_ODD = re.compile(r"[^A-Za-z '.,-]| (?:-|geb|geborene|nee|born)[ .]")
_AFTER_NAME = re.compile(r"\s(?:[|@/–—-]|c/o)\s|\(")
_ASIDE = re.compile(r"""\(([^()]*)\)|["“”„«]([^"“”„«»]*)["“”»]|(?<!\w)['‘](\w+)['’](?!\w)""")
_BORN = re.compile(r"\b(?:geb\.|geborene|née|nee|born)\s+", re.IGNORECASE)
#: A name in one word of two to four syllables, each a sign: Chinese or Korean.
_SYLLABLES = re.compile("[\u4e00-\u9fff]{2,4}|[\uac00-\ud7af]{2,4}")
_SURNAMES_OF_TWO = (
    "欧阳",
    "歐陽",
    "司马",
    "司馬",
    "上官",
    "诸葛",
    "諸葛",
    "皇甫",
    "尉迟",
    "尉遲",
    "公孙",
    "公孫",
    "慕容",
    "令狐",
    "东方",
    "夏侯",
    "남궁",
    "황보",
    "제갈",
    "선우",
)


@dataclass(slots=True)
class _Name:
    """A name in words: given[0] is the first given name, the others are middle names."""

    given: list[str]
    family: list[str]
    generation: str = ""
    called: str = ""
    born: str = ""


def person_name(raw: str) -> Terms:
    """(given, middle, family, generation) of one name: "Smith, Dr. John A." -> john, a, smith. A name called by in brackets or quotes is a
    given name too, and a name born with a family name."""
    return once(map(_person_name, spellings(raw)))


def given_name(raw: str) -> Terms:
    """The first given name, and the others as middle; a hyphenated name is one."""
    return once(map(_given_name, spellings(raw)))


def family_name(raw: str) -> Terms:
    return once(map(_family_name, spellings(raw)))


def other_words(raw: str, known: Container[str]) -> Terms:
    """What a full name adds to the `known` words of the record's given and family name."""
    said, generation = _without_generation(plain_text(raw).split(), 2)
    rest = [word for word in said if word not in known and word not in TITLES]
    return one("middle", " ".join(rest)) + one("generation", generation)


def _person_name(raw: str) -> Terms:
    name = _parts(raw)
    first = name.given[0].replace(" ", "") if name.given else ""
    terms = one("given", first) + _joined("".join(name.given[:1]), "".join(name.given[1:2])) + one("given", name.called)
    terms += one("middle", " ".join(name.given[1:])) + one("family", " ".join(name.family)) + one("family", name.born)
    return terms + one("generation", name.generation)


def _given_name(raw: str) -> Terms:
    said = plain_text(raw.replace("-", "")).split()
    if len(said) > 1:
        said, generation = _without_generation(_untitled(said), 1)
        return (
            one("given", said[0]) + _joined(said[0], "".join(said[1:2])) + one("middle", " ".join(said[1:])) + one("generation", generation)
        )
    return one("given", "".join(said))


def _family_name(raw: str) -> Terms:
    said = plain_text(raw)
    if " " not in said:
        return one("family", said)
    left, generation = _without_generation(said.split(), 1)
    return one("family", " ".join(left)) + one("generation", generation)


def _joined(first: str, second: str) -> Terms:
    """Two given names that are as often written as one: mary ann, maryann."""
    return one("given", first + second) if first in _FIRST_OF_TWO and second in _SECOND_OF_TWO else ()


def _parts(raw: str) -> _Name:
    called = born = ""
    if _ODD.search(raw):
        if _SYLLABLES.fullmatch(raw.strip()):
            return _of_syllables(raw.strip())
        raw, called, born = _without_asides(raw)
        raw = _AFTER_NAME.split(raw, maxsplit=1)[0]
    if "," in raw and (turned := _turned(raw)):
        name = turned
    elif capitals := _capitals_first(raw):
        given, generation = _without_generation(_untitled(_words(" ".join(raw.split()[capitals:]))), 1)
        name = _Name(given, _words(" ".join(raw.split()[:capitals])), generation)
    else:
        name = _in_order(_words(raw))
    name.called, name.born = called, born
    return name


def _in_order(said: list[str]) -> _Name:
    said, generation = _without_generation(_untitled(said), 2)
    if len(said) < 2:
        return _Name([], said, generation)
    start = len(said) - 1
    while start > 1 and said[start - 1] in PARTICLES:
        start -= 1
    return _Name(said[:start], said[start:], generation)


def _turned(raw: str) -> _Name | None:
    """The name where a comma sets the family name before the given one, or titles after the name; null where it does neither."""
    pieces = [_words(piece) for piece in raw.split(",")]
    head = pieces[0]
    tails = [piece for piece in pieces[1:] if piece and not piece[0][0].isdigit()]
    said = [piece for piece in tails if not all(word in TITLES or word in _GENERATIONS for word in piece)]
    after = [word for piece in tails if piece not in said for word in piece]
    if not head or len(said) > 1:
        return None
    if not said:
        return _in_order(head + after)
    family, elder = _without_generation(head, 1)
    given, younger = _without_generation(_untitled(said[0]), 1)
    return _Name(given, family, elder or younger or _without_generation(["", *after], 1)[1])


def _capitals_first(raw: str) -> int:
    """How many words of a family name stand in capitals before a given name that does not: 2 of "LE GOFF Yann"; 0 of "JRR Tolkien"."""
    if not raw[:2].isupper():
        return 0
    said = raw.split()
    capitals = list(takewhile(lambda word: len(word) > 1 and word.isupper() and "." not in word, said))
    rest = said[len(capitals) :]
    if not capitals or not rest or not rest[0][:1].isupper() or len(rest[0]) < 2:
        return 0
    last = plain_text(capitals[-1])
    return len(capitals) if len(last) > 2 and not set("aeiouy").isdisjoint(last[1:]) and last not in TITLES else 0


def _words(raw: str) -> list[str]:
    """The words of a name, folded; a hyphenated one stays together ("smith jones")."""
    return [word for word in map(plain_text, raw.replace(".", " ").split()) if word]


def _untitled(said: list[str]) -> list[str]:
    """The words without titles; all of them where nothing else is there."""
    if len(said) > 2 and said[0] in _FIRST_TITLES:
        said = said[1:]
    start = 0
    while start < len(said) - 2 and (said[start] in TITLES or (start and said[start] in _DEGREES)):
        start += 2 if said[start : start + 2] == ["h", "c"] else 1
    return [word for word in said[start:] if word not in TITLES] or said


def _without_generation(said: list[str], least: int) -> tuple[list[str], str]:
    """The words without a last one that tells the generation, and what it tells; where `least` words are left at least."""
    if len(said) > least and said[-1] in _GENERATIONS:
        return said[:-1], _GENERATIONS[said[-1]]
    return said, ""


def _without_asides(raw: str) -> tuple[str, str, str]:
    """(the name without what is in brackets or quotes, the name that its bearer is called by, the one it was born with)."""
    called = born = ""
    for found in _ASIDE.finditer(raw):
        said = plain_text("".join(filter(None, found.groups())))
        if _BORN.match(found.group()[1:]):
            born = said.partition(" ")[2]
        elif said.isalpha() and _words(raw[found.end() :]) and not TITLES.issuperset(_words(raw[: found.start()])):
            called = said
    raw = _ASIDE.sub(" ", raw)
    before, *after = _BORN.split(raw, maxsplit=1)
    if after and len(before.split()) > 1:
        return before, called, plain_text(after[0])
    return raw, called, born


def _of_syllables(raw: str) -> _Name:
    size = 2 if len(raw) == 4 or (raw.startswith(_SURNAMES_OF_TWO) and len(raw) > 2) else 1
    return _Name([plain_text(raw[size:])], [plain_text(raw[:size])])
