"""Labelled lists of many shapes, for `crosswalk dedupe` with no configuration: one language or several, people, organisations or both,
headers that say nothing, say it in another language, or say the wrong thing, columns of noise, addresses in one line.

    python -m benchmarks.made.lists [NAME ...]      precision, recall and F1 of each, and what its columns were taken for
    python -m benchmarks.made.lists --write FOLDER  the lists as files, the truth in the column `party`
"""

import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.made.accounts import Maker, Row, plain

PARTIES = 700
NOTES = ("called", "again", "asked", "about", "the", "invoice", "wants", "an", "offer", "moved", "pays", "late", "good", "since", "years")
PERSON_KEEPS, ORGANIZATION_KEEPS = ("last",), ("name",)
HEADERS = {
    "en": {"first": "First Name", "last": "Surname", "born": "Date of Birth", "email": "E-mail", "phone": "Telephone", "street": "Address",
           "postcode": "Postcode", "city": "Town", "country": "Country", "sex": "Sex"},
    "de": {"first": "Vorname", "last": "Nachname", "born": "Geburtsdatum", "email": "E-Mail-Adresse", "phone": "Telefonnummer", "street":
           "Straße und Hausnummer", "postcode": "PLZ", "city": "Wohnort", "country": "Land", "sex": "Geschlecht"},
    "fr": {"first": "Prénom", "last": "Nom de famille", "born": "Date de naissance", "email": "Courriel", "phone": "Téléphone", "street":
           "Adresse", "postcode": "Code postal", "city": "Ville", "country": "Pays", "sex": "Sexe"},
    "es": {"first": "Nombre", "last": "Apellidos", "born": "Fecha de nacimiento", "email": "Correo electrónico", "phone": "Teléfono",
           "street": "Dirección", "postcode": "Código postal", "city": "Ciudad", "country": "País", "sex": "Sexo"},
}  # fmt: skip


@dataclass(frozen=True)
class List:
    """rows: each with the same columns; truth: the party of each row; header: whether a file of it has one."""

    rows: list[Row]
    truth: list[int]
    header: bool = True


def people(language: str, names: Mapping[str, str]) -> List:
    """People of one language, the fields that `names` has under the names that it gives them."""
    rows, truth = Maker(language, 1).accounts(Maker.person, PARTIES, PERSON_KEEPS)
    return List([{name: row[field] for field, name in names.items()} for row in rows], truth)


def organizations(language: str, names: Mapping[str, str], seed: int = 2) -> List:
    rows, truth = Maker(language, seed).accounts(Maker.organization, PARTIES, ORGANIZATION_KEEPS)
    return List([{name: row[field] for field, name in names.items()} for row in rows], truth)


def local_date(made: List, column: str, form: str) -> List:
    for row in made.rows:
        if row[column]:
            year, month, day = row[column].split("-")
            row[column] = form.format(year=year, month=month, day=day)
    return made


def nameless(made: List, prefix: str, noise: bool) -> List:
    """The same under names that say nothing, between columns of noise."""
    chance = Maker("en", 5).chance
    rows = []
    for number, row in enumerate(made.rows):
        values = list(row.values())
        if noise:
            seen = f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:00"
            values = [str(number), f"{chance.random() * 1000:.2f}", *values, "active", seen, " ".join(chance.choices(NOTES, k=9)),
                      chance.choice(("A", "B", "C"))]  # fmt: skip
        rows.append({f"{prefix}{place}": value for place, value in enumerate(values, 1)})
    return List(rows, made.truth)


def headerless(made: List) -> List:
    return List(made.rows, made.truth, header=False)


def whole_name(row: Row, chance: float) -> str:
    first, last = row["first"], row["last"]
    return " ".join(filter(None, (first, last))) if chance < 0.7 or not first else f"{last}, {first}"


def one_line(row: Row) -> str:
    town = " ".join(filter(None, (row["postcode"], row["city"])))
    return ", ".join(filter(None, (row["street"], town, row["country"])))


def people_whole() -> List:
    """One column for the name, one for the address."""
    maker = Maker("us", 3)
    rows, truth = maker.accounts(Maker.person, PARTIES, PERSON_KEEPS)
    told = [
        {"customer": whole_name(row, maker.chance.random()), "where": one_line(row), "reach": row["phone"], "born": row["born"]}
        for row in rows
    ]
    return List(told, truth)


def us_line(row: Row) -> str:
    return f"{row['street']}, {row['city']} IL {row['postcode']}".strip(", ") if row["street"] else row["city"]


