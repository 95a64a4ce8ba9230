"""Families who share name, address and phone, each with one to three accounts that are written otherwise: who is who is known."""

import random

Row = dict[str, str | None]

GIVEN = (
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Linda",
    "David",
    "Elizabeth",
    "William",
    "Barbara",
    "Susan",
    "Joseph",
    "Thomas",
    "Sarah",
)
FAMILY = (
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "Garcia",
    "Miller",
    "Davis",
    "Wilson",
    "Anderson",
    "Taylor",
    "Moore",
    "Lee",
    "White",
)
STREETS = ("Mill", "Oak", "Pine", "Church", "Station", "Victoria", "Park", "Bridge", "School", "Canal")
CITIES = ("Leeds", "York", "Derby", "Dundee", "Norwich", "Bristol", "Cardiff", "Swansea")
NICKNAMES = {"James": "Jim", "Robert": "Bob", "William": "Bill", "Elizabeth": "Liz", "Thomas": "Tom", "Susan": "Sue"}


def mistyped(text: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def people(count: int, seed: int = 1) -> list[tuple[int, Row]]:
    """(person, account) of `count` persons, one to three accounts each, in families of three who share name, address and phone."""
    rng = random.Random(seed)
    rows: list[tuple[int, Row]] = []
    for person in range(count):
        if person % 3 == 0:
            family, phone = rng.choice(FAMILY) + rng.choice("abcdefgh"), f"0{rng.randrange(10**9, 10**10)}"
            home = {
                "street": f"{rng.randrange(1, 200)} {rng.choice(STREETS)} Street",
                "city": rng.choice(CITIES),
                "postcode": f"{rng.randrange(10000, 99999)}",
            }
        given = rng.choice(GIVEN)
        born = f"{rng.randrange(1940, 2005)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        email = f"{given}.{family}{rng.randrange(1, 99)}@{rng.choice(('gmail.com', 'web.de', 'acme.com'))}".lower()
        for account in range(rng.choice((1, 2, 2, 3))):
            row: Row = {"first_name": given, "last_name": family, "birth_date": born, "email": email, "phone": phone, **home}
            if account:
                row["first_name"] = NICKNAMES.get(given, given) if rng.random() < 0.4 else given
                row["last_name"] = mistyped(family, rng) if rng.random() < 0.2 else family
                row["street"] = (row["street"] or "").replace("Street", "St.")
                row |= {field: None for field in ("birth_date", "email", "phone", "postcode") if rng.random() < 0.3}
            rows.append((person, row))
    rng.shuffle(rows)
    return rows


def with_ids(rows: list[tuple[int, Row]]) -> tuple[list[Row], dict[str, str]]:
    """The rows, each with an id, and the truth: id -> person."""
    return [{"id": f"r{place}"} | row for place, (_, row) in enumerate(rows)], {
        f"r{place}": str(person) for place, (person, _) in enumerate(rows)
    }
