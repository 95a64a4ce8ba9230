"""What every route, tool and page is handed, as `app.state.services`; HTTP and stdio share `build`."""

import secrets
from dataclasses import dataclass

from connectors.embeddings import Embeddings
from context_api.context.passages import Embedder
from context_api.keys import Keyring
from context_api.metrics import Metrics
from context_api.settings import Settings
from context_api.stewardship import Stewardship
from sql.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The database (`database.async_engine` for reads), and what was built on it. Nothing in here changes after start."""

    database: Database
    embedder: Embedder
    settings: Settings
    keys: Keyring  # `await keys.holder(key)` -> account and scopes, or None
    stewardship: Stewardship
    metrics: Metrics
    session_secret: bytes  # signs the console's cookies


def build(database: Database, settings: Settings | None = None, embedder: Embedder | None = None) -> Services:
    """The services over a migrated database; settings not given are read from the environment."""
    settings = settings or Settings()
    secret = settings.session_secret
    return Services(
        database=database,
        embedder=embedder or Embeddings(),
        settings=settings,
        keys=Keyring(database.async_engine, settings.key_cache_seconds),
        stewardship=Stewardship(database),
        metrics=Metrics(),
        session_secret=secret.get_secret_value().encode() if secret else secrets.token_bytes(32),
    )
