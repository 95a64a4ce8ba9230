"""Webhooks: what a vendor pushes is checked against its signature, kept once, and taken as a sign that its source has news.

The body is never mapped: whoever forged one could at most make us sync, and in which order they come does not matter. An event that its
vendor names is kept once for good; of one without a name the body tells it, and the same body again is a new sign once a sync has begun.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.errors import AuthenticationError, ConfigurationError
from connectors.http.webhooks import Webhook
from connectors.registry import connector_class
from connectors.secrets import resolve
from connectors.sources import SourceDeclaration
from sql.database import Database
from sql.tables import landing

LARGEST = 1024 * 1024
KEPT_HEADERS = ("content-type", "user-agent", "x-request-id")

#: No vendor sends an event again after so long.
KEPT = timedelta(days=30)


def greeting(declaration: SourceDeclaration, webhook: Webhook) -> str | None:
    """What the vendor wants sent back where it only tries whether we are there; None where it does not."""
    return connector_class(declaration.kind).webhook.greeting(webhook)


def receive(database: Database, declaration: SourceDeclaration, webhook: Webhook) -> bool:
    """Keep the webhook; False where it came before. AuthenticationError where its signature is not the vendor's, or too old."""
    if not declaration.webhook_secret:
        raise ConfigurationError(f"source {declaration.name} takes no webhooks", action='Add webhook_secret = "env:..." to it.')
    if len(webhook.body) > LARGEST:
        raise AuthenticationError("the webhook is larger than any vendor sends")
    signature = connector_class(declaration.kind).webhook
    if not signature.is_signed(resolve(declaration.webhook_secret).value, webhook):
        raise AuthenticationError(f"the webhook for {declaration.name} is not signed with its secret, or too old")
    named = signature.event(webhook)
    row = {
        "source": declaration.name,
        "event_key": hashlib.sha256(named.encode() or webhook.body).hexdigest(),
        "headers": {name: webhook.headers[name] for name in KEPT_HEADERS if name in webhook.headers},
        "body": webhook.body,
    }
    return _keep(database, row, again=not named)


def _keep(database: Database, row: dict[str, Any], *, again: bool) -> bool:
    """`again`: one that was followed already is a new sign."""
    table = landing.inbox
    insert = upsert(table).values(row)
    if again:
        new = {"received_at": func.now(), "processed_at": None}
        insert = insert.on_conflict_do_update(index_elements=["source", "event_key"], set_=new, where=table.c.processed_at.is_not(None))
    else:
        insert = insert.on_conflict_do_nothing()
    with database.begin() as connection:
        return connection.execute(insert.returning(table.c.id)).one_or_none() is not None


def pending_sources(database: Database) -> list[str]:
    """The sources with webhooks that no sync has followed."""
    table = landing.inbox
    with database.begin() as connection:
        return list(
            connection.execute(select(table.c.source).where(table.c.processed_at.is_(None)).distinct().order_by(table.c.source)).scalars()
        )


def mark_processed(database: Database, names: Sequence[str]) -> None:
    """A sync of these sources begins after this. What was followed long ago is let go."""
    table = landing.inbox
    with database.begin() as connection:
        connection.execute(update(table).where(table.c.source.in_(names), table.c.processed_at.is_(None)).values(processed_at=func.now()))
        connection.execute(delete(table).where(table.c.source.in_(names), table.c.processed_at < func.now() - KEPT))
