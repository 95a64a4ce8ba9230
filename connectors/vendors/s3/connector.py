"""Amazon S3 and what speaks its language: the files of a bucket, or of those of its keys that begin with a prefix.

Keys are listed in the order of their bytes, so a listing goes on after any key, however old, and shows what is gone. A file has changed
where its ETag has. Of a versioned bucket the latest versions are read. Directory buckets list in no order, and can't be read so.
Source: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode
from xml.etree.ElementTree import Element

from connectors.drives import AS_IT_IS, DriveOptions, HttpDrive, Listed, header_time, in_order, listed, number, written_at
from connectors.errors import AuthenticationError, ConfigurationError, ConnectorError, NotFoundError, PermanentError, TransientError
from connectors.files import is_document
from connectors.http import xml
from connectors.http.authentication import Authentication
from connectors.http.door import Vendor
from connectors.http.messages import Request
from connectors.http.sigv4 import Signature
from connectors.records import Page, Position

ERRORS: Mapping[tuple[int, str], type[ConnectorError]] = {
    (400, "AuthorizationHeaderMalformed"): ConfigurationError,
    (400, "ExpiredToken"): AuthenticationError,
    (400, "RequestTimeout"): TransientError,
    (403, "ExpiredToken"): AuthenticationError,
    (403, "InvalidAccessKeyId"): AuthenticationError,
    (403, "InvalidToken"): AuthenticationError,
    (403, "RequestTimeTooSkewed"): ConfigurationError,
    (403, "SignatureDoesNotMatch"): AuthenticationError,
    (403, "InvalidObjectState"): PermanentError,
}


def error_code(error: Element) -> str:
    return xml.text_at(error, "Code")


class S3Options(DriveOptions):
    """url: of another store than Amazon's; prefix: only keys that begin so."""

    bucket: str
    prefix: str = ""
    region: str = "us-east-1"
    url: str = ""


class S3(HttpDrive):
    kind = "s3"
    Options = S3Options
    vendor = Vendor(error_code=error_code, errors=ERRORS, decode=xml.parsed, headers={"Accept": "application/xml"})

    def base_url(self) -> str:
        return str(self.options.url or f"https://s3.{self.options.region}.amazonaws.com")

    def authentication(self) -> Authentication:
        return Signature(self.declaration.name, self.declaration.secret, self.options.region)

    def listings(self, position: Position) -> Iterator[Page]:
        return in_order(self._files(str(position.get("after", ""))), position, self.options.page_size)

    def content(self, file: Listed) -> bytes | None:
        answer = self.api.send(Request(self._path(file.key), headers=AS_IT_IS))
        return answer.content if answer.headers.get("ETag", "").strip('"') == file.payload["version"] else None

    def find(self, key: str) -> Listed | None:
        try:
            headers = self.api.send(Request(self._path(key), "HEAD", headers=AS_IT_IS)).headers
        except NotFoundError:
            return None
        size, at = number(headers.get("Content-Length")), header_time(headers.get("Last-Modified", ""))
        return listed(key, headers.get("ETag", "").strip('"'), size, at)

    def _files(self, after: str) -> Iterator[Listed]:
        """Those with a key after that one; what ends in a slash stands for a folder."""
        more = True
        while more:
            asked: dict[str, Any] = {"list-type": 2, "max-keys": self.options.page_size, "encoding-type": "url", "start-after": after}
            query = urlencode({**asked, "prefix": self.options.prefix}, safe="-_.~", quote_via=quote)  # written as it is signed
            top = self.send(Request(f"{self._path('')}?{query}"), xml.root)
            found = [self._file(one) for one in top.findall("{*}Contents")]
            yield from (one for one in found if is_document(one.key) and not one.key.endswith("/"))
            more = xml.text_at(top, "{*}IsTruncated") == "true" and bool(found)
            after = found[-1].key if found else after

    def _file(self, one: Element) -> Listed:
        at, size = written_at(xml.text_at(one, "{*}LastModified")), number(xml.text_at(one, "{*}Size"))
        return listed(unquote_plus(xml.text_at(one, "{*}Key")), xml.text_at(one, "{*}ETag").strip('"'), size, at)

    def _path(self, key: str) -> str:
        return f"/{self.options.bucket}/{quote(key, safe='/-_.~')}" if key else f"/{self.options.bucket}"
