"""SharePoint libraries and OneDrive: the files of one drive, by Microsoft Graph's delta.

An item is known by its id, which outlives renaming and moving. Delta names an item's folder by id alone, so the folder's path is asked for
once. A token that is too old is answered by 410, and the whole is read again. A content is got from another host by an address that is good
for an hour, without our token.
Source: learn.microsoft.com/graph/api/driveitem-delta, .../driveitem-list-children, .../resources/driveitem; that delta tells all folders
above what changed, and nothing below a folder that was renamed: github.com/OneDrive/onedrive-api-docs/issues/295,
github.com/microsoftgraph/microsoft-graph-docs/issues/5824.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import httpx

from connectors.account.shared import Shared
from connectors.apis.feed import ExpiredTokenError
from connectors.connector import Declaration
from connectors.drives import AS_IT_IS, DriveOptions, Listed, listed, number, written_at
from connectors.errors import AuthenticationError, ConnectorError, NotFoundError, PermanentError, PermissionDeniedError, SchemaError
from connectors.files import is_document
from connectors.http.authentication import Anonymous
from connectors.http.door import Door, Vendor
from connectors.http.messages import Request
from connectors.http.webhooks import GRAPH
from connectors.mapping.tables import at
from connectors.records import Unreadable
from connectors.told_drives import Told, ToldDrive

#: What a token that is too old is answered with: of drives; what is added below is of all that Graph tells changes of.
TOO_OLD = ("resyncChangesApplyDifferences", "resyncChangesUploadDifferences", "resyncApplyDifferences", "resyncUploadDifferences")
ERRORS: Mapping[tuple[int, str], type[ConnectorError]] = {
    (410, ""): ExpiredTokenError,
    **{(status, code): ExpiredTokenError for status in (400, 404, 410) for code in (*TOO_OLD, "resyncRequired", "syncStateNotFound")},
}


def error_code(body: Any) -> str:
    return str(at(body, "error.code") or "")


class SharePointOptions(DriveOptions):
    """drive: where Graph has it: `drives/ID`, `users/MAIL/drive` or `sites/ID/drive`. tenant: for OAuth."""

    drive: str
    tenant: str = "common"
    url: str = "https://graph.microsoft.com/v1.0"


class SharePoint(ToldDrive):
    kind = "sharepoint"
    Options = SharePointOptions
    vendor = Vendor(error_code=error_code, errors=ERRORS)
    webhook = GRAPH
    token_url = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
    oauth_defaults: ClassVar[Mapping[str, Any]] = {"scope": "https://graph.microsoft.com/.default"}

    def __init__(self, declaration: Declaration, shared: Shared | None = None) -> None:
        super().__init__(declaration, shared)
        self._hosts = dict[str, Door]()

    def content(self, file: Listed) -> bytes | None:
        try:
            return self._got(file.at or self._address(file.key))
        except (AuthenticationError, PermissionDeniedError, NotFoundError):
            return self._got(self._address(file.key))  # the listed address has ended

    def _address(self, key: str) -> str:
        return str(self._item(key).get("@microsoft.graph.downloadUrl") or "")

    def _got(self, address: str) -> bytes:
        url = httpx.URL(address)
        if url.scheme not in ("https", urlsplit(self.options.url).scheme):
            raise PermanentError("Microsoft names no address for the content")
        host = f"{url.scheme}://{url.netloc.decode()}"
        if host not in self._hosts:
            self._hosts[host] = Door(host, Anonymous(), self.account(self.limit), Vendor(secret_paths=True))
        return self._hosts[host].send(Request(url.raw_path.decode(), headers=AS_IT_IS)).content

    def find(self, key: str) -> Listed | None:
        try:
            item = self._item(key)
        except NotFoundError:
            return None
        found = self.file_of(item)
        return found if isinstance(found, Listed) else None

    def close(self) -> None:
        for door in self._hosts.values():
            door.close()
        super().close()

    def start(self) -> None:
        """The last part of the whole gives it."""

    def told(self, token: str | None, state: str | None) -> Told:
        return self._page(state or token, "root/delta")

    def inside(self, folder: str, state: str | None) -> Told:
        return self._page(state, f"items/{quote(folder, safe='')}/children")

    def _page(self, address: str | None, path: str) -> Told:
        asked = Request(address) if address else Request(f"/{self.options.drive}/{path}", params={"$top": self.options.page_size})
        answer = self.api.send(asked)
        items = answer.at("value")
        if not isinstance(items, list):
            raise SchemaError("the answer holds no list at value")
        return Told(items, answer.at("@odata.nextLink") or None, answer.at("@odata.deltaLink") or None)

    def folder_of(self, item: Mapping[str, Any]) -> str:
        return str(item.get("id") or "") if "folder" in item and not {"root", "deleted"} & set(item) else ""

    def file_of(self, item: Mapping[str, Any]) -> Listed | Unreadable | None:
        """Nothing of a notebook, or a link to elsewhere."""
        key = item.get("id")
        if not isinstance(key, str) or not key:
            return Unreadable("", "it has no id", repr(item).encode("utf-8", "replace"))
        if "deleted" in item:
            return Listed(key, {"path": str(item.get("name") or "")}, deleted=True)
        if "file" not in item:
            return None
        if "malware" in item:
            return Unreadable(key, "Microsoft says that it holds malware")
        path = self.folders.path(str(at(item, "parentReference.id") or "")) + str(item.get("name") or key)
        if not is_document(path):
            return None
        size, updated_at = number(item.get("size")), written_at(item.get("lastModifiedDateTime"))
        version = str(item.get("cTag") or item.get("eTag") or "")
        address = str(item.get("@microsoft.graph.downloadUrl") or "")
        return listed(path, version, size, updated_at, key=key, at=address, url=item.get("webUrl"))

    def look(self, key: str) -> tuple[str, str]:
        item = self._item(key)
        return ("", "") if "root" in item else (str(item.get("name") or ""), str(at(item, "parentReference.id") or ""))

    def _item(self, key: str) -> Mapping[str, Any]:
        found = self.api.send(Request(f"/{self.options.drive}/items/{quote(key, safe='')}")).json()
        return found if isinstance(found, dict) else {}
