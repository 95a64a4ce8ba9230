"""Which records of a file are people and which organisations, row by row.

A column that says it decides, then what only one kind has. For a bare name the words of the file's own names decide, counted over the
names that are clearly one or the other; where next to none are of the other kind, all are of one.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolution.dedupe.forms import is_given
from resolution.dedupe.headings import kind_said
from resolution.dedupe.tabular import first_values
from resolution.normalize import contacts, names
from resolution.normalize.features import KIND_CODES, ORGANIZATION, PERSON, UNKNOWN, Index
from resolution.normalize.text import encode, plain_text

Kinds = NDArray[np.int8]
Flags = NDArray[np.bool_]

#: A file in which fewer names have a sign of an organisation holds one kind only.
FEWEST = 0.03
#: So many different names tell whether there are both kinds.
SEEN = 20_000
#: From this share of people's signs on, names without the other sign are people's.
PEOPLE = 0.3
#: What a sign in another column weighs, and each word of a name that another has with a legal form, in natural log odds.
SIGN, SAME_WORD = 4.0, 1.5
_TELLING = frozenset(word for word in names.GENERIC - names.PARTICLES if len(word) > 3) | names.BRANCH
_CONTACTS = ("phone", "email", "website", "address.street")
_PERSONAL = ("given_name", "family_name", "person_name", "birth_date")
_CORPORATE = ("organization_name", "employer", "vat", "lei", "duns", "registration_number", "website")


def kinds_of(table: pa.Table, meanings: Mapping[str, str]) -> Kinds:
    """int8[n]: PERSON or ORGANIZATION for each row of a table whose columns have these meanings; all of one kind where nothing tells."""
    kinds = _said(table, meanings)

    def settle(rows: Flags, kind: int) -> None:
        kinds[rows & (kinds == UNKNOWN)] = kind

    corporate = _filled(table, meanings, *_CORPORATE)
    bare = [column for column, meaning in meanings.items() if meaning == "name"]
    if bare or corporate.any():
        settle(_filled(table, meanings, *_PERSONAL), PERSON)
        mail = _personal_mail(table, meanings)
        if bare:
            shared = [table[column] for column, meaning in meanings.items() if meaning in _CONTACTS]
            settle(_words_say(table[bare[0]], kinds, mail.astype(np.int8) - corporate, shared) == PERSON, PERSON)
            settle(_filled(table, meanings, "name"), ORGANIZATION)
        settle(mail, PERSON)
        settle(corporate, ORGANIZATION)
    settle(np.ones(len(table), bool), ORGANIZATION if (kinds == ORGANIZATION).sum() > (kinds == PERSON).sum() else PERSON)
    return kinds


def _said(table: pa.Table, meanings: Mapping[str, str]) -> Kinds:
    kinds = np.full(len(table), UNKNOWN, np.int8)
    for column in (column for column, meaning in meanings.items() if meaning == "kind"):
        codes, values = encode(first_values(table[column]))
        said = [KIND_CODES[kind_said(value) or "unknown"] for value in values.to_pylist()]
        kinds = np.array([*said, UNKNOWN], np.int8)[codes]
    return kinds


def _filled(table: pa.Table, meanings: Mapping[str, str], *wanted: str) -> Flags:
    """Whether each row has a value in a column of one of these meanings."""
    filled = np.zeros(len(table), bool)
    for column in (column for column, meaning in meanings.items() if meaning in wanted):
        values = table[column]
        has = pc.greater(pc.list_value_length(values), 0) if pa.types.is_list(values.type) else pc.match_substring_regex(values, r"\S")
        filled |= pc.fill_null(has, False).to_numpy(zero_copy_only=False)
    return filled


def _personal_mail(table: pa.Table, meanings: Mapping[str, str]) -> Flags:
    """Whether each row has a mailbox at a provider of free mail that is no function's."""
    found = np.zeros(len(table), bool)
    for column in (column for column, meaning in meanings.items() if meaning == "email"):
        if not pa.types.is_list(table[column].type):
            codes, values = encode(table[column])
            personal = np.append(
                [contacts.is_personal(value) and contacts.is_free_mail(contacts.domain_of(value)) for value in values.to_pylist()], False
            )
            found |= personal.astype(bool)[codes]
    return found