def organizations_one_line() -> List:
    rows, truth = Maker("us", 4).accounts(Maker.organization, PARTIES, ORGANIZATION_KEEPS)
    return List([{"name": row["name"], "address": us_line(row), "tel": row["phone"], "web": row["website"]} for row in rows], truth)


def trading_names() -> List:
    """Companies that some accounts name as they trade, and branches in other towns that are not the same."""
    maker = Maker("en", 6)
    rows, truth = maker.accounts(Maker.organization, PARTIES, ORGANIZATION_KEEPS)
    for row in rows:
        if maker.chance.random() < 0.1:
            row["name"] = f"{row['name']} t/a {row['website'].split('.')[1].title() or 'The Shop'}" if row["website"] else row["name"]
    return List(
        [{"Supplier": row["name"], "Site": row["website"], "Post Code": row["postcode"], "Town": row["city"]} for row in rows], truth
    )


def mixed(told: Callable[[Row, bool], Row]) -> List:
    """People and organisations in turn, as `told` (of the fields, whether a person) writes them down."""
    maker = Maker("de", 7)
    persons, of_persons = maker.accounts(Maker.person, PARTIES // 2, PERSON_KEEPS)
    firms, of_firms = maker.accounts(Maker.organization, PARTIES // 2, ORGANIZATION_KEEPS)
    both = [(told(row, True), party) for row, party in zip(persons, of_persons, strict=True)]
    both += [(told(row, False), party + PARTIES) for row, party in zip(firms, of_firms, strict=True)]
    maker.chance.shuffle(both)
    return List([row for row, _ in both], [party for _, party in both])


def firms_and_their_people() -> List:
    """Companies and the people who work there in one list, with one column for the name and mailboxes at the company."""
    maker = Maker("us", 9)
    firms = [maker.organization() for _ in range(PARTIES // 3)]

    def member(maker: Maker) -> Row:
        person, firm = maker.person(), maker.chance.choice(firms)
        site = firm["website"].removeprefix("www.")
        mail = f"{plain(person['first'])}.{plain(person['last'])}@{site}"
        return firm | {"whole": f"{person['first']} {person['last']}", "email": mail, "phone": person["phone"], "website": ""}

    rest = iter(firms)
    of_firms, first = maker.accounts(lambda _: next(rest), len(firms), ORGANIZATION_KEEPS)
    of_people, then = maker.accounts(member, PARTIES // 2, ("whole",))
    for row in of_firms:
        row["email"] = f"info@{row['website'].split('//')[-1].removeprefix('www.').strip('/')}" if row["website"] else ""
    both = list(zip(of_firms + of_people, first + [party + PARTIES for party in then], strict=True))
    maker.chance.shuffle(both)
    fields = ("email", "phone", "street", "city", "postcode")
    told = [{"name": row.get("whole", row["name"])} | {field: row[field] for field in fields} for row, _ in both]
    return List(told, [party for _, party in both])


def with_type(row: Row, person: bool) -> Row:
    name = whole_name(row, 0) if person else row["name"]
    return {"name": name, "type": "Person" if person else "Company", "phone": row["phone"], "city": row["city"], "street": row["street"],
            "postcode": row["postcode"]}  # fmt: skip


def without_type(row: Row, person: bool) -> Row:
    name = whole_name(row, 0) if person else row["name"]
    return {"customer": name, "mail": row.get("email", ""), "phone": row["phone"], "address": one_line(row)}


def contacts_and_firms(row: Row, _: bool) -> Row:
    """A CRM's export: people with first and last name, companies in a column of their own."""
    return {"First": row.get("first", ""), "Last": row.get("last", ""), "Company": row.get("name", ""), "Phone": row["phone"],
            "Birthday": row.get("born", ""), "Website": row.get("website", ""), "City": row["city"], "ZIP": row["postcode"]}  # fmt: skip


def contacts_of_firms() -> List:
    """People, most of them with the company they work for, which many share."""
    maker = Maker("us", 8)
    firms = [maker.organization() for _ in range(60)]

    def contact(maker: Maker) -> Row:
        person, firm = maker.person(), maker.chance.choice(firms)
        site = firm["website"].removeprefix("www.")
        return person | {"firm": firm["name"], "email": f"{person['first'][0]}{person['last']}@{site}".lower(), "phone": firm["phone"],
                         "street": firm["street"], "city": firm["city"], "postcode": firm["postcode"]}  # fmt: skip

    rows, truth = maker.accounts(contact, PARTIES, PERSON_KEEPS)
    names = {"first": "Given", "last": "Family", "firm": "Account Name", "email": "Work Email", "phone": "Direct Line", "city": "City"}
    return List([{name: row[field] for field, name in names.items()} for row in rows], truth)


MISLEADING = {"email": "contact_id", "first": "name", "last": "name2", "phone": "fax_or_code", "born": "created", "city": "region",
              "postcode": "number", "street": "description"}  # fmt: skip
SHORT_PERSON = {name: name for name in ("first", "last", "born", "email", "phone", "street", "postcode", "city")}
FIRM = {"name": "Firma", "tax": "USt-IdNr.", "website": "Webseite", "phone": "Tel.", "street": "Straße", "postcode": "PLZ", "city": "Ort"}
LISTS: Mapping[str, Callable[[], List]] = {
    **{f"people_{language}": (lambda language=language: people(language, HEADERS[language])) for language in HEADERS},
    "people_us_dates": lambda: local_date(people("us", SHORT_PERSON), "born", "{month}/{day}/{year}"),
    "people_de_dates": lambda: local_date(people("de", HEADERS["de"]), "Geburtsdatum", "{day}.{month}.{year}"),
    "people_nameless": lambda: nameless(people("en", SHORT_PERSON), "c", noise=False),
    "people_noise": lambda: nameless(people("us", SHORT_PERSON), "field_", noise=True),
    "people_headerless": lambda: headerless(people("en", SHORT_PERSON)),
    "people_misleading": lambda: people("us", MISLEADING),
    "people_whole": people_whole,
    "people_little": lambda: people("us", {"first": "fn", "last": "ln", "postcode": "zip", "born": "bd"}),
    "contacts_of_firms": contacts_of_firms,
    "organizations_de": lambda: organizations("de", FIRM),
    "organizations_fr": lambda: organizations("fr", {"name": "Raison sociale", "tax": "N° TVA", "street": "Adresse", "city": "Ville",
                                                     "postcode": "CP", "phone": "Tél"}),
    "organizations_nameless": lambda: nameless(organizations("us", FIRM), "col", noise=True),
    "organizations_headerless": lambda: headerless(organizations("en", FIRM)),
    "organizations_one_line": organizations_one_line,
    "trading_names": trading_names,
    "mixed_type": lambda: mixed(with_type),
    "mixed_untold": lambda: mixed(without_type),
    "mixed_work": firms_and_their_people,
    "mixed_crm": lambda: mixed(contacts_and_firms),
    "mixed_nameless": lambda: nameless(mixed(without_type), "v", noise=True),
}  # fmt: skip


def write(made: List, file: Path, truth: bool = False) -> None:
    """The list as csv; with `truth` a last column `party`."""
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = [row | {"party": str(party)} for row, party in zip(made.rows, made.truth, strict=True)] if truth else made.rows
        writer = csv.DictWriter(out, list(rows[0]))
        if made.header:
            writer.writeheader()
        writer.writerows(rows)


def scored(truth: list[int], groups: list[str]) -> tuple[float, float, float]:
    """(precision, recall, F1) over pairs of rows."""

    def pairs(labels: Sequence[object]) -> int:
        return sum(count * (count - 1) // 2 for count in Counter(labels).values())

    both = pairs(list(zip(truth, groups, strict=True)))
    found, true = pairs(groups), pairs(truth)
    return both / max(found, 1), both / max(true, 1), 2 * both / max(found + true, 1)


def main(names: list[str]) -> None:
    from resolution.dedupe import DedupeError, Options, dedupe

    if names[:1] == ["--write"]:
        for name, make in LISTS.items():
            write(make(), Path(names[1]) / f"{name}.csv", truth=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in names or LISTS:
            made, file, out = LISTS[name](), Path(folder) / "list.csv", Path(folder) / "groups.csv"
            write(made, file)
            try:
                summary = dedupe(file, out, Options())
            except DedupeError as error:
                print(f"{name:<26} refused: {error}")
                continue
            with out.open(newline="") as found:
                groups = [row["entity_id"] for row in csv.DictReader(found)]
            if len(groups) != len(made.truth):
                print(f"{name:<26} {len(groups)} of {len(made.truth)} rows")
                continue
            precision, recall, f1 = scored(made.truth, groups)
            print(f"{name:<26}{precision:>7.3f}{recall:>7.3f}{f1:>7.3f}  {dict(summary.meanings) if len(names) else ''}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
