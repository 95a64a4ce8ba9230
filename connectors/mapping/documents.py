"""What a document says: its text, its kind and dates, and whom it is about.

A contract's parties are party records of their own (`<source>/parties/<path>#<n>`, n in order of naming); so are those whom a note's header
names (`Company:`, `Spoke to:`), for nothing else in a note is sure to be about a customer. Our own names count, but are no party.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any

from connectors.mapping.staged import Claim, Document, Mapped, Participant, Party
from connectors.records import Landed
from connectors.texts import preamble, reading

#: Part of the fingerprint of every mapping that is made here.
VERSION = 4

_CONTRACT = re.compile(
    r"\b(agreement|contract|amendment|addendum|vertrag|rahmenvertrag|contrat|overeenkomst|contrato|contratto|nda)\b", re.IGNORECASE
)
_PRICES = re.compile(r"\b(price ?list|preisliste|tarif|prijslijst|lista de precios|listino)\b", re.IGNORECASE)
_NOTE = re.compile(r"\b(call|meeting|minutes|visit|notes?|protokoll|besprechung|telefonat|notiz)\b", re.IGNORECASE)
_HEADER = re.compile(r"^[-*\s>]*\**(?P<label>[A-Za-zÀ-ÿ ]{2,24}?)\s*:\**\s+(?P<value>\S.{0,400}?)\s*$")
_LEGAL_FORM = re.compile(
    r"(inc|incorporated|llc|l\.l\.c|ltd|limited|plc|corp|co|lp|gmbh|ag|kg|sas|sa|srl|spa|bv|nv|[a-z](\.[a-z])+)\.?", re.IGNORECASE
)
_COMPANY = frozenset(["company", "customer", "client", "account", "firma", "kunde", "unternehmen", "client company", "supplier"])
_PEOPLE = frozenset((
    "spoke to", "attendees", "participants", "contact", "contacts", "present", "met", "with", "teilnehmer", "gesprächspartner",
    "ansprechpartner",
))  # fmt: skip
_NUMBER = re.compile(r"\b(?:Agreement|Contract|Vertrag)\s+(?:No|Nr|Number|#)\.?:?\s*([A-Z0-9][\w/.-]{2,40})", re.IGNORECASE)
_LAW = re.compile(
    r"governed by (?:and construed in accordance with )?(?:the )?laws? of (?:the )?"
    r"([A-Z][\w ]{2,40}?)(?=[,.;]| without| and | applicable|$)"
)


def map_record(record: Landed, own_names: Sequence[str]) -> Mapped:
    """What a file says. ValueError where it can't be read."""
    path = str(record.payload["path"])
    text, pages = reading.read(record.body, record.payload["media_type"], path) if record.body is not None else ("", None)
    kind = kind_of(path, text)
    days = preamble.dates(text) if kind == "contract" else {}
    dated_on = days.get("dated_on") or days.get("effective_on") or _day_in(path)
    named = Named()
    if kind == "contract":
        named = _contract(record, text, own_names)
    elif kind == "note":
        named = _note(record, text, own_names)
    attributes = {name: day.isoformat() for name, day in days.items() if name != "dated_on"}
    for name, form in (("number", _NUMBER), ("law", _LAW)):
        if kind == "contract" and (match := form.search(text[:60_000])):
            attributes[name] = " ".join(match.group(1).split())
    document = Document(
        kind=kind,
        title=title_of(path, text),
        media_type=record.payload["media_type"],
        text=text,
        pages=pages,
        dated_on=dated_on,
        url=record.payload.get("url"),
        attributes=attributes,
        data_class="internal",
        untrusted=False,
        participants=named.participants,
    )
    observed_at = datetime(dated_on.year, dated_on.month, dated_on.day, tzinfo=UTC) if dated_on else record.updated_at
    return Mapped([replace(party, observed_at=observed_at) for party in named.parties], None, [document], named.claims)


@dataclass(slots=True)
class Named:
    """Whom a document names."""

    parties: list[Party] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)