@dataclass(frozen=True, slots=True)
class _Names:
    """Distinct names, plain; signs of people (> 0) and organisations (< 0) that the rows with each name have beside it."""

    plain: list[str]
    signs: NDArray[np.floating | np.integer]

    def organizations(self) -> Flags:
        return np.array([bool(_TELLING.intersection(name.split())) or names.has_legal_form(name) for name in self.plain], bool)

    def people(self) -> Flags:
        given = [2 <= len(words := name.split()) <= 4 and (is_given(words[0]) or is_given(words[-1])) for name in self.plain]
        return np.array(given, bool) | (self.signs > 0)


def _words_say(column: pa.ChunkedArray, kinds: Kinds, signs: NDArray[np.int8], shared: list[pa.ChunkedArray]) -> Kinds:
    """The kind of each row's bare name; signs: 1 beside what only people have, -1 beside what only organisations have; shared: columns
    that tell who shares something with whom."""
    codes, values = encode(first_values(column))
    rows = np.flatnonzero((codes >= 0) & (kinds == UNKNOWN))
    found = np.full(len(codes), UNKNOWN, np.int8)
    beside = np.bincount(codes[rows], signs[rows], minlength=len(values))
    some = np.unique(codes[rows])[:: max(len(values) // SEEN, 1)]
    if len(some):
        kind = _one_kind(_Names([_in_order(values[int(code)].as_py()) for code in some], beside[some]), bool((kinds == PERSON).any()))
        if kind is None:
            told = _Names([_in_order(value) for value in values.to_pylist()], beside)
            found[rows] = _weighed(told)[codes[rows]]
            found[_beside_firms(told, codes, rows, shared)] = ORGANIZATION
        else:
            found[rows] = kind
    return found


def _one_kind(told: _Names, among_people: bool) -> int | None:
    """The kind that all names are of, where there are not enough signs of the other; None where there are both."""
    firms, people = told.organizations(), told.people()
    rest = people[~firms].mean() if not firms.all() else 0.0
    by_chance = people[firms].mean() if firms.any() else 0.0
    if firms.mean() < FEWEST or rest < max(PEOPLE, 1.5 * by_chance):
        return PERSON if among_people or (rest > PEOPLE and firms.mean() < FEWEST) else ORGANIZATION
    return None


def _beside_firms(told: _Names, codes: NDArray[np.int32], rows: Index, columns: list[pa.ChunkedArray]) -> list[int]:
    """The rows that share a value of these columns with a firm of the same name but for its legal form."""
    cores = [names.organization_core(name) for name in told.plain]
    firms = [core != name and names.has_legal_form(name) for core, name in zip(cores, told.plain, strict=True)]
    found = []
    for column in columns:
        of, _ = encode(first_values(column))
        theirs = {(cores[codes[row]], of[row]) for row in rows.tolist() if firms[codes[row]] and of[row] >= 0}
        found += [row for row in rows.tolist() if (told.plain[codes[row]], of[row]) in theirs]
    return found


def _weighed(told: _Names) -> Kinds:
    """Each distinct name by the words that it shares with the clear ones of either kind (a naive Bayes classifier, taught twice), and by
    whether another has the same words and a legal form besides."""
    firms = told.organizations()
    people = told.people() & ~firms
    words = [[*name.split(), f"first {name.split()[0]}" if name else "", f"{min(len(name.split()), 4)} words"] for name in told.plain]
    legal = np.array([names.has_legal_form(name) for name in told.plain], bool)
    cores = {names.organization_core(name) for name, signed in zip(told.plain, legal, strict=True) if signed}
    beside = SIGN * np.sign(told.signs) - [SAME_WORD * len(name.split()) if name in cores else 0.0 for name in told.plain]
    for _ in range(2):
        of_firms = Counter(word for name, counts in zip(words, firms, strict=True) if counts for word in name)
        of_people = Counter(word for name, counts in zip(words, people, strict=True) if counts for word in name)
        scale = math.log((sum(of_firms.values()) + 1) / (sum(of_people.values()) + 1))
        score = beside + [sum(math.log((of_people[word] + 0.5) / (of_firms[word] + 0.5)) + scale for word in name) for name in words]
        firms, people = legal | (score < 0), ~legal & (score >= 0)
    return np.where(firms, ORGANIZATION, PERSON).astype(np.int8)


def _in_order(name: str) -> str:
    """The plain name; where a comma parts a family name from the given one, in the order of speech."""
    last, comma, first = name.partition(",")
    return plain_text(f"{first} {last}" if comma and "," not in first else name)
