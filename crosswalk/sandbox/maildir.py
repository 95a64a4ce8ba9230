"""Writes messages as RFC 5322 and MIME into a Maildir, byte for byte the same for the same messages.

The MIME is put together by hand: the standard library's policies cost a millisecond a message, and a sandbox may hold 150,000.
A file's name is made of the time of sending and the place in the mailbox, its time of change is the time of sending.
"""

import base64
import binascii
import html
import os
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime
from pathlib import Path

from crosswalk.sandbox import phrases
from crosswalk.sandbox.correspondence import Correspondent, Message

Attachments = Mapping[str, tuple[str, str, bytes]]
_WORD = 45  # bytes of UTF-8 in one encoded word of a header, so that it stays under 76 characters


def write_maildir(folder: Path, messages: list[Message], attachments: Attachments) -> None:
    """Writes every message; `attachments` finds (file name, media type, content) by the names the messages use."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for place, message in enumerate(sorted(messages, key=lambda one: (one.sent, one.id)), 1):
        moment = int(message.sent.replace(tzinfo=UTC).timestamp())
        recent = place > len(messages) - 5
        path = folder / "new" / f"{moment}.M{place}.sandbox" if recent else folder / "cur" / f"{moment}.M{place}.sandbox:2,S"
        path.write_bytes(compose(message, attachments))
        os.utime(path, (moment, moment))


def compose(message: Message, attachments: Attachments) -> bytes:
    """The message as bytes, lines ending in a line feed as a Maildir keeps them."""
    headers = [
        f"From: {mailbox(message.sender)}",
        f"To: {', '.join(mailbox(one) for one in message.to)}",
        *([f"Cc: {', '.join(mailbox(one) for one in message.cc)}"] if message.cc else []),
        f"Subject: {encoded(message.subject)}",
        f"Date: {format_datetime(message.sent.replace(tzinfo=UTC))}",
        f"Message-ID: <{message.id}>",
        *_thread_headers(message),
        "MIME-Version: 1.0",
    ]
    kind, body = _body(message)
    for name in message.attachments:
        if name in attachments:
            kind, body = _with_attachment(message.id, (kind, body), attachments[name])
    return ("\n".join([*headers, kind]) + "\n\n").encode("ascii") + body


def mailbox(correspondent: Correspondent) -> str:
    """`Anna Krämer <a.kraemer@...>` as a header wants it."""
    name = correspondent.name
    if not name.isascii():
        return f"{encoded(name)} <{correspondent.email}>"
    plain = all(sign.isalnum() or sign in " -'" for sign in name)
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f"{name} <{correspondent.email}>" if plain else f'"{escaped}" <{correspondent.email}>'


def encoded(text: str) -> str:
    """The text as it stands, or as RFC 2047 encoded words of UTF-8."""
    if text.isascii():
        return text
    words, piece = [], ""
    for sign in text:
        if len((piece + sign).encode()) > _WORD:
            words.append(piece)
            piece = ""
        piece += sign
    return "\n ".join(f"=?utf-8?b?{base64.b64encode(word.encode()).decode()}?=" for word in [*words, piece])


def _thread_headers(message: Message) -> list[str]:
    before: list[str] = []
    earlier = message.answers
    while earlier:
        before.insert(0, f"<{earlier.id}>")
        earlier = earlier.answers
    return [f"In-Reply-To: {before[-1]}", "References: " + "\n ".join(before)] if before else []


def full_text(message: Message) -> str:
    """What is written, the signature, and the answered message quoted beneath."""
    signed = f"{message.text}\n\n-- \n" + "\n".join(message.sender.signature) + "\n"
    if not message.answers:
        return signed
    outlook = int(message.id[:6]) % 4 == 0
    before = message.answers
    style = "outlook" if outlook else message.language
    who = f"{before.sender.name} <{before.sender.email}>"
    line = phrases.QUOTED[style].format(day=before.sent.strftime(phrases.DAYS[style]), who=who, subject=before.subject)
    quoted = full_text(before)
    return f"{signed}\n{line}\n\n" + (quoted if outlook else "".join(f"> {one}\n" for one in quoted.rstrip("\n").split("\n")))


def _html(message: Message) -> str:
    said = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in message.text.split("\n\n"))
    signature = "<br>".join(html.escape(line) for line in message.sender.signature)
    quoted = ""
    if message.answers:
        before = message.answers
        day = before.sent.strftime(phrases.DAYS[message.language])
        intro = phrases.QUOTED[message.language].format(day=day, who=html.escape(before.sender.name))
        quoted = f'<div class="gmail_quote"><p>{intro}</p><blockquote>{_html(before)}</blockquote></div>'
    return f'{said}<p class="signature">-- <br>{signature}</p>{quoted}'


def _body(message: Message) -> tuple[str, bytes]:
    page = f'<html><head><meta charset="utf-8"><style>p {{ font-family: Arial }}</style></head><body>{_html(message)}</body></html>\n'
    if message.style == "html":
        return _text(page, "html", 0)
    plain = _text(full_text(message), "plain", int(message.id[:6]))
    if message.style == "plain":
        return plain
    return _multipart("alternative", f"=_alt_{message.id[:8]}", [plain, _text(page, "html", 0)])


def _text(text: str, subtype: str, variety: int) -> tuple[str, bytes]:
    charset = "iso-8859-1" if variety % 5 == 1 and _is_latin(text) else "utf-8"
    raw = text.encode(charset)
    if variety % 7 == 3:
        return f"Content-Type: text/{subtype}; charset={charset}\nContent-Transfer-Encoding: base64", base64.encodebytes(raw)
    quoted = binascii.b2a_qp(raw, istext=True)
    return f"Content-Type: text/{subtype}; charset={charset}\nContent-Transfer-Encoding: quoted-printable", quoted


def _is_latin(text: str) -> bool:
    return text.encode("latin-1", "ignore").decode("latin-1") == text


def _multipart(subtype: str, boundary: str, parts: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    body = b"".join(f"--{boundary}\n{kind}\n\n".encode() + content + b"\n" for kind, content in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"', body + f"--{boundary}--\n".encode()


def _with_attachment(key: str, body: tuple[str, bytes], attachment: tuple[str, str, bytes]) -> tuple[str, bytes]:
    name, media, content = attachment
    kind = f'Content-Type: {media}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\nContent-Transfer-Encoding: base64'
    return _multipart("mixed", f"=_mixed_{key[:8]}", [body, (kind, base64.encodebytes(content))])
