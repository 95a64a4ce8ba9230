"""Made people, the same for the same seed: some are told of several times, with the slips that records have.

A row is a dict of FIELDS; `person` is the truth and no field to match by. Of a row's fields about one in six is empty, and of a second
account of a person each field is wrong or old with the chance given in SLIPS.
"""

import random
from collections.abc import Callable, Iterator

from faker import Faker

Row = dict[str, str]

FIELDS = ("record_id", "first_name", "last_name", "birth_date", "email", "phone", "street", "city", "postcode")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
EMPTY = 0.15


def people(records: int, seed: int = 1) -> list[Row]:
    """So many rows of about two thirds as many people, shuffled."""
    chance, faker = random.Random(seed), Faker("en_US")
    faker.seed_instance(seed)
    rows: list[Row] = []
    for number in _numbers():
        if len(rows) >= records:
            break
        origin = _origin(faker, chance, number)
        rows.append(_with_gaps(origin, chance))
        while chance.random() < 0.33 and len(rows) < records:
            rows.append(_with_gaps(_again(origin, faker, chance), chance))
    chance.shuffle(rows)
    return [row | {"record_id": str(number)} for number, row in enumerate(rows)]


def true_pairs(rows: list[Row]) -> set[tuple[str, str]]:
    """Pairs of record ids of one person, the smaller id (as text) first."""
    by_person: dict[str, list[str]] = {}
    for row in rows:
        by_person.setdefault(row["person"], []).append(row["record_id"])
    return {(a, b) for ids in by_person.values() for a in ids for b in ids if a < b}


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


def _origin(faker: Faker, chance: random.Random, number: int) -> Row:
    first, last = faker.first_name(), faker.last_name()
    return {
        "person": str(number),
        "first_name": first,
        "last_name": last,
        "birth_date": f"{chance.randint(1940, 2004)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "email": f"{first[: chance.randint(1, 8)]}.{last}{chance.randint(1, 99)}@{faker.free_email_domain()}".lower(),
        "phone": f"+1 {chance.randint(201, 989)} {chance.randint(200, 999)} {chance.randint(0, 9999):04}",
        "street": f"{chance.randint(1, 400)} {faker.street_name()}",
        "city": faker.city(),
        "postcode": faker.postcode(),
    }


def _again(origin: Row, faker: Faker, chance: random.Random) -> Row:
    """Another account of the same person."""
    row = dict(origin)
    if chance.random() < 0.15:  # moved: the address goes as a whole
        row |= {"street": f"{chance.randint(1, 400)} {faker.street_name()}", "city": faker.city(), "postcode": faker.postcode()}
    for field, rate, slip in SLIPS:
        if chance.random() < rate:
            row[field] = slip(row[field], chance)
    return row


def _with_gaps(row: Row, chance: random.Random) -> Row:
    return {name: "" if name not in ("person", "last_name") and chance.random() < EMPTY else value for name, value in row.items()}


def _typo(value: str, chance: random.Random) -> str:
    if len(value) < 2:
        return value
    at = chance.randrange(len(value) - 1)
    kinds = (value[:at] + value[at + 1 :], value[:at] + value[at + 1] + value[at] + value[at + 2 :],
             value[:at] + chance.choice(LETTERS) + value[at + 1 :])  # fmt: skip
    return chance.choice(kinds)


def _initial(value: str, chance: random.Random) -> str:
    del chance
    return value[:1]


def _digit(value: str, chance: random.Random) -> str:
    places = [place for place, letter in enumerate(value) if letter.isdigit()]
    at = chance.choice(places)
    return value[:at] + str((int(value[at]) + chance.randint(1, 9)) % 10) + value[at + 1 :]


def _other_mail(value: str, chance: random.Random) -> str:
    return f"{value.partition('@')[0].partition('.')[2]}{chance.randint(100, 999)}@example.net"


SLIPS: list[tuple[str, float, Callable[[str, random.Random], str]]] = [
    ("first_name", 0.12, _typo),
    ("first_name", 0.06, _initial),
    ("last_name", 0.15, _typo),
    ("birth_date", 0.06, _digit),
    ("email", 0.2, _other_mail),
    ("phone", 0.15, _digit),
    ("street", 0.2, _typo),
    ("city", 0.1, _typo),
    ("postcode", 0.05, _digit),
]
