"""What passes into the resolver: one source's account of one party.

A party record is raw in its source's words but in our vocabulary: every attribute is a list, since a source may give several emails
or names; a missing attribute is absent, never an empty string.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["person", "organization", "unknown"]

#: Attributes that hold plain strings. A mapping may give others; they are kept in the golden record but not compared.
TEXT_ATTRIBUTES = (
    "name",  # a person's or organisation's name as one string; also trading names and former names
    "given_name",
    "family_name",
    "birth_date",  # ISO 8601
    "email",
    "phone",
    "website",  # URL or bare domain
    "title",  # job title
    "employer",  # name of the organisation a person works for, as the source writes it
    "vat",
    "tax_id",  # EIN and other national tax numbers
    "registration_number",  # of a company register
    "lei",
    "duns",
    "industry",
    "language",
    "status",  # lifecycle stage, as the source writes it
)

#: The one composite attribute; its parts travel together.
#: address = {"street": ..., "city": ..., "region": ..., "postcode": ..., "country": ISO 3166-1 alpha-2 where known}
ADDRESS = "address"

#: Keys of one system held in another: attribute "key:<source>" on the holder, e.g. {"key:erp": ["ABC-001"]};
#: the owner lists its own public key under the same name.
KEY_PREFIX = "key:"

Attributes = Mapping[str, Sequence[str | Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """One source's account of one party.

    id:  integer, unique among the records passed together.
    ref: "source/stream/key", unique for all time; ties in grouping are broken by it, so order of arrival never matters.
    """

    id: int
    ref: str
    source: str
    kind: Kind
    attributes: Attributes
