"""IMAP's words (RFC 3501, 5530, 6154, 7162) as values; nothing here speaks to a server.

The names of folders are written in a UTF-7 of IMAP's own (RFC 3501, 5.1.3). A set of numbers is written `1:4,7`.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors import errors
from connectors.errors import ConnectorError

_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.*)$', re.DOTALL)
_CODE = re.compile(r"\[([A-Z0-9-]+)")
_NUMBER = {name: re.compile(rb"\b" + name.encode() + rb" (\d+)") for name in ("UID", "RFC822.SIZE")}

#: A refusal's response code -> what it is; a code that is not here is a PermanentError.
CODES: Mapping[str, type[ConnectorError]] = {
    "AUTHENTICATIONFAILED": errors.AuthenticationError,
    "EXPIRED": errors.AuthenticationError,
    "AUTHORIZATIONFAILED": errors.PermissionDeniedError,
    "NOPERM": errors.PermissionDeniedError,
    "PRIVACYREQUIRED": errors.ConfigurationError,
    "NONEXISTENT": errors.NotFoundError,
    "UNAVAILABLE": errors.TransientError,
    "INUSE": errors.TransientError,
    "SERVERBUG": errors.TransientError,
    "LIMIT": errors.RateLimitedError,
    "OVERQUOTA": errors.RateLimitedError,
    "THROTTLED": errors.RateLimitedError,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder as the server lists it; flags in lower case, such as \\junk."""

    name: str
    flags: frozenset[str]


@dataclass(slots=True)
class Fetched:
    """What an answer said of one mail: its number, its size where that was asked, and its bytes."""

    uid: int
    size: int = 0
    body: bytes | None = field(default=None, repr=False)


def refusal(said: str, *, login: bool = False) -> tuple[type[ConnectorError], str]:
    """The error of a NO or BYE, and its response code. A login that is refused without one is a wrong secret."""
    code = found.group(1) if (found := _CODE.search(said)) else ""
    if not code and "too many" in said.lower():
        return errors.RateLimitedError, "LIMIT"
    return CODES.get(code, errors.AuthenticationError if login and not code else errors.PermanentError), code


def listed(line: bytes | tuple[bytes, bytes]) -> Listed | None:
    """One line of LIST; a name with odd letters comes as a literal."""
    text, literal = (line, None) if isinstance(line, bytes) else line
    found = _LISTED.match(text)
    if not found:
        return None
    name = literal if literal is not None else found["name"].strip()
    if name.startswith(b'"'):
        name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
    return Listed(decoded(name), frozenset(found["flags"].decode("ascii", "replace").lower().split()))


def quoted(name: str) -> str:
    """A folder's name, or a word to search for, as a quoted string."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def encoded(name: str) -> str:
    """A folder's name as it goes over the wire."""
    return re.sub(r"[^\x20-\x7e]+|&", lambda part: "&-" if part.group() == "&" else _shifted(part.group()), name)


def _shifted(letters: str) -> str:
    return "&" + base64.b64encode(letters.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",").decode() + "-"


def decoded(name: bytes) -> str:
    """A folder's name as people read it; what is no UTF-7 stays as it is."""
    text = name.decode("utf-8", "replace")
    try:
        return re.sub(r"&([^-]*)-", lambda part: _letters(part.group(1)) if part.group(1) else "&", text)
    except (ValueError, UnicodeError):
        return text


def _letters(shifted: str) -> str:
    return base64.b64decode(shifted.replace(",", "/") + "===").decode("utf-16-be")


def fetched(data: Sequence[Any]) -> list[Fetched]:
    """The mails of an answer to FETCH, by number; what says no number (another's change of a flag) is left out."""
    found: dict[int, Fetched] = {}
    for head, body, tail in _items(data):
        said = head + b" " + tail
        number = _NUMBER["UID"].search(said)
        if number:
            size = _NUMBER["RFC822.SIZE"].search(said)
            one = found.setdefault(int(number.group(1)), Fetched(int(number.group(1))))
            one.size = int(size.group(1)) if size else one.size
            one.body = body if body is not None else one.body
    return [found[uid] for uid in sorted(found)]


def _items(data: Sequence[Any]) -> Iterator[tuple[bytes, bytes | None, bytes]]:
    """(before the literal, the literal, after it) of each item, as imaplib parts them."""
    for place, item in enumerate(data):
        if isinstance(item, tuple):
            after = data[place + 1] if place + 1 < len(data) and isinstance(data[place + 1], bytes) else b""
            yield item[0], item[1], after
        elif isinstance(item, bytes) and b"(" in item:
            yield item, b"" if b'BODY[] ""' in item or b"BODY[] NIL" in item else None, b""


def ranges(text: str) -> list[tuple[int, int]]:
    """(first, last) of each part of a set of numbers."""
    found = (tuple(sorted(int(end) for end in part.split(":"))) for part in text.split(",") if re.fullmatch(r"\d+(:\d+)?", part))
    return [(part[0], part[-1]) for part in found]


def vanished(data: Iterable[Any]) -> list[tuple[int, int]]:
    """The numbers that VANISHED answers tell."""
    lines = [item.decode("ascii", "replace") for item in data if isinstance(item, bytes)]
    return [part for line in lines for part in ranges(line.rpartition(" ")[2])]
