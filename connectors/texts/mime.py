"""A mail's bytes as its parts: who, when, what it says, what is attached. Robust rather than strict.

Charsets that lie, broken encodings and missing boundaries give the best text there is. A mail that is made to exhaust its reader, of too
many parts, nested too deep or too slow to take apart, raises ValueError.
"""

import email.message
import email.policy
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.feedparser import BytesFeedParser

from connectors.texts import headers, pages

DEPTH = 30
MOST_PARTS = 1000
SECONDS = 10.0  # of this thread's own work: a busy machine makes no mail slow
LONGEST_TEXT = 1_000_000
MOST_PEOPLE = 500

#: Bytes taken apart between two looks at the clock; bytes of headers that are looked at for the summary.
CHUNK, LONGEST_HEADERS = 256 * 1024, 1024 * 1024

_LINE_ENDS = re.compile(r"(?:\r\n|\r(?!\n)|\n)(?![ \t])")
_SUMMED_UP = ("message-id", "date", "from", "to", "cc", "subject", "in-reply-to", "references", "list-id", "auto-submitted")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is a file; content is decoded."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A message. Addresses are (name, address); `text` still holds quoted text and signature; sent_at is None where no header says."""

    message_id: str
    subject: str
    sender: tuple[str, str] | None
    to: list[tuple[str, str]]
    cc: list[tuple[str, str]]
    sent_at: datetime | None
    references: list[str]
    text: str
    attachments: list[Attachment] = field(default_factory=list)
    automatic: bool = False
    forged: bool = False


def parse(raw: bytes, visible: Callable[[str], str] | None = None) -> Mail:
    """The mail of the bytes. visible: reads what is written in HTML. Raises ValueError where it is beyond reading."""
    try:
        message = _taken_apart(raw)
        texts, attachments = _content(message, visible or visible_text)
    except RecursionError as error:
        raise ValueError("its parts are nested too deep") from error
    sender = _people(message, "From") or _people(message, "Sender") or _people(message, "Return-Path")
    to = _people(message, "To") + _people(message, "Delivered-To") * (message["To"] is None)
    verdict = " ".join(_all(message, "Authentication-Results")).lower()
    return Mail(
        message_id=next(iter(headers.ids(_first(message, "Message-ID"))), ""),
        subject=headers.decode(_first(message, "Subject")),
        sender=sender[0] if sender else None,
        to=to[:MOST_PEOPLE],
        cc=(_people(message, "Cc") + _people(message, "Bcc"))[:MOST_PEOPLE],
        sent_at=_sent_at(message),
        references=headers.ids(_first(message, "References")) or headers.ids(_first(message, "In-Reply-To")),
        text="\n\n".join(one for one in texts if one.strip())[:LONGEST_TEXT],
        attachments=attachments,
        automatic=_is_automatic(message),
        forged="dmarc=fail" in verdict or "spf=fail" in verdict,
    )


def summary(raw: bytes) -> dict[str, str]:
    """The headers of use, as landed beside the bytes: the first of each that says something."""
    ends = [place for end in (b"\n\n", b"\r\n\r\n") if (place := raw.find(end, 0, LONGEST_HEADERS)) >= 0]
    found: dict[str, str] = {}
    for line in _LINE_ENDS.split(raw[: min(ends, default=LONGEST_HEADERS)].decode("ascii", "surrogateescape")):
        name, colon, value = line.partition(":")
        name = name.rstrip().lower()
        if name in _SUMMED_UP and name not in found and value.strip():
            found[name] = headers.decode(value)[:2000]
        elif not (colon and name and " " not in name) and not line.startswith(("From ", ">From ")):
            break
    return {name: found[name] for name in _SUMMED_UP if name in found}


def _taken_apart(raw: bytes) -> email.message.Message:
    """The message with its parts."""
    until, parts = time.thread_time() + SECONDS, 0

    def part(policy: "email.policy.Compat32[email.message.Message]" = email.policy.compat32) -> email.message.Message:
        nonlocal parts
        parts += 1
        if parts > MOST_PARTS:
            raise ValueError(f"it has more than {MOST_PARTS} parts")
        return email.message.Message(policy)

    parser = BytesFeedParser(part, policy=email.policy.compat32)
    for place in range(0, len(raw), CHUNK):
        parser.feed(raw[place : place + CHUNK])
        if time.thread_time() > until:
            raise ValueError(f"taking it apart takes longer than {SECONDS:.0f} seconds")
    return parser.close()


def _all(message: email.message.Message, name: str) -> list[str]:
    """Every value of a header, as str with surrogates for 8-bit bytes."""
    return [value for key, value in message.raw_items() if key.lower() == name.lower()]


def _first(message: email.message.Message, name: str) -> str:
    return next((value for value in _all(message, name) if value.strip()), "")


