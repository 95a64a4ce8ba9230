"""Webhooks: what a vendor pushes is checked against its signature, kept once, and taken as a sign that its source has news.

The body is never mapped: whoever forged one could at most make us sync.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.errors import AuthenticationError, ConfigurationError
from connectors.secrets import Secret, resolve
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing

OLDEST = 300.0
LARGEST = 1024 * 1024
KEPT_HEADERS = ("content-type", "user-agent", "x-hubspot-request-timestamp", "x-request-id")


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request as it came: the full URL as the vendor called it; header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def receive(database: Database, declaration: SourceDeclaration, webhook: Webhook) -> bool:
    """Keep the webhook; False where it came before. AuthenticationError where its signature is not the vendor's, or too old."""
    if not declaration.webhook_secret:
        raise ConfigurationError(f"source {declaration.name} takes no webhooks", action='Add webhook_secret = "env:..." to it.')
    if len(webhook.body) > LARGEST:
        raise AuthenticationError("the webhook is larger than any vendor sends")
    verify = _verify_hubspot if declaration.kind == "hubspot" else _verify_hmac
    if not verify(resolve(declaration.webhook_secret), webhook):
        raise AuthenticationError(f"the webhook for {declaration.name} is not signed with its secret, or too old")
    row = upsert(landing.inbox).values(
        source=declaration.name,
        event_key=hashlib.sha256(webhook.body).hexdigest(),
        headers={name: webhook.headers[name] for name in KEPT_HEADERS if name in webhook.headers},
        body=webhook.body,
    )
    with database.begin() as connection:
        return connection.execute(row.on_conflict_do_nothing().returning(landing.inbox.c.id)).one_or_none() is not None


def pending_sources(database: Database) -> list[str]:
    """The sources with webhooks that no sync has followed."""
    table = landing.inbox
    with database.begin() as connection:
        return list(
            connection.execute(select(table.c.source).where(table.c.processed_at.is_(None)).distinct().order_by(table.c.source)).scalars()
        )


def mark_processed(database: Database, names: Sequence[str]) -> None:
    """A sync of these sources begins after this."""
    table = landing.inbox
    with database.begin() as connection:
        connection.execute(update(table).where(table.c.source.in_(names), table.c.processed_at.is_(None)).values(processed_at=func.now()))


def _verify_hubspot(secret: Secret, webhook: Webhook) -> bool:
    """X-HubSpot-Signature-v3: base64 of HMAC-SHA256 over method, URL, body and timestamp, at most five minutes old."""
    stamp = webhook.headers.get("x-hubspot-request-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp) / 1000) > OLDEST:
        return False
    signed = webhook.method.upper().encode() + webhook.url.encode() + webhook.body + stamp.encode()
    expected = base64.b64encode(hmac.new(secret.value.encode(), signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(expected.encode(), webhook.headers.get("x-hubspot-signature-v3", "").encode())


def _verify_hmac(secret: Secret, webhook: Webhook) -> bool:
    """X-Signature: `sha256=` and the hexadecimal HMAC-SHA256 of the body, for sources whose vendor signs nothing of itself."""
    expected = "sha256=" + hmac.new(secret.value.encode(), webhook.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), webhook.headers.get("x-signature", "").encode())
