"""WebDAV: the files of a folder and all below it, such as Nextcloud's, Apache's or a NAS's.

Folders are asked for one by one (Depth: 1), since servers refuse whole trees, in the order of their paths. A file has changed where its
getetag has, or, of a server that has none, its time and size. What a server says outside the folder that was asked for is not followed. A
folder below that may not be read stops nothing: it is quarantined, and what landed of it stays.
Source: RFC 4918.
"""

from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element

from connectors.drives import AS_IT_IS, DriveOptions, HttpDrive, Listed, by_path, header_time, in_order, listed, number
from connectors.errors import NotFoundError, PermissionDeniedError, SchemaError
from connectors.files import is_document, why_closed
from connectors.http import xml
from connectors.http.authentication import Anonymous, Authentication, Basic, Key
from connectors.http.messages import Request
from connectors.records import Page, Position, Unreadable

WANTED = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
    b"<resourcetype/><getetag/><getcontentlength/><getlastmodified/></prop></propfind>"
)
DEEPEST = 60


class WebDavOptions(DriveOptions):
    """url: the folder. user: whose password the secret is; without one the secret is a bearer token."""

    url: str
    user: str = ""


class WebDav(HttpDrive):
    kind = "webdav"
    Options = WebDavOptions

    def base_url(self) -> str:
        parts = urlsplit(self.options.url)
        return f"{parts.scheme}://{parts.netloc}"

    def authentication(self) -> Authentication:
        name, secret = self.declaration.name, self.declaration.secret
        if self.options.user:
            return Basic(name, self.options.user, secret)
        return Key(name, secret) if secret else Anonymous()

    def listings(self, position: Position) -> Iterator[Page]:
        files = self._below("", str(position.get("after", "")))
        return in_order((one for one in files if is_document(one.key)), position, self.options.page_size)

    def content(self, file: Listed) -> bytes | None:
        answer = self.api.send(Request(self._address(file.key), headers=AS_IT_IS))
        etag = answer.headers.get("ETag", "")
        return answer.content if not etag or not file.at or _bare(etag) == file.payload["version"] else None

    def find(self, key: str) -> Listed | None:
        try:
            found = self._asked(key, depth=0)
        except NotFoundError:
            return None
        return next((file for path, file in found if path == key and isinstance(file, Listed)), None)

    def _below(self, folder: str, after: str) -> Iterator[Listed | Unreadable]:
        """The files of the folder (`` or `a/b/`) and those below it, from the first after `after` on."""
        try:
            found = self._asked(folder, depth=1)
        except NotFoundError:
            if not folder:
                raise
            return  # it went since its own folder was listed
        except PermissionDeniedError as error:
            if not folder:
                raise
            yield Unreadable(folder, why_closed(error))
            return
        if (folder, None) not in found:  # then its paths are not what we take them for, and all would seem gone
            raise SchemaError(
                "the server does not tell of the folder itself", action="Give `url` with the path that the server itself uses."
            )
        inside = [(path, file) for path, file in found if path != folder and path.startswith(folder)]
        deep = folder.count("/") >= DEEPEST
        yield from by_path([one for one in inside if one[1] or not deep], lambda path: self._below(path, after), after)

    def _asked(self, path: str, depth: int) -> list[tuple[str, Listed | Unreadable | None]]:
        headers = {"Depth": str(depth), "Content-Type": "application/xml", "Accept": "application/xml"}
        request = Request(self._address(path), "PROPFIND", content=WANTED, headers=headers)
        told = (self._told(one) for one in self.send(request, xml.root).findall("{DAV:}response"))
        return [one for one in told if one]

    def _told(self, response: Element) -> tuple[str, Listed | Unreadable | None] | None:
        """(path below the folder, the file), or (path/, None) of a folder; None of what is elsewhere, or is gone."""
        root, path = self._root(), unquote(urlsplit(xml.text_at(response, "{DAV:}href")).path)
        if not path.startswith(root):
            return None
        path, parts = path.removeprefix(root), [response, *response.findall("{DAV:}propstat")]
        told = {status.partition(" ")[2]: one.find("{DAV:}prop") for one in parts if (status := xml.text_at(one, "{DAV:}status"))}
        prop = next((one for status, one in told.items() if status.startswith("200")), None)
        if prop is None:
            refused = next((status for status in told if not status.startswith(("2", "404", "410"))), "")
            return (path, Unreadable(path, why_closed(refused))) if refused else None
        if prop.find("{DAV:}resourcetype/{DAV:}collection") is not None:
            return (f"{path.rstrip('/')}/" if path.strip("/") else "", None)
        etag, size, at = (xml.text_at(prop, f"{{DAV:}}get{name}") for name in ("etag", "contentlength", "lastmodified"))
        return path, listed(path, _bare(etag) or f"{at} {size}", number(size), header_time(at), at=etag)

    def _root(self) -> str:
        return unquote(urlsplit(self.options.url).path).rstrip("/") + "/"

    def _address(self, path: str) -> str:
        return quote(self._root() + path, safe="/-_.~")


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')
