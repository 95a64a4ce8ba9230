"""Groups of records under model and judgements, where components are too large to be completed."""

import numpy as np

from resolution.cluster import LARGEST
from resolution.identity.grouping import World, group
from resolution.identity.material import Material
from resolution.normalize import features
from resolution.records import PartyRecord
from resolution.score import default_model


def company(number: int, name: str) -> PartyRecord:
    attributes = {"name": [name], "website": [f"{name.split()[0].lower()}.com"]}
    return PartyRecord(number, f"crm/companies/{number:05}", "crm", "organization", attributes)


def world_of(records: list[PartyRecord]) -> World:
    return World(Material(features=features(records)), default_model(), {})


def test_a_component_of_more_than_the_largest_number_of_records_is_grouped() -> None:
    half = LARGEST // 2 + 50
    names = ["Northwind Traders", "Contoso Pharmaceuticals"]
    world = world_of([company(row, names[row >= half]) for row in range(2 * half)])
    chain = np.arange(2 * half - 1)
    found = group(world, chain, chain + 1)
    assert found.group[:half].tolist() == [found.group[0]] * half
    assert found.group[half:].tolist() == [found.group[half]] * half
    assert found.group[0] != found.group[half]
    assert len(found.inside.left) == half * (half - 1)


def test_one_party_of_more_than_the_largest_number_of_records_stays_one() -> None:
    count = LARGEST + 20
    world = world_of([company(row, "Northwind Traders") for row in range(count)])
    hub = np.zeros(count - 1, np.int64)
    assert len(set(group(world, hub, np.arange(1, count)).group.tolist())) == 1
