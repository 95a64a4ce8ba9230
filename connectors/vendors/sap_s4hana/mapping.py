"""What the fields of SAP S/4HANA mean. A customer has the number of its partner, as the system sets it up unless told otherwise; a partner
of category 1 is a person, 2 an organisation, 3 a group. Mail addresses, numbers and pages belong to a partner's addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.mapping.staged import Mapped
from connectors.mapping.tables import ActivityTable, Cell, Claimed, PartyTable, mapped
from connectors.mapping.transforms import email, text
from connectors.records import Landed
from connectors.vendors.sap_s4hana.documents import INVOICES, ORDERS, business

ADDRESSES = "to_BusinessPartnerAddress"


@dataclass(frozen=True)
class Each:
    """The values of a field in a list, or in the lists of a list (`to_EmailAddress` of each address)."""

    name: str
    within: str = ""

    def __call__(self, value: Any) -> list[Any]:
        rows = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        if self.within:
            rows = [inner for one in rows for inner in one.get(self.within) or () if isinstance(inner, dict)]
        return [found for one in rows for found in text(one.get(self.name) or [])]


@dataclass(frozen=True)
class Mails(Each):
    def __call__(self, value: Any) -> list[Any]:
        return [found for one in super().__call__(value) for found in email(one)]


@dataclass(frozen=True)
class Numbers:
    """The numbers of those rows whose type is one of these; a tax type that ends with 0 (`DE0`) is that of a VAT number."""

    kind: str
    value: str
    types: tuple[str, ...] = ()
    vat: bool | None = None

    def __call__(self, value: Any) -> list[Any]:
        rows = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        return [found for one in rows if self._means(str(one.get(self.kind))) for found in text(one.get(self.value) or [])]

    def _means(self, kind: str) -> bool:
        return kind in self.types if self.vat is None else (len(kind) == 3 and kind.endswith("0")) is self.vat


def reached(within: str, name: str) -> Cell:
    return ADDRESSES, Each(name, within)


def identified(*types: str) -> Cell:
    return "to_BuPaIdentification", Numbers("BPIdentificationType", "BPIdentificationNumber", types)


def taxed(*, vat: bool) -> Cell:
    return "to_BusinessPartnerTax", Numbers("BPTaxType", "BPTaxNumber", vat=vat)


PARTNERS = PartyTable(
    kind="unknown",
    kind_of=("BusinessPartnerCategory", "text"),
    kinds={"1": "person", "2": "organization"},
    attributes={
        "email": (ADDRESSES, Mails("EmailAddress", "to_EmailAddress")),
        "phone": [reached("to_PhoneNumber", "InternationalPhoneNumber"), reached("to_MobilePhoneNumber", "InternationalPhoneNumber")],
        "website": reached("to_URLAddress", "WebsiteURL"),
        "vat": taxed(vat=True),
        "tax_id": taxed(vat=False),
        "duns": identified("BUP001"),
        "registration_number": identified("BUP002"),
        "language": ("CorrespondenceLanguage", "language"),
        "key:{source}": [("BusinessPartner", "text"), ("Customer", "text")],
    },
    people={"given_name": ("FirstName", "text"), "family_name": ("LastName", "text"), "birth_date": ("BirthDate", "day")},
    organizations={"name": ("BusinessPartnerFullName", "text")},
    addresses=(
        ADDRESSES,
        {
            "street": [("StreetName", "text"), ("HouseNumber", "text"), ("StreetPrefixName", "text")],  # SAP calls it street 2
            "postcode": ("PostalCode", "text"),
            "city": ("CityName", "text"),
            "region": ("Region", "text"),
            "country": ("Country", "text"),
        },
    ),
    observed_at=("LastChangeDate", "moment"),
    claims=(
        Claimed("employment", ("to_BusinessPartnerContact", Each("BusinessPartnerCompany")), "partners"),
        Claimed("employment", ("to_BusinessPartnerContact", Each("BusinessPartnerPerson")), "partners", reverse=True),
    ),
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {"partners": PARTNERS, "orders": ORDERS, "invoices": INVOICES}


def map_record(record: Landed, own: Mapping[str, Any]) -> Mapped:
    """What a record of any stream says."""
    said = mapped(record.payload, TABLES[record.stream], (record.source, record.stream, record.key), own)
    return replace(said, activity=business(record, said.activity)) if said.activity else said
