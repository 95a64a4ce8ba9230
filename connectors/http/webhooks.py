"""How vendors sign what they push, each as a row of data that a connector names: `webhook = webhooks.STRIPE`.

What is signed with its time is refused when it is older than five minutes, or from so far ahead: an old one could be sent again.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

#: Seconds.
OLDEST = 300.0

#: Characters of what is sent back to anybody who asks.
LONGEST_GREETING = 1024


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request as it came: the full URL as the vendor called it; header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def said(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Signature(Protocol):
    """How one vendor proves that a webhook is its own."""

    def is_signed(self, secret: str, webhook: Webhook) -> bool:
        """Whether it was signed with the secret, lately."""

    def event(self, webhook: Webhook) -> str:
        """The vendor's own id of what happened, the same each time it is sent; '' where it gives none."""

    def greeting(self, webhook: Webhook) -> str | None:
        """What is to be answered where the vendor only tries whether we are there, before anything is signed."""


def _nothing(_: Webhook) -> str:
    return ""


def _in(name: str) -> Callable[[Webhook], Sequence[str]]:
    return lambda webhook: [webhook.header(name)]


def _body_id(name: str) -> Callable[[Webhook], str]:
    def found(webhook: Webhook) -> str:
        said = webhook.said()
        value = said.get(name) if isinstance(said, dict) else None
        return str(value) if isinstance(value, str | int) else ""

    return found


@dataclass(frozen=True, slots=True)
class Hmac:
    """HMAC-SHA256 with the shared secret.

    given:  the signatures that came with the webhook, one of which must be right. prefix: before the signature.
    signed: what is signed, of the webhook and its time as it was written. base64: it is written so, and not in hexadecimal.
    stamp:  the time as it was written; None where the vendor signs none. moment: the time in seconds since 1970; ValueError.
    named:  the vendor's id of the event. greeted: what it wants sent back to begin with. '' where there is none.
    """

    given: Callable[[Webhook], Sequence[str]]
    signed: Callable[[Webhook, str], bytes] = lambda webhook, _: webhook.body
    prefix: str = ""
    base64: bool = False
    stamp: Callable[[Webhook], str] | None = None
    moment: Callable[[str], float] = float
    named: Callable[[Webhook], str] = _nothing
    greeted: Callable[[Webhook], str] = _nothing

    def is_signed(self, secret: str, webhook: Webhook) -> bool:
        stamp = self.stamp(webhook) if self.stamp else ""
        try:
            if self.stamp and not abs(time.time() - self.moment(stamp)) <= OLDEST:
                return False
        except (ValueError, OverflowError):
            return False
        digest = hmac.new(secret.encode(), self.signed(webhook, stamp), hashlib.sha256).digest()
        right = self.prefix + (base64.b64encode(digest).decode() if self.base64 else digest.hex())
        return any(hmac.compare_digest(right.encode(), one.encode("utf-8", "replace")) for one in self.given(webhook))

    def event(self, webhook: Webhook) -> str:
        return self.named(webhook)

    def greeting(self, webhook: Webhook) -> str | None:
        return self.greeted(webhook)[:LONGEST_GREETING] or None


@dataclass(frozen=True, slots=True)
class ClientState:
    """Microsoft Graph signs nothing: each notice holds the secret that was given with the subscription, and a new subscription is greeted
    by sending back its token. Source: learn.microsoft.com/graph/change-notifications-delivery-webhooks."""

    def is_signed(self, secret: str, webhook: Webhook) -> bool:
        said = webhook.said()
        notices = said.get("value") if isinstance(said, dict) else None
        if not isinstance(notices, list) or not notices:
            return False
        states = [str(one.get("clientState", "")) if isinstance(one, dict) else "" for one in notices]
        return all(hmac.compare_digest(secret.encode(), state.encode("utf-8", "replace")) for state in states)

    def event(self, webhook: Webhook) -> str:
        del webhook
        return ""

    def greeting(self, webhook: Webhook) -> str | None:
        token = parse_qs(urlsplit(webhook.url).query).get("validationToken", [""])[0]
        return token[:LONGEST_GREETING] or None


def _in_stripe(part: str) -> Callable[[Webhook], list[str]]:
    def found(webhook: Webhook) -> list[str]:
        pairs = [one.strip().partition("=") for one in webhook.header("stripe-signature").split(",")]
        return [value for name, _, value in pairs if name == part]

    return found


def _iso(stamp: str) -> float:
    moment = datetime.fromisoformat(stamp)
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


#: What HubSpot signs of an address has these characters decoded.
_DECODED = {f"%{ord(one):02X}": one for one in ":/?@!$'()*,;"}


def _hubspot_signed(webhook: Webhook, stamp: str) -> bytes:
    url = webhook.url
    for code, one in _DECODED.items():
        url = url.replace(code, one).replace(code.lower(), one)
    return webhook.method.upper().encode() + url.encode() + webhook.body + stamp.encode()


def _hubspot_events(webhook: Webhook) -> str:
    """Several come at once, and again with another attempt's number."""
    said = webhook.said()
    if not isinstance(said, list) or not all(isinstance(one, dict) and "eventId" in one for one in said):
        return ""
    return ",".join(sorted(f"{one['eventId']}/{one.get('subscriptionId')}/{one.get('occurredAt')}" for one in said))


#: developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests, version 3
HUBSPOT = Hmac(
    _in("x-hubspot-signature-v3"),
    _hubspot_signed,
    base64=True,
    stamp=lambda webhook: webhook.header("x-hubspot-request-timestamp"),
    moment=lambda stamp: int(stamp) / 1000,
    named=_hubspot_events,
)

#: docs.stripe.com/webhooks/signature
STRIPE = Hmac(
    _in_stripe("v1"),
    lambda webhook, stamp: stamp.encode() + b"." + webhook.body,
    stamp=lambda webhook: (_in_stripe("t")(webhook) or [""])[0],
    named=_body_id("id"),
)

#: docs.slack.dev/authentication/verifying-requests-from-slack
SLACK = Hmac(
    _in("x-slack-signature"),
    lambda webhook, stamp: b"v0:" + stamp.encode() + b":" + webhook.body,
    prefix="v0=",
    stamp=lambda webhook: webhook.header("x-slack-request-timestamp"),
    named=_body_id("event_id"),
    greeted=_body_id("challenge"),
)

#: developer.zendesk.com/documentation/webhooks/verifying
ZENDESK = Hmac(
    _in("x-zendesk-webhook-signature"),
    lambda webhook, stamp: stamp.encode() + webhook.body,
    base64=True,
    stamp=lambda webhook: webhook.header("x-zendesk-webhook-signature-timestamp"),
    moment=_iso,
    named=lambda webhook: webhook.header("x-zendesk-webhook-invocation-id"),
)

#: docs.frappe.io/framework/user/en/guides/integration/webhooks
FRAPPE = Hmac(_in("x-frappe-webhook-signature"), base64=True)

GRAPH = ClientState()

#: For sources whose vendor signs nothing of itself, and what stands between us and it signs: X-Signature, hexadecimal after `sha256=`.
PLAIN = Hmac(_in("x-signature"), prefix="sha256=")
