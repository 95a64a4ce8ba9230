"""A folder of mails."""

from pathlib import Path
from typing import ClassVar

from tests.integration.conformance.folder import Folder, FolderWorld
from tests.integration.conformance.mailing import SKIPS, OfMail, message


class MailboxWorld(OfMail, FolderWorld):
    kind = "mailbox"
    skips: ClassVar = {
        **FolderWorld.skips,
        **SKIPS,
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shelf = Folder(folder / "box", "{}.eml", message, lambda path: path.write_bytes(b""))
