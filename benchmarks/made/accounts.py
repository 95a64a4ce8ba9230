"""Made people and organisations of five countries, the same for the same seed, and further accounts of each, as people keep them.

Each party has one to three accounts; a later one has slips, gaps, other spellings and old addresses.
"""

import random
import unicodedata
from collections.abc import Callable, Sequence

from faker import Faker
from stdnum.eu import vat as eu_vat

Row = dict[str, str]
Party = Callable[["Maker"], Row]

LOCALES = {"en": "en_GB", "us": "en_US", "de": "de_DE", "fr": "fr_FR", "es": "es_ES"}
DIALS = {"en": "+44", "us": "+1", "de": "+49", "fr": "+33", "es": "+34"}
FORMS = {"en": ("Ltd", "Limited", "PLC", "LLP"), "us": ("Inc.", "Inc", "LLC", "Corp."), "de": ("GmbH", "AG", "GmbH & Co. KG", "KG"),
         "fr": ("SARL", "SAS", "SA"), "es": ("S.L.", "S.A.", "SL")}  # fmt: skip
ENDINGS = {"en": "co.uk", "us": "com", "de": "de", "fr": "fr", "es": "es"}
COUNTRIES = {"en": "United Kingdom", "us": "USA", "de": "Deutschland", "fr": "France", "es": "España"}
TRADES = ("Foods", "Logistics", "Engineering", "Plastics", "Software", "Tools", "Pharma", "Energy", "Textiles", "Media", "Steel", "Optics")
MAIL = ("gmail.com", "outlook.com", "yahoo.com", "web.de", "orange.fr")
SHORT = {"Robert": "Bob", "William": "Bill", "Thomas": "Tom", "Elizabeth": "Liz", "Katherine": "Kate", "Michael": "Mike", "James": "Jim",
         "Christopher": "Chris", "Jennifer": "Jenny", "Alexander": "Alex", "Matthew": "Matt", "Nicholas": "Nick"}  # fmt: skip
#: What a family shares, and how often an account leaves a field out.
FAMILY, GAPS = ("last", "street", "postcode", "city", "phone"), 0.3
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Maker:
    """Makes parties and their further accounts, in one language."""

    def __init__(self, language: str, seed: int) -> None:
        self.language, self.chance, self.faker = language, random.Random(f"{language}{seed}"), Faker(LOCALES[language])
        self.faker.seed_instance(seed)

    def home(self) -> Row:
        street = f"{self.faker.street_name()} {self.chance.randint(1, 180)}"
        if self.language in ("en", "us", "fr"):
            number, name = self.chance.randint(1, 180), self.faker.street_name()
            street = f"{number} {name}"
        return {"street": street, "postcode": self.faker.postcode(), "city": self.faker.city(), "country": COUNTRIES[self.language]}

    def phone(self) -> str:
        return f"{DIALS[self.language]} {self.chance.randint(20, 989)} {self.chance.randint(100000, 9999999)}"

    def person(self) -> Row:
        first, last = self.faker.first_name(), self.faker.last_name()
        sign = f"{first}{self.chance.choice(('.', '_', ''))}{last}{self.chance.choice(('', str(self.chance.randint(1, 99))))}"
        born = self.faker.date_of_birth(minimum_age=18, maximum_age=90).isoformat()
        mail = f"{plain(sign)}@{self.chance.choice(MAIL)}"
        return {
            "first": first,
            "last": last,
            "born": born,
            "email": mail,
            "phone": self.phone(),
            "sex": self.chance.choice("MF"),
        } | self.home()

    def organization(self) -> Row:
        words = [self.faker.last_name(), *self.chance.sample(TRADES, self.chance.choice((0, 1, 1, 2)))]
        if self.chance.random() < 0.3:
            words.insert(0, self.faker.last_name())
        name, site = " ".join(words), f"www.{plain(''.join(words[:2]))}.{ENDINGS[self.language]}"
        form = self.chance.choice(FORMS[self.language])
        trade = next((word for word in words if word in TRADES), "Services")
        return {"name": f"{name} {form}", "website": site, "phone": self.phone(), "tax": self.tax_number(), "trade": trade} | self.home()

    def tax_number(self) -> str:
        """A VAT number with right check digits where the language's country is in the EU, else nine digits."""
        while True:
            digits = str(self.chance.randint(10**8, 10**9 - 1))
            number = {"de": f"DE{digits}", "fr": f"FR{digits[:2]}{self.chance.randint(10**8, 10**9 - 1)}", "es": f"ESB{digits[:8]}"}
            if self.language not in number:
                return digits
            if eu_vat.is_valid(number[self.language]):
                return number[self.language]

    def again(self, origin: Row) -> Row:
        """Another account of the same party."""
        row = dict(origin)
        if self.chance.random() < 0.12:
            row |= self.home()
        for name, rate, slip in SLIPS:
            if row.get(name) and self.chance.random() < rate:
                row[name] = slip(row[name], self)
        return row

    def gaps(self, row: Row, keep: Sequence[str]) -> Row:
        return {name: "" if name not in keep and self.chance.random() < GAPS else value for name, value in row.items()}

    def accounts(self, make: Party, parties: int, keep: Sequence[str]) -> tuple[list[Row], list[int]]:
        """(rows, party of each), shuffled; `keep` names what every account has."""
        told: list[tuple[Row, int]] = []
        origin: Row = {}
        for number in range(parties):
            family = {name: origin[name] for name in FAMILY if name in origin and self.chance.random() < 0.9}
            origin = make(self)
            if "last" in origin and self.chance.random() < 0.3:
                origin |= family
            told += [(self.gaps(self.again(origin) if nth else origin, keep), number) for nth in range(self.chance.choice((1, 1, 2, 2, 3)))]
        self.chance.shuffle(told)
        return [row for row, _ in told], [number for _, number in told]


