"""What a source gives, a record and a page at a time, and what of it comes to be mapped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Position = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as the source gave it.

    payload: anything JSON can hold. body: the bytes of a message or file. deleted: the source says it is gone.
    rival:   the key to use where `key` is already taken by another body (two mails with one Message-ID): neither is lost.
    place:   where it was found, in a source in which one thing may lie in several places: once it is in none it is gone.
    """

    key: str
    payload: Any
    body: bytes | None = None
    updated_at: datetime | None = None
    deleted: bool = False
    rival: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """Of the places from `first` to `last`, by their UTF-8 bytes, only `besides` are still there; without `last` it is one place."""

    first: str
    last: str = ""
    besides: Sequence[str] = ()

    @classmethod
    def under(cls, prefix: str) -> "Gone":
        """All places that begin so, until they are found again."""
        return cls(prefix, f"{prefix}\U0010ffff")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be read: kept in quarantine with the reason."""

    key: str
    reason: str
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Page:
    """What is landed in one transaction, with the position to go on from. gone: places where nothing is any more, before these records."""

    records: Sequence[Raw]
    position: Position
    unreadable: Sequence[Unreadable] = ()
    gone: Sequence[Gone] = ()


@dataclass(frozen=True, slots=True)
class Landed:
    """A landed record, as it comes to be mapped."""

    ref: str
    source: str
    stream: str
    key: str
    payload: Any
    body: bytes | None = None
    updated_at: datetime | None = None
