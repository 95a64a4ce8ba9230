"""The composition root of scheduled work: what every asset is handed."""

from functools import cached_property
from pathlib import Path

import dagster as dg

from connectors import embeddings, language_model, sources
from connectors.sources import SourceDeclaration
from resolution.adjudicate import Judge
from sql.database import Database, open_database
from sql.settings import Settings


class Rooms(dg.ConfigurableResource["Rooms"]):
    """The database, the declared sources, the embedder and the language model (None without a key); each made when first asked for."""

    config: str = "crosswalk.toml"
    database_url: str | None = None  # None: as the settings say, by default the embedded server

    @cached_property
    def database(self) -> Database:
        return Database(self.database_url) if self.database_url else open_database(Settings())

    @cached_property
    def declarations(self) -> list[SourceDeclaration]:
        return sources.load(Path(self.config))

    @cached_property
    def embedder(self) -> embeddings.Embeddings:
        return embeddings.Embeddings()

    @cached_property
    def language_model(self) -> language_model.LanguageModel | None:
        return language_model.from_settings(self.database)

    @property
    def judge(self) -> Judge | None:
        return self.language_model

    def declaration(self, name: str) -> SourceDeclaration:
        return next(declaration for declaration in self.declarations if declaration.name == name)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        del context
        if "database" in self.__dict__:
            self.database.close()
