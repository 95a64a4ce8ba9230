"""What the columns of a file mean, from their names and their values together.

A name that is known stands unless the values are clearly something else; where the name says nothing the values tell, each column for
itself and then the columns among each other (`persons`). What is said by the user stands over all of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from resolution.dedupe.forms import Looks, looks_of
from resolution.dedupe.headings import meaning_of, set_of
from resolution.dedupe.wording import settled

#: What a column may mean; `person_name` and `organization_name` are `name` and say the kind too; `kind` says it for each record.
MEANINGS = (
    "id", "ignore", "kind", "name", "person_name", "organization_name", "given_name", "family_name", "birth_date", "email", "phone",
    "website", "employer", "vat", "tax_id", "registration_number", "lei", "duns", "industry", "code", "category",
    "address.street", "address.street2", "address.number", "address.city", "address.region", "address.postcode", "address.country",
)  # fmt: skip

#: From this share on the values of a column are of a form, and from this many different ones on they may contradict its name.
MOST, ENOUGH = 0.7, 3
#: A code of which there is nearly one for each record tells nothing apart and joins nothing.
NEARLY_UNIQUE = 0.98
#: A code of which there are fewer, for each record, is shared by many parties.
SHARED = 0.35

_NAMES = ("name", "person_name", "organization_name", "given_name", "family_name", "employer")
_CODES = ("id", "code", "vat", "tax_id", "registration_number", "lei", "duns", "category", "industry")


@dataclass(frozen=True, slots=True)
class Column:
    """meaning: one of MEANINGS; why: in a few words; group: the set of address columns that it belongs to ('billing', ...)."""

    meaning: str
    why: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that values have: the meaning that it gives, the share of the values that have it, in words, and what names it leaves
    standing."""

    meaning: str
    share: Callable[[Looks], float]
    words: str
    beside: tuple[str, ...] = ()


#: Forms that leave no doubt, the surest first.
FORMS = (
    Form("email", lambda looks: looks.share("email"), "email addresses", ("ignore",)),
    Form("lei", lambda looks: looks.lei, "legal entity identifiers with right check digits"),
    Form("vat", lambda looks: looks.vat, "VAT numbers with right check digits", ("tax_id", "registration_number")),
    Form("birth_date", lambda looks: looks.share("date") * _born(looks), "dates of birth", ("category", "phone", *_CODES)),
    Form("ignore", lambda looks: looks.share("date"), "dates of something else", ("birth_date", "category", "phone", *_CODES)),
    Form("website", lambda looks: looks.share("site"), "web addresses", (*_NAMES, "category", "ignore", "id")),
    Form("tax_id", lambda looks: looks.share("tax"), "tax numbers", ("phone", "vat", "ignore", *_CODES)),
    Form("ignore", lambda looks: looks.share("decimal"), "amounts", ("phone", "birth_date", *_CODES)),
    Form("phone", lambda looks: min(looks.share("phone"), looks.share("marked phone")), "phone numbers",
         ("ignore", "birth_date", "address.postcode", "address.number", *_CODES)),
    Form("address.postcode", lambda looks: looks.share("postcode"), "postcodes",
         ("ignore", "birth_date", "phone", "address.region", *_CODES, *_NAMES)),
    Form("address.street", lambda looks: looks.share("street") * (looks.words < 12), "streets with a number",
         ("address.street2", "address.city", "address.region", "address.postcode", *_NAMES, *_CODES)),
)  # fmt: skip


def infer(table: pa.Table, given: Mapping[str, str]) -> dict[str, Column]:
    """What each column of `table` (all strings, or lists of strings) means; `given` (column -> meaning) is taken as said."""
    looks = {name: looks_of(table[name]) for name in table.column_names if name not in given}
    said = {name: Column(meaning, "as you say", set_of(name)) for name, meaning in given.items()}
    found = {name: said.get(name) or _of(name, looks[name]) for name in table.column_names}
    changes = settled(table, {name: column.meaning for name, column in found.items()}, looks)
    return {
        name: Column(*changes[name], column.group) if name in changes and name not in given else column for name, column in found.items()
    }


def _of(name: str, looks: Looks) -> Column:
    """What one column means by itself; 'text' where only the other columns can tell."""
    said = meaning_of(name)
    if not len(looks.sample):
        return Column("ignore", "has no values", set_of(name))
    form = _form(looks)
    clear = form is not None and len(set(looks.sample.to_pylist())) >= ENOUGH and said != form.meaning
    if said is not None and not (clear and form is not None and said not in form.beside):
        return _named(name, said, looks)
    if form is not None and not (form.meaning == "phone" and looks.few):
        return Column(form.meaning, _told(form, looks), set_of(name) if said else "")
    return _by_values(looks)


def _form(looks: Looks) -> Form | None:
    return next((form for form in FORMS if form.share(looks) > MOST), None)


def _told(form: Form, looks: Looks) -> str:
    return f"{form.share(looks):.0%} are {form.words}"


def _named(name: str, said: str, looks: Looks) -> Column:
    """What the name says, where the values do not gainsay it."""
    if said == "id" and looks.distinct < 1.0:
        return _repeated(looks)
    if said in ("category", "code", "industry") and len(looks.sample) > 1 and looks.distinct_count == 1:
        return Column("ignore", "the same everywhere")
    return Column(said, "by its name", set_of(name))


def _repeated(looks: Looks) -> Column:
    """What an identifier says that is not each record's own."""
    if looks.counted:
        return Column("ignore", "numbers counted up, which several records have by chance")
    if looks.distinct < SHARED:
        return Column("category", "an identifier that many records share")
    return Column("code", "an identifier that occurs again")


def _born(looks: Looks) -> bool:
    """Whether dates may be days of birth: of many years, most of them long past, and at no time of day."""
    low, middle, high = looks.years
    return (high - low >= 15 or len(looks.sample) < 20) and 0 < middle < 2012 and looks.share("time") - looks.share("midnight") < 0.1


def _by_values(looks: Looks) -> Column:
    """What nameless values are that have no clear form."""
    if looks.distinct_count == 1 and len(looks.sample) > 1:
        return Column("ignore", "the same everywhere")
    if looks.few:
        return Column("category", f"{looks.distinct_count} different values")
    if looks.share("letters") > 0.8 or looks.share("code") < 0.5:
        return Column("ignore", "free text") if looks.words >= 6 else Column("text", "")
    if looks.share("phone") > 0.8 and looks.share("digits") < 0.8:
        return Column("phone", f"{looks.share('phone'):.0%} could be phone numbers")
    if looks.distinct > NEARLY_UNIQUE:
        return Column("ignore", "nearly another for each record")
    if looks.counted:
        return Column("ignore", "numbers counted up")
    if looks.share("digits") > 0.8 and looks.length_varies:
        return Column("ignore", "numbers that count or measure")
    if looks.distinct < SHARED:
        return Column("category", "codes that many records share")
    return Column("code", "codes that occur again")
