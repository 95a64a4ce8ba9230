"""From raw attributes to features: each distinct raw value is normalised once, and records share the result.

Columns of the features: given, middle, family, birth_date, workplace (people); name, branch (organisations); email, domain, phone, address,
identifier (both); and `category:<x>`, `code:<x>` for attributes of those names.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.normalize import contacts, identifiers, names
from resolution.normalize.addresses import address_terms, country_code
from resolution.normalize.features import KIND_CODES, ORGANIZATION, PERSON, UNKNOWN, Features, Index, column_of, features_from
from resolution.normalize.profile import Profile
from resolution.normalize.text import each, map_distinct, plain, plain_text, string_array
from resolution.records import ADDRESS, PartyRecord

__all__ = ["Flat", "Profile", "Raw", "features", "features_from", "features_of", "profile_of", "raw_columns"]

Flat = tuple[Index, pa.Array]

_IDENTIFIERS = ("vat", "tax_id", "registration_number", "lei", "duns")
_OF_PEOPLE = ("given_name", "family_name", "birth_date", "employer")
_OF_ORGANIZATIONS = ("vat", "registration_number", "lei", "duns")
_CATEGORIES = {"industry": "category:industry"}


@dataclass(frozen=True, slots=True)
class Raw:
    """Raw attributes of n records by column: texts[attribute] = (record rows, values), and addresses as (rows, {part: values})."""

    ids: Index
    refs: pa.StringArray
    kind: NDArray[np.int8]
    texts: Mapping[str, Flat]
    address_rows: Index
    address_parts: Mapping[str, pa.Array]

    def text(self, attribute: str) -> Flat:
        return self.texts.get(attribute) or (np.zeros(0, np.int64), pa.array([], pa.string()))


def features(records: Iterable[PartyRecord]) -> Features:
    """The features of the records, in their order.

    A record without usable attributes gives an empty row. Kind 'unknown' is settled where the values tell, otherwise it stays UNKNOWN and
    the record is compared as whatever stands against it. Nothing is raised for odd values: what can't be read is kept as plain text or
    dropped.
    """
    return features_of(raw_columns(list(records)))


def profile_of(record: PartyRecord) -> Profile:
    """The record's terms by themselves; see `features`."""
    return features([record]).profile(0)


def raw_columns(records: list[PartyRecord]) -> Raw:
    """The records' attributes, turned into columns."""
    texts: dict[str, tuple[list[int], list[str]]] = {}
    address_rows: list[int] = []
    addresses: list[Mapping[str, str]] = []
    for row, record in enumerate(records):
        for attribute, values in record.attributes.items():
            for value in values:
                if isinstance(value, str):
                    rows, strings = texts.setdefault(attribute, ([], []))
                    rows.append(row)
                    strings.append(value)
                elif attribute == ADDRESS:
                    address_rows.append(row)
                    addresses.append(value)
    found = sorted({part for address in addresses for part in address})
    parts = {part: pa.array([address.get(part) for address in addresses], pa.string()) for part in found}
    return Raw(
        np.array([record.id for record in records], np.int64),
        pa.array([record.ref for record in records], pa.string()),
        np.array([KIND_CODES[record.kind] for record in records], np.int8),
        {attribute: (np.array(rows, np.int64), pa.array(strings, pa.string())) for attribute, (rows, strings) in texts.items()},
        np.array(address_rows, np.int64),
        parts,
    )


def features_of(raw: Raw) -> Features:
    """The features of raw columns; see `features`."""
    count = len(raw.ids)
    kind = _settled_kind(raw)
    flat = _person_names(raw, kind) | _organization_names(raw, kind) | _contacts(raw, kind)
    flat["identifier"] = _identifiers(raw)
    flat["address"] = (raw.address_rows, address_terms(raw.address_parts, len(raw.address_rows)))
    for attribute in raw.texts:
        column = _CATEGORIES.get(attribute, attribute)
        if column.startswith(("category:", "code:")):
            rows, values = raw.text(attribute)
            flat[column] = (rows, map_distinct(values, plain))
    columns = {name: column_of(count, rows, values) for name, (rows, values) in flat.items()}
    return Features(raw.ids, raw.refs, kind, {name: column for name, column in columns.items() if len(column.codes)})


