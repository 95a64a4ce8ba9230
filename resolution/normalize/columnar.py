"""Many records read in columns, by the same readings as one by itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.normalize import identifiers, names, people
from resolution.normalize.address_columns import addresses_of
from resolution.normalize.addresses import country_code
from resolution.normalize.features import Features, Index
from resolution.normalize.kinds import ORGANIZATION, PERSON, UNKNOWN
from resolution.normalize.profile import Terms
from resolution.normalize.raw import Raw
from resolution.normalize.readings import CLUES, DERIVED, Reading, identifiers_of, readings_of
from resolution.normalize.text import Codes, encode_raw, plain_text
from resolution.normalize.values import Values, column_of, joined, no_values, read, spread, terms_at, values_of

#: From how many records on two threads are worth their start; strings are encoded and matched outside the interpreter's lock.
MANY = 20_000

Kinds = NDArray[np.int8]
Found = dict[str, list[Values]]
Part = tuple[Codes, list[str]]


def features_of(raw: Raw) -> Features:
    """The features of raw columns; see `features`."""
    with _threads(len(raw.ids)) as each:
        address = each(lambda _: addresses_of(raw.address_rows, raw.address_parts), [0])
        texts = dict(zip(raw.texts, each(lambda flat: values_of(*flat), raw.texts.values()), strict=True))
        kind = _settled_kind(raw.kind, texts)
        found: Found = {}
        readings = [reading for reading in readings_of(texts) if reading.source in texts]
        for terms in each(lambda reading: read(_of_kind(texts[reading.source], kind, reading.kind), reading), readings):
            _add(found, terms)
        for terms in _names(raw, kind, texts.get("name", no_values()), found):
            _add(found, terms)
        for reading in DERIVED:
            _add(found, read(_of_kind(joined(found.get(reading.source, [])), kind, reading.kind), reading))
        (addresses, parts), *_ = address
        _add(found, {"identifier": _identifiers(raw, texts), "address": addresses})
        made = each(lambda values: column_of(len(raw.ids), joined(values)), found.values())
        columns = {name: column for name, column in zip(found, made, strict=True) if len(column.codes)}
    if "address" in columns:
        columns["address"] = replace(columns["address"], parts=parts)
    return Features(raw.ids, raw.refs, kind, columns)


@contextmanager
def _threads(count: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """`map`, of many records on two threads."""
    if count < MANY:
        yield map
    else:
        with ThreadPoolExecutor(2) as pool:
            yield pool.map


def _add(found: Found, terms: Mapping[str, Values]) -> None:
    for column, values in terms.items():
        found.setdefault(column, []).append(values)


def _of_kind(values: Values, kind: Kinds, wanted: int | None) -> Values:
    return values if wanted is None else values.where(kind[values.rows] == wanted)


def _settled_kind(said: Kinds, texts: Mapping[str, Values]) -> Kinds:
    """The kinds, with UNKNOWN settled where the values tell."""
    kind = said.copy()
    named = np.zeros(len(kind), bool)
    named[texts.get("name", no_values()).rows] = True
    for clue in CLUES:
        values = texts.get(clue.attribute, no_values())
        values = values.where((kind[values.rows] == UNKNOWN) & (named[values.rows] | (not clue.named)))
        holds = np.array([clue.holds(value) for value in values.distinct.to_pylist()], bool)
        kind[values.rows[holds[values.codes]]] = clue.kind
    return kind


def _names(raw: Raw, kind: Kinds, whole: Values, found: Found) -> Iterator[Mapping[str, Values]]:
    """The terms of names as one string: whole, or what they add to a person's given and family name."""
    persons, known = _of_kind(whole, kind, PERSON), np.ones(len(kind), bool)
    for column in ("given", "family"):
        known &= np.bincount(joined(found.get(column, [])).rows, minlength=len(kind)) > 0
    parts = [values for column in ("given", "family") for values in found.get(column, [])]
    yield read(persons.where(~known[persons.rows]), Reading("name", people.person_name))
    yield _other_words(persons.where(known[persons.rows]), parts)
    organizations = _of_kind(whole, kind, ORGANIZATION)
    if len(organizations.rows):
        yield from _organization_names(organizations, _first(raw, "city", plain_text, len(kind)))


