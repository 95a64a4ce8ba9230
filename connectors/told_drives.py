"""Drives whose files and folders have ids that outlive a renaming, and that tell all their items once, and then what changed.

A folder that is renamed or moved is told, and nothing that lies below it, though the paths and links of all that are others: it is listed
for that.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

from connectors.account.shared import Shared
from connectors.apis.feed import Feed, Part
from connectors.connector import Declaration
from connectors.drives import HttpDrive, Listed
from connectors.errors import NotFoundError, PermissionDeniedError
from connectors.records import Gone, Page, Position, Raw, Unreadable

FOLDERS_KEPT, DEEPEST = 10_000, 60


class Folders:
    """The paths of folders that a vendor names by id. look: (name, id of the folder above) of one, which is asked for once; both are empty
    for the root. NotFoundError of one that is gone, or that the account does not see, makes its path begin there."""

    def __init__(self, look: Callable[[str], tuple[str, str]]) -> None:
        self._look = look
        self._held: dict[str, tuple[str, str]] = {}

    def path(self, key: str) -> str:
        """With a slash at the end; '' for the root."""
        names: list[str] = []
        while key and len(names) < DEEPEST:
            name, key = self._of(key)
            names += [name] if name else []
        return "".join(f"{name}/" for name in reversed(names))

    def forget(self, key: str) -> None:
        """It may have another name or place now."""
        self._held.pop(key, None)

    def _of(self, key: str) -> tuple[str, str]:
        if key not in self._held:
            if len(self._held) >= FOLDERS_KEPT:
                self._held.clear()
            try:
                self._held[key] = self._look(key)
            except NotFoundError:
                self._held[key] = ("", "")
        return self._held[key]


@dataclass(frozen=True, slots=True)
class Told:
    """Items as the vendor tells them, the state of the next part (None after the last), and the token for the next sync,
    where it was given."""

    items: Sequence[Any]
    following: Any
    token: str | None


class ToldDrive(HttpDrive):
    """A vendor says how it tells its items, and what each of them is."""

    lists_all = False

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        self.folders = Folders(self.look)

    @abstractmethod
    def start(self) -> str | None:
        """As of http.feed.Feed."""

    @abstractmethod
    def told(self, token: str | None, state: Any) -> Told:
        """A part of the whole, where there is no token, or of what changed since. Raises ExpiredTokenError."""

    @abstractmethod
    def inside(self, folder: str, state: Any) -> Told:
        """A part of the items in a folder, the trashed too where a trashed folder is told alone."""

    @abstractmethod
    def folder_of(self, item: Any) -> str:
        """The item's id where it is a folder that may have another path now, else ''."""

    @abstractmethod
    def file_of(self, item: Any) -> Listed | Unreadable | None:
        """A file, or what was deleted; None of a folder, or what has no content."""

    @abstractmethod
    def look(self, key: str) -> tuple[str, str]:
        """As of Folders."""

    def listings(self, position: Position) -> Iterator[Page]:
        feed = Feed(self.start, lambda state: self._part(None, state), self._part, [Gone.under("")])
        return feed.pages(position)

    def _part(self, token: str | None, state: Any) -> Part:
        told = self.told(token, state)
        folders = [key for item in told.items if (key := self.folder_of(item))]
        for key in folders:
            self.folders.forget(key)
        found = [one for item in told.items if (one := self.file_of(item))]
        records = [one for one in found if isinstance(one, Listed)]
        below = (some for key in folders for some in self._below(key, {one.key for one in records})) if token else ()
        return Part(records, [one for one in found if isinstance(one, Unreadable)], told.following, told.token, before=below)

    def _below(self, folder: str, told: Set[str]) -> Iterator[Sequence[Raw]]:
        """What lies below a folder, and has not landed so; nothing where its path is as it was. told: what is landed anyway.

        A folder is told for much else than a new name (Graph tells all above whatever changed), so the first file that has landed shows
        whether its path is another. That file is given last: a sync that is killed on the way then finds it as it was.
        """
        waiting, seen, first = [folder], set[str](), None
        while waiting:
            seen.add(here := waiting.pop())
            for items in self._inside(here):
                waiting += [key for item in items if (key := self.folder_of(item)) and key not in seen]
                found = [one for item in items if isinstance(one := self.file_of(item), Listed) and one.key not in told]
                known = self.known("files", [one.key for one in found]) if found else {}
                others = [one for one in found if known.get(one.key) != one.payload.get("version")]
                if first is None and known:
                    first = next(one for one in found if one.key in known)
                    if first not in others:
                        return
                if some := [one for one in others if one is not first]:
                    yield some
        if first:
            yield [first]

    def _inside(self, folder: str) -> Iterator[Sequence[Any]]:
        """Nothing of one that is gone since it was told, or that the account may not look into."""
        state = None
        try:
            while (told := self.inside(folder, state)).following:
                yield told.items
                state = told.following
            yield told.items
        except (NotFoundError, PermissionDeniedError):
            return
