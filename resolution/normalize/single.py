"""One record read by itself: Python strings alone, in some tens of microseconds."""

from collections.abc import Iterable, Mapping, Sequence

from resolution.normalize import identifiers, names, people
from resolution.normalize.addresses import address_term, country_code, strings_of
from resolution.normalize.kinds import KIND_CODES, ORGANIZATION, PERSON, UNKNOWN
from resolution.normalize.profile import Profile
from resolution.normalize.readings import CLUES, DERIVED, Reading, Texts, identifiers_of, readings_of
from resolution.normalize.text import plain_text, usable
from resolution.records import ADDRESS, PartyRecord

_Found = dict[str, dict[str, None]]


def profile_of(record: PartyRecord) -> Profile:
    """The record's terms, as its row of `features` has them."""
    said = ((name, [value for value in values if usable(value)]) for name, values in record.attributes.items())
    texts = {name: values for name, values in said if values}
    addresses = [strings_of(value) for value in record.attributes.get(ADDRESS, ()) if not isinstance(value, str)]
    kind = KIND_CODES[record.kind] or _settled_kind(texts)
    found: _Found = {}
    for reading in readings_of(texts):
        if reading.source in texts:
            _read(found, reading, kind, texts[reading.source])
    _read_names(found, kind, texts.get("name", ()), addresses)
    for reading in DERIVED:
        _read(found, reading, kind, tuple(found.get(reading.source, ())))
    _read_identifiers(found, texts, addresses)
    _add(found, [("address", address_term(address)) for address in addresses])
    return Profile(record.id, record.ref, kind, {column: tuple(terms) for column, terms in found.items()})


def _settled_kind(texts: Texts) -> int:
    for clue in CLUES:
        if clue.attribute in texts and (not clue.named or "name" in texts) and any(map(clue.holds, texts[clue.attribute])):
            return clue.kind
    return UNKNOWN


def _add(found: _Found, terms: Iterable[tuple[str, str | None]]) -> None:
    for column, term in terms:
        if term:
            found.setdefault(column, {})[term] = None


def _read(found: _Found, reading: Reading, kind: int, values: Sequence[str]) -> None:
    if reading.kind is None or reading.kind == kind:
        for value in values:
            _add(found, reading.read(value))


def _read_names(found: _Found, kind: int, values: Sequence[str], addresses: Sequence[Mapping[str, str]]) -> None:
    if kind == ORGANIZATION:
        city = next((city for address in addresses if (city := plain_text(address.get("city", "")))), "")
        for raw in values:
            _add(found, names.organization_name(raw, city))
    elif kind == PERSON:
        known = {word for column in ("given", "family") for term in found.get(column, ()) for word in term.split()}
        parted = "given" in found and "family" in found
        for raw in values:
            _add(found, people.other_words(raw, known) if parted else people.person_name(raw))


def _read_identifiers(found: _Found, texts: Texts, addresses: Sequence[Mapping[str, str]]) -> None:
    country = next((country_code(address["country"]) for address in addresses if address.get("country")), "")
    for attribute in identifiers_of(texts):
        _add(found, [("identifier", identifiers.term(attribute, raw, country)) for raw in texts[attribute]])
