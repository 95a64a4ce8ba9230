"""Names of organisations, freed of legal forms; and which given names stand for each other."""

import re
from functools import cache

from cleanco import termdata
from nicknames import NickNamer

from resolution.normalize.profile import Terms, once, one
from resolution.normalize.text import plain_text, spellings, without_umlauts
from resolution.normalize.vocabulary import lines, words

PARTICLES = words("particles")

#: Words that say what sort of organisation it is, and not which.
GENERIC = words("generic") | words("roles")
BRANCH = words("branch")

_FIRST_FORMS = words("first_forms")
_EASTERN_FORMS = re.compile(
    "股份有限公司|有限责任公司|有限責任公司|有限公司|株式会社|有限会社|合同会社|[（(]株[)）]|㈱|주식회사|유한회사|[（(]주[)）]|㈜"
)
_ALSO = re.compile(
    r"[\s(,;](?:t/a|d/b/a|dba|a/k/a|aka|f/k/a|fka|trading as|doing business as|also known as|formerly(?: known as)?|previously"
    r"|vormals|ehemals|anciennement|c/o)[\s:.]",
    re.IGNORECASE,
)
_PIECES = re.compile(r"[(),]")
_SINGLES = re.compile(r"\b([a-z]) (?=[a-z]\b)")
_NICKNAMES = NickNamer()


@cache
def legal_forms() -> frozenset[tuple[str, ...]]:
    """Legal forms as tuples of words (`("gmbh",)`, `("gmbh", "co", "kg")`), from cleanco's lists."""
    spelled = [form for lists in (termdata.terms_by_type, termdata.terms_by_country) for forms in lists.values() for form in forms]
    spelled += lines("legal_forms")
    forms = {tuple(joined_initials(plain_text(form)).split()) for form in spelled}
    return frozenset(form for form in forms if form and form not in {("group",), ("holding",), ("holdings",)})


def joined_initials(name: str) -> str:
    """Runs of single letters become one word: "s a p systems" -> "sap systems"."""
    return _SINGLES.sub(r"\1", name)


@cache
def _legal_endings() -> tuple[frozenset[tuple[str, ...]], frozenset[str], int]:
    """(legal forms, the words that they end in, the words of the longest)."""
    forms = legal_forms()
    return forms, frozenset(form[-1] for form in forms), max(map(len, forms))


def _words(name: str) -> list[str]:
    words = name.split()
    if any(len(word) == 1 for word in words):
        words = joined_initials(name).split()
    return [word for word in words if word != "and"] if "and" in words else words


def organization_core(name: str) -> str:
    """A plain name without its legal form; the whole name where nothing else is in it."""
    forms, last, longest = _legal_endings()
    words = _words(name)
    if len(words) > 1 and words[0] in _FIRST_FORMS:
        words = words[1:]
    end = len(words)
    while end > 1 and words[end - 1] in last:
        sizes = (size for size in range(min(longest, end - 1), 0, -1) if tuple(words[end - size : end]) in forms)
        size = next(sizes, 0)
        if not size:
            break
        end -= size
    return " ".join(words[:end])


def has_legal_form(name: str) -> bool:
    """Whether a plain name ends in a legal form of two letters or more."""
    words = _words(name)
    core = organization_core(name).split()
    return len(core) < len(words) and len(words[-1]) > 1


def organization_parts(name: str) -> tuple[str, str]:
    """(core, branch) of a plain name: "acme gmbh niederlassung hamburg" -> ("acme", "hamburg"); a branch word alone stands for itself."""
    words = name.split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    for place, word in enumerate(words):
        if word in BRANCH and place:
            return organization_core(" ".join(words[:place])), " ".join(words[place + 1 :]) or word
    return organization_core(" ".join(words)), ""


def initials(name: str) -> str:
    """The initials of a core name of several words, or the name itself where it could be initials: "blackwell textiles" and "bt" ->
    "bt"."""
    words = name.split()
    return "".join(word[0] for word in words) if len(words) > 1 else name if len(name) < 6 else ""


def organization_name(raw: str, city: str = "") -> Terms:
    """(name, branch) of an organisation, and of others that it goes or went by ("trading as"); a name of several words that ends in the
    organisation's own (plain) `city` is a branch there: "acme tools graz"."""
    return once(_named(name, city) for spelled in spellings(raw) for name in _ALSO.split(_without_eastern_forms(spelled)))


def _named(raw: str, city: str) -> Terms:
    core, branch = organization_parts(_without_inner_forms(raw))
    if city and not branch and core.endswith(f" {city}") and " " in core[: -len(city) - 1]:
        core, branch = organization_core(core[: -len(city) - 1]), city
    return one("name", core) + one("branch", branch)


def _without_eastern_forms(raw: str) -> str:
    left = raw if raw.isascii() else _EASTERN_FORMS.sub(" ", raw)
    return left if left.strip() else raw


def _without_inner_forms(raw: str) -> str:
    """The plain name; where it ends in no legal form, but a piece before a bracket or comma does, without that: "Acme GmbH (Graz)"."""
    name = plain_text(raw)
    if "(" not in raw and "," not in raw:
        return name
    pieces = [piece for piece in map(plain_text, _PIECES.split(raw)) if piece]
    if len(pieces) < 2 or organization_core(name) != joined_initials(name):
        return name
    return " ".join(piece for piece in map(organization_core, pieces) if tuple(joined_initials(piece).split()) not in legal_forms())


def employer(raw: str) -> Terms:
    """What a person's employer is called, in one word that can meet the domain of its mailboxes."""
    return one("workplace", _one_word(organization_core(plain_text(raw))))


def workplace(domain: str) -> Terms:
    """The word by which a work domain names its owner: "acme-tools.com" -> "acmetools"."""
    return one("workplace", _one_word(domain.partition(".")[0]))


def _one_word(name: str) -> str:
    return without_umlauts(name.replace(" ", "").replace("-", ""))


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
