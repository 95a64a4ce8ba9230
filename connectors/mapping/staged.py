"""Rows of `staging`, as a mapping makes them: what one landed record says in our words.

Text is clean when it gets here: PostgreSQL's text and jsonb hold neither NUL nor a lone surrogate, so `clean` puts U+FFFD in their place.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ATOMS = frozenset((int, float, bool, type(None)))
Value = TypeVar("Value")

LONGEST_KEY = 1000
LONGEST_ATTRIBUTE = 600


@dataclass(frozen=True, slots=True)
class Party:
    """One source's account of one party; its ref is source/stream/key."""

    stream: str
    key: str
    kind: str
    attributes: Mapping[str, Sequence[Any]]
    url: str | None = None
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Who takes part in an activity or document, in what role, under what name."""

    role: str
    party_ref: str
    name: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that happened: deal, ticket, order, invoice, payment, email, meeting, note."""

    kind: str
    title: str
    occurred_at: datetime
    data_class: str
    untrusted: bool
    body: str = ""
    status: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    thread: str | None = None
    url: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    participants: Sequence[Participant] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A text: contract, note, price_list, attachment, other. `suffix` tells apart several of one record ('' for the record's own)."""

    kind: str
    title: str
    media_type: str
    text: str
    data_class: str
    untrusted: bool
    suffix: str = ""
    pages: int | None = None
    dated_on: date | None = None
    url: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    participants: Sequence[Participant] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """One record's claim that two parties are related: employment (person -> organization), parent, branch (smaller -> larger)."""

    kind: str
    from_ref: str
    to_ref: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    valid_from_on: date | None = None
    valid_to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """Everything one record says. doubts: what could not be understood and was left out; each is reported."""

    parties: Sequence[Party] = ()
    activity: Activity | None = None
    documents: Sequence[Document] = ()
    claims: Sequence[Claim] = ()
    doubts: Sequence[str] = ()

    def linked(self, url: str | None) -> "Mapped":
        """The same, with the address where a person sees the record."""
        parties = [replace(one, url=url) for one in self.parties]
        return replace(self, parties=parties, activity=self.activity and replace(self.activity, url=url))


def clean(value: Value) -> Value:
    """The same value with U+FFFD for what PostgreSQL can't hold, in keys too. Most of all that is read goes through this."""
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else _UNSTORABLE.sub("\ufffd", value)  # type: ignore[return-value]
    if type(value) in _ATOMS:
        return value
    if isinstance(value, dict | Mapping):  # to look into what is no dict takes far longer
        return {clean(key): clean(one) for key, one in value.items()}  # type: ignore[return-value]
    if isinstance(value, list | tuple):
        return [clean(one) for one in value]  # type: ignore[return-value]
    return value


def ref_of(source: str, stream: str, key: str) -> str:
    """The ref of a record; a key too long for an index keeps its beginning and a digest."""
    return f"{source}/{stream}/{fitting(key)}"


def fitting(key: str) -> str:
    """The key clean, and short enough to be indexed (PostgreSQL's limit is some 2,700 bytes)."""
    plain = clean(key)
    return plain if len(plain.encode()) <= LONGEST_KEY else f"{plain[:200]}~{digest(plain).hex()}"


def digest(*parts: Any) -> bytes:
    """16 bytes of the parts as canonical JSON; bytes are hashed as they are."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        raw = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, separators=(",", ":"), default=str).encode()
        state.update(len(raw).to_bytes(8, "big") + raw)
    return state.digest()