def _settled_kind(raw: Raw) -> NDArray[np.int8]:
    """The kinds, with UNKNOWN settled from what only one kind has; a bare name is a person's if it comes with a personal email."""
    kind = raw.kind.copy()
    if not (kind == UNKNOWN).any():
        return kind

    def settle(rows: Index, value: int) -> None:
        kind[rows[kind[rows] == UNKNOWN]] = value

    rows, values = raw.text("name")
    legal = map_distinct(values, lambda terms: pa.array([names.has_legal_form(term) for term in plain(terms).to_pylist()], pa.bool_()))
    settle(rows[pc.fill_null(legal, False).to_numpy(zero_copy_only=False)], ORGANIZATION)
    for attribute in _OF_PEOPLE:
        settle(raw.text(attribute)[0], PERSON)
    for attribute in _OF_ORGANIZATIONS:
        settle(raw.text(attribute)[0], ORGANIZATION)
    email_rows, email_values = raw.text("email")
    personal = [bool(term) and not contacts.is_role(term) for term in contacts.emails(string_array(email_values)).to_pylist()]
    settle(np.intersect1d(rows, email_rows[np.array(personal, bool)]), PERSON)
    settle(rows, ORGANIZATION)
    return kind


def _of_kind(flat: Flat, kind: NDArray[np.int8], wanted: int) -> Flat:
    rows, values = flat
    chosen = kind[rows] == wanted
    return rows[chosen], string_array(values).filter(pa.array(chosen))


def _joined(*flats: Flat) -> Flat:
    return np.concatenate([rows for rows, _ in flats]), pa.concat_arrays([string_array(values) for _, values in flats])


def _split(flat: Flat, parts: Callable[[str], tuple[str, ...]], count: int) -> list[Flat]:
    """Each value split in `count` parts, the distinct values once."""
    rows, values = flat
    encoded = string_array(values).dictionary_encode()
    split = [parts(term or "") for term in encoded.dictionary.to_pylist()]
    return [(rows, pa.array([part[place] for part in split], pa.string()).take(encoded.indices)) for place in range(count)]


def _given_parts(raw: str) -> tuple[str, str]:
    """(first given name, the others); a hyphenated name is one."""
    words = plain_text(raw.replace("-", "").replace("_", " ")).split()
    words = [word for word in words if word not in names.TITLES] or words
    return (words[0], " ".join(words[1:])) if words else ("", "")


def _person_names(raw: Raw, kind: NDArray[np.int8]) -> dict[str, Flat]:
    given, given_rest = _split(_of_kind(raw.text("given_name"), kind, PERSON), _given_parts, 2)
    family_rows, family_values = _of_kind(raw.text("family_name"), kind, PERSON)
    family = (family_rows, map_distinct(family_values, plain))
    whole = _of_kind(raw.text("name"), kind, PERSON)
    parted = np.zeros(len(kind), bool)
    parted[given[0]], parted[family_rows] = True, True
    alone = parted[whole[0]]
    first, middle, last = _split((whole[0][~alone], whole[1].filter(pa.array(~alone))), names.person_parts, 3)
    rest = _other_words((whole[0][alone], whole[1].filter(pa.array(alone))), given, family)
    rows, values = _of_kind(raw.text("birth_date"), kind, PERSON)
    return {
        "given": _joined(given, first),
        "middle": _joined(given_rest, middle, rest),
        "family": _joined(family, last),
        "birth_date": (rows, map_distinct(values, contacts.dates)),
    }


def _other_words(whole: Flat, given: Flat, family: Flat) -> Flat:
    """The words of full names that are in neither the record's given nor its family name."""
    if not len(whole[0]):
        return whole
    known: dict[int, set[str]] = {}
    for rows, values in (given, family):
        for row, value in zip(rows.tolist(), values.to_pylist(), strict=True):
            known.setdefault(row, set()).update((value or "").split())
    folded = zip(whole[0].tolist(), map_distinct(whole[1], plain).to_pylist(), strict=True)
    rest = [
        " ".join(word for word in (value or "").split() if word not in known.get(row, ()) and word not in names.TITLES)
        for row, value in folded
    ]
    return whole[0], pa.array(rest, pa.string())


