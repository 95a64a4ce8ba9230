"""The composition root of scheduled work: what every asset is handed."""

from functools import cached_property
from pathlib import Path

import dagster as dg

from connectors import language_model, sources
from connectors.embeddings import Embeddings
from connectors.language_model import LanguageModel
from connectors.sources import SourceDeclaration
from sql.database import Database, open_database


class Rooms:
    """The database, and what is made when first asked for: the declared sources, the embedder, the language model (None without a key)."""

    def __init__(self, config: Path, database: Database) -> None:
        self.config, self.database = config, database

    @cached_property
    def declarations(self) -> list[SourceDeclaration]:
        return sources.load(self.config)

    @cached_property
    def embedder(self) -> Embeddings:
        return Embeddings()

    @cached_property
    def language_model(self) -> LanguageModel | None:
        return language_model.from_settings(self.database)

    def declaration(self, name: str) -> SourceDeclaration:
        """Raises UnknownSourceError."""
        for declaration in self.declarations:
            if declaration.name == name:
                return declaration
        known = ", ".join(declaration.name for declaration in self.declarations) or "none"
        raise UnknownSourceError(f"{self.config} declares no source {name!r}; it declares {known}.")


class UnknownSourceError(Exception):
    """The configuration declares no source of that name."""


class RoomsResource(dg.ConfigurableResource[Rooms]):
    """Makes the rooms in each process that Dagster starts; database_url None means what the settings say."""

    config: str
    database_url: str | None = None

    def create_resource(self, context: dg.InitResourceContext) -> Rooms:
        del context
        return Rooms(Path(self.config), Database(self.database_url) if self.database_url else open_database())
