"""A folder of documents."""

from pathlib import Path
from typing import Any, ClassVar

from connectors import files
from tests.integration.conformance import filing
from tests.integration.conformance.folder import Folder, FolderWorld


def outgrow(path: Path) -> None:
    """Make it larger than a file may be."""
    with path.open("wb") as file:
        file.truncate(files.LARGEST + 1)


class DocumentsWorld(FolderWorld):
    kind, stream = "documents", "files"
    skips: ClassVar = {
        **FolderWorld.skips,
        **filing.NO_SCHEMA,
        "rotating_token": "files of this machine want no token",
        "change_on_the_way": "a folder is listed by this machine, in one piece",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shelf = Folder(folder / "papers", "Grüße+{}.md", filing.content_of, outgrow)

    def key_of(self, key: str) -> str:
        return filing.number_of(key)

    def name_of(self, payload: Any, body: bytes | None) -> str:
        return filing.name_in(payload, body)
