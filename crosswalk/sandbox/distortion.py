"""The errors of life: what happens to a name between the person who says it and the one who types it."""

from random import Random

from crosswalk.sandbox.parties import Organization, Person, slug

_NEIGHBOURS = {"a": "s", "e": "r", "i": "o", "o": "p", "n": "m", "r": "t", "s": "d", "t": "z", "l": "k", "u": "i", "m": "n"}


def typo(word: str, rng: Random) -> str:
    """The word with two letters swapped, one left out, doubled, or hit beside its key; never its first letter."""
    if len(word) < 4:
        return word + word[-1]
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2 and word[at] in _NEIGHBOURS:
        return word[:at] + _NEIGHBOURS[word[at]] + word[at + 1 :]
    return word[:at] + word[at] + word[at:]


def without_accents(name: str) -> str:
    """`Krämer` as `Kraemer`, each word's capital kept."""
    return " ".join(slug(word).title() if slug(word) else word for word in name.split())


def company_name(organization: Organization, rng: Random) -> tuple[str, str]:
    """(a name of the organisation as somebody would enter it, which kind of name it is)."""
    if organization.relation == "branch":
        city = organization.address.city
        head = organization.trading_name.removesuffix(city).strip()
        forms = (organization.trading_name, organization.legal_name, f"{head} - {organization.country.branch} {city}", f"{head} ({city})")
        return rng.choice(forms), "branch"
    chance = rng.random()
    if chance < 0.34:
        return organization.trading_name, "trading"
    if chance < 0.66:
        return organization.legal_name, "legal"
    if chance < 0.74:
        return organization.legal_name.upper(), "legal"
    if chance < 0.81:
        return organization.legal_name.replace(".", "").replace("&", "und" if organization.country.language == "de" else "and"), "legal"
    if chance < 0.86:
        return organization.abbreviation, "abbreviated"
    if chance < 0.91:
        return without_accents(organization.trading_name), "trading"
    if organization.former_name and chance > 0.94:
        return organization.former_name, "former"
    first, _, rest = organization.trading_name.partition(" ")
    return f"{typo(first, rng)} {rest}", "typo"


def person_name(person: Person, rng: Random) -> tuple[str, str, str]:
    """(given, family, which kind of name it is); a twin keeps the exact name, or nobody could tell the two apart."""
    if "twin" in person.hard:
        return person.given, person.family, "exact"
    chance = rng.random()
    if person.nickname and chance < 0.4:
        return person.nickname, person.family, "nickname"
    if chance < 0.05:
        return person.given, typo(person.family, rng), "typo"
    if chance < 0.07:
        return typo(person.given, rng), person.family, "typo"
    if chance < 0.12:
        return without_accents(person.given), without_accents(person.family), "exact"
    return person.given, person.family, "exact"