def _other_words(whole: Values, parts: Sequence[Values]) -> Mapping[str, Values]:
    known: dict[int, set[str]] = {row: set() for row in whole.rows.tolist()}
    for values in parts:
        values = values.where(np.isin(values.rows, whole.rows))
        for row, term in zip(values.rows.tolist(), values.strings(), strict=True):
            known[row].update(term.split())
    return _each(whole.rows, (people.other_words(raw, known[row]) for row, raw in zip(whole.rows.tolist(), whole.strings(), strict=True)))


def _each(rows: Index, terms: Iterable[Terms]) -> Mapping[str, Values]:
    """Terms given by record, turned into columns."""
    found: dict[str, tuple[list[int], list[str]]] = {}
    for row, said in zip(rows.tolist(), terms, strict=True):
        for column, term in said:
            at, strings = found.setdefault(column, ([], []))
            at.append(row)
            strings.append(term)
    return {column: terms_at(at, strings) for column, (at, strings) in found.items()}


def _organization_names(whole: Values, city: Part) -> Iterator[Mapping[str, Values]]:
    """Names as they are, but those of records where one ends in the record's own city: these are read together with it."""
    apart = read(whole, Reading("name", names.organization_name))
    cores, (city_code, cities) = apart.get("name", no_values()), city
    last = [term.rpartition(" ")[2] for term in (*cities, *cores.distinct.to_pylist())]
    code = pa.array(last, pa.string()).dictionary_encode().indices.to_numpy()
    own = city_code[cores.rows]
    affected = np.zeros(len(city_code), bool)
    affected[cores.rows[(own > 0) & (code[own] == code[len(cities) + cores.codes])]] = True
    yield {column: values.where(~affected[values.rows]) for column, values in apart.items()}
    some = whole.where(affected[whole.rows])
    yield _each(some.rows, map(names.organization_name, some.strings(), [cities[place] for place in city_code[some.rows].tolist()]))


def _first(raw: Raw, part: str, convert: Callable[[str], str], count: int) -> Part:
    """(place of each record's part of its first address that has one, what the parts are read as); 0 is the place of ''."""
    place = np.zeros(count, np.int32)
    if part not in raw.address_parts:
        return place, [""]
    codes, distinct = encode_raw(raw.address_parts[part])
    terms = ["", *(convert(value) for value in distinct.to_pylist())]
    said = np.array([bool(term) for term in terms])[codes + 1]
    place[raw.address_rows[said][::-1]] = codes[said][::-1] + 1
    return place, terms


def _identifiers(raw: Raw, texts: Mapping[str, Values]) -> Values:
    place, countries = _first(raw, "country", country_code, len(raw.ids))
    return joined([_identifier(attribute, texts[attribute], place, countries) for attribute in identifiers_of(texts)])


def _identifier(attribute: str, values: Values, place: Codes, countries: Sequence[str]) -> Values:
    """The terms of one attribute's identifiers, each distinct (value, country) read once."""
    width = len(countries)
    encoded = pc.dictionary_encode(pa.array(values.codes.astype(np.int64) * width + place[values.rows]))
    pairs = encoded.dictionary.to_numpy()
    paired = Values(values.rows, encoded.indices.to_numpy(), values.distinct.take(pa.array(pairs // width)))
    country = [countries[place] for place in (pairs % width).tolist()]
    terms = [identifiers.term(attribute, raw, where) for raw, where in zip(paired.distinct.to_pylist(), country, strict=True)]
    given = [place for place, term in enumerate(terms) if term]
    return spread(paired, np.array(given, np.int64), pa.array([terms[place] for place in given], pa.string()))