def _workplaces(raw: Raw, kind: NDArray[np.int8], domains: Flat) -> Flat:
    """What a person's employer is called, in one word: from its name and from the domain of work mailboxes, so that the two can meet."""
    rows, employers = _of_kind(raw.text("employer"), kind, PERSON)
    cores = map_distinct(employers, lambda values: each(names.organization_core)(plain(values)))
    domain_rows, work = _of_kind(domains, kind, PERSON)
    labels = pc.replace_substring_regex(pc.replace_substring_regex(work, r"\..*$", ""), "-", "")
    folded = pc.replace_substring_regex(pc.replace_substring_regex(cores, " ", ""), "([aou])e", r"\1")  # umlauts, spelled either way
    return _joined((rows, folded), (domain_rows, pc.replace_substring_regex(labels, "([aou])e", r"\1")))


def _organization_names(raw: Raw, kind: NDArray[np.int8]) -> dict[str, Flat]:
    rows, values = _of_kind(raw.text("name"), kind, ORGANIZATION)
    core, branch = _split((rows, map_distinct(values, plain)), names.organization_parts, 2)
    if len(core[0]) and len(raw.address_rows) and "city" in raw.address_parts:
        return dict(zip(("name", "branch"), _named_after_city(raw, core, branch), strict=True))
    return {"name": core, "branch": branch}


def _named_after_city(raw: Raw, core: Flat, branch: Flat) -> tuple[Flat, Flat]:
    """An organisation of several words whose name ends in its own city is a branch there: "acme tools graz" in Graz."""
    cities: dict[int, str] = {}
    for row, city in zip(raw.address_rows.tolist(), map_distinct(raw.address_parts["city"], plain).to_pylist(), strict=True):
        if city:
            cities.setdefault(row, city)
    cores, branches = core[1].to_pylist(), branch[1].to_pylist()
    for place, row in enumerate(core[0].tolist()):
        city = cities.get(row)
        if city and not branches[place] and cores[place].endswith(f" {city}"):
            head = cores[place][: -len(city) - 1]
            if " " in head:
                cores[place], branches[place] = names.organization_core(head), city
    return (core[0], pa.array(cores, pa.string())), (branch[0], pa.array(branches, pa.string()))


def _contacts(raw: Raw, kind: NDArray[np.int8]) -> dict[str, Flat]:
    email_rows, email_values = raw.text("email")
    emails = map_distinct(email_values, contacts.emails)
    phone_rows, phones = raw.text("phone")
    site_rows, sites = raw.text("website")
    work = map_distinct(emails, _work_domains)
    domains = _joined((site_rows, map_distinct(sites, each(contacts.domain))), (email_rows, work))
    return {
        "email": (email_rows, emails),
        "phone": (phone_rows, map_distinct(phones, contacts.phones)),
        "domain": domains,
        "workplace": _workplaces(raw, kind, domains),
    }


def _work_domains(emails: pa.StringArray) -> pa.StringArray:
    """The domains of addresses that are no free mail's."""
    domains = pc.replace_substring_regex(emails, "^.*@", "")
    valid = pc.and_(
        pc.match_substring_regex(emails, r"^[^@]+@[^@]+\.[a-z]+$"), pc.invert(pc.is_in(domains, pa.array(sorted(contacts.FREE_MAIL))))
    )
    return pc.if_else(valid, domains, pa.scalar(None, pa.string()))


def _identifiers(raw: Raw) -> Flat:
    country = dict[int, str]()
    if "country" in raw.address_parts:
        for row, value in zip(raw.address_rows.tolist(), raw.address_parts["country"].to_pylist(), strict=True):
            if value:
                country.setdefault(row, country_code(value))
    rows: list[int] = []
    terms: list[str | None] = []
    for attribute in raw.texts:
        if attribute in _IDENTIFIERS or attribute.startswith(identifiers.KEY):
            for row, value in zip(raw.text(attribute)[0].tolist(), string_array(raw.text(attribute)[1]).to_pylist(), strict=True):
                rows.append(row)
                terms.append(identifiers.term(attribute, value or "", country.get(row, "")))
    return np.array(rows, np.int64), pa.array(terms, pa.string())
