"""A mailbox: a Maildir, or a folder of .eml files.

A mail is known by its Message-ID. The flags and the folder are not part of it, so reading or filing a mail changes nothing. Where two mails
with one Message-ID differ in their bytes both are kept: the second under the id and a digest of its bytes.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors import files
from connectors.connector import Connector, Landed, Options, Page, Position, Raw, Stream, Unreadable
from connectors.mapping import mails
from connectors.mapping.staged import Mapped, clean
from connectors.texts import mime

_LONGEST_KEY = 500


class MailboxOptions(Options):
    """path: the Maildir, or the folder of .eml files."""

    path: Path


class Mailbox(Connector):
    kind = "mailbox"
    Options = MailboxOptions
    mapping_version = 1
    derived_stream = "addresses"

    def check(self) -> str:
        found = self._files()
        return f"{self.options.path} holds {len(found)} mails"

    def streams(self) -> Sequence[Stream]:
        return [Stream("messages", lists_ids=True)]

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        del stream
        return files.pages(self._files(), position, read)

    def count(self, stream: str) -> int | None:
        del stream
        return len(self._files())

    def list_ids(self, stream: str) -> Iterator[Sequence[str]]:
        """Both keys that a mail may have: which it got depends on what came before it."""
        del stream
        for file in self._files():
            content = file.read() if file.size <= files.LARGEST else None
            if content is not None and isinstance(found := read(file, content), Raw):
                yield [found.key, *([found.rival] if found.rival else [])]

    def map(self, record: Landed) -> Mapped:
        return mails.map_record(record, self.declaration.own_domains)

    def _files(self) -> list[files.File]:
        return files.walk(self.options.path, is_mail)


def is_mail(path: str) -> bool:
    """Whether the path is a mail: in a Maildir's cur or new, or an .eml file."""
    parts = path.split("/")
    return (len(parts) > 1 and parts[-2] in ("cur", "new") and not parts[-1].startswith(".")) or path.lower().endswith(".eml")


def read(file: files.File, content: bytes) -> Raw | Unreadable:
    """The record of a mail's bytes."""
    digest = hashlib.sha256(content).hexdigest()
    if not content.strip():
        return Unreadable(files.key_of(file.path), "it is empty", content)
    summary = mime.summary(content)
    message_id = clean(" ".join(summary.get("message-id", "").strip("<> \t").split()))
    if not message_id or len(message_id) > _LONGEST_KEY:
        return Raw(f"sha256:{digest}", {"headers": summary, "size": len(content)}, content, file.modified)
    return Raw(message_id, {"headers": summary, "size": len(content)}, content, file.modified, rival=f"{message_id}#{digest[:16]}")
