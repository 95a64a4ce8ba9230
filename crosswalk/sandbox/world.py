"""The true world: organisations, the people in them, where each worked and when. No record of any source is here.

The world is a function of (seed, size, today): one random generator, drawn from in one order, and no set is ever iterated.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from crosswalk.sandbox import identifiers
from crosswalk.sandbox.vocabulary import (
    BY_CODE,
    COUNTRIES,
    INVENTED_FIRST,
    INVENTED_SECOND,
    NICKNAMES,
    TENANT_DOMAIN,
    TITLES,
    City,
    Country,
    people_names,
)

TODAY = date(2026, 11, 1)
_SPELLED = str.maketrans(dict(zip("äöüßøæ", ("ae", "oe", "ue", "ss", "o", "ae"), strict=True)))


@dataclass(slots=True)
class Address:
    """One postal address; `region` may be empty."""

    street: str
    postcode: str
    city: str
    region: str
    country: str


@dataclass(slots=True)
class Organization:
    """A true organisation. `relation` says how it hangs on `parent`: a branch is no legal person of its own, a subsidiary is."""

    id: str
    country: Country
    legal_name: str
    trading_name: str
    abbreviation: str
    domain: str
    vat: str
    address: Address
    switchboard: str
    trade: str
    since: date
    former_name: str = ""
    former_address: Address | None = None
    parent: str = ""
    relation: str = ""
    customer: bool = True
    number: int = 0  # the customer number in the ERP, 0 for none
    mailboxes: list[str] = field(default_factory=list)

    @property
    def customer_number(self) -> str:
        """Our key for the customer, as the ERP's `ref` holds it: `KRA-0042`."""
        letters = [letter for letter in slug(self.trading_name).upper() if letter.isalpha()]
        return f"{''.join(letters[:3]):X<3}-{self.number:04d}" if self.number else ""


@dataclass(slots=True)
class Employment:
    """One person's time at one organisation. `phone` is empty where only the switchboard reaches them."""

    organization: Organization
    title: str
    email: str
    phone: str
    start: date
    end: date | None = None


@dataclass(slots=True)
class Person:
    """A true person; the last employment is the present one."""

    id: str
    given: str
    family: str
    nickname: str
    mobile: str
    private_email: str
    employments: list[Employment]
    hard: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"

    @property
    def now(self) -> Employment:
        """The present employment."""
        return self.employments[-1]


@dataclass(slots=True)
class Staff:
    """One of our own people."""

    id: str
    name: str
    title: str
    email: str
    phone: str


@dataclass(slots=True)
class World:
    """All that is true. `hardness` counts what makes the world's records hard to tell apart or to bring together."""

    seed: int
    today: date
    organizations: list[Organization]
    people: list[Person]
    staff: list[Staff]
    hardness: Counter[str]
    by_organization: dict[str, list[Person]] = field(default_factory=dict)
    addresses: dict[str, int] = field(default_factory=dict)

    def organization(self, organization_id: str) -> Organization:
        """The organisation of an id of the form `org:00001`."""
        return self.organizations[int(organization_id.split(":")[1]) - 1]


def slug(name: str) -> str:
    """Letters, digits and hyphens for a domain or file name: `Krämer & Co` becomes `kraemer-co`."""
    lowered = name.lower().translate(_SPELLED)
    plain = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()
    return "-".join("".join(sign if sign.isalnum() else " " for sign in plain.replace("'", "")).split())


def make_world(seed: int, organizations: int, today: date = TODAY) -> World:
    """The world of a seed and a number of organisations."""
    rng = Random(f"{seed}/{organizations}/world")
    world = World(seed, today, [], [], _staff(), Counter())
    taken: dict[str, int] = {}
    for number in range(1, organizations + 1):
        world.organizations.append(_organization(world, rng, number, taken))
    for organization in world.organizations:
        world.by_organization[organization.id] = []
    for organization in world.organizations:
        _hire(world, rng, organization)
    _move_some(world, rng)
    return world


def _staff() -> list[Staff]:
    names = (
        ("Jonas Petersen", "Account Manager"), ("Miriam Albers", "Key Account Manager"), ("Tobias Rehm", "Sales Engineer"),
        ("Clara Hoffmann", "Customer Service"), ("Daniel Ostrowski", "Service Technician"), ("Nina Falk", "Accounting"),
        ("Simon Delacroix", "Area Sales Manager South"), ("Grace Whitmore", "Area Sales Manager UK & US"),
    )  # fmt: skip
    return [
        Staff(f"self:person:{place}", name, title, f"{slug(name).replace('-', '.')}@{TENANT_DOMAIN}", f"+49 40 55501{10 + place}")
        for place, (name, title) in enumerate(names, 1)
    ]


