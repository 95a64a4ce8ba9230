"""A source's streams, synced one after the other."""

from connectors.landing.run import StreamReport
from connectors.landing.sync import streams_of, sync_stream
from connectors.sources import SourceDeclaration
from sql.database import Database


def sync_source(database: Database, declaration: SourceDeclaration) -> tuple[StreamReport, ...]:
    """The report of each stream. Raises ConnectorError where one fails."""
    return tuple(sync_stream(database, declaration, stream) for stream in streams_of(declaration))
