"""What Tryton's fields mean, once `readable` has put its typed values into plain ones.

A party does not say whether it is a person: the kinds of its identifiers may, else its values tell the resolver. Contact mechanisms and
identifiers are lists of {type, value} and {type, code}, one list for all types.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.mapping.tables import ActivityTable, Cell, Link, PartyTable
from connectors.mapping.transforms import Choice, text

#: Identifier types (those of python-stdnum, by country) and what they are to us.
VAT = (
    "eu_vat", "eu_oss", "at_uid", "be_vat", "bg_vat", "ch_vat", "cy_vat", "cz_dic", "de_vat", "dk_cvr", "ee_kmkr", "fi_alv",
    "fr_tva", "gb_vat", "gr_vat", "hu_anum", "ie_vat", "is_vsk", "it_iva", "lt_vat", "lu_tva", "lv_pvn", "mt_vat", "nl_btw",
    "no_mva", "pl_nip", "pt_nif", "ro_cf", "se_vat", "si_ddv", "sk_dph"
)  # fmt: skip
REGISTER = (
    "at_businessid", "au_abn", "au_acn", "be_businessid", "ch_uid", "de_handelsregisternummer", "ee_registrikood", "fi_ytunnus",
    "fr_rcs", "fr_siren", "fr_siret", "jp_cn", "no_orgnr", "pl_regon", "se_orgnr", "sg_uen", "si_maticna"
)  # fmt: skip
TAX = ("ca_bn", "de_stnr", "gb_utr", "in_gstin", "us_ein", "us_tin")
PERSONAL = ("be_nn", "de_idnr", "dk_cpr", "es_dni", "fi_hetu", "fr_nir", "nl_bsn", "se_personnummer", "us_itin", "us_ssn")


@dataclass(frozen=True)
class OfType:
    """The values of those elements of a list that are of one of these types; its text is part of the mapping's fingerprint."""

    types: tuple[str, ...]
    value: str

    def __call__(self, value: Any) -> list[Any]:
        listed = value if isinstance(value, list) else []
        return [found for one in listed if isinstance(one, dict) and one.get("type") in self.types for found in text(one[self.value] or [])]


def reached(*types: str) -> Cell:
    return "contact_mechanisms", OfType(types, "value")


def identified(types: tuple[str, ...]) -> Cell:
    return "identifiers", OfType(types, "code")


PARTIES = PartyTable(
    kind="unknown",
    kind_of=("identifiers", OfType((*VAT, *REGISTER, *PERSONAL, "us_ein"), "type")),
    kinds={**dict.fromkeys((*VAT, *REGISTER, "us_ein"), "organization"), **dict.fromkeys(PERSONAL, "person")},
    attributes={
        "name": ("name", "text"),
        "email": reached("email"),
        "phone": reached("phone", "mobile"),
        "website": reached("website"),
        "vat": identified(VAT),
        "tax_id": identified(TAX),
        "registration_number": identified(REGISTER),
        "language": ("lang.code", "language"),
        "key:{source}": ("code", "text"),
    },
    addresses=(
        "addresses",
        {
            "street": ("street", "text"),
            "postcode": ("postal_code", "text"),
            "city": ("city", "text"),
            "region": ("subdivision.name", "text"),
            "country": ("country.code", "text"),
        },
    ),
    observed_at=("changed", "moment"),
)

_PARTY = (Link("customer", ("party.id", "text"), "parties", ("party.rec_name", "text")),)

SALES = ActivityTable(
    kind="order",
    title=[("rec_name", "text")],
    data_class="financial",
    occurred_at=[("sale_date", "moment"), ("quotation_date", "moment"), ("create_date", "moment")],
    body=[("{}", ("description", "text")), ("Customer's reference: {}", ("reference", "text")), ("Net: {}", ("untaxed_amount", "decimal"))],
    status=("state", Choice({"quotation": "quoted", "processing": "confirmed", "done": "confirmed"})),
    amount=("total_amount", "decimal"),
    currency=("currency.code", "text"),
    attributes={"number": ("number", "text"), "customer_reference": ("reference", "text"), "net": ("untaxed_amount", "decimal")},
    links=_PARTY,
)

INVOICES = ActivityTable(
    kind="invoice",
    title=[("rec_name", "text")],
    data_class="financial",
    occurred_at=[("invoice_date", "moment"), ("create_date", "moment")],
    body=[("{}", ("description", "text")), ("Open: {}", ("amount_to_pay", "decimal"))],
    status=("state", Choice({"validated": "draft", "posted": "open"})),
    amount=("total_amount", "decimal"),
    currency=("currency.code", "text"),
    attributes={"number": ("number", "text"), "customer_reference": ("reference", "text"), "open_amount": ("amount_to_pay", "decimal")},
    links=_PARTY,
)

OPPORTUNITIES = ActivityTable(
    kind="deal",
    title=[("rec_name", "text"), ("description", "text")],
    data_class="internal",
    occurred_at=[("start_date", "moment"), ("create_date", "moment")],
    body=[("{}", ("comment", "text")), ("Reason for loss: {}", ("lost_reason", "text"))],
    status=("state", "text"),
    amount=("amount", "decimal"),
    currency=("currency.code", "text"),
    attributes={"number": ("number", "text"), "close_date": ("end_date", "day")},
    links=_PARTY,
)

TABLES: Mapping[str, PartyTable | ActivityTable] = {
    "parties": PARTIES,
    "sales": SALES,
    "invoices": INVOICES,
    "opportunities": OPPORTUNITIES,
}
