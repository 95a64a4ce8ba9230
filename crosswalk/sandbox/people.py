"""Gives the organisations of a world their people, and lets some of them change employers."""

from datetime import timedelta
from random import Random

from crosswalk.sandbox import identifiers
from crosswalk.sandbox.parties import Employment, Organization, Person, World, slug
from crosswalk.sandbox.vocabulary import BY_CODE, NICKNAMES, TITLES, people_names


def hire(world: World, rng: Random, organization: Organization) -> None:
    """Hires between one and fourteen people, who follow one style of addresses."""
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


def move_some(world: World, rng: Random) -> None:
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