def plain(text: str) -> str:
    """Letters, digits, dots and underscores."""
    folded = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in folded if letter in LETTERS + "0123456789._")


def typo(value: str, maker: Maker) -> str:
    if len(value) < 3:
        return value
    at = maker.chance.randrange(1, len(value) - 1)
    return maker.chance.choice((value[:at] + value[at + 1 :], value[:at] + value[at + 1] + value[at] + value[at + 2 :],
                                value[:at] + maker.chance.choice(LETTERS) + value[at + 1 :]))  # fmt: skip


def digit(value: str, maker: Maker) -> str:
    at = maker.chance.choice([place for place, letter in enumerate(value) if letter.isdigit()])
    return value[:at] + str((int(value[at]) + maker.chance.randint(1, 9)) % 10) + value[at + 1 :]


def bare_number(value: str, _: Maker) -> str:
    return f"0{value.split(' ', 1)[1].replace(' ', '')}" if " " in value else value


def other_form(value: str, maker: Maker) -> str:
    head, forms = value, FORMS[maker.language]
    for form in sorted(forms, key=len, reverse=True):
        head = head.removesuffix(f" {form}")
    return maker.chance.choice((head, head.upper(), f"{head} {maker.chance.choice(forms)}", head.lower(), head.replace(" ", " & ", 1)))


#: Field, how often a later account has it otherwise, and how.
SLIPS: list[tuple[str, float, Callable[[str, Maker], str]]] = [
    ("first", 0.1, typo),
    ("first", 0.1, lambda value, _: SHORT.get(value, value[0] + ".")),
    ("last", 0.1, typo),
    ("whole", 0.15, typo),
    ("last", 0.05, lambda value, _: value.upper()),
    ("born", 0.05, digit),
    ("email", 0.25, lambda value, maker: f"{value.partition('@')[0]}@{maker.chance.choice(MAIL)}"),
    ("email", 0.1, lambda _, maker: plain(maker.faker.word()) + f"{maker.chance.randint(10, 999)}@{maker.chance.choice(MAIL)}"),
    ("phone", 0.4, bare_number),
    ("phone", 0.15, lambda _, maker: maker.phone()),
    ("street", 0.15, typo),
    ("city", 0.08, typo),
    ("name", 0.6, other_form),
    ("name", 0.15, typo),
    ("tax", 0.03, digit),
    ("website", 0.3, lambda value, _: f"https://{value}/"),
]