def _organization(world: World, rng: Random, number: int, taken: dict[str, int]) -> Organization:
    chance = rng.random()
    heads = [one for one in world.organizations[-40:] if not one.parent]
    if number > 8 and chance < 0.06:
        return _branch(world, rng, number, rng.choice(heads))
    if number > 8 and chance < 0.11:
        return _subsidiary(world, rng, (number, taken), rng.choice(heads))
    if number > 8 and chance < 0.14:
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
    if rng.random() < 0.06:
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


def _hire(world: World, rng: Random, organization: Organization) -> None:
    count = min(14, 1 + int(rng.expovariate(0.31 if organization.relation != "branch" else 0.8)))
    style = rng.randrange(4)
    for _ in range(count):
        given, family, hard = _name(world, rng, organization)
        person = Person(
            id=f"person:{len(world.people) + 1:06d}", given=given, family=family, nickname=NICKNAMES.get(given, ""),
            mobile=identifiers.mobile(organization.country, rng), private_email="", employments=[], hard=hard,
        )  # fmt: skip
        if rng.random() < 0.06:
            tail = f"{rng.randrange(60, 99)}.{person.id[-4:]}"
            person.private_email = f"{slug(given)}.{slug(family)}{tail}@{rng.choice(('gmail.com', 'gmx.net', 'outlook.com'))}"
        person.employments.append(_employment(world, rng, (person, organization), style))
        world.people.append(person)
        world.by_organization[organization.id].append(person)


def _name(world: World, rng: Random, organization: Organization) -> tuple[str, str, tuple[str, ...]]:
    """A name; now and then one that somebody else has already, elsewhere or (rarely) in the same house."""
    chance = rng.random()
    if world.people and chance < 0.02:
        world.hardness["people_of_the_same_name"] += 1
        other = rng.choice(world.people)
        return other.given, other.family, ("namesake",)
    if chance < 0.025 and world.by_organization[organization.id]:
        world.hardness["people_of_the_same_name_in_one_company"] += 1
        other = world.by_organization[organization.id][-1]
        other.hard = (*other.hard, "twin")
        return other.given, other.family, ("twin",)
    given, families = people_names(organization.country.locale)
    nicknamed = [name for name in given if name in NICKNAMES]
    return rng.choice(nicknamed if nicknamed and rng.random() < 0.2 else given), rng.choice(families), ()


def _employment(world: World, rng: Random, who: tuple[Person, Organization], style: int) -> Employment:
    person, organization = who
    given, family = slug(person.given), slug(person.family).replace("-", "")
    local = (f"{given}.{family}", f"{given[0]}.{family}", f"{given[0]}{family}", f"{family}.{given}")[style]
    direct = ""
    if rng.random() < 0.45:
        direct = identifiers.extension(organization.switchboard, rng.randrange(10, 99)) if organization.country.trunk == "0" and (
            organization.country.code in ("DE", "AT")
        ) else organization.switchboard[:-3] + f"{rng.randrange(101, 999)}"  # fmt: skip
    start = max(organization.since, world.today - timedelta(days=rng.randrange(200, 4000)))
    email = _unused(world, f"{local}@{organization.domain}")
    return Employment(organization, rng.choice(TITLES), email, direct, start)


def _unused(world: World, email: str) -> str:
    """The address, or the next free one with a number: branches and their head share a domain."""
    repeat = world.addresses.get(email, 0)
    world.addresses[email] = repeat + 1
    return email.replace("@", f"{repeat + 1}@") if repeat else email


def _move_some(world: World, rng: Random) -> None:
    """One in thirty changes to another company of the country; the mobile number and the name go along."""
    homes: dict[str, list[Organization]] = {code: [] for code in BY_CODE}
    for organization in world.organizations:
        homes[organization.country.code].append(organization)
    for person in list(world.people):
        old = person.now
        if rng.random() > 0.035 or "twin" in person.hard or len(homes[old.organization.country.code]) < 2:
            continue
        new = rng.choice(homes[old.organization.country.code])
        if new.domain == old.organization.domain:
            continue
        world.hardness["changed_employers"] += 1
        old.end = world.today - timedelta(days=rng.randrange(60, 700))
        old.start = min(old.start, old.end - timedelta(days=300))
        person.employments.append(_employment(world, rng, (person, new), rng.randrange(2)))
        person.now.start = old.end + timedelta(days=30)
        world.by_organization[new.id].append(person)

