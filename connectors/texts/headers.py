"""Mail headers as they come in life: raw bytes that claim to be ASCII, encoded words cut in two, addresses that no grammar knows.

Nothing here raises for what a sender may have written; what can't be understood is left out or shown as it stands.
"""

import base64
import binascii
import email.utils
import re
from collections.abc import Iterable
from datetime import UTC, datetime

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?[^?\s]{1,60}\?[bBqQ]\?)")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]@]+")
_SPACE = re.compile(r"[\r\n\t ]+")
_LONGEST = 100_000


def decode_bytes(raw: bytes, charset: str | None = None) -> str:
    """Text of bytes: by the charset they claim, else UTF-8, else Windows' Latin; never an error."""
    claimed = (charset or "").strip().strip("\"'").lower().split("*")[0]
    for name in (claimed, "utf-8", "cp1252"):
        try:
            if name and (name not in ("us-ascii", "ascii", "iso-8859-1", "latin-1") or raw.isascii()):
                return raw.decode(name)
            if name in ("iso-8859-1", "latin-1"):
                return raw.decode("cp1252")
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return raw.decode("latin-1")


def undo_escape(value: str) -> str:
    """A header as the parser gives it, 8-bit bytes as surrogates, as text."""
    return decode_bytes(value.encode("utf-8", "surrogateescape")) if not value.isascii() else value


def unfold(value: str) -> str:
    return _SPACE.sub(" ", value).strip()


def decode(value: str) -> str:
    """A header's text: encoded words (RFC 2047) read, adjacent ones of one charset joined before that, since senders cut letters in two."""
    line = unfold(undo_escape(value[:_LONGEST]))
    if "=?" not in line:
        return line
    line = _BETWEEN_WORDS.sub(r"\1\2", line)
    found: list[str] = []
    pending: tuple[str, bytes] | None = None
    end = 0
    for word in _WORD.finditer(line):
        between, end = line[end : word.start()], word.end()
        charset, raw = word.group(1), _raw(word.group(2), word.group(3))
        if pending and not between and pending[0].lower() == charset.lower():
            pending = (charset, pending[1] + raw)
            continue
        found += [decode_bytes(pending[1], pending[0]) if pending else "", between]
        pending = (charset, raw)
    found += [decode_bytes(pending[1], pending[0]) if pending else "", line[end:]]
    return unfold("".join(found))


def _raw(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(text.replace("_", " ").encode("ascii", "replace"))
    try:
        return base64.b64decode(re.sub(r"[^A-Za-z0-9+/]", "", text) + "===")
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "replace")


def addresses(values: Iterable[str]) -> list[tuple[str, str]]:
    """(name, address in lower case) of each mailbox, in order, each address once."""
    found: dict[str, str] = {}
    for value in values:
        line = unfold(undo_escape(value[:_LONGEST]))
        family = ""
        for name, address in email.utils.getaddresses([line]):
            # `Berg, Anna <a@x>` without its quotes is taken for two by the grammar
            _keep(found, f"{family}, {decode(name)}" if family and name else decode(name), address)
            family = decode(address) if address and "@" not in address and not name else ""
        if not any(address in line.lower() for address in found):
            for address in _ADDRESS.findall(decode(line)):
                _keep(found, "", address)
    return [(name, address) for address, name in found.items()]


def _keep(found: dict[str, str], name: str, address: str) -> None:
    address = decode(address).strip("<>\"' .").lower()
    if not re.fullmatch(r"[^@\s]{1,200}@[^@\s]{1,250}", address):
        return
    name = name.strip("\"' ")
    found[address] = found.get(address) or ("" if name.lower() == address else name)


def ids(value: str) -> list[str]:
    """Message-IDs without their brackets; a value without brackets is taken as one."""
    line = unfold(undo_escape(value[:_LONGEST]))
    return [one.strip() for one in re.findall(r"<([^<>]+)>", line) if one.strip()] or [one for one in line.split() if "@" in one]


def date(value: str) -> datetime | None:
    """A Date header's time, in UTC where it names no zone; None where it is none."""
    try:
        found = email.utils.parsedate_to_datetime(unfold(undo_escape(value[:200])))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC) if 1970 < found.year < 2100 else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
