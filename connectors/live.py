"""Reading one record at the moment of a question: in the caller's name, within seconds, and without touching what has landed."""

import uuid

from connectors.account.entrance import Patience
from connectors.account.in_database import InDatabase
from connectors.connector import Fetches
from connectors.errors import ConfigurationError
from connectors.landing.accesses import log_accesses
from connectors.landing.sync import open_connector
from connectors.records import Raw
from connectors.sources import SourceDeclaration
from sql.database import Database

#: Who asks waits for the answer.
PATIENCE = Patience(deadline=8, attempts=2, longest_wait=1, timeout=8)


def read(database: Database, declaration: SourceDeclaration, place: tuple[str, str], asker: tuple[str, str]) -> Raw | None:
    """The record as the source has it now; None where it has none.

    place: stream and key. asker: the account that asks, and what for, as the access log keeps it. Raises ConnectorError: a source that is
    thought dead is not asked.
    """
    connector = open_connector(declaration, InDatabase(database))
    try:
        if not isinstance(connector, Fetches):
            raise ConfigurationError(f"a source of kind {declaration.kind} can't be asked for one record")
        connector.log.correlation_id = uuid.uuid4().hex
        log_accesses(database, connector, *asker)
        if connector.door:
            connector.door.patience = PATIENCE
        return connector.fetch(*place)
    finally:
        connector.close()
