"""Text folded to plain ASCII words, and arrays of strings brought to one form."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii
from numpy.typing import NDArray

Codes = NDArray[np.int32]

_FOLD = {code: chr(code).lower() if chr(code).isalnum() else None if chr(code) in "'`" else " " for code in range(128)}


def plain_text(value: str) -> str:
    """Lower-case ASCII words of letters and digits, one space between them; other scripts are transliterated, apostrophes vanish
    (o'neill -> oneill)."""
    value = value if value.isascii() else anyascii(value)
    return " ".join(value.translate(_FOLD).split())


def plain(values: pa.StringArray) -> pa.StringArray:
    """`plain_text` of each value."""
    return pa.array([None if value is None else plain_text(value) for value in values.to_pylist()], pa.string())


def string_array(values: pa.Array | pa.ChunkedArray) -> pa.StringArray:
    """The values as one array of strings; what is no string is cast."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values if values.type == pa.string() else values.cast(pa.string())


def encode(values: pa.Array | pa.ChunkedArray) -> tuple[Codes, pa.StringArray]:
    """(code of each value, -1 for null; the distinct values). Values that are dictionary codes already stay so."""
    if isinstance(values, pa.ChunkedArray) and pa.types.is_dictionary(values.type):
        values = values.unify_dictionaries().combine_chunks()
    if isinstance(values, pa.ChunkedArray) or not pa.types.is_dictionary(values.type):
        values = string_array(values).dictionary_encode()
    codes: Codes = pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return codes, string_array(values.dictionary)
