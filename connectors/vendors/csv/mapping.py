"""What the columns of an export mean, guessed by their headings in the languages of the usual systems."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.mapping.staged import Mapped, Party, clean
from connectors.mapping.tables import Reader, own_cells
from connectors.mapping.transforms import TRANSFORMS, person_name
from connectors.records import Landed

#: A company's name: the row's own where the row is an organisation, its employer's where it is a person.
COMPANY = "company"

#: Our attribute -> headings that mean it, without case, blanks and punctuation.
MEANINGS: Mapping[str, str] = {
    "name": "name fullname displayname customername customer kunde kundenname nom nombre",
    COMPANY: "company companyname firma firmenname organisation organization organizationname organisationname account accountname "
    "raisonsociale bedrijf bedrijfsnaam razonsocial ragionesociale unternehmen business businessname societe azienda empresa",
    "given_name": "givenname firstname forename vorname prenom voornaam nome fname first",
    "family_name": "familyname lastname surname nachname nomdefamille achternaam apellido apellidos cognome lname last",
    "email": "email emailaddress mail emailaddress1 emailadresse courriel correo workemail email1 email2 personalemail",
    "phone": "phone telephone telefon tel phonenumber mobile mobilephone mobil handy telefoon telefono cell cellphone workphone "
    "phone1 phone2 businessphone",
    "website": "website url web homepage domain webseite site siteweb internet",
    "title": "title jobtitle position funktion fonction functie cargo role",
    "employer": "employer arbeitgeber employeur companyofcontact",
    "vat": "vat vatnumber vatid vatno ustid ustidnr umsatzsteuerid taxnumber tva numtva btw btwnummer nif partitaiva piva cif",
    "tax_id": "taxid ein tin steuernummer",
    "registration_number": "registrationnumber companynumber handelsregisternummer hrb siren siret kvk companyregistrationnumber",
    "lei": "lei",
    "duns": "duns dunsnumber",
    "industry": "industry branche sector secteur",
    "language": "language sprache langue taal idioma",
    "status": "status lifecyclestage stage customerstatus",
    "birth_date": "birthdate dateofbirth dob geburtsdatum birthday",
}
ADDRESS: Mapping[str, str] = {
    "street": "street address address1 addressline1 strasse straße streetaddress rue straat calle via adresse billingstreet "
    "mailingstreet anschrift",
    "postcode": "postcode zip zipcode postalcode plz codepostal cp cap billingpostalcode mailingpostalcode",
    "city": "city town ort stadt ville plaats ciudad citta billingcity mailingcity",
    "region": "region state province bundesland county billingstate mailingstate",
    "country": "country land pays pais paese countrycode billingcountry mailingcountry",
}
_IDS = (
    "id key recordid customerid contactid accountid companyid kundennummer kundennr customernumber customerno uuid externalid nummer "
    "no nr number num code customercode"
)

_BY_HEADING = {heading: name for table in (MEANINGS, ADDRESS) for name, headings in table.items() for heading in headings.split()}


def plain(heading: str) -> str:
    """A heading without case, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", heading.lower())


def is_id(heading: str) -> bool:
    """Whether a heading is that of the row's own key."""
    return plain(heading) in _IDS.split()


def meaning_of(heading: str, columns: Mapping[str, str]) -> str:
    """What a column means: as the user says, as its heading says, or else its own name made an attribute's."""
    if heading in columns:
        return columns[heading]
    return _BY_HEADING.get(plain(heading)) or re.sub(r"[\W]+", "_", heading.lower()).strip("_") or "column"


def map_record(record: Landed, columns: Mapping[str, str], kind: str | None, own: Mapping[str, Any]) -> Mapped:
    """A row as a party record."""
    reader = Reader(record.payload)
    attributes: dict[str, list[Any]] = {}
    address: dict[str, str] = {}
    for heading, value in clean(record.payload).items():
        if value in (None, [], {}) or not str(value).strip() or (is_id(heading) and heading not in columns):
            continue
        name = meaning_of(heading, columns)
        if name in ADDRESS:
            address.setdefault(name, str(value).strip())
        elif name != "ignore":
            attributes[name] = [*attributes.get(name, []), *_values(reader, heading, name)]
    for name, cell in own_cells(own).items():
        attributes[name] = [*attributes.get(name, []), *reader.all(cell)]
    if address:
        attributes["address"] = [address]
    kind = kind or kind_of(attributes)
    company = attributes.pop(COMPANY, [])
    told = "employer" if kind == "person" else "name"
    attributes[told] = [*company, *attributes.get(told, [])]
    if kind == "person":
        attributes["name"] = [spoken for one in attributes.get("name", []) for spoken in person_name(one)]
    kept = {name: _once(values) for name, values in attributes.items() if values}
    return Mapped([Party(record.stream, record.key, kind, kept, observed_at=record.updated_at)], doubts=reader.doubts)


def kind_of(attributes: Mapping[str, Sequence[Any]]) -> str:
    """person where there are parts of a person's name, or a name beside a company's; organization where there are signs of one."""
    if any(attributes.get(name) for name in ("given_name", "family_name", "birth_date", "employer", "title")):
        return "person"
    if attributes.get("name") and attributes.get(COMPANY) and attributes["name"] != attributes[COMPANY]:
        return "person"
    signs = (COMPANY, "vat", "registration_number", "lei", "duns", "industry", "website")
    return "organization" if any(attributes.get(name) for name in signs) else "unknown"


def _values(reader: Reader, heading: str, name: str) -> list[Any]:
    transform = TRANSFORMS["email" if name == "email" else "text"]
    value = reader.payload[heading]
    try:
        return transform(str(value).lower() if isinstance(value, bool) else value)
    except ValueError as error:
        reader.doubts.append(f"{heading}: {error}; left out")
        return []


def _once(values: Sequence[Any]) -> list[Any]:
    return [one for place, one in enumerate(values) if one not in values[:place]]
