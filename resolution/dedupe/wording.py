"""What columns of words mean, seen beside each other: which hold names, of people or of organisations, and which a place.

It needs no list of the world's names: a name comes again in the same record's email address, given names are fewer than family names,
and a company's name has a legal form.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa

from resolution.dedupe.forms import SAMPLE, Looks
from resolution.dedupe.headings import kind_said
from resolution.normalize.text import plain_text

#: Column -> (meaning, why).
Changes = dict[str, tuple[str, str]]

#: Columns of which each tells the other so often hold the same.
SAME = 0.85
PERSONAL = frozenset(("given_name", "family_name", "person_name", "birth_date"))
CORPORATE = frozenset(("organization_name", "vat", "lei", "duns", "registration_number"))
PLACES = frozenset(("address.street", "address.postcode", "address.number"))


@dataclass
class Among:
    """The columns of one file while their meanings are being settled; found: column -> meaning so far."""

    table: pa.Table
    found: dict[str, str]
    looks: Mapping[str, Looks]

    def columns(self, *meanings: str) -> list[str]:
        return [name for name, meaning in self.found.items() if meaning in meanings]

    def has(self, *meanings: str) -> bool:
        return bool(self.columns(*meanings))


def settled(table: pa.Table, found: Mapping[str, str], looks: Mapping[str, Looks]) -> Changes:
    """Other meanings, for columns whose meaning depends on the other columns; found: column -> meaning, 'text' where it is open."""
    among, changes = Among(table, dict(found), looks), Changes()
    for settle in (_kinds, _whole_names, _parted_names, _places, _employers, _leftovers, _twins):
        new = {name: change for name, change in settle(among).items() if name in looks}
        changes |= new
        among.found |= {name: meaning for name, (meaning, _) in new.items()}
    return changes


def _kinds(among: Among) -> Changes:
    """A column that says what sort of party each record is; any other of that name is a category."""
    return {
        name: ("kind", "says person or organisation") if kind_words(among.looks[name]) > 0.8 else ("category", "by its name")
        for name in among.columns("kind")
        if name in among.looks
    } | {name: ("kind", "says person or organisation") for name in among.columns("category") if _tells_kind(among, name)}


def _tells_kind(among: Among, name: str) -> bool:
    looks = among.looks.get(name)
    return looks is not None and looks.distinct_count == 2 and kind_words(looks) == 1.0 and max(map(len, looks.values)) > 3


def kind_words(looks: Looks) -> float:
    """The share of values that say person or organisation."""
    return looks.part(lambda value: kind_said(value) is not None)


def _whole_names(among: Among) -> Changes:
    """Columns of several words, or of words with a legal form."""
    changes = Changes()
    for name in among.columns("text"):
        looks = among.looks[name]
        if looks.countries > 0.7:
            changes[name] = ("address.country", f"{looks.countries:.0%} are countries")
        elif looks.legal > 0.6:
            changes[name] = ("organization_name", f"{looks.legal:.0%} end in a legal form")
        elif looks.legal > 0.08:
            changes[name] = ("name", f"{looks.legal:.0%} end in a legal form")
        elif looks.words > 1.6 and (looks.given > 0.25 or _in_mailboxes(among, name) > 0.3):
            changes[name] = ("person_name", "words as in people's names")
    return changes


def _parted_names(among: Among) -> Changes:
    """Given and family names in columns of their own."""
    single = [name for name in among.columns("text", "name") if name in among.looks and among.looks[name].words < 1.5]
    given, family = among.columns("given_name"), among.columns("family_name")
    if given and not family:
        if among.looks.get(given[0]) and among.looks[given[0]].words > 1.6 and not among.has("name", "person_name"):
            return {given[0]: ("person_name", "two words or more, and no column of family names")}
        nearest = _nearest(among, [name for name in single if _may_be_name(among, name)], given)
        return {nearest: ("family_name", "single words beside the given names")} if nearest else {}
    if family and not given:
        likely = [name for name in single if _may_be_name(among, name) or among.looks[name].given > 0.3]
        nearest = _nearest(among, likely, family)
        return {nearest: ("given_name", "single words beside the family names")} if nearest else {}
    if family or among.has("person_name"):
        return {}
    return _two_of(among, single)


def _two_of(among: Among, single: list[str]) -> Changes:
    """Of the columns of single words the two that hold a person's names, where two do."""
    weight = {name: max(_in_mailboxes(among, name), among.looks[name].given) for name in single}
    likely = [name for name in single if weight[name] > 0.3]
    if len(likely) == 1:
        beside = _nearest(among, [name for name in single if name not in likely and not among.looks[name].few], likely)
        likely += [beside] if beside and (among.has("birth_date") or among.looks[likely[0]].given > 0.3) else []
    elif not likely and among.has("birth_date"):
        pairs = [pair for pair in pairwise(single) if _distance(among, *pair) == 1]
        likely = list(pairs[0]) if pairs else []
    if len(likely) < 2:
        return {}
    first, last = _given_and_family(among, *sorted(likely, key=lambda name: -weight[name])[:2])
    return {first: ("given_name", "single words as in given names"), last: ("family_name", "single words as in family names")}