def kind_of(path: str, text: str) -> str:
    """contract, note, price_list or other: by the names of its folders and file, else by its first lines."""
    name = re.sub(r"[_\W\d]+", " ", path)
    head = " ".join(line for line in text[:1500].split("\n")[:12])
    for said in (name, head):
        for kind, form in (("price_list", _PRICES), ("contract", _CONTRACT), ("note", _NOTE)):
            if form.search(said) or (said is name and re.search(rf"\b{kind.split('_')[0]}s?\b", said, re.IGNORECASE)):
                return kind
    return "other"


def title_of(path: str, text: str) -> str:
    """The first heading of a Markdown text, or the file's name."""
    heading = re.match(r"\s*#\s+(.{3,150})", text)
    return heading.group(1).strip() if heading else PurePosixPath(path).name


def _day_in(path: str) -> date | None:
    match = re.search(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)", path)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _contract(record: Landed, text: str, own_names: Sequence[str]) -> Named:
    named = Named()
    for number, found in enumerate(preamble.parties(text), 1):
        key = f"{record.key}#{number}"
        called = {"called": found.called} if found.called else {}
        named.participants.append(Participant("party", f"{record.source}/parties/{key}", found.name, called))
        if not is_own(found.name, own_names):
            address = {"address": [dict(found.address)]} if found.address else {}
            vat = {"vat": [found.vat]} if found.vat else {}
            named.parties.append(Party("parties", key, found.kind, {"name": [found.name], **vat, **address}))
    return named


def _note(record: Landed, text: str, own_names: Sequence[str]) -> Named:
    """The company and people of a note's header; the people are employed there."""
    companies, people = _header(text)
    attributed: list[tuple[str, dict[str, list[Any]]]] = [
        ("organization", {"name": [name], **({"address": [{"city": city}]} if city else {})}) for name, city in companies
    ]
    employer = {"employer": [companies[0][0]]} if companies else {}
    attributed += [("person", {"name": [name], **employer, **({"title": [title]} if title else {})}) for name, title in people]
    named = Named()
    for number, (kind, attributes) in enumerate(attributed, 1):
        ref = f"{record.source}/parties/{record.key}#{number}"
        named.participants.append(Participant("mentioned", ref, attributes["name"][0]))
        if is_own(attributes["name"][0], own_names):
            continue
        named.parties.append(Party("parties", f"{record.key}#{number}", kind, attributes))
        if kind == "person" and companies and not is_own(companies[0][0], own_names):
            named.claims.append(Claim("employment", ref, f"{record.source}/parties/{record.key}#1"))
    return named


def _header(text: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """([(company, city)], [(person, title)]) that a note's header names: lines `Label: value` among its first thirty."""
    companies: list[tuple[str, str]] = []
    people: list[tuple[str, str]] = []
    for line in text[:6000].split("\n")[:30]:
        match = _HEADER.match(line[:500])
        label = match.group("label").strip().lower() if match else ""
        if match and label in _COMPANY:
            companies.append(_company(match.group("value")))
        elif match and label in _PEOPLE:
            people += list(_people(match.group("value")))
    return companies, people


def _company(value: str) -> tuple[str, str]:
    """`Acme, Inc., Boston` as (`Acme, Inc.`, `Boston`); the city is '' where none is said."""
    parts = [part.strip() for part in value.split(",") if part.strip()] or [value.strip()]
    city = parts.pop() if len(parts) > 1 and not _LEGAL_FORM.fullmatch(parts[-1]) else ""
    return ", ".join(parts), city


def _people(value: str) -> Iterator[tuple[str, str]]:
    """`Anna Berg (Buyer), Jan Kok` one by one."""
    for one in re.findall(r"[^,;(]+(?:\([^)]*\))?", value):
        match = re.fullmatch(r"\s*(?:and |und )?([^(]+?)\s*(?:\(([^)]*)\))?\s*", one)
        if match and re.fullmatch(r"[^\W\d_][^\d@:]{2,60}", match.group(1)) and " " in match.group(1):
            yield match.group(1), (match.group(2) or "").strip()


def is_own(name: str, own_names: Sequence[str]) -> bool:
    """Whether a name is ours, whatever its case and punctuation."""
    return _letters(name) in {_letters(own) for own in own_names}


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())
