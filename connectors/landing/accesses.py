"""The access log in the database: each request to a source, with who asked and what for."""

from sqlalchemy import insert, text

from connectors.account.entrance import Access
from connectors.connector import Connector
from connectors.settings import Settings
from sql import queries
from sql.database import Database
from sql.tables import landing


def log_accesses(database: Database, connector: Connector, actor: str, purpose: str, run_id: int | None = None) -> None:
    """From here on the connector's requests are kept, each in a transaction of its own, and those of long ago are let go of. actor: sync,
    check, or the account for which something is read live; purpose: the stream, or what the account said."""
    with database.begin() as connection:
        connection.execute(queries.forget_accesses, {"days": Settings().access_log_days})

    def keep(access: Access) -> None:
        row = insert(landing.access_log).values(
            source=connector.declaration.name,
            run_id=run_id,
            correlation_id=connector.log.correlation_id,
            actor=actor,
            purpose=purpose,
            **{name: getattr(access, name) for name in access.__slots__},
        )
        with database.begin() as connection:
            # It survives the death of this process at once, and that of the machine a moment later: no request waits for the disk.
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            connection.execute(row)

    connector.log.on_access = keep
