"""What the fields of SAP Business One's partners mean. A partner holds its addresses and contacts; a contact is a party of its own, found
by SAP's internal number, which documents name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.mapping.staged import Mapped
from connectors.mapping.tables import ActivityTable, Claimed, PartyTable, mapped
from connectors.mapping.transforms import Choice, text
from connectors.records import Landed
from connectors.vendors.sap_business_one import documents


@dataclass(frozen=True)
class TaxNumber:
    """SAP keeps it in one field, whether it is a VAT number, which begins with its country, or another."""

    vat: bool

    def __call__(self, value: Any) -> list[Any]:
        return [one for one in text(value) if one[:2].isalpha() is self.vat]


PARTNERS = PartyTable(
    kind="organization",
    kind_of=("CompanyPrivate", "text"),
    kinds={"cPrivate": "person", "cEmployee": "person"},
    attributes={
        "name": [("CardName", "text"), ("CardForeignName", "text"), ("AliasName", "text")],
        "email": ("EmailAddress", "email"),
        "phone": [("Phone1", "text"), ("Phone2", "text"), ("Cellular", "text")],
        "website": ("Website", "text"),
        "vat": [("VatIDNum", "text"), ("FederalTaxID", TaxNumber(vat=True))],
        "tax_id": [("FederalTaxID", TaxNumber(vat=False)), ("UnifiedFederalTaxID", "text")],
        "registration_number": ("CompanyRegistrationNumber", "text"),
        "gln": ("GlobalLocationNumber", "text"),
        "type": ("CardType", Choice({"cCustomer": "customer", "cSupplier": "supplier", "cLid": "lead"})),
        "key:{source}": ("CardCode", "text"),
    },
    addresses=(
        "BPAddresses",
        {
            "street": [("Street", "text"), ("StreetNo", "text"), ("BuildingFloorRoom", "text")],
            "postcode": ("ZipCode", "text"),
            "city": ("City", "text"),
            "region": ("State", "text"),
            "country": ("Country", "text"),
        },
    ),
    observed_at=("UpdateDate", "moment"),
    claims=(Claimed("parent", ("FatherCard", "text"), "partners"),),
)

CONTACTS = PartyTable(
    kind="person",
    attributes={
        "name": ("Name", "person_name"),
        "given_name": ("FirstName", "text"),
        "family_name": ("LastName", "text"),
        "email": ("E_Mail", "email"),
        "phone": [("Phone1", "text"), ("Phone2", "text"), ("MobilePhone", "text")],
        "title": [("Position", "text"), ("Profession", "text")],
        "birth_date": ("DateOfBirth", "day"),
    },
    observed_at=("UpdateDate", "moment"),
    claims=(Claimed("employment", ("CardCode", "text"), "partners", {"title": ("Position", "text")}),),
)


TABLES: Mapping[str, PartyTable | ActivityTable] = {"partners": PARTNERS, **documents.TABLES}


def map_record(record: Landed, own: Mapping[str, Mapping[str, Any]]) -> Mapped:
    """What a record of any stream says. own: stream -> the user's own fields."""
    said = mapped(record.payload, TABLES[record.stream], (record.source, record.stream, record.key), own.get(record.stream, {}))
    if said.activity:
        return replace(said, activity=documents.told(record, said.activity))
    people = record.payload.get("ContactEmployees")
    contacts = [
        mapped(one, CONTACTS, (record.source, "contacts", str(one["InternalCode"])), own.get("contacts", {}))
        for one in (people if isinstance(people, list) else ())
        if isinstance(one, dict) and one.get("InternalCode") and one.get("Active") != "tNO"
    ]
    parties = [party for one in (said, *contacts) for party in one.parties]
    claims = [claim for one in (said, *contacts) for claim in one.claims]
    return Mapped(parties, claims=claims, doubts=[doubt for one in (said, *contacts) for doubt in one.doubts])