def _given_and_family(among: Among, one: str, other: str) -> tuple[str, str]:
    """The two in that order: given names are the better known, or else the fewer, or else the first."""
    known = among.looks[one].given - among.looks[other].given
    if abs(known) < 0.1:
        known = among.looks[other].distinct - among.looks[one].distinct
    if known == 0:
        known = among.table.column_names.index(other) - among.table.column_names.index(one)
    return (one, other) if known > 0 else (other, one)


def _may_be_name(among: Among, name: str) -> bool:
    return among.found[name] == "name" or _in_mailboxes(among, name) > 0.3 or not among.has("email")


def _distance(among: Among, one: str, other: str) -> int:
    order: list[str] = among.table.column_names
    return abs(order.index(one) - order.index(other))


def _nearest(among: Among, names: list[str], to: list[str]) -> str | None:
    """The column of these that stands nearest to the others', no further than two places."""
    near = [(_distance(among, name, other), name) for name in names for other in to]
    return min(near)[1] if near and min(near)[0] <= 2 else None


def _in_mailboxes(among: Among, name: str) -> float:
    """How many records have a word of this column in their own email address or its initial before it, of those that have both: by chance
    it is one in ten."""
    emails = among.columns("email")
    if not emails or name in emails:
        return 0.0
    told = [
        (plain_text(value), plain_text(mail.partition("@")[0]).replace(" ", ""))
        for value, mail in _beside(among, name, emails[0])
        if value and mail
    ]
    met = (value[:1] == mail[:1] or any(len(word) > 2 and word in mail for word in value.split()) for value, mail in told)
    return sum(met) / max(len(told), 1)


def _places(among: Among) -> Changes:
    """The words nearest to a street or postcode are a city; a place of birth is one only where there is no other."""
    changes = Changes()
    cities = among.columns("address.city")
    if len(cities) > 1:
        changes |= {name: ("category", "a place of birth") for name in cities if "birth" in name.lower() or "geburt" in name.lower()}
    if not cities:
        nearest = _nearest(among, [name for name in among.columns("text") if among.looks[name].words < 2.5], among.columns(*PLACES))
        if nearest:
            changes[nearest] = ("address.city", "words beside the rest of an address")
    if not changes and not cities and not among.has(*PLACES):
        changes |= dict.fromkeys(among.columns("address.region"), ("category", "a region without the rest of an address"))
    return changes


def _employers(among: Among) -> Changes:
    """A company's name in a list of people is where they work; in a list of organisations it is the name."""
    people = among.has("given_name", "family_name", "person_name") or (among.has("birth_date") and not among.has("name")) or any(
        among.looks[name].legal < 0.05 and among.looks[name].given > 0.25 for name in among.columns("name") if name in among.looks
    )  # fmt: skip
    if people:
        return dict.fromkeys(among.columns("organization_name"), ("employer", "a company, in a list of people"))
    return dict.fromkeys(among.columns("employer"), ("organization_name", "a company, in a list without people's names")) | {
        name: ("category", "a date, in a list of organisations")
        for name in among.columns("birth_date")
        if among.has(*CORPORATE, "employer")
    }


def _leftovers(among: Among) -> Changes:
    """Words of which nothing tells more: a name where there is none yet, else something that two records can have in common."""
    changes = Changes()
    for name in among.columns("text"):
        if not among.has("name", *PERSONAL, "organization_name") and not any(meaning == "name" for meaning, _ in changes.values()):
            changes[name] = ("name", "words, and no other column of names")
        else:
            changes[name] = ("category", "words")
    return changes


def _twins(among: Among) -> Changes:
    """Of two columns of which each tells the other (a code and what it stands for) one is enough: their evidence is the same."""
    columns = [name for name in among.columns("category", "industry") if name in among.looks and among.looks[name].distinct < 0.3]
    changes = Changes()
    for place, name in enumerate(columns):
        for former in columns[:place]:
            if former not in changes and min(_tells(among, former, name), _tells(among, name, former)) > SAME:
                changes[name] = ("ignore", f"says the same as {former}")
                break
    return changes


def _tells(among: Among, one: str, other: str) -> float:
    """How often the commonest value of `other` beside a value of `one` is right, of a sample of the rows that have both."""
    pairs = [(left, right) for left, right in _beside(among, one, other) if left and right]
    commonest: dict[str, int] = {}
    for (left, _), count in Counter(pairs).items():
        commonest[left] = max(commonest.get(left, 0), count)
    return sum(commonest.values()) / len(pairs) if len(pairs) >= 50 else 0.0


def _beside(among: Among, one: str, other: str) -> Iterator[tuple[str | None, str | None]]:
    """The values of two columns in a sample of the rows; none where one of them holds lists."""
    if not any(pa.types.is_list(among.table[name].type) for name in (one, other)):
        step = -(-len(among.table) // SAMPLE) or 1
        few = among.table.select([one, other]).take(pa.array(range(0, len(among.table), step)))
        yield from zip(few[one].to_pylist(), few[other].to_pylist(), strict=True)
