"""A source whose mapping is declared with it, in crosswalk.toml."""

from collections.abc import Mapping
from typing import Any

from connectors.connector import Connector, Declaration
from connectors.errors import ConfigurationError
from connectors.mapping.declared import Table, named_by, read, tables
from connectors.mapping.staged import Mapped
from connectors.mapping.tables import mapped
from connectors.records import Landed


class DeclaredMapping(Connector):
    """A source whose streams are mapped as they are declared; one that is not is landed, and says nothing."""

    def __init__(self, declaration: Declaration, *more: Any) -> None:
        super().__init__(declaration, *more)
        self.declared: Mapping[str, Table] = tables(declaration.mapping)
        known = [one.name for one in self.streams()]
        named = [*self.declared, *(other for table in self.declared.values() for other in named_by(table))]
        if unknown := [one for one in named if one not in known]:
            raise ConfigurationError(f"the mapping names a stream {unknown[0]!r}; there are {', '.join(known)}")
        if len(set(known)) < len(known):
            raise ConfigurationError(f"two streams of {declaration.name} have one name; there are {', '.join(known)}")

    @classmethod
    def check_field(cls, name: str, said: Any) -> None:
        read(name, said)

    def map(self, record: Landed) -> Mapped:
        table = self.declared.get(record.stream)
        return mapped(record.payload, table, (record.source, record.stream, record.key), {}) if table else Mapped()

    def mapping_table(self, stream: str) -> object:
        return self.declared.get(stream)

    def own_fields(self, stream: str) -> Mapping[str, Any]:
        del stream
        return {}