def _people(message: email.message.Message, name: str) -> list[tuple[str, str]]:
    return headers.addresses(_all(message, name))


def _sent_at(message: email.message.Message) -> datetime | None:
    """The Date header's time, unless a server received the mail two days before that: then when it was received."""
    received = next((found for value in _all(message, "Received") if (found := headers.date(value.rpartition(";")[2]))), None)
    sent = next((found for value in _all(message, "Date") if (found := headers.date(value))), None)
    return received if received and (not sent or sent > received + timedelta(days=2)) else sent


def _is_automatic(message: email.message.Message) -> bool:
    """Sent by a machine or through a list: such a mail's foot is no person's signature."""
    submitted = _first(message, "Auto-Submitted").strip().lower()
    return bool(_first(message, "List-Id") or (submitted and submitted != "no") or message.get_content_type() == "multipart/report")


def _content(message: email.message.Message, visible: Callable[[str], str]) -> tuple[list[str], list[Attachment]]:
    texts: list[str] = []
    attachments: list[Attachment] = []
    for part in _leaves(message, 0):
        kind, name = part.get_content_type(), _file_name(part)
        if kind.startswith("multipart/"):
            texts.append(_text(part))
        elif kind in ("application/ms-tnef", "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"):
            continue
        elif kind in ("text/plain", "text/html") and not name and _disposition(part) != "attachment":
            texts.append(visible(_text(part)) if kind == "text/html" else _text(part))
        elif kind == "message/delivery-status":
            texts.append("\n".join(str(one) for one in part.get_payload()) if part.is_multipart() else _text(part))
        elif not (kind.startswith("image/") and part["Content-ID"] and _disposition(part) != "attachment"):
            attachments.append(Attachment(name or _default_name(part), kind, _bytes(part)))
    return texts, attachments


def _leaves(part: email.message.Message, depth: int) -> Iterator[email.message.Message]:
    """The parts to look at; of alternatives the plain text, or else the last one that is text."""
    if depth > DEPTH:
        raise ValueError("its parts are nested too deep")
    payload = part.get_payload() if part.is_multipart() else None
    children = [child for child in payload if isinstance(child, email.message.Message)] if isinstance(payload, list) else []
    if not children or part.get_content_maintype() == "message":
        yield part
    elif part.get_content_subtype() == "alternative":
        leaves = [leaf for child in children for leaf in _leaves(child, depth + 1)]
        plain = [leaf for leaf in leaves if leaf.get_content_type() == "text/plain" and not _file_name(leaf) and _text(leaf).strip()]
        page = [leaf for leaf in leaves if leaf.get_content_type() == "text/html" and not _file_name(leaf)]
        chosen = plain[:1] or page[-1:]
        yield from chosen
        yield from (leaf for leaf in leaves if leaf.get_content_type() not in ("text/plain", "text/html") or _file_name(leaf))
    else:
        for child in children:
            yield from _leaves(child, depth + 1)


def _disposition(part: email.message.Message) -> str:
    return str(part.get("Content-Disposition") or "").split(";")[0].strip().lower()


def _file_name(part: email.message.Message) -> str:
    try:
        name = part.get_filename()
    except (ValueError, TypeError, IndexError, LookupError):
        return "unnamed"
    return headers.decode(str(name)).replace("/", "_") if name else ""


def _default_name(part: email.message.Message) -> str:
    if part.get_content_maintype() == "message" and part.is_multipart():
        nested = part.get_payload()
        first = nested[0] if isinstance(nested, list) and nested else None
        subject = _first(first, "Subject") if isinstance(first, email.message.Message) else ""
        return headers.decode(subject) if subject else "message"
    return f"unnamed.{part.get_content_subtype()}"


def _bytes(part: email.message.Message) -> bytes:
    if part.is_multipart():
        nested = part.get_payload()
        return b"\n".join(_source(one) for one in nested if isinstance(one, email.message.Message)) if isinstance(nested, list) else b""
    try:
        found = part.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AssertionError):
        found = None
    if isinstance(found, bytes):
        return found
    payload = part.get_payload()
    return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""


def _source(part: email.message.Message) -> bytes:
    try:
        return part.as_bytes()
    except (UnicodeError, KeyError, TypeError, ValueError, LookupError):
        return b""


def _text(part: email.message.Message) -> str:
    try:
        charset = part.get_content_charset()
    except (ValueError, TypeError, LookupError):
        charset = None
    return headers.decode_bytes(_bytes(part)[: LONGEST_TEXT * 4], charset).replace("\r\n", "\n").replace("\r", "\n")


def visible_text(page: str) -> str:
    """What a person sees of a mail in HTML: without what it quotes, unless it is nothing else."""
    return pages.text_of_html(page, drop_quotes=True) or pages.text_of_html(page)
