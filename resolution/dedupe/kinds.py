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
        if bare:
            settle(_words_say(table, meanings, kinds, corporate) == PERSON, PERSON)
            settle(_filled(table, meanings, "name"), ORGANIZATION)
        settle(_mail_signs(table, meanings) > 0, PERSON)
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


def _said_names(table: pa.Table, meanings: Mapping[str, str]) -> pa.ChunkedArray:
    """The first column of bare names, null where there is none or it is blank."""
    columns = [column for column, meaning in meanings.items() if meaning == "name"]
    if not columns:
        return pa.chunked_array([pa.nulls(len(table), pa.string())])
    names = first_values(table[columns[0]])
    return pc.if_else(pc.match_substring_regex(names, r"\S"), names, pa.scalar(None, pa.string()))


def _mail_signs(table: pa.Table, meanings: Mapping[str, str]) -> NDArray[np.int8]:
    """Of each row 1 where its mailbox is a person's: at a provider of free mail, or with a word of the row's name before the @; -1 where it
    is a function's (info@)."""
    signs = np.zeros(len(table), np.int8)
    name = _said_names(table, meanings).to_pylist()
    for column in (column for column, meaning in meanings.items() if meaning == "email"):
        pairs = zip(name, first_values(table[column]).to_pylist(), strict=True)
        signs = np.array([_mail_sign(name or "", mail) if mail else sign for (name, mail), sign in zip(pairs, signs, strict=True)], np.int8)
    return signs


def _mail_sign(name: str, raw: str) -> int:
    mail = contacts.email(raw)
    if mail is None or "@" not in mail:
        return 0
    if contacts.is_role(mail):
        return -1
    local, _, domain = mail.rpartition("@")
    named = any(len(word) > 2 and word in local and word not in domain for word in plain_text(name).split())
    return int(named or contacts.is_free_mail(domain))


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


def _words_say(table: pa.Table, meanings: Mapping[str, str], kinds: Kinds, corporate: Flags) -> Kinds:
    """The kind of each row's bare name, of the rows that are of no known kind yet; corporate: which have what only organisations have."""
    found = np.full(len(table), UNKNOWN, np.int8)
    rows = np.flatnonzero(_said_names(table, meanings).is_valid().to_numpy(zero_copy_only=False) & (kinds == UNKNOWN))
    if not len(rows):
        return found
    some = rows[:: max(len(rows) // SEEN, 1)]
    kind = _one_kind(_names(table, meanings, some, corporate)[0], bool((kinds == PERSON).any()))
    if kind is not None:
        found[rows] = kind
        return found
    told, codes = _names(table, meanings, rows, corporate)
    found[rows] = _weighed(told)[codes]
    shared = [table[column].take(pa.array(rows)) for column, meaning in meanings.items() if meaning in _CONTACTS]
    found[rows[_beside_firms(told, codes, shared)]] = ORGANIZATION
    return found


def _names(table: pa.Table, meanings: Mapping[str, str], rows: Index, corporate: Flags) -> tuple[_Names, NDArray[np.int32]]:
    """The distinct names of these rows with their signs, and the code of each row's."""
    few = table.take(pa.array(rows))
    codes, values = encode(_said_names(few, meanings))
    signs = np.bincount(codes, _mail_signs(few, meanings) - corporate[rows].astype(np.int8), minlength=len(values))
    return _Names([_in_order(value) for value in values.to_pylist()], signs), codes


def _one_kind(told: _Names, among_people: bool) -> int | None:
    """The kind that all names are of, where there are not enough signs of the other; None where there are both."""
    firms, people = told.organizations(), told.people()
    rest = people[~firms].mean() if not firms.all() else 0.0
    by_chance = people[firms].mean() if firms.any() else 0.0
    if firms.mean() < FEWEST or rest < max(PEOPLE, 1.5 * by_chance):
        return PERSON if among_people or (rest > PEOPLE and firms.mean() < FEWEST) else ORGANIZATION
    return None


def _beside_firms(told: _Names, codes: NDArray[np.int32], shared: list[pa.ChunkedArray]) -> list[int]:
    """The rows that share a value of these columns with a firm of the same name but for its legal form."""
    cores = [names.organization_core(name) for name in told.plain]
    firms = [core != name and names.has_legal_form(name) for core, name in zip(cores, told.plain, strict=True)]
    found = []
    for column in shared:
        values = encode(first_values(column))[0].tolist()
        theirs = {(cores[code], value) for code, value in zip(codes.tolist(), values, strict=True) if firms[code] and value >= 0}
        found += [row for row, (code, value) in enumerate(zip(codes.tolist(), values, strict=True)) if (told.plain[code], value) in theirs]
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
