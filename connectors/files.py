"""Files of a local folder as a stream: read by time of change (ctime, which a move or copy renews too), in pages, from a position on.

A file that changes while it is read is left for the next sync, whose position it lies beyond. Links are not followed: they may lead
anywhere.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.errors import NotFoundError, PermissionDeniedError
from connectors.records import Page, Position, Raw, Unreadable

LOOKBACK = 2_000_000_000
LARGEST = 64 * 1024 * 1024
PAGE_FILES = 200
PAGE_BYTES = 32 * 1024 * 1024
ACTION = "Let this user read the folder."


@dataclass(frozen=True, slots=True)
class File:
    """A file under the folder; `path` is relative, with forward slashes; changed is ctime in nanoseconds."""

    folder: Path
    path: str
    size: int
    changed: int
    modified: datetime

    def read(self) -> bytes | None:
        """The content, or None where it changed while it was read, or is gone."""
        full = os.path.join(self.folder, self.path)
        try:
            content = Path(full).read_bytes()
            return content if os.stat(full).st_ctime_ns == self.changed else None
        except FileNotFoundError:
            return None


def explore(folder: Path, wanted: Callable[[str], bool]) -> tuple[list[File], list[Unreadable]]:
    """The wanted files, by time of change, and the folders below that can't be read, whose keys end in a slash. NotFoundError or
    PermissionDeniedError where the folder itself can't be."""
    if not folder.is_dir():
        raise NotFoundError(f"there is no folder {folder}", action="Check the source's path.")
    found, closed = [], dict[str, Unreadable]()

    def close(path: str, error: OSError) -> None:
        if path == "./":
            raise PermissionDeniedError(f"{folder} can't be read: {error.strerror}", action=ACTION) from error
        closed[path] = Unreadable(_plain(path), why_closed(error.strerror))

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # else it went since its own folder was listed
            close(f"{_below(folder, str(error.filename))}/", error)

    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith(".git") and name != "__MACOSX")
        for name in names:
            full = os.path.join(root, name)
            path = _below(folder, full)
            if wanted(path) and not os.path.islink(full):
                try:
                    stat = os.stat(full)
                except FileNotFoundError:
                    continue
                except PermissionError as error:  # the folder may be listed, and nothing in it looked at
                    close(f"{_below(folder, root)}/", error)
                    break
                found.append(File(folder, path, stat.st_size, stat.st_ctime_ns, datetime.fromtimestamp(stat.st_mtime, UTC)))
    return sorted(found, key=lambda file: (file.changed, file.path)), list(closed.values())


def _below(folder: Path, full: str) -> str:
    return os.path.relpath(full, folder).replace(os.sep, "/")


def why_closed(why: object) -> str:
    """Why a folder is in quarantine."""
    return f"the folder can't be read ({why}): what landed of it is kept as it was"


def find(folder: Path, path: str) -> File | None:
    """The file at the path below the folder; None where there is none, or the path leads outside."""
    full = folder / path
    if "\x00" in path or os.path.islink(full) or not full.resolve().is_relative_to(folder.resolve()) or not full.is_file():
        return None
    stat = full.stat()
    return File(folder, path, stat.st_size, stat.st_ctime_ns, datetime.fromtimestamp(stat.st_mtime, UTC))


def pages(
    files: Sequence[File], position: Position | None, read: Callable[[File, bytes], Raw | Unreadable], closed: Sequence[Unreadable] = ()
) -> Iterator[Page]:
    """Pages of what changed since the position, each moving it on, and of all that lies in folders that were closed until now."""
    since, were = (position or {}).get("since", 0), (position or {}).get("closed", [])
    batch: list[Raw | Unreadable] = []
    size = 0
    for file in files:
        if file.changed < since - LOOKBACK and not _plain(file.path).startswith(tuple(were)):
            continue
        if file.size > LARGEST:
            batch.append(Unreadable(key_of(file.path), f"it is larger than {LARGEST} bytes"))
        elif (content := _content(file)) is not None:
            batch.append(content if isinstance(content, Unreadable) else read(file, content))
            size += file.size
        if len(batch) >= PAGE_FILES or size >= PAGE_BYTES:
            yield _page(batch, _position(max(since, file.changed), were))
            batch, size = [], 0
    yield _page([*batch, *closed], _position(max([since, *(file.changed for file in files)]), [one.key for one in closed]))


def _position(since: int, closed: Sequence[str]) -> Position:
    return {"since": since, **({"closed": list(closed)} if closed else {})}


def _content(file: File) -> bytes | Unreadable | None:
    try:
        return file.read()
    except OSError as error:
        return Unreadable(key_of(file.path), f"it can't be read: {error.strerror}")


def _page(batch: Sequence[Raw | Unreadable], position: Position) -> Page:
    records = [one for one in batch if isinstance(one, Raw)]
    return Page(records, position, [one for one in batch if isinstance(one, Unreadable)])


def key_of(path: str) -> str:
    """A path as a key; one that is not UTF-8 gets a digest, so that two of them stay two."""
    plain = _plain(path)
    return plain if plain == path else f"{plain}~{hashlib.sha256(path.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def _plain(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\x00", "\ufffd")


def is_document(path: str) -> bool:
    """Not a hidden file, nor one that an editor or office program keeps beside an open one."""
    return not any(part.startswith((".", "~$")) for part in path.split("/")) and not path.endswith((".tmp", ".part", ".crdownload", "~"))
