"""The webhook inbox: signed, kept once, and followed by a sync."""

import base64
import hashlib
import hmac
import time
from pathlib import Path

import pytest

from connectors import sources
from connectors.errors import AuthenticationError, ConfigurationError
from connectors.landing import inbox
from connectors.landing.inbox import Webhook
from connectors.sources import SourceDeclaration
from sql.database import Database

TEXT = """
[[source]]
name = "crm"
kind = "hubspot"
webhook_secret = "file:{secret}"

[[source]]
name = "files"
kind = "documents"
path = "x"
webhook_secret = "file:{secret}"

[[source]]
name = "deaf"
kind = "documents"
path = "x"
"""
URL = "https://crosswalk.example/v1/webhooks/crm"


@pytest.fixture
def declared(tmp_path: Path) -> dict[str, SourceDeclaration]:
    (tmp_path / "secret").write_text("shh")
    return {one.name: one for one in sources.parse(TEXT.format(secret=tmp_path / "secret"))}


def hubspot(body: bytes, at: float | None = None, secret: str = "shh", url: str = URL) -> Webhook:
    stamp = str(int((at or time.time()) * 1000))
    signed = hmac.new(secret.encode(), b"POST" + url.encode() + body + stamp.encode(), hashlib.sha256).digest()
    headers = {"x-hubspot-request-timestamp": stamp, "x-hubspot-signature-v3": base64.b64encode(signed).decode(), "authorization": "no"}
    return Webhook("POST", URL, headers, body)


def test_a_signed_webhook_is_kept_once_and_marks_its_source(database: Database, declared: dict[str, SourceDeclaration]) -> None:
    crm = declared["crm"]
    assert inbox.receive(database, crm, hubspot(b'[{"eventId": 1}]'))
    assert not inbox.receive(database, crm, hubspot(b'[{"eventId": 1}]'))
    body = b"changed"
    signature = "sha256=" + hmac.new(b"shh", body, hashlib.sha256).hexdigest()
    assert inbox.receive(database, declared["files"], Webhook("POST", URL, {"x-signature": signature}, body))
    assert inbox.pending_sources(database) == ["crm", "files"]
    inbox.mark_processed(database, ["crm"])
    assert inbox.pending_sources(database) == ["files"]


def test_what_is_not_signed_by_the_vendor_is_refused(database: Database, declared: dict[str, SourceDeclaration]) -> None:
    forged = [
        hubspot(b"[]", secret="other"), hubspot(b"[]", at=time.time() - 3600), hubspot(b"[]", url=URL + "2"),
        Webhook("POST", URL, {}, b"[]"), Webhook("POST", URL, hubspot(b"[]").headers, b"[1]"),
        Webhook("POST", URL, {"x-hubspot-request-timestamp": "soon", "x-hubspot-signature-v3": "\u00e9"}, b"[]"),
    ]  # fmt: skip
    for webhook in forged:
        with pytest.raises(AuthenticationError):
            inbox.receive(database, declared["crm"], webhook)
    with pytest.raises(ConfigurationError, match="takes no webhooks"):
        inbox.receive(database, declared["deaf"], hubspot(b"[]"))
    assert inbox.pending_sources(database) == []
