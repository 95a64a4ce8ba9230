"""Addresses written in one line, taken apart: "12 Main St, Springfield IL 62701" has a street, a city, a region and a postcode.

Each form that an address may have is one pattern; the first that fits a line takes it apart, and a line that fits none is a street.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

_COUNTRY = r"(?:,\s*(?P<country>[^,\d]+?))?$"
_BRITISH = r"[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}"
_CANADIAN = r"[a-z]\d[a-z]\s?\d[a-z]\d"
_CODE = rf"(?:\d{{5}}-\d{{3,4}}|\d{{4}}\s?[a-z]{{2}}|\d{{3}}\s\d{{2}}|\d{{2}}-\d{{3}}|\d{{4,6}}|{_BRITISH}|{_CANADIAN})"
_PLACE = r"[^,\d]+?"
#: The forms, the surest first; in lower case, line breaks as commas.
FORMS = tuple(
    rf"^{form}\.?\s*{_COUNTRY}"
    for form in (
        rf"(?P<street>.*\S)\s*,\s*(?P<city>{_PLACE})\s*,?\s+(?P<region>[a-z]{{2}})\.?,?\s+(?P<postcode>\d{{5}}(?:-\d{{4}})?|\d{{4}}|{_CANADIAN})",
        rf"(?P<street>.*\S)\s*,\s*(?P<city>{_PLACE})\s*,\s*(?P<region>{_PLACE})\s*,?\s+(?P<postcode>{_CODE})",
        rf"(?P<street>.*\S)\s*,\s*(?P<city>{_PLACE})\s*,?\s+(?P<postcode>{_CODE})",
        rf"(?P<street>.*\S)\s*,\s*(?:[a-z]{{1,2}}-)?(?P<postcode>{_CODE})\s+(?P<city>{_PLACE})(?:\s*\(?(?P<region>\b[a-z]{{2}}\b)\)?)?",
        rf"(?P<street>.*\d\S*)\s+(?:[a-z]{{1,2}}-)?(?P<postcode>\d{{4,5}})\s+(?P<city>{_PLACE})",
        r"(?P<street>.*\d\S*\s.*\S)\s+(?P<region>[a-z]{2})\.?,?\s+(?P<postcode>\d{5}(?:-\d{4})?)",
        rf"(?P<street>.*\S)\s*,\s*(?P<postcode>{_CODE})",
        rf"(?:[a-z]{{1,2}}-)?(?P<postcode>{_CODE})\s+(?P<city>{_PLACE})",
        rf"(?P<city>{_PLACE})\s*,?\s+(?:(?P<region>[a-z]{{2}})\s+)?(?P<postcode>{_CODE})",
        rf"(?P<street>[^,]*\d[^,]*(?:,[^,]*\d[^,]*)*)\s*,\s*(?P<city>{_PLACE})",
    )
)
PARTS = ("street", "city", "region", "postcode", "country")


def parts_of(lines: pa.StringArray) -> Mapping[str, pa.StringArray]:
    """street, city, region, postcode, country of each line, in lower case, '' or null for what it does not have."""
    encoded = lines.dictionary_encode()
    texts = pc.utf8_lower(encoded.dictionary)
    texts = pc.utf8_trim(pc.replace_substring_regex(texts, r"\s*([\r\n;|]|\s-\s)[\s,]*", ", "), " ,.")
    parts = dict.fromkeys(PARTS, pa.array([""] * len(texts), pa.string())) | {"street": texts}
    open_ = pc.is_valid(texts)
    for form in FORMS:
        found = pc.extract_regex(texts, form)
        fits = pc.and_(open_, pc.is_valid(found))
        names = [field.name for field in found.type]
        for part in PARTS:
            value = pc.struct_field(found, part) if part in names else ""
            parts[part] = pc.if_else(fits, value, parts[part])
        open_ = pc.and_not(open_, fits)
    return {part: values.take(encoded.indices) for part, values in parts.items()}
