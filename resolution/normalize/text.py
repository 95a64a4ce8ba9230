"""Text folded to plain ASCII words, and arrays of strings brought to one form."""

import re
import unicodedata
from typing import TypeGuard

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii
from numpy.typing import NDArray

from resolution.normalize.vocabulary import NOTHING

Codes = NDArray[np.int32]

_FOLD = {code: chr(code).lower() if chr(code).isalnum() else None if chr(code) in "'`" else " " for code in range(128)}

_UMLAUT = re.compile("([aou])e")
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"})
_AMONG_CAPITALS = re.compile("[ÄÖÜØÅ](?=[A-ZÄÖÜØÅ])")
#: Greek letters that together sound otherwise than alone.
_GREEK = {"ου": "ou", "ού": "ou", "αυ": "av", "αύ": "av", "ευ": "ev", "εύ": "ev", "γγ": "ng", "γκ": "gk", "μπ": "mp"}


#: A value of more characters than this is no name, number or address, and says nothing.
LONGEST = 1000


def usable(value: object) -> TypeGuard[str]:
    """Whether a value is a string that can be read: not beyond all bounds, and valid Unicode."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return False
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def latin(value: str) -> str:
    """The value in ASCII, other scripts transliterated."""
    if value.isascii():
        return value
    if any("\u0370" <= letter <= "\u1fff" for letter in value):
        value = unicodedata.normalize("NFC", value).lower()
        for letters, sound in _GREEK.items():
            value = value.replace(letters, sound)
    return anyascii(value)


def plain_text(value: str) -> str:
    """Lower-case ASCII words of letters and digits, one space between them; other scripts are transliterated, apostrophes vanish
    (o'neill -> oneill)."""
    return " ".join(latin(value).translate(_FOLD).split())


def spellings(name: str) -> tuple[str, ...]:
    """A raw name, and the same with its umlauts and their like as two letters: Müller, Mueller; none of what stands for none ("n/a")."""
    if name.strip().lower() in NOTHING:
        return ()
    if name.isascii():
        return (name,)
    name = unicodedata.normalize("NFC", name)
    spelled = _AMONG_CAPITALS.sub(lambda found: found.group().translate(_DIGRAPHS).upper(), name).translate(_DIGRAPHS)
    return (name,) if spelled == name else (name, spelled)


def without_umlauts(plain_name: str) -> str:
    """A plain name with two letters that may stand for an umlaut as one: mueller -> muller."""
    return _UMLAUT.sub(r"\1", plain_name)


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
    """(code of each value, -1 for null; the distinct values). Values that are dictionary codes already stay so; no string is copied before
    it is known to be a new one."""
    if pa.types.is_null(values.type):
        values = string_array(values)
    if not pa.types.is_dictionary(values.type):
        values = pc.dictionary_encode(values)
    elif isinstance(values, pa.ChunkedArray):
        values = values.unify_dictionaries()
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if values.dictionary.null_count:
        return encode(string_array(values))
    codes: Codes = pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return codes, string_array(values.dictionary)


def encode_raw(values: pa.Array | pa.ChunkedArray) -> tuple[Codes, pa.StringArray]:
    """`encode`, with the code -1 for values that are too long to be read."""
    codes, distinct = encode(values)
    if (pc.max(pc.binary_length(distinct)).as_py() or 0) > LONGEST:
        long = np.append(pc.greater(pc.utf8_length(distinct), LONGEST).to_numpy(zero_copy_only=False), False)
        codes = np.where(long[codes], np.int32(-1), codes)
    return codes, distinct
