"""A world is a function of (seed, size, today): one random generator, drawn from in one order, and no set is ever iterated."""

from collections import Counter
from datetime import date
from random import Random

from crosswalk.sandbox.organizations import found
from crosswalk.sandbox.parties import Staff, World, slug
from crosswalk.sandbox.people import hire, move_some
from crosswalk.sandbox.vocabulary import TENANT_DOMAIN

TODAY = date(2026, 11, 1)


def make_world(seed: int, organizations: int, today: date = TODAY) -> World:
    """The world of a seed and a number of organisations."""
    rng = Random(f"{seed}/{organizations}/world")
    world = World(seed, today, [], [], _staff(), Counter())
    taken: dict[str, int] = {}
    for number in range(1, organizations + 1):
        world.organizations.append(found(world, rng, number, taken))
    for organization in world.organizations:
        world.by_organization[organization.id] = []
    for organization in world.organizations:
        hire(world, rng, organization)
    move_some(world, rng)
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
