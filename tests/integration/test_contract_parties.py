"""Contracts say who their parties are by name alone; they are found among the customers where the name leaves no doubt."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from resolution.identity.resolver import resolve
from sql.database import Database
from sql.tables import identity
from tests.integration.people_and_companies import address, clear, groups, one_database, party_of, put

CUSTOMERS = {
    "NETGEAR Inc": "San Jose", "Aduro BioTech": "Berkeley", "BioAmber, Inc.": "Montreal", "Bellring Brands Inc": "St. Louis",
    "Cardax Inc": "Honolulu", "Drivendeliveries, Inc.": "Los Angeles",
}  # fmt: skip
CONTRACTS = ["NETGEAR, Inc.", "ADURO BIOTECH, INC.", "BioAmber Inc", "BellRing Brands, Inc.", "Cardax, Inc.", "DrivenDeliveries, Inc."]


@pytest.fixture(scope="module")
def house(server: Database, template: str) -> Iterator[Database]:
    with one_database(server, template) as database:
        yield database


@pytest.fixture
def database(house: Database) -> Database:
    clear(house)
    return house


def customer(number: int, name: str, city: str) -> dict[str, Any]:
    return {f"csv/customers/{number}": {"name": [name], "address": [address("", city, "", "US")]}}


def contract(number: int, name: str) -> dict[str, Any]:
    return {f"documents/parties/contract-{number}.pdf#1": {"name": [name]}}


def open_reviews(database: Database) -> int:
    with database.begin() as connection:
        return connection.scalar(select(func.count()).select_from(identity.review).where(identity.review.c.status == "open")) or 0


@pytest.mark.parametrize("others", [0, 60])
def test_a_contract_that_names_a_customer_is_its_customers(database: Database, others: int) -> None:
    for number, (name, city) in enumerate(CUSTOMERS.items()):
        put(database, customer(number, name, city))
    for number in range(others):
        put(database, customer(100 + number, hashlib.sha256(bytes([number])).hexdigest().upper(), "Boston"))
    for number, name in enumerate(CONTRACTS):
        put(database, contract(number, name))
    resolve(database)
    parties = party_of(database)
    pairs = {(f"csv/customers/{number}", f"documents/parties/contract-{number}.pdf#1") for number in range(len(CONTRACTS))}
    assert {pair for pair in pairs if parties[pair[0]] == parties[pair[1]]} == pairs
    assert len(set(parties.values())) == len(CUSTOMERS) + others
    assert open_reviews(database) == 0


def test_a_name_that_two_customers_have_is_asked_about(database: Database) -> None:
    put(database, customer(1, "Meridian Foods Ltd", "Leeds"))
    put(database, customer(2, "Meridian Foods Ltd", "Bristol"))
    put(database, contract(1, "Meridian Foods"))
    resolve(database)
    assert len(groups(database)) == 3
    assert open_reviews(database) > 0


def test_the_same_name_in_another_city_is_another_customer(database: Database) -> None:
    put(database, customer(1, "Meridian Foods Ltd", "Leeds"))
    put(database, customer(2, "Meridian Foods Ltd", "Bristol"))
    resolve(database)
    assert len(groups(database)) == 2


def test_the_model_is_chosen_again_when_the_records_have_outgrown_it(database: Database) -> None:
    put(database, customer(1, "NETGEAR Inc", "San Jose"))
    resolve(database)
    for number in range(2, 70):
        put(database, customer(number, hashlib.sha256(bytes([number])).hexdigest().upper(), "Boston"))
    resolve(database)
    with database.begin() as connection:
        parameters = connection.scalar(select(identity.model.c.parameters).where(identity.model.c.status == "in_force"))
    assert parameters["model"]["organization"]["population"] == 69
