"""AWS Signature Version 4, as Amazon's storage and those that speak its language want it: a request is signed, never its secret sent.

The secret is `KEY:SECRET`, or `KEY:SECRET:TOKEN` for a session that ends; one reference, so that both halves are rotated at once.
Source: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote

import httpx

from connectors.errors import ConfigurationError
from connectors.http.authentication import known

ALGORITHM = "AWS4-HMAC-SHA256"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Signature:
    """Signs for one source, region and service. now: our clock, which may be at most 15 minutes off the service's."""

    source: str
    secret: str | None
    region: str = "us-east-1"
    service: str = "s3"
    now: Callable[[], datetime] = _now

    def headers(self) -> Mapping[str, str]:
        """None that are the same for every request."""
        return {}

    def renew(self) -> None:
        """It is read anew for each request: it may have been rotated."""

    def sign(self, request: httpx.Request) -> Mapping[str, str]:
        """The headers that sign the request. ConfigurationError where the secret has not the two halves."""
        key, half, rest = known(self.source, self.secret).partition(":")
        if not half:
            raise ConfigurationError(f"the secret of source {self.source} is not KEY:SECRET")
        secret, _, token = rest.partition(":")
        stamp = f"{self.now():%Y%m%dT%H%M%SZ}"
        added = {"x-amz-content-sha256": hashlib.sha256(request.content).hexdigest(), "x-amz-date": stamp}
        if token:
            added["x-amz-security-token"] = token
        canonical, names = _canonical(request, added)
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        said = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(_signing_key(secret, scope), said.encode(), hashlib.sha256).hexdigest()
        return {**added, "Authorization": f"{ALGORITHM} Credential={key}/{scope},SignedHeaders={names},Signature={signature}"}


def _canonical(request: httpx.Request, added: Mapping[str, str]) -> tuple[str, str]:
    """(the canonical request, the names of the signed headers)."""
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in parse_qsl(query, keep_blank_values=True))
    headers = {"host": request.headers["Host"], **added}
    if "Range" in request.headers:
        headers["range"] = request.headers["Range"]
    names = ";".join(sorted(headers))
    lines = [
        request.method,
        quote(unquote(path), safe="/-_.~"),
        "&".join(f"{name}={value}" for name, value in pairs),
        *(f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)),
        "",
        names,
        added["x-amz-content-sha256"],
    ]
    return "\n".join(lines), names


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
