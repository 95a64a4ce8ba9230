"""Addresses written in one line, taken apart: "12 Main St, Springfield IL 62701" has a street, a city, a region and a postcode.

Each form that an address may have is one pattern; the first that fits a line takes it apart, and a line that fits none is a street. A
column in which few lines have more than a street is left as it is.
"""

from collections.abc import Mapping
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from resolution.normalize.vocabulary import table

#: From this share of its lines on a column is of whole addresses.
ENOUGH = 0.3
PARTS = ("street", "city", "region", "postcode", "country")

_BRITISH = r"[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}"
_CANADIAN = r"[a-z]\d[a-z]\s?\d[a-z]\d"
_CODE = rf"(?P<postcode>\d{{5}}-\d{{3,4}}|\d{{4}}\s?[a-z]{{2}}|\d{{3}}\s\d{{2}}|\d{{2}}-\d{{3}}|\d{{4,6}}|{_BRITISH}|{_CANADIAN})"
_COUNTRY_SIGN = r"(?:[a-z]{1,2}-)?"
_STATE = (
    r"(?P<region>a[klrz]|c[aot]|d[ce]|fl|ga|hi|i[adln]|k[sy]|la|m[adeinost]|n[cdehjmvy]|o[hkr]|pa|ri|s[cd]|t[nx]|ut|v[at]|w[aivy]"
    r"|on|qc|bc|ab|mb|sk|n[bls]|pe|nsw|vic|qld|sa|tas|act|nt)\.?"
)
_STREET, _CITY, _REGION = r"(?P<street>.*\S)\s*,\s*", r"(?P<city>[^,\d]+?)", r"(?P<region>[^,\d]+?)"
#: The forms, the surest first; of a line in lower case, its line breaks as commas, its country taken off.
FORMS = (
    rf"{_STREET}{_CITY}\s*,?\s+{_STATE},?\s+{_CODE}",
    rf"{_STREET}{_STATE},?\s+{_CODE}",
    rf"{_STREET}{_CITY}\s*,\s*{_REGION}\s*,?\s+{_CODE}",
    rf"{_STREET}{_CITY}\s*,?\s+{_CODE}",
    rf"{_STREET}{_COUNTRY_SIGN}{_CODE}\s+{_CITY}(?:\s*[,(]\s*(?P<region>[^,\d()]+)\)?)?",
    rf"(?P<street>.*\d\S*)\s+{_COUNTRY_SIGN}{_CODE}\s+{_CITY}",
    rf"(?P<street>.*\d\S*\s.*\S)\s+{_STATE}\s+{_CODE}",
    rf"{_STREET}{_CODE}",
    rf"{_COUNTRY_SIGN}{_CODE}(?:\s+{_CITY})?",
    rf"{_CITY}\s*,?\s+(?:{_STATE},?\s+)?{_CODE}",
    rf"{_STREET}{_CITY}\s*,?\s+{_STATE}",
    rf"(?P<street>[^,]*\d[^,]*(?:,[^,]*\d[^,]*)*)\s*,\s*{_CITY}(?:\s*,\s*{_REGION})?",
    rf"{_CITY}\s*,?\s+{_STATE}",
    rf"{_CITY}(?:\s*,\s*{_REGION})?",
)


@cache
def _country() -> str:
    """A pattern of a line and the country at its end."""
    names = sorted((name for listed in table("countries").values() for name in listed.split("|") if len(name) > 2), key=len, reverse=True)
    return rf"^(?P<rest>.*?)[\s,]*(?:\b(?P<country>{'|'.join(names)}))?$"


def parts_of(lines: pa.StringArray) -> Mapping[str, pa.StringArray] | None:
    """street, city, region, postcode, country of each line, in lower case, '' for what it does not have; None where too few lines are
    whole addresses."""
    encoded = lines.dictionary_encode()
    texts = pc.utf8_lower(encoded.dictionary)
    texts = pc.utf8_trim(pc.replace_substring_regex(texts, r"\s*([\r\n;|]|\s-\s)[\s,]*", ", "), " ,.")
    apart = pc.extract_regex(texts, _country())
    texts = pc.struct_field(apart, "rest")
    parts = dict.fromkeys(PARTS, pa.array([""] * len(texts), pa.string()))
    parts |= {"street": texts, "country": pc.struct_field(apart, "country")}
    waiting = pc.fill_null(pc.not_equal(texts, ""), False)
    for form in FORMS:
        found = pc.extract_regex(texts, f"^{form}$")
        fits = pc.and_(waiting, pc.is_valid(found))
        for part in PARTS:
            if part in [field.name for field in found.type]:
                parts[part] = pc.if_else(fits, pc.struct_field(found, part), parts[part])
            elif part == "street":
                parts[part] = pc.if_else(fits, "", parts[part])
        waiting = pc.and_not(waiting, fits)
    has = {part: pc.fill_null(pc.not_equal(values, ""), False) for part, values in parts.items()}
    whole = pc.and_(has["street"], pc.or_(has["city"], has["postcode"]))
    if not len(texts) or pc.mean(whole.cast(pa.float64())).as_py() < ENOUGH:
        return None
    return {part: values.take(encoded.indices) for part, values in parts.items()}
