"""The webhook inbox: signed, kept once, and followed by a sync."""

import base64
import hashlib
import hmac
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from connectors import sources
from connectors.errors import AuthenticationError, ConfigurationError
from connectors.http import webhooks
from connectors.http.webhooks import Signature, Webhook
from connectors.landing import inbox
from connectors.sources import SourceDeclaration
from context_api.app import create_app
from context_api.settings import Settings
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


def test_an_event_with_a_name_is_handled_once_and_a_nameless_one_is_a_new_sign_once_it_was_followed(
    database: Database, declared: dict[str, SourceDeclaration]
) -> None:
    crm, files = declared["crm"], declared["files"]
    named = b'[{"eventId": 7, "subscriptionId": 1, "occurredAt": 5, "attemptNumber": 0}]'
    body = b"changed"
    plain = Webhook("POST", URL, {"x-signature": "sha256=" + hmac.new(b"shh", body, hashlib.sha256).hexdigest()}, body)
    assert inbox.receive(database, crm, hubspot(named))
    assert inbox.receive(database, files, plain)
    assert not inbox.receive(database, files, plain)
    inbox.mark_processed(database, ["crm", "files"])
    assert not inbox.receive(database, crm, hubspot(named.replace(b'"attemptNumber": 0', b'"attemptNumber": 1')))
    assert inbox.receive(database, files, plain)
    assert inbox.pending_sources(database) == ["files"]


def test_two_that_come_at_once_are_kept_once(database: Database, declared: dict[str, SourceDeclaration]) -> None:
    kept: list[bool] = []
    webhook = hubspot(b'[{"eventId": 1}]')
    threads = [threading.Thread(target=lambda: kept.append(inbox.receive(database, declared["crm"], webhook))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [False] * 5 + [True]


def mac(signed: str) -> bytes:
    return hmac.new(b"shh", signed.encode(), hashlib.sha256).digest()


def b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


BODY = '{"id": "evt_1", "event_id": "Ev1", "value": [{"clientState": "shh"}, {"clientState": "shh"}]}'
ASKED = "https://crosswalk.example/v1/webhooks/crm?to=a%40b"


def headers_of(vendor: str, stamp: int) -> dict[str, str]:
    """As the vendor's public description says that it signs, at that second."""
    iso = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "hubspot": {
            "x-hubspot-request-timestamp": f"{stamp}000",
            "x-hubspot-signature-v3": b64(mac(f"POST{ASKED.replace('%40', '@')}{BODY}{stamp}000")),
        },
        "stripe": {"stripe-signature": f"t={stamp},v1={'0' * 64},v1={mac(f'{stamp}.{BODY}').hex()},v0=6ffbb59b"},
        "slack": {"x-slack-request-timestamp": str(stamp), "x-slack-signature": f"v0={mac(f'v0:{stamp}:{BODY}').hex()}"},
        "zendesk": {
            "x-zendesk-webhook-signature-timestamp": iso,
            "x-zendesk-webhook-signature": b64(mac(iso + BODY)),
            "x-zendesk-webhook-invocation-id": "8350205582",
        },
        "frappe": {"x-frappe-webhook-signature": b64(mac(BODY))},
        "graph": {},
        "plain": {"x-signature": f"sha256={mac(BODY).hex()}"},
    }[vendor]


@pytest.mark.parametrize(
    ("vendor", "event"),
    [("hubspot", ""), ("stripe", "evt_1"), ("slack", "Ev1"), ("zendesk", "8350205582"), ("frappe", ""), ("graph", ""), ("plain", "")],
)
def test_each_vendors_signature_holds_for_its_body_its_secret_and_its_time(vendor: str, event: str) -> None:
    signature: Signature = getattr(webhooks, vendor.upper())
    now = int(time.time())
    headers = headers_of(vendor, now)
    good = Webhook("POST", ASKED, headers, BODY.encode())
    assert signature.is_signed("shh", good)
    assert signature.event(good) == event
    assert signature.greeting(good) is None
    assert not signature.is_signed("other", good)
    assert not signature.is_signed("shh", Webhook("POST", ASKED, {}, b"{}"))
    assert not signature.is_signed("shh", Webhook("POST", ASKED, headers, BODY.replace("shh", "sh").encode()))
    if vendor not in ("frappe", "graph", "plain"):
        assert not signature.is_signed("shh", Webhook("POST", ASKED, headers_of(vendor, now - 400), BODY.encode()))
        odd = {name: "soon" if "timestamp" in name else value.replace("t=1", "t=x") for name, value in headers.items()}
        assert not signature.is_signed("shh", Webhook("POST", ASKED, odd, BODY.encode()))


def test_over_http_a_greeting_is_answered_as_text_and_a_notice_without_the_secret_is_refused(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE", "shh")
    config = tmp_path / "crosswalk.toml"
    config.write_text('[[source]]\nname = "crm"\nkind = "outlook"\nmailboxes = ["a@x.example"]\nwebhook_secret = "env:STATE"\n')
    with TestClient(create_app(Database(database.url), Settings(config=config))) as api:
        greeted = api.post("/v1/webhooks/crm?validationToken=%3Cb%3Ehello")
        assert (greeted.status_code, greeted.text) == (200, "<b>hello")
        assert greeted.headers["content-type"].startswith("text/plain")
        assert api.post("/v1/webhooks/crm", content=BODY).status_code == 202
        assert api.post("/v1/webhooks/crm", content=BODY.replace("shh", "no")).status_code == 401


def test_a_vendor_that_only_tries_whether_we_are_there_is_greeted() -> None:
    tried = Webhook("POST", "https://x.example/v1/webhooks/mail?validationToken=a%20b", {}, b"")
    assert webhooks.GRAPH.greeting(tried) == "a b"
    assert webhooks.SLACK.greeting(Webhook("POST", URL, {}, b'{"type": "url_verification", "challenge": "3eZb"}')) == "3eZb"
    assert webhooks.STRIPE.greeting(tried) is None
