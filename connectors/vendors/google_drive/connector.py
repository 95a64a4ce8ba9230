"""Google Drive: the files that an account sees, or those of one shared drive, whole once and then by changes.

A file is known by its id; its path is put together of its folders' names. Google's own documents have no bytes: they are exported as Office
files, of 10 MB at most. What is trashed counts as deleted.
Source: developers.google.com/workspace/drive/api/guides/manage-changes, .../reference/rest/v3.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote

from connectors.apis.feed import ExpiredTokenError
from connectors.drives import AS_IT_IS, DriveOptions, Listed, listed, number, written_at
from connectors.errors import ConnectorError, NotFoundError, PermanentError, RateLimitedError, SchemaError, TransientError
from connectors.files import is_document
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.mapping.tables import at
from connectors.records import Unreadable
from connectors.told_drives import Told, ToldDrive

ERRORS: Mapping[tuple[int, str], type[ConnectorError]] = {
    (403, f"{limit}LimitExceeded"): RateLimitedError for limit in ("rate", "userRate", "sharingRate", "daily")
}
NATIVE = "application/vnd.google-apps."
OFFICE = "application/vnd.openxmlformats-officedocument."
#: Google's own type -> (what it is exported as, the suffix of that).
EXPORTED = {
    f"{NATIVE}document": (f"{OFFICE}wordprocessingml.document", ".docx"),
    f"{NATIVE}spreadsheet": (f"{OFFICE}spreadsheetml.sheet", ".xlsx"),
    f"{NATIVE}presentation": (f"{OFFICE}presentationml.presentation", ".pptx"),
}
FIELDS = "id,name,mimeType,size,md5Checksum,modifiedTime,version,parents,trashed,webViewLink"


def error_code(body: Any) -> str:
    return str(at(body, "error.errors.0.reason") or at(body, "error.status") or "")


def _gone(change: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": change.get("fileId"), "trashed": True}


class GoogleDriveOptions(DriveOptions):
    """shared_drive: its id; without one, all that the account sees in My Drive."""

    shared_drive: str = ""
    url: str = "https://www.googleapis.com"


class GoogleDrive(ToldDrive):
    kind = "google_drive"
    Options = GoogleDriveOptions
    vendor = Vendor(error_code=error_code, errors=ERRORS)
    token_url = "https://oauth2.googleapis.com/token"
    oauth_defaults: ClassVar[Mapping[str, Any]] = {"scope": "https://www.googleapis.com/auth/drive.readonly"}

    def content(self, file: Listed) -> bytes | None:
        path = f"/drive/v3/files/{quote(file.key, safe='')}"
        if file.at:
            return self.api.send(Request(f"{path}/export", params={"mimeType": file.at}, headers=AS_IT_IS)).content
        request = Request(path, params={"alt": "media", "supportsAllDrives": "true"}, headers=AS_IT_IS)
        return self.send(request, lambda answer: self._whole_of(file, answer.content))

    def _whole_of(self, file: Listed, content: bytes) -> bytes | None:
        """The bytes where their MD5 is the listed one; None where that has changed since. TransientError where they were cut off."""
        version = file.payload["version"].partition(" ")[0]
        if len(version) != 32 or hashlib.md5(content, usedforsecurity=False).hexdigest() == version:
            return content
        if (now := self.find(file.key)) and now.payload["version"].startswith(version):
            raise TransientError(f"the content of {file.key} is not what its checksum says")
        return None

    def find(self, key: str) -> Listed | None:
        try:
            found = self.file_of(self._file(key, FIELDS))
        except NotFoundError:
            return None
        return found if isinstance(found, Listed) else None

    def start(self) -> str:
        return str(self.api.send(self._asked("changes/startPageToken")).at("startPageToken"))

    def told(self, token: str | None, state: str | None) -> Told:
        if token is None:
            return self._page(self._files("trashed = false", state), "files", resumed=state is not None)
        fields = f"nextPageToken,newStartPageToken,changes(fileId,removed,file({FIELDS}))"
        asked = self._asked("changes", includeItemsFromAllDrives="true", pageToken=state or token, fields=fields)
        told = self._page(asked, "changes", resumed=True)
        files = [one["file"] if one.get("file") and not one.get("removed") else _gone(one) for one in told.items]
        return replace(told, items=[one for one in files if one["id"]])

    def inside(self, folder: str, state: str | None) -> Told:
        return self._page(self._files(f"'{folder}' in parents", state), "files", resumed=False)

    def _files(self, which: str, state: str | None) -> Request:
        query = {"q": which, "fields": f"nextPageToken,files({FIELDS})", **({"pageToken": state} if state else {})}
        corpora = {"corpora": "drive"} if self.options.shared_drive else {}
        return self._asked("files", includeItemsFromAllDrives="true", **query, **corpora)

    def _asked(self, path: str, **query: str) -> Request:
        size = {"pageSize": str(min(1000, self.options.page_size))} if "fields" in query else {}
        own = {"driveId": self.options.shared_drive} if self.options.shared_drive else {}
        return Request(f"/drive/v3/{path}", params={"supportsAllDrives": "true", **size, **own, **query})

    def _page(self, asked: Request, name: str, *, resumed: bool) -> Told:
        try:
            answer = self.api.send(asked)
        except (NotFoundError, PermanentError) as error:
            if resumed:
                raise ExpiredTokenError(str(error)) from error
            raise
        found = answer.at(name)
        if not isinstance(found, list):
            raise SchemaError(f"the answer holds no list at {name}")
        return Told(found, answer.at("nextPageToken") or None, answer.at("newStartPageToken") or None)

    def folder_of(self, file: Mapping[str, Any]) -> str:
        return str(file.get("id") or "") if file.get("mimeType") == f"{NATIVE}folder" else ""

    def file_of(self, file: Mapping[str, Any]) -> Listed | Unreadable | None:
        """Nothing of a form, or a link to elsewhere."""
        key, kind, name = file.get("id"), str(file.get("mimeType") or ""), str(file.get("name") or "")
        if not isinstance(key, str) or not key:
            return Unreadable("", "it has no id", repr(file).encode("utf-8", "replace"))
        if kind.startswith(NATIVE) and kind not in EXPORTED:
            return None
        if file.get("trashed"):
            return Listed(key, {"path": name}, deleted=True)
        export, suffix = EXPORTED.get(kind, ("", ""))
        path = self.folders.path(next(iter(file.get("parents") or []), "")) + name + suffix
        if not is_document(path):
            return None
        size, updated_at = number(file.get("size")), written_at(file.get("modifiedTime"))
        version = str(file.get("md5Checksum") or file.get("version") or "")
        return listed(path, version, size, updated_at, key=key, at=export, url=file.get("webViewLink"))

    def look(self, key: str) -> tuple[str, str]:
        folder = self._file(key, "id,name,parents")
        above = next(iter(folder.get("parents") or []), "")
        return (str(folder.get("name") or ""), above) if above else ("", "")

    def _file(self, key: str, fields: str) -> Mapping[str, Any]:
        found = self.api.send(
            Request(f"/drive/v3/files/{quote(key, safe='')}", params={"fields": fields, "supportsAllDrives": "true"})
        ).json()
        return found if isinstance(found, dict) else {}
