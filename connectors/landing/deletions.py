"""Deletion by comparing ids: what the source lists goes into a temporary table batch by batch, and never stands in memory as a whole.

The table lives on a connection of its own and through many short transactions: a listing may take an hour.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, func, select, text

from connectors.account.entrance import Entrance
from connectors.connector import Fetches
from connectors.errors import AuthenticationError, ConnectorError, TransientError
from connectors.landing.counts import Place
from connectors.mapping.staged import fitting
from connectors.records import Raw
from sql import queries
from sql.database import Database, copy_rows
from sql.tables import landing

#: A listing of ids that lacks more than this part of what is there, and more than so many, is not believed: so looks a lost permission.
MOST_GONE = 0.5
FEW = 20

#: Of no more than so many ids, missing here and there together, each is asked for; after so many requests in vain no more in that sync, for
#: some may never be had.
MOST_ASKED = 100
IN_VAIN = 5

#: Tries of such a request, a minute or two: a record that always fails is not to keep each sync waiting for as long as a page may.
TRIES = 20


@contextmanager
def listed(database: Database, batches: Iterable[Sequence[str]]) -> Iterator[Connection]:
    """A connection on which `present_key` holds all keys of the batches, some perhaps twice."""
    with database.engine.connect() as connection:
        try:
            with connection.begin():
                connection.execute(text("DROP TABLE IF EXISTS pg_temp.present_key"))
                connection.execute(text("CREATE TEMPORARY TABLE present_key (key text)"))
            add(connection, batches)
            yield connection
        finally:
            with connection.begin():
                connection.execute(text("DROP TABLE IF EXISTS pg_temp.present_key"))


def add(connection: Connection, batches: Iterable[Sequence[str]]) -> None:
    """These keys are there too, as is what was listed before."""
    for batch in batches:
        with connection.begin():
            copy_rows(connection, "present_key", ["key"], [(fitting(key),) for key in batch])
    with connection.begin():
        connection.execute(text("ANALYZE present_key"))


def missing(connection: Connection, place: Place) -> int:
    """How many living records the listing lacks."""
    return int(connection.execute(queries.count_missing, place.names).scalar_one())


def missing_keys(connection: Connection, place: Place) -> Sequence[str]:
    """Their keys, in another order in each run, so that none that can't be asked for stands before the others for ever."""
    return connection.execute(queries.list_missing, {**place.names, "run": place.run_id}).scalars().all()


def unread(connection: Connection, place: Place) -> tuple[int, Sequence[str]]:
    """How many keys are listed, of which nothing has landed and nothing is in quarantine; and some of them, in such an order too."""
    asked = {**place.names, "run": place.run_id, "most": MOST_ASKED}
    found = connection.execute(queries.list_unread, asked).all()
    return (found[0].total if found else 0), [row.key for row in found]


def kept(connection: Connection, place: Place) -> str | None:
    """The key of a living record that is listed; None where there is none."""
    key: str | None = connection.execute(queries.find_listed, place.names).scalar()
    return key


def tombstone(connection: Connection, place: Place) -> int:
    """Mark as deleted what the listing lacks; returns how many."""
    return int(connection.execute(queries.tombstone_missing, place.names).scalar_one())


def living(connection: Connection, place: Place) -> int:
    """How many records of the stream are not deleted."""
    table = landing.record
    query = select(func.count()).where(table.c.source == place.source, table.c.stream == place.stream, table.c.deleted_at.is_(None))
    return int(connection.execute(query).scalar_one())


def believable(gone: int, there: int) -> bool:
    """Whether so many deletions of so many records may be true."""
    return gone <= max(FEW, there * MOST_GONE)


class Asking:
    """Single records asked for. error: the last that was heard; down: one that says that the source answers no such request just now."""

    def __init__(self, source: Fetches, stream: str, door: Entrance) -> None:
        self.source, self.stream, self.door = source, stream, door
        self.error: ConnectorError | None = None
        self.down = False

    def trusted(self, key: str) -> bool:
        """Whether a record that is there is given: else that another is not says nothing, as where single records have no address or may
        not be read. A source that is down has said nothing yet."""
        return isinstance(self._ask(key), Raw) or self.down

    def unsettled(self, keys: Sequence[str]) -> tuple[list[str], bool]:
        """Of records that are not listed (those that could not be asked for, whether one lives: then the listing can't be relied on)."""
        left: list[str] = []
        for number, key in enumerate(keys):
            if self.down or len(left) >= IN_VAIN:
                return [*left, *keys[number:]], False
            found = self._ask(key)
            if isinstance(found, ConnectorError):
                left.append(key)
            elif found and not found.deleted:
                return left, True
        return left, False

    def read(self, keys: Sequence[str]) -> list[Raw]:
        """Of records that are listed those that are given."""
        read, in_vain = list[Raw](), 0
        for key in keys:
            if self.down or in_vain >= IN_VAIN:
                break
            found = self._ask(key)
            if isinstance(found, Raw):
                read.append(found)
            else:
                in_vain += 1
        return read

    def _ask(self, key: str) -> Raw | ConnectorError | None:
        patience = self.door.patience
        self.door.patience = replace(patience, attempts=TRIES)
        try:
            found = self.source.fetch(self.stream, key)
            return found if found and found.key == key else None  # an answer may be that to another question
        except ConnectorError as error:
            self.error, self.down = error, isinstance(error, TransientError | AuthenticationError)
            return error
        finally:
            self.door.patience = patience
