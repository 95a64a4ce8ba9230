"""Try a declared source and say in a line what is wrong, for `crosswalk check`."""

import uuid
from dataclasses import dataclass

from connectors.account.entrance import Patience
from connectors.account.in_database import InDatabase
from connectors.connector import Connector
from connectors.errors import ConnectorError
from connectors.landing.accesses import log_accesses
from connectors.landing.sync import open_connector, streams_of
from connectors.sources import SourceDeclaration
from sql.database import Database

#: Who checks waits for the answer.
IMPATIENT = Patience(deadline=15, attempts=2, longest_wait=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether the source works, and one line on it: what answered, or what is wrong and what to do."""

    source: str
    ok: bool
    line: str


def check(declaration: SourceDeclaration, database: Database | None = None) -> Finding:
    """Ask the source for as little as shows that it can be read, whatever its breaker says. Never raises ConnectorError.

    database: where its tokens are kept. Without one, a source with OAuth is asked for a token as if it never had been.
    """
    try:
        connector = open_connector(declaration, InDatabase(database, asks_now=True) if database else None)
        try:
            return Finding(declaration.name, True, _checked(connector, declaration, database))
        finally:
            connector.close()
    except ConnectorError as error:
        return Finding(declaration.name, False, error.told)


def _checked(connector: Connector, declaration: SourceDeclaration, database: Database | None) -> str:
    if database:
        connector.log.correlation_id = uuid.uuid4().hex
        log_accesses(database, connector, "check", "check")
    if connector.door:
        connector.door.patience = IMPATIENT
    streams = streams_of(declaration)
    return f"{connector.check()}; streams: {', '.join(streams)}"
