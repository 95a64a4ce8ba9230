"""The true parties: organisations, the people in them, where each worked and when. No record of any source is here."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from crosswalk.sandbox.vocabulary import Country

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
