"""What the worlds of mail share: how an item looks as a mail, and how it is known again."""

from datetime import datetime
from typing import Any, ClassVar

from tests.integration.conformance.world import Item, Shelf

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


class MailShelf(Shelf):
    """Mails are never changed: a changed item is another mail, and the one before is gone. events: (id, whether it came or went)."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: dict[str, str] = {}
        self.by_id: dict[str, Item] = {}
        self.events: list[tuple[str, bool]] = []

    def put(self, key: str, name: str, at: datetime | None = None, **extra: Any) -> Item:
        self._forget(key)
        item = super().put(key, name, at, **extra)
        self.ids[key] = f"m{item.change}"
        self.by_id[self.ids[key]] = item
        self.events.append((self.ids[key], True))
        return item

    def remove(self, key: str) -> None:
        super().remove(key)
        self._forget(key)

    def _forget(self, key: str) -> None:
        if key in self.ids:
            self.events.append((self.ids[key], False))
            del self.by_id[self.ids.pop(key)]

    def mails(self) -> list[str]:
        """The ids of what is there, in order of time."""
        return list(self.by_id)
