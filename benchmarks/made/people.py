"""Made people, the same for the same seed: some are told of several times, with the slips that records have.

Half of them have one record, the others two to four. A later record has slips, or an address where somebody else lives, as of one who
moved. Names are as frequent as in Faker's lists for the United States; large towns have more people and more postcodes. Each lives alone,
or they live in families of up to four that share an address, mostly a family name, and often a phone.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
from faker.providers.address.en_US import Provider as Address
from faker.providers.person.en_US import Provider as Person
from numpy.typing import NDArray

Row = dict[str, str]
Strings = NDArray[np.object_]
Index = NDArray[np.int64]

FIELDS = ("record_id", "first_name", "last_name", "birth_date", "email", "phone", "street", "city", "postcode")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DOMAINS = ("gmail.com", "yahoo.com", "outlook.com", "aol.com", "example.com", "example.net", "example.org")
TOWNS, POSTCODES = 2000, 20_000
ADDRESS = ("street", "city", "postcode")
#: Chance that a record tells nothing of a field.
GAPS = {
    "first_name": 0.03,
    "last_name": 0.02,
    "birth_date": 0.1,
    "email": 0.35,
    "phone": 0.3,
    "street": 0.1,
    "city": 0.08,
    "postcode": 0.12,
}
MOVED, SWAPPED = 0.12, 0.02


def table(records: int, seed: int = 1, families: bool = False) -> pa.Table:
    """So many rows: FIELDS as strings, null where nothing is told, and `person`, int64, the truth, which is no field to match by."""
    rng = np.random.default_rng(seed)
    count = max(1, int(records / 1.75) + 50)
    person = np.repeat(np.arange(count), rng.choice([1, 2, 3, 4], count, p=[0.5, 0.3, 0.15, 0.05]))[:records]
    person = np.concatenate([person, np.arange(count, count + records - len(person))])
    origin = _people(rng, int(person[-1]) + 1, families)
    rows = {name: values[person] for name, values in origin.items()}
    again = np.r_[False, person[1:] == person[:-1]]
    moved, others = again & (rng.random(records) < MOVED), rng.permutation(records)
    for name in ADDRESS:
        rows[name][moved] = rows[name][others][moved]
    for name, rate, slip in SLIPS:
        _spoil(rows[name], np.flatnonzero(again & (rng.random(records) < rate)), slip, rng)
    swapped = again & (rng.random(records) < SWAPPED)
    rows["first_name"][swapped], rows["last_name"][swapped] = rows["last_name"][swapped], rows["first_name"][swapped]
    for name, rate in GAPS.items():
        rows[name][rng.random(records) < rate] = None
    order = rng.permutation(records)
    columns = {name: pa.array(rows[name][order], pa.string()) for name in FIELDS[1:]}
    return pa.table({"record_id": pa.array(map(str, range(records)), pa.string()), **columns, "person": person[order]})


def people(records: int, seed: int = 1) -> list[Row]:
    """The table's rows, '' where nothing is told."""
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in table(records, seed).to_pylist()]


def _people(rng: np.random.Generator, count: int, families: bool) -> Mapping[str, Strings]:
    """One true account of each person."""
    household = np.arange(count)
    if families:
        household = np.repeat(household, rng.choice([1, 2, 3, 4], count, p=[0.4, 0.3, 0.15, 0.15]))[:count]
    last = _names(rng, Person.last_names, count)
    family = np.where(rng.random(count) < 0.85, last[household], last)
    first = _names(rng, {**Person.first_names_male, **Person.first_names_female}, count)
    own, shared = _phones(rng, count), _phones(rng, count)
    numbers, domains = rng.integers(1, 999, count), np.array(DOMAINS, object)[rng.integers(0, len(DOMAINS), count)]
    mail = [f"{a}.{b}{c}@{d}".lower() for a, b, c, d in zip(first, family, numbers, domains, strict=True)]
    return {
        "first_name": first,
        "last_name": family,
        "birth_date": (np.datetime64("1940-01-01") + rng.integers(0, 24_000, count)).astype(str).astype(object),
        "email": np.array(mail, object),
        "phone": np.where(rng.random(count) < 0.3, shared[household], own),
    } | {name: values[household] for name, values in _homes(rng, count).items()}


def _homes(rng: np.random.Generator, count: int) -> Mapping[str, Strings]:
    last = np.array(list(Person.last_names), object)
    stems, endings = rng.choice(last, TOWNS), rng.choice(np.array(Address.city_suffixes, object), TOWNS)
    towns = stems + endings
    share = 1.0 / np.arange(1, TOWNS + 1)
    share /= share.sum()
    town = rng.choice(TOWNS, count, p=share)
    codes = np.ceil(share * POSTCODES).astype(np.int64)
    code = np.cumsum(codes)[town] - 1 - rng.integers(0, codes[town])
    postcode = np.array([f"{each:05}" for each in rng.permutation(90_000) + 10_000], object)[code]
    name = rng.choice(last[:800], count) + " " + rng.choice(np.array(Address.street_suffixes[:24], object), count)
    return {"street": rng.integers(1, 2000, count).astype(str).astype(object) + " " + name, "city": towns[town], "postcode": postcode}


def _names(rng: np.random.Generator, frequencies: Mapping[str, float], count: int) -> Strings:
    weights = np.array(list(frequencies.values()), float)
    drawn: Strings = rng.choice(np.array(list(frequencies), object), count, p=weights / weights.sum())
    return drawn


def _phones(rng: np.random.Generator, count: int) -> Strings:
    areas, lines = rng.integers(201, 990, count).tolist(), rng.integers(0, 10_000_000, count).tolist()
    return np.array([f"({area}) {line // 10_000:03}-{line % 10_000:04}" for area, line in zip(areas, lines, strict=True)], object)


def _spoil(column: Strings, rows: Index, slip: Callable[[str, int], str], rng: np.random.Generator) -> None:
    for row, chance in zip(rows.tolist(), rng.integers(0, 1 << 30, len(rows)).tolist(), strict=True):
        column[row] = slip(column[row], chance)


def _typo(value: str, chance: int) -> str:
    """A letter lost, doubled up with another, swapped with the next, or replaced."""
    if len(value) < 3:
        return value
    at, kind, letter = chance % (len(value) - 1), chance // 100 % 4, LETTERS[chance // 1000 % 26]
    middle = ("", letter + value[at], value[at + 1] + value[at], letter)[kind]
    return value[:at] + middle + value[at + (2 if kind == 2 else 1) :]


def _initial(value: str, chance: int) -> str:
    del chance
    return value[:1]


def _digit(value: str, chance: int) -> str:
    places = [place for place, letter in enumerate(value) if letter.isdigit()]
    if not places:
        return value
    at = places[chance % len(places)]
    return value[:at] + str((int(value[at]) + 1 + chance // 100 % 9) % 10) + value[at + 1 :]


def _other_mail(value: str, chance: int) -> str:
    return f"{value.partition('@')[0].partition('.')[2]}{chance % 900 + 100}@example.net"


SLIPS: list[tuple[str, float, Callable[[str, int], str]]] = [
    ("first_name", 0.12, _typo),
    ("first_name", 0.04, _initial),
    ("last_name", 0.12, _typo),
    ("birth_date", 0.08, _digit),
    ("email", 0.08, _typo),
    ("email", 0.08, _other_mail),
    ("phone", 0.12, _digit),
    ("street", 0.15, _typo),
    ("street", 0.05, _digit),
    ("city", 0.1, _typo),
    ("postcode", 0.1, _digit),
]
