"""What the worlds of mail share: how an item looks as a mail, and how it is known again."""

from typing import Any, ClassVar

from tests.integration.conformance.world import Item

SKIPS = {"drift": "of a mail only the headers of use are landed beside its bytes: its form is the internet's own, and does not drift"}


def message(item: Item) -> bytes:
    """The item as a mail; one that can't be read has no bytes."""
    if item.poison:
        return b""
    date = item.at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    head = f"From: Anna Berg <anna@customer.example>\r\nTo: us@ours.example\r\nSubject: {item.name}\r\nDate: {date}\r\n"
    return f"{head}Message-ID: <{item.key}@conformance.example>\r\n\r\nHello, this is number {item.key}.\r\n".encode()


class OfMail:
    """How a landed mail is known again: by its Message-ID and its subject."""

    stream: ClassVar[str] = "messages"

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return str(payload["headers"]["subject"])

    def key_of(self, key: str) -> str:
        return key.partition("@")[0]
