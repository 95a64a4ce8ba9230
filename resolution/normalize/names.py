"""Names of people and organisations: folded, split into parts, freed of titles and legal forms."""

import re
from collections.abc import Container
from functools import cache

from cleanco import termdata
from nicknames import NickNamer

from resolution.normalize.profile import Terms, one
from resolution.normalize.text import plain_text
from resolution.normalize.vocabulary import words

TITLES = words("titles")
PARTICLES = words("particles")

#: Words that say what sort of organisation it is, and not which.
GENERIC = words("generic") | words("roles")
BRANCH = words("branch")

_FIRST_FORMS = words("first_forms")
_AFTER_NAME = re.compile(r"\s[|@/–—-]\s|\(")
_SINGLES = re.compile(r"\b([a-z]) (?=[a-z]\b)")
_UMLAUT = re.compile("([aou])e")  # spelled either way: mueller, muller
_NICKNAMES = NickNamer()


@cache
def legal_forms() -> frozenset[tuple[str, ...]]:
    """Legal forms as tuples of words (`("gmbh",)`, `("gmbh", "co", "kg")`), from cleanco's lists."""
    spelled = [form for lists in (termdata.terms_by_type, termdata.terms_by_country) for forms in lists.values() for form in forms]
    spelled += [
        "gmbh & co kg",
        "gmbh & co. ohg",
        "ug haftungsbeschränkt",
        "e.k.",
        "e.v.",
        "s.r.l.",
        "public limited company",
        "s.a.r.l.",
        "s.a.s.",
        "oü",
        "kft",
    ]
    forms = {tuple(joined_initials(plain_text(form)).split()) for form in spelled}
    return frozenset(form for form in forms if form and form not in {("group",), ("holding",), ("holdings",)})


def joined_initials(name: str) -> str:
    """Runs of single letters become one word: "s a p systems" -> "sap systems"."""
    return _SINGLES.sub(r"\1", name)


@cache
def _legal_endings() -> tuple[frozenset[tuple[str, ...]], int]:
    return legal_forms(), max(len(form) for form in legal_forms())


def organization_core(name: str) -> str:
    """A plain name without its legal form; the whole name where nothing else is in it."""
    forms, longest = _legal_endings()
    words = [word for word in joined_initials(name).split() if word != "and"]
    if len(words) > 1 and words[0] in _FIRST_FORMS:
        words = words[1:]
    end, again = len(words), True
    while again:
        again = False
        for size in range(min(longest, end - 1), 0, -1):
            if tuple(words[end - size : end]) in forms:
                end, again = end - size, True
                break
    return " ".join(words[:end])


def has_legal_form(name: str) -> bool:
    """Whether a plain name ends in a legal form of two letters or more."""
    words = [word for word in joined_initials(name).split() if word != "and"]
    core = organization_core(name).split()
    return len(core) < len(words) and len(words[-1]) > 1


def organization_parts(name: str) -> tuple[str, str]:
    """(core, branch) of a plain name: "acme gmbh niederlassung hamburg" -> ("acme", "hamburg"); a branch word alone stands for itself."""
    words = name.split()
    for place, word in enumerate(words):
        if word in BRANCH and place:
            return organization_core(" ".join(words[:place])), " ".join(words[place + 1 :]) or word
    return organization_core(name), ""


def initials(name: str) -> str:
    """The initials of a core name of several words, or the name itself where it could be initials: "blackwell textiles" and "bt" ->
    "bt"."""
    words = name.split()
    return "".join(word[0] for word in words) if len(words) > 1 else name if len(name) < 6 else ""


def person_parts(raw: str) -> tuple[str, str, str]:
    """(given, middle, family) of one raw name: "Smith, Dr. John A." -> ("john", "a", "smith").

    What follows " | ", " - " or "(" is no name.
    """
    raw = _AFTER_NAME.split(raw, maxsplit=1)[0]
    if raw.count(",") == 1:
        last, first = (_name_words(part) for part in raw.split(","))
        if last and first and not all(word in TITLES for word in first):
            first = _untitled(first)
            return first[0].replace(" ", ""), " ".join(first[1:]), " ".join(last)
    words = _untitled(_name_words(raw))
    if len(words) < 2:
        return ("", "", words[0]) if words else ("", "", "")
    start = len(words) - 1
    while start > 1 and words[start - 1] in PARTICLES:
        start -= 1
    return words[0].replace(" ", ""), " ".join(words[1:start]), " ".join(words[start:])


def _name_words(raw: str) -> list[str]:
    """The words of a name, folded; a hyphenated one stays together ("smith jones")."""
    return [word for word in map(plain_text, raw.replace(".", " ").split()) if word]


def _untitled(words: list[str]) -> list[str]:
    """The words without titles; all of them where nothing else is there."""
    return [word for word in words if word not in TITLES] or words


def person_name(raw: str) -> Terms:
    """A person's name as one string."""
    given, middle, family = person_parts(raw)
    return one("given", given) + one("middle", middle) + one("family", family)


def given_name(raw: str) -> Terms:
    """The first given name, and the others as middle; a hyphenated name is one."""
    words = _untitled(plain_text(raw.replace("-", "")).split())
    return one("given", words[0]) + one("middle", " ".join(words[1:])) if words else ()


def family_name(raw: str) -> Terms:
    return one("family", plain_text(raw))


def other_words(raw: str, known: Container[str]) -> Terms:
    """What a full name adds to the `known` words of the record's given and family name."""
    words = [word for word in plain_text(raw).split() if word not in known and word not in TITLES]
    return one("middle", " ".join(words))


def organization_name(raw: str, city: str = "") -> Terms:
    """(name, branch) of an organisation; one of several words that ends in its own (plain) `city` is a branch there: "acme tools graz"."""
    core, branch = organization_parts(plain_text(raw))
    if city and not branch and core.endswith(f" {city}") and " " in core[: -len(city) - 1]:
        core, branch = organization_core(core[: -len(city) - 1]), city
    return one("name", core) + one("branch", branch)


def employer(raw: str) -> Terms:
    """What a person's employer is called, in one word that can meet the domain of its mailboxes."""
    return one("workplace", _one_word(organization_core(plain_text(raw))))


def workplace(domain: str) -> Terms:
    """The word by which a work domain names its owner: "acme-tools.com" -> "acmetools"."""
    return one("workplace", _one_word(domain.partition(".")[0]))


def _one_word(name: str) -> str:
    return _UMLAUT.sub(r"\1", name.replace(" ", "").replace("-", ""))


@cache
def nickname_set(given: str) -> frozenset[str]:
    """Names that one called `given` may also go by, itself included."""
    return frozenset({given} | _NICKNAMES.nicknames_of(given) | _NICKNAMES.canonicals_of(given))


@cache
def formal_names(given: str) -> tuple[str, ...]:
    """The names that `given` may stand for, in order, itself among them: "tom" -> ("thom", "thomas", "tom")."""
    return tuple(sorted(_NICKNAMES.canonicals_of(given) | {given}))


@cache
def with_nicknames() -> frozenset[str]:
    """The names that are nicknames or have some; any other is a nickname of none."""
    return frozenset(_NICKNAMES.nickname_lookup) | frozenset(_NICKNAMES.canonical_lookup)


def are_nicknames(left: str, right: str) -> bool:
    """Whether one may be called the other ("tom", "thomas"), or both the same formal name ("bill", "will")."""
    return right in nickname_set(left) or not set(formal_names(left)).isdisjoint(formal_names(right))
