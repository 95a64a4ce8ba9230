"""Founds the organisations of a world: fresh ones, branches, subsidiaries, and those that only share another's name."""

from datetime import date, timedelta
from random import Random

from crosswalk.sandbox import identifiers
from crosswalk.sandbox.parties import Address, Organization, World, slug
from crosswalk.sandbox.vocabulary import COUNTRIES, INVENTED_FIRST, INVENTED_SECOND, City, Country, people_names


def found(world: World, rng: Random, number: int, taken: dict[str, int]) -> Organization:
    """The next organisation; `taken` counts the names already given."""
    chance = rng.random()
    heads = [one for one in world.organizations[-40:] if not one.parent]
    if number > 8 and chance < 0.06:
        return _branch(world, rng, number, rng.choice(heads))
    if number > 8 and chance < 0.11:
        return _subsidiary(world, rng, (number, taken), rng.choice(heads))
    if number > 8 and chance < 0.16:
        return _homonym(world, rng, (number, taken), rng.choice(heads))
    country = rng.choices(COUNTRIES, [one.weight for one in COUNTRIES])[0]
    name = _trading_name(country, rng, taken)
    return _fresh(rng, number, country, name, _unique(name, taken))


def _fresh(rng: Random, number: int, country: Country, name: str, repeat: int) -> Organization:
    city = rng.choice(country.cities)
    legal = f"{name} {rng.choice(country.legal_forms)}"
    stem = slug(name) if repeat == 0 else f"{slug(name)}-{slug(city.name)}{repeat if repeat > 1 else ''}"
    organization = Organization(
        id=f"org:{number:05d}", country=country, legal_name=legal, trading_name=name,
        abbreviation=_abbreviation(name), domain=f"{stem}.{country.tld}", vat=identifiers.vat_number(country.code, rng),
        address=_address(country, city, rng), switchboard=_switchboard(country, city, rng), trade=name.split()[-1],
        since=date(2012, 1, 1) + timedelta(days=rng.randrange(5000)), customer=rng.random() < 0.72,
    )  # fmt: skip
    organization.number = 1000 + number if organization.customer else 0
    if rng.random() < 0.09:
        organization.former_name = f"{_family_name(country, rng)} {name.split()[-1]} {rng.choice(country.legal_forms)}"
    if rng.random() < 0.12:
        organization.former_address = _address(country, rng.choice(country.cities), rng)
    organization.mailboxes = [f"info@{organization.domain}"]
    local = {"de": ("einkauf", "buchhaltung"), "fr": ("achats", "compta"), "nl": ("inkoop", "administratie"), "es": ("compras", "facturas"),
             "it": ("acquisti", "amministrazione")}.get(country.language, ("purchasing", "accounts"))  # fmt: skip
    organization.mailboxes += [f"{box}@{organization.domain}" for box in local if rng.random() < 0.45]
    return organization


def _branch(world: World, rng: Random, number: int, head: Organization) -> Organization:
    """No legal person of its own: no VAT number, the head's domain, its own place, name and telephone."""
    world.hardness["branches"] += 1
    siblings = [one.address.city for one in world.organizations if one.parent == head.id or one.id == head.id]
    city = rng.choice([one for one in head.country.cities if one.name not in siblings] or list(head.country.cities))
    return Organization(
        id=f"org:{number:05d}", country=head.country, legal_name=f"{head.legal_name}, {head.country.branch} {city.name}",
        trading_name=f"{head.trading_name} {city.name}", abbreviation="", domain=head.domain, vat="",
        address=_address(head.country, city, rng), switchboard=_switchboard(head.country, city, rng), trade=head.trade,
        since=head.since + timedelta(days=400), parent=head.id, relation="branch", customer=head.customer,
        number=1000 + number if head.customer else 0,
    )  # fmt: skip


def _subsidiary(world: World, rng: Random, place: tuple[int, dict[str, int]], head: Organization) -> Organization:
    """A legal person of its own, near in name to its parent; one in three shares the parent's domain and switchboard."""
    number, taken = place
    world.hardness["subsidiaries"] += 1
    trade = rng.choice([trade for trade in head.country.trades if trade not in head.trading_name])
    name = f"{head.trading_name.split()[0]} {trade}"
    organization = _fresh(rng, number, head.country, name, _unique(name, taken))
    organization.parent, organization.relation = head.id, "subsidiary"
    if rng.random() < 0.34:
        world.hardness["switchboards_shared_by_companies"] += 1
        organization.domain, organization.switchboard, organization.address = head.domain, head.switchboard, head.address
        organization.mailboxes = []
    return organization


def _homonym(world: World, rng: Random, place: tuple[int, dict[str, int]], other: Organization) -> Organization:
    """Another company of the same name, or of a name one word away, in another city."""
    number, taken = place
    cities = [city for city in other.country.cities if city.name != other.address.city]
    if rng.random() < 0.5:
        world.hardness["homonym_companies"] += 1
        name = other.trading_name
    else:
        world.hardness["near_homonym_companies"] += 1
        first, _, rest = other.trading_name.partition(" ")
        name = f"{first} & Co. {rest}" if "&" not in first else f"{first} {rest} International"
    organization = _fresh(rng, number, other.country, name, _unique(name, taken))
    city = rng.choice(cities)
    organization.address, organization.switchboard = _address(other.country, city, rng), _switchboard(other.country, city, rng)
    return organization


def _unique(name: str, taken: dict[str, int]) -> int:
    repeat = taken.get(slug(name), 0)
    taken[slug(name)] = repeat + 1
    return repeat


def _trading_name(country: Country, rng: Random, taken: dict[str, int]) -> str:
    """A name not yet taken while there are any left: homonyms are made on purpose, and counted."""
    for _ in range(30):
        first = _family_name(country, rng)
        shape = rng.random()
        if shape < 0.25:
            first = rng.choice(INVENTED_FIRST) + rng.choice(INVENTED_SECOND)
        elif shape < 0.4:
            first = f"{first} & {_family_name(country, rng)}"
        name = f"{first} {rng.choice(country.trades)}"
        if slug(name) not in taken:
            break
    return name


def _family_name(country: Country, rng: Random) -> str:
    return rng.choice(people_names(country.locale)[1])


def _abbreviation(name: str) -> str:
    letters = "".join(word[0] for word in name.replace("&", " ").split())
    return (letters if len(letters) > 2 else letters + name.split()[-1][1:3]).upper()


def _address(country: Country, city: City, rng: Random) -> Address:
    house, street = rng.randrange(1, 180), rng.choice(country.streets)
    line = f"{house} {street}" if country.number_first else f"{street} {house}"
    return Address(line, identifiers.pattern(city.postcode, rng), city.name, city.region, country.code)


def _switchboard(country: Country, city: City, rng: Random) -> str:
    number = identifiers.landline(country, city.area, rng)
    return number[:-1] + "0"
