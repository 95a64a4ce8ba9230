"""What the values of a column look like: a function of a sample of them, whatever the column is called."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import stdnum.lei
from stdnum.eu import vat as eu_vat

from resolution.normalize import names
from resolution.normalize.addresses import country_code
from resolution.normalize.text import plain
from resolution.normalize.vocabulary import table

SAMPLE = 4_000

#: Form of a value -> RE2 pattern of the value in lower case, blanks trimmed.
PATTERNS = {
    "email": r"^([^@<>]*<)?(mailto:)?[^@\s]+@[^@\s]+\.[^@\s]+>?$",
    "site": r"^(https?://|www\.)[^\s]+$|^[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|org|net|io|co|de|fr|uk|eu|it|es|nl|ch|at|us|info|biz|be|se|pl|ca|au)/?$",
    "date": r"^((1[5-9]|20)\d\d[-/. ]?(0?[1-9]|1[0-2])[-/. ]?([0-2]?\d|3[01])|\d{1,2}[-/. ]\d{1,2}[-/. ](1[5-9]|20)?\d\d"
            r"|\d{1,2}[-. /]*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-. ,/]*(1[5-9]|20)?\d\d"
            r"|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2},? (1[5-9]|20)\d\d)([t ]\d\d:.*)?$",
    "time": r"[t ]\d\d:\d\d(:\d\d(\.\d+)?)?(z|[+-]\d\d:?\d\d)?$",
    "midnight": r"[t ]00:00(:00(\.0+)?)?(z|[+-]\d\d:?\d\d)?$",
    "phone": r"^[+(]?[0-9][0-9 ()./-]{5,18}[0-9]( ?(x|ext\.?) ?\d{1,5})?$",
    "marked phone": r"^(\+|00[1-9]|\(|0[1-9])|^\d{3}[ .-]\d{3}[ .-]\d{4}|^\d{10}$",
    "postcode": r"^([a-z]{1,2}\d[a-z0-9]? ?\d[a-z]{2}|\d{5}(-\d{4})?|[a-z]\d[a-z] ?\d[a-z]\d|\d{4} ?[a-z]{2}|\d{2}-\d{3}|\d{4}-\d{3}"
                r"|\d{3} \d{2}|[a-z]{1,2}-\d{4,5})$",
    "decimal": r"^[-+]?[$€£]? ?\d{1,3}([ ,']?\d{3})*[.,]\d+ ?[$€£%]?$",
    "digits": r"^\d+$",
    "code": r"^[a-z0-9/._-]*\d[a-z0-9/._-]*$",
    "tax": r"^\d{2}-\d{7}$",
    "letters": r"^[^0-9@]+$",
    "street": r"^(\d+[a-z]?([-/]\d+[a-z]?)?[ ,]+[^0-9@]{3}.*|[^0-9@]{4}[^@]*[ ,]\d+ ?[a-z]?([-/]\d+)?([ ,].*)?)$",
}  # fmt: skip
_YEAR = r"((?:1[5-9]|20)\d\d)"


@dataclass(frozen=True, eq=False)
class Looks:
    """column: its values, one after another; sample: up to SAMPLE of them from the whole length, lower-case and trimmed, none blank."""

    column: pa.ChunkedArray
    sample: pa.StringArray

    @cached_property
    def distinct(self) -> float:
        """How many values there are, for each record that has one: 1.0 where none occurs twice."""
        count = len(self.column) - self.column.null_count
        return pc.count_distinct(self.column).as_py() / count if count else 0.0

    @cached_property
    def distinct_count(self) -> int:
        """How many different values the sample has."""
        return len(pc.unique(self.sample))

    @cached_property
    def counted(self) -> bool:
        """Whether the values are numbers counted up from a beginning: dense up to the greatest."""
        numbers = [int(value) for value in self.sample.to_pylist() if value.isdecimal() and len(value) < 16]
        return len(numbers) > 0.95 * len(self.sample) and max(numbers, default=0) < 3 * pc.count_distinct(self.column).as_py() + 10

    @property
    def length_varies(self) -> bool:
        lengths = pc.utf8_length(self.sample)
        return bool(pc.less(pc.mode(lengths)[0]["count"], 0.8 * len(lengths)).as_py())

    @cached_property
    def few(self) -> bool:
        """Whether the values are so few that each is a group and none a name."""
        return self.distinct_count <= min(25, len(self.sample) / 5) and len(self.sample) >= 20

    def share(self, form: str) -> float:
        """The share of the sample that has the form, of PATTERNS."""
        return self._share(lambda: pc.match_substring_regex(self.sample, PATTERNS[form]))

    def _share(self, fits: Callable[[], pa.BooleanArray]) -> float:
        return (pc.sum(fits()).as_py() or 0) / len(self.sample) if len(self.sample) else 0.0

    @cached_property
    def words(self) -> float:
        """Words in a value, on average."""
        return 1 + float(pc.mean(pc.count_substring(self.sample, " ")).as_py() or 0)

    @cached_property
    def values(self) -> list[str]:
        """The sample as `plain` text, transliterated."""
        return [value for value in plain(self.sample).to_pylist() if value]

    def part(self, holds: Callable[[str], bool]) -> float:
        """The share of the plain values of which this holds."""
        return sum(map(holds, self.values)) / max(len(self.values), 1)

    @cached_property
    def given(self) -> float:
        """The share that starts or ends with a given name that has short forms: of given names about half, of family names a tenth."""
        return self.part(lambda value: is_given(value.split()[0]) or is_given(value.split()[-1]))

    @cached_property
    def legal(self) -> float:
        return self.part(names.has_legal_form)

    @cached_property
    def countries(self) -> float:
        """The share of known names or codes of countries."""
        known = table("countries")
        return self.part(lambda value: country_code(value) in known)

    @cached_property
    def years(self) -> tuple[int, int, int]:
        """The year that a twentieth of the dates are before, the middle one, and that a twentieth are after; 0, 0, 0 without dates."""
        found = [int(year) for value in self.sample.to_pylist() for year in re.findall(_YEAR, value)[:1]]
        if not found:
            return 0, 0, 0
        low, middle, high = np.quantile(found, (0.05, 0.5, 0.95))
        return int(low), int(middle), int(high)

    @cached_property
    def vat(self) -> float:
        return self._checked(lambda value: value[:2].isalpha() and eu_vat.is_valid(value))

    @cached_property
    def lei(self) -> float:
        return self._checked(lambda value: len(value) == 20 and stdnum.lei.is_valid(value))

    def _checked(self, valid: Callable[[str], bool]) -> float:
        """The share of up to 200 values whose check digits are right."""
        few = self.sample.slice(0, 200).to_pylist()
        return sum(map(valid, few)) / max(len(few), 1)


def looks_of(column: pa.ChunkedArray) -> Looks:
    """The looks of a column of strings or lists of strings."""
    if pa.types.is_list(column.type):
        column = pc.list_flatten(column)
    values = _spread(column).drop_null()
    if len(values) < SAMPLE / 4:  # there may be more between those that were taken
        values = _spread(column.drop_null())
    sample = pc.utf8_lower(pc.utf8_trim_whitespace(pa.array(values.to_pylist(), pa.string())))
    return Looks(column, sample.filter(pc.not_equal(sample, "")))


def _spread(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """At most SAMPLE values, evenly spread."""
    step = -(-len(values) // SAMPLE)
    return values.take(pa.array(np.arange(0, len(values), step))) if step > 1 else values


def is_given(word: str) -> bool:
    return names.formal_names(word) != (word,) or len(names.nickname_set(word)) > 1
