"""Files, wherever they lie: listed in pages, and each got where we have not landed it in the version that is listed.

A file of a type that has no text here is landed without its bytes, so that it is known to be there; one that is too large, or that may not
be read, is quarantined with the reason. What changes while it is read is left for the next sync, which lists it again. A drive that lists
its files in the order of their keys shows by that alone which are gone (`in_order`); one that tells changes says so itself.
"""

import email.utils
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, ClassVar, TypeVar

from connectors import files
from connectors.account.shared import Rate, Shared
from connectors.connector import Connector, Declaration, Options, Stream
from connectors.errors import NotFoundError, PermanentError, PermissionDeniedError
from connectors.http.authentication import Authentication, Key
from connectors.http.door import Door, Vendor
from connectors.http.messages import Answer, Request
from connectors.mapping import documents, transforms
from connectors.mapping.staged import LONGEST_KEY, Mapped
from connectors.records import Gone, Landed, Page, Position, Raw, Unreadable
from connectors.texts import reading

#: So that the door takes no file for an answer in JSON.
AS_IT_IS = {"Accept": "application/octet-stream, */*;q=0.5"}

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Listed(Raw):
    """A file as it is listed, its content to be got. at: where the content is, as the vendor names it."""

    at: str = ""


def listed(
    path: str, version: str, size: int | None, updated_at: datetime | None, *, key: str = "", at: str = "", url: str | None = None
) -> Listed:
    """key: the path, unless the vendor has an id that outlives a renaming. version: differs where the content differs; of a file with an id
    the path is part of what is landed as its version."""
    version = f"{version} {path}" if key else version
    payload = {"path": path, "version": version, "size": size, "media_type": reading.media_type(path), **({"url": url} if url else {})}
    return Listed(key or path, payload, updated_at=updated_at, place=key or path, at=at)


class Drive(Connector):
    """A source of files says how it lists and how a content is got; all else is here."""

    mapping_version = documents.VERSION
    #: Whether every sync lists all files; else changes are told by a feed.
    lists_all: ClassVar[bool] = True

    @abstractmethod
    def listings(self, position: Position) -> Iterator[Page]:
        """Pages of Listed from the position on, without their contents."""

    @abstractmethod
    def content(self, file: Listed) -> bytes | None:
        """The bytes; None where the file is no longer as it was listed. Raises ConnectorError."""

    @abstractmethod
    def find(self, key: str) -> Listed | None:
        """The file as it would be listed now."""

    def streams(self) -> Sequence[Stream]:
        return [Stream("files")]

    def map(self, record: Landed) -> Mapped:
        return documents.map_record(record, self.declaration.own_names)

    def pull(self, stream: str, position: Position | None) -> Iterator[Page]:
        here = dict(position or {})
        for page in self.listings(here):
            for filled in self._filled(stream, page, here):
                yield filled
                here = dict(filled.position)

    def fetch(self, stream: str, key: str) -> Raw | None:
        """The file as it is now. PermanentError says why one can't be read."""
        del stream
        file = self.find(key)
        found = self._read(file) if file else None
        if isinstance(found, Unreadable):
            raise PermanentError(f"{key}: {found.reason}")
        return found

    def _filled(self, stream: str, page: Page, before: Position) -> Iterator[Page]:
        """The page with its contents, in as many as its bytes make; until the last of them the position stays, and through a page of what
        is known, since to list that again costs next to nothing. Where the whole of a feed is read anew, all has to be found again."""
        keys, anew = [one.key for one in page.records], not self.lists_all and (page.gone or "whole" in before)
        known = self.known(stream, keys) if keys and not anew else {}
        batch: list[Raw | Unreadable] = list(page.unreadable)
        size, gone = 0, page.gone
        for one in page.records:
            if (one.key in known and known[one.key] == one.payload.get("version")) or (found := self._read(one)) is None:
                continue
            batch.append(found)
            size += len(found.body or b"") if isinstance(found, Raw) else 0
            if size >= files.PAGE_BYTES:
                yield _page(batch, before, gone)
                batch, size, gone = [], 0, ()
        stays = self.lists_all and page.position and not batch
        yield _page(batch, before if stays else page.position, gone)

    def _read(self, file: Raw) -> Raw | Unreadable | None:
        bare = Raw(file.key, file.payload, None, file.updated_at, file.deleted, None, file.place)
        if file.deleted or not isinstance(file, Listed):
            return bare
        if len(file.key.encode("utf-8", "surrogatepass")) > LONGEST_KEY:
            return Unreadable(file.key, "its path is too long to be a key")
        if not reading.is_readable(file.payload["path"]):
            return bare
        if (file.payload["size"] or 0) > files.LARGEST:
            return Unreadable(file.key, f"it is larger than {files.LARGEST} bytes")
        try:
            content = self.content(file)
        except NotFoundError:
            return None
        except (PermissionDeniedError, PermanentError) as error:
            return Unreadable(file.key, f"it can't be got: {error}")
        return None if content is None else Raw(file.key, file.payload, content, file.updated_at, place=file.place)


