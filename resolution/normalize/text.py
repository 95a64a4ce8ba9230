"""Text folded to plain ASCII words, a whole array at a time."""

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii

_OTHER = re.compile("[^a-z0-9]+")


def string_array(values: pa.Array | pa.ChunkedArray) -> pa.StringArray:
    """The values as one array of strings; what is no string is cast."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values if values.type == pa.string() else values.cast(pa.string())


def map_distinct(values: pa.Array, convert: Callable[[pa.StringArray], pa.Array]) -> pa.Array:
    """Apply `convert` to each distinct value once; nulls stay null."""
    encoded = string_array(values).dictionary_encode()
    return convert(encoded.dictionary).take(encoded.indices)


def each(convert: Callable[[str], str | None]) -> Callable[[pa.StringArray], pa.StringArray]:
    """An array function from a function of one string."""
    return lambda values: pa.array([convert(value) for value in values.to_pylist()], pa.string())


def to_ascii(values: pa.StringArray) -> pa.StringArray:
    """Transliterated where needed; control characters (a NUL among them) become spaces."""
    foreign = pc.invert(pc.string_is_ascii(values))
    if pc.any(foreign).as_py():
        spelled = pa.array([anyascii(value) for value in values.filter(foreign).to_pylist()], pa.string())
        values = pc.replace_with_mask(values, foreign, spelled)
    return pc.replace_substring_regex(values, r"[\x00-\x1f\x7f]", " ")


def plain(values: pa.StringArray) -> pa.StringArray:
    """Lower-case ASCII words of letters and digits, one space between them; apostrophes vanish (o'neill -> oneill)."""
    values = pc.utf8_lower(to_ascii(values))
    values = pc.replace_substring_regex(values, "['`]", "")
    return pc.utf8_trim(pc.replace_substring_regex(values, "[^a-z0-9]+", " "), " ")


def plain_text(value: str) -> str:
    """`plain` of one string, where a whole array is not at hand."""
    value = value if value.isascii() else anyascii(value)
    return " ".join(_OTHER.sub(" ", value.lower().replace("'", "").replace("`", "")).split())
