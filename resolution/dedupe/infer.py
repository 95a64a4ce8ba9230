"""What the columns of a file mean, from their names and, where those say nothing, from their values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from resolution.normalize import names
from resolution.normalize.text import plain
from resolution.normalize.vocabulary import table

#: What a column may mean; `person_name` and `organization_name` are `name` and say the kind too.
MEANINGS = (
    "id", "ignore", "name", "person_name", "organization_name", "given_name", "family_name", "birth_date", "email", "phone", "website",
    "employer", "vat", "tax_id", "registration_number", "lei", "duns", "industry", "code", "category",
    "address.street", "address.street2", "address.number", "address.city", "address.region", "address.postcode", "address.country",
)  # fmt: skip

_BY_WORD = {word: meaning for meaning, words in reversed(list(table("columns").items())) for word in words.split()}
_SETS = (
    "billing",
    "shipping",
    "mailing",
    "delivery",
    "home",
    "work",
    "office",
    "primary",
    "secondary",
    "invoice",
    "postal",
    "business",
    "other",
)

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_DATE = r"^((1[5-9]|20)\d\d[-/.]?\d\d[-/.]?\d\d|\d{1,2}[-/.]\d{1,2}[-/.](1[5-9]|20)\d\d)([T ].*)?$"
_SITE = r"^(https?://|www\.)[^\s]+$|^[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|org|net|io|co|de|fr|uk|eu|it|es|nl|ch|at|us|info|biz)/?$"
_PHONE = r"^[+(]?[0-9][0-9 ()./-]{6,18}[0-9]$"
_POSTCODE = r"^([a-z]{1,2}\d[a-z0-9]? ?\d[a-z]{2}|\d{5}(-\d{4})?)$"
_DECIMAL = r"^-?\d+\.\d+$"


@dataclass(frozen=True, slots=True)
class Reading:
    """meanings: column -> one of MEANINGS; kind: 'person' or 'organization'; groups: column -> the set of its address columns ('billing',
    ...)."""

    meanings: Mapping[str, str]
    kind: str
    groups: Mapping[str, str]


def infer(table: pa.Table, given: Mapping[str, str]) -> Reading:
    """What each column of `table` (all strings, or lists of strings) means; `given` (column -> meaning) is taken as said."""
    found: dict[str, str] = {}
    groups: dict[str, str] = {}
    for column in table.column_names:
        word, groups[column] = _folded(column)
        found[column] = given.get(column) or _BY_WORD.get(word) or _by_values(table[column])
    kind = _kind(table, found)
    free = {column: meaning for column, meaning in found.items() if column not in given}
    found |= _settled(table, free, kind, set(found.values()))
    return Reading(found, kind, groups)


def _folded(column: str) -> tuple[str, str]:
    """("billing_city2") -> ("city", "billing2"): the name in one word, and which set of address columns it belongs to."""
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", column).lower()
    parts = [part for part in re.split(r"[^a-z0-9]+", words) if part]
    sets = [part for part in parts if part in _SETS]
    rest = "".join(part for part in parts if part not in _SETS) or "".join(parts)
    if rest in _BY_WORD:
        return rest, "".join(sets)
    bare = rest.rstrip("0123456789")
    return (bare if bare in _BY_WORD else rest), "".join(sets) + rest[len(bare) :]


def _sample(column: pa.ChunkedArray) -> pa.StringArray:
    """Up to 5,000 values that are not blank, from the whole length of the column."""
    if pa.types.is_list(column.type):
        column = pc.list_flatten(column)
    values = column.drop_null()
    if len(values) > 5000:
        values = values.take(pa.array(range(0, len(values), len(values) // 5000)))
    values = pc.utf8_lower(pc.utf8_trim_whitespace(values.combine_chunks()))
    return values.filter(pc.not_equal(values, ""))


def _share(values: pa.StringArray, pattern: str) -> float:
    return (pc.sum(pc.match_substring_regex(values, pattern)).as_py() or 0) / max(len(values), 1)


def _by_values(column: pa.ChunkedArray) -> str:
    values = _sample(column)
    if not len(values):
        return "ignore"
    for meaning, pattern in (("email", _EMAIL), ("birth_date", _DATE), ("website", _SITE), ("address.postcode", _POSTCODE)):
        if _share(values, pattern) > 0.7:
            return meaning
    distinct = len(pc.unique(values)) / len(values)
    digits = _share(values, r"^\d+$")
    if _share(values, _DECIMAL) > 0.5:
        return "ignore"
    if _share(values, _PHONE) > 0.8 and distinct > 0.2:
        return "phone"
    if distinct < 0.2 and len(values) >= 20:
        return "category"
    if distinct < 1 and (digits > 0.8 or _share(values, r"^[a-z0-9/-]*\d[a-z0-9/-]*$") > 0.8):
        return "code"
    words = float(pc.mean(pc.count_substring(values, " ")).as_py() or 0)
    return "name" if words < 5 and _share(values, r"^[^0-9]+$") > 0.8 else "ignore"


def _kind(table: pa.Table, found: Mapping[str, str]) -> str:
    meanings = set(found.values())
    if meanings & {"given_name", "family_name", "birth_date", "person_name"}:
        return "person"
    if meanings & {"organization_name", "employer", "vat", "lei", "duns", "registration_number", "industry"}:
        return "organization"
    named = [column for column, meaning in found.items() if meaning == "name"]
    if not named:
        return "person"
    values = plain(_sample(table[named[0]])).to_pylist()
    known = sum(
        names.formal_names(value.split()[0]) != (value.split()[0],) or len(names.nickname_set(value.split()[0])) > 1
        for value in values
        if value
    )
    legal = sum(names.has_legal_form(value) for value in values if value)
    return "person" if known > 0.3 * len(values) and legal < 0.1 * len(values) else "organization"


def _settled(table: pa.Table, found: Mapping[str, str], kind: str, meanings: set[str]) -> dict[str, str]:
    """Meanings that depend on the kind and on each other."""
    settled: dict[str, str] = {}
    for column, meaning in found.items():
        if kind == "person" and meaning == "organization_name":
            settled[column] = "employer"
        elif kind == "organization" and meaning == "employer":
            settled[column] = "organization_name"
        elif meaning == "name" and meanings & {"given_name", "family_name"} and _BY_WORD.get(_folded(column)[0]) != "name":
            settled[column] = "ignore"
        elif meaning == "address.city" and "birth" in column.lower() and sum(value == "address.city" for value in found.values()) > 1:
            settled[column] = "category"
        elif meaning == "code" and not pc.any(table[column].is_valid()).as_py():
            settled[column] = "ignore"
    return settled