class DriveOptions(Options):
    """requests_per_second: ours, within the account's limit; page_size: files in a listing."""

    requests_per_second: float = 20.0
    page_size: int = 500


class HttpDrive(Drive):
    """Files on another machine, by HTTP. A vendor says what is particular to it."""

    vendor: ClassVar[Vendor] = Vendor()

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        rate = self.options.requests_per_second
        self.limit = Rate(rate, max(1, int(rate)))
        self.api = self.door = Door(self.base_url(), self.authentication(), self.account(self.limit), self.vendor)

    def base_url(self) -> str:
        return str(self.options.url)

    def authentication(self) -> Authentication:
        """OAuth where the declaration says so, else a bearer key, unless the vendor has it otherwise."""
        return self.oauth() or Key(self.declaration.name, self.declaration.secret)

    def check(self) -> str:
        found = next(iter(self.listings({})), None)
        return f"{self.kind} answers at {self.base_url()}" + ("" if found and found.records else "; it holds no files")

    def send(self, request: Request, read: Callable[[Answer], Value]) -> Value:
        """What `read` makes of the answer; asked again where it raises TransientError, as for an answer cut off."""
        return self.api.patiently(lambda _: read(self.api.send(request)))


def _page(batch: Sequence[Raw | Unreadable], position: Position, gone: Sequence[Gone]) -> Page:
    records = [one for one in batch if isinstance(one, Raw)]
    return Page(records, position, [one for one in batch if isinstance(one, Unreadable)], gone)


def in_order(found: Iterable[Listed | Unreadable], position: Position, size: int) -> Iterator[Page]:
    """Files that come in the order of their keys' UTF-8 bytes, as pages of so many: what a page passes over, from the one before it on, is
    gone. Unreadable: a folder that can't be read. position: {"after": key} on the way."""
    following, former = iter(found), str(position.get("after", ""))
    while batch := list(islice(following, size)):
        closed = [one for one in batch if isinstance(one, Unreadable)]
        gone, former = passed_over(former, [one.key for one in batch], {one.key for one in closed})
        yield Page([one for one in batch if isinstance(one, Listed)], {"after": batch[-1].key}, closed, gone)
    yield Page([], {}, gone=[Gone(former, "\U0010ffff", [former])])


def passed_over(former: str, keys: Sequence[str], closed: Collection[str] = ()) -> tuple[list[Gone], str]:
    """Of keys in the order of their bytes what lies between them, from `former` on, is gone; nobody knows what is gone of all that begins
    with one that is `closed`. And where to go on from."""
    gone, held = [], [former]
    for key in keys:
        held.append(key)
        if key in closed:
            gone += [Gone(held[0], key, held)] if held[0] != key else []
            held = [f"{key}\U0010ffff"]
    return [*gone, Gone(held[0], held[-1], held)] if len(held) > 1 else gone, held[-1]


def by_path(
    entries: Sequence[tuple[str, Listed | Unreadable | None]], open_folder: Callable[[str], Iterator[Listed | Unreadable]], after: str
) -> Iterator[Listed | Unreadable]:
    """The files of a folder and those below, in the order of their paths' bytes, from the first after `after` on. entries: (path, file), or
    (path ending in /, None) for a folder, which is opened only where it may hold what comes after."""
    for path, found in sorted(entries, key=lambda one: one[0].encode()):
        last = path if isinstance(found, Listed) else f"{path}\U0010ffff"
        if last.encode() > after.encode():
            yield from open_folder(path) if found is None else [found]


def written_at(value: Any) -> datetime | None:
    """The time of a field of JSON or XML (ISO 8601); None where it is none, which stops nothing."""
    try:
        return transforms.moment(value)[0] if value else None
    except ValueError:
        return None


def number(value: Any) -> int | None:
    """A size, written as a number or in digits; None where it is none."""
    return int(value) if str(value).isascii() and str(value).isdigit() else None


def header_time(value: str) -> datetime | None:
    """The time of a header such as Last-Modified; None where it is none."""
    try:
        found = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)
