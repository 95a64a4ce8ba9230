"""Addresses of many records as terms, by the codes of their parts: each distinct part is read once, each distinct address spelled once."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.normalize.addresses import OTHER_PARTS, PARTS, SEPARATOR, country_code, street_of
from resolution.normalize.features import Column, Index, Part
from resolution.normalize.text import Codes, encode, encode_raw
from resolution.normalize.values import Values


def addresses_of(rows: Index, parts: Mapping[str, pa.Array]) -> tuple[Values, Mapping[str, Part]]:
    """The term of each address (its record in rows[i], its parts in parts[...][i]) that says anything, as `addresses.address_term`; and the
    parts of each term."""
    count = len(rows)
    read = {name: _read(parts.get(name), count, convert) for name, convert in OTHER_PARTS.items()}
    words, number, bare = _streets(parts.get("street"), parts.get("street2"), count)
    read["street"], read["number"] = _chosen(read["number"][0] > 0, words, bare), _chosen(read["number"][0] > 0, read["number"], number)
    return _together(rows, {name: read[name] for name in PARTS})


def parts_of(column: Column) -> Mapping[str, Part]:
    """By name (see `addresses.PARTS`) the part of each term of a column of addresses; split anew where it is not at hand."""
    if column.parts is not None:
        return column.parts
    if not len(column.terms):
        return {name: (np.zeros(0, np.int32), pa.array([""])) for name in PARTS}
    split = pc.split_pattern(column.terms, SEPARATOR)
    return {name: _part(*encode(pc.list_element(split, place))) for place, name in enumerate(PARTS)}


def _read(values: pa.Array | None, count: int, convert: Callable[[str], str]) -> Part:
    if values is None:
        return np.zeros(count, np.int32), pa.array([""])
    codes, distinct = encode_raw(values)
    if convert is country_code:
        return _part(codes, pa.array([convert(value) for value in distinct.to_pylist()], pa.string()))
    plain = _settled(distinct)
    read = [convert(value) for value in distinct.filter(pc.invert(plain)).to_pylist()]
    return _part(codes, pc.replace_with_mask(distinct, pc.invert(plain), pa.array(read, pa.string())))


def _settled(values: pa.StringArray) -> pa.BooleanArray:
    """Which values all of OTHER_PARTS but the country read as they are: a lower-case word, without umlauts and no postcode to be cut."""
    word = pc.and_(pc.ascii_is_alnum(values), pc.equal(pc.ascii_lower(values), values))
    other = pc.or_(pc.starts_with(values, "0"), pc.match_substring_regex(values, "[aou]e"))
    return pc.and_not(pc.and_(word, pc.less(pc.binary_length(values), 9)), other)


def _part(codes: Codes, terms: pa.StringArray) -> Part:
    """The part of values of these codes (-1 for none) whose terms are terms[code]."""
    encoded = pa.concat_arrays([pa.array([""]), terms]).dictionary_encode()
    return encoded.indices.to_numpy()[codes + 1], encoded.dictionary


def _streets(line: pa.Array | None, second: pa.Array | None, count: int) -> tuple[Part, Part, Part]:
    """(words, own number, words without that number) of each street."""
    lines, second_lines = (encode_raw(pa.nulls(count, pa.string()) if values is None else values) for values in (line, second))
    width = len(second_lines[1]) + 1
    pairs = pc.dictionary_encode(pa.array((lines[0] + np.int64(1)) * width + second_lines[0] + 1))
    both = pairs.dictionary.to_numpy()
    first, other = (["", *texts.to_pylist()] for texts in (lines[1], second_lines[1]))
    streets = [
        street_of(first[place], other[spare]) for place, spare in zip((both // width).tolist(), (both % width).tolist(), strict=True)
    ]
    codes = pairs.indices.to_numpy()
    return (
        _part(codes, pa.array([street.words for street in streets], pa.string())),
        _part(codes, pa.array([street.number for street in streets], pa.string())),
        _part(codes, pa.array([street.bare for street in streets], pa.string())),
    )


def _chosen(first: NDArray[np.bool_], one: Part, two: Part) -> Part:
    """One part where `first` holds, else the other."""
    both = pa.concat_arrays([one[1], two[1]]).dictionary_encode()
    code = both.indices.to_numpy()
    return np.where(first, code[one[0]], code[len(one[1]) + two[0]]).astype(np.int32), both.dictionary


def _together(rows: Index, parts: Mapping[str, Part]) -> tuple[Values, Mapping[str, Part]]:
    """The parts joined by SEPARATOR, each distinct address once."""
    key, span, said = np.zeros(len(rows), np.int64), 1, np.zeros(len(rows), bool)
    for codes, terms in parts.values():
        if span > (1 << 62) // len(terms):
            key = pc.dictionary_encode(pa.array(key)).indices.to_numpy().astype(np.int64)
            span = len(rows)
        key, span = key * len(terms) + codes, span * len(terms)
        said |= codes > 0
    encoded = pc.dictionary_encode(pa.array(key[said]))
    codes = encoded.indices.to_numpy()
    example = np.zeros(len(encoded.dictionary), np.int64)
    example[codes] = np.flatnonzero(said)
    distinct = {name: (part[example], terms) for name, (part, terms) in parts.items()}
    spelled = [terms.take(pa.array(part)) for part, terms in distinct.values()]
    return Values(rows[said], codes, pc.binary_join_element_wise(*spelled, SEPARATOR)), distinct
