"""A mailbox: a Maildir, or a folder of .eml files.

A mail that is filed elsewhere, or whose flags change, gets another path and is no other mail: it is gone once none of its files is left. A
folder below that may not be read stops nothing: it is quarantined, and what landed of it stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from connectors import files
from connectors.connector import Connector, Options, Stream
from connectors.drives import passed_over
from connectors.mapping import mails
from connectors.mapping.staged import Mapped
from connectors.records import Gone, Landed, Page, Position, Raw, Unreadable

#: Paths that are compared at once.
MANY = 1000


class MailboxOptions(Options):
    """path: the Maildir, or the folder of .eml files."""

    path: Path


class Mailbox(Connector):
    kind = "mailbox"
    Options = MailboxOptions
    mapping_version = 1
    derived_stream = "addresses"

    def check(self) -> str:
        return f"{self.options.path} holds {len(self._files()[0])} mails"

    def streams(self) -> Sequence[Stream]:
        return [Stream("messages")]

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        """The last page tells what is gone: every path but those that are there."""
        del stream
        (found, closed), held = self._files(), None
        for page in files.pages(found, position, read, closed):
            if held:
                yield held
            held = page
        assert held is not None
        yield replace(held, gone=besides([files.key_of(one.path) for one in found], [one.key for one in closed]))

    def fetch(self, stream: str, key: str) -> Raw | None:
        """The mail, by its path or by reading one after the other until it is found."""
        del stream
        lying = files.find(self.options.path, key) if is_mail(key) else None
        for file in [lying] if lying else self._files()[0]:
            found = read(file, content) if (content := file.read()) else None
            if isinstance(found, Raw) and key in (found.key, found.rival, found.place):
                return found
        return None

    def map(self, record: Landed) -> Mapped:
        return mails.map_record(record, self.declaration.own_domains)

    def _files(self) -> tuple[list[files.File], list[Unreadable]]:
        return files.explore(self.options.path, is_mail)


def besides(there: Sequence[str], closed: Sequence[str]) -> list[Gone]:
    """Every place but those that are there, or may be, so many at a time."""
    paths = sorted([*there, *closed], key=str.encode)
    gone, former = list[Gone](), ""
    for start in range(0, len(paths), MANY):
        some, former = passed_over(former, paths[start : start + MANY], closed)
        gone += some
    return [*gone, Gone(former, "\U0010ffff", [former])]


def is_mail(path: str) -> bool:
    """Whether the path is a mail: in a Maildir's cur or new, or an .eml file."""
    parts = path.split("/")
    return (len(parts) > 1 and parts[-2] in ("cur", "new") and not parts[-1].startswith(".")) or path.lower().endswith(".eml")


def read(file: files.File, content: bytes) -> Raw | Unreadable:
    """The record of a mail's bytes."""
    return mails.record(content, files.key_of(file.path), file.modified)
