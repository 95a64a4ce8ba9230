"""What the composition root hands to every route, tool and page, as `app.state.services`."""

from dataclasses import dataclass
from typing import Any

from context_api.keys import Keyring
from context_api.metrics import Metrics
from context_api.settings import Settings
from context_api.stewardship import Stewardship
from sql.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The database (`database.async_engine` for reads), and what was built on it. Nothing in here changes after start."""

    database: Database
    embedder: Any  # context_api.context.passages.Embedder
    settings: Settings
    keys: Keyring  # `await keys.holder(key)` -> account and scopes, or None
    stewardship: Stewardship
    metrics: Metrics
    session_secret: bytes  # signs the console's cookies
