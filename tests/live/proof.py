"""What every real system is shown to do, in one body: a test file gives its `system`, and a class that takes all of this over.

    class TestTryton(Proof):
        @pytest.fixture(scope="class")
        def system(self) -> Iterator[System]: ...

A system says for itself what it holds (`truth`), through its own interface and not through the connector, and is changed through that too.
"""

import itertools
import multiprocessing
import os
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest
from sqlalchemy import event, func, select

from connectors import sources, writeback
from connectors.check import check
from connectors.connector import Change, Fetches, Finds
from connectors.errors import AuthenticationError, PreconditionError
from connectors.landing.sync import StreamReport, open_connector, sync_stream
from connectors.sources import SourceDeclaration
from connectors.staging.pending import map_pending
from sql.database import Database
from sql.tables import landing

#: Spawned anew, since it is to see the environment as it is now.
PROCESSES = multiprocessing.get_context("spawn")
RECORDS = 1000
REQUESTS = 40


class System(ABC):
    """A system that runs, seeded.

    stream:  the one that changes are shown on; streams: all, which hold at least 1,000 records together.
    refused: the error that a credential which ended is answered with.
    asks_for_changes: an incremental sync reads less than all.
    """

    kind: ClassVar[str]
    stream: ClassVar[str]
    streams: ClassVar[tuple[str, ...]]
    refused: ClassVar[type[Exception]] = AuthenticationError
    asks_for_changes: ClassVar[bool] = True

    @abstractmethod
    def toml(self, page: int, per_second: float) -> str:
        """The declaration's lines beside name, kind and secret; page: records of a page; per_second: as many requests at most."""

    @abstractmethod
    def secret(self) -> str:
        """The credential in force."""

    @abstractmethod
    def truth(self) -> Mapping[str, str]:
        """Key -> name of all that the stream should hold."""

    @abstractmethod
    def create(self, name: str) -> str: ...

    @abstractmethod
    def update(self, key: str, name: str) -> None: ...

    @abstractmethod
    def delete(self, key: str) -> None: ...

    @abstractmethod
    def expire(self) -> None:
        """End the credential in force."""

    @abstractmethod
    def rotate(self) -> None:
        """A new credential, in force from now on; the old one is not any more."""

    @abstractmethod
    def name_of(self, payload: Any, body: bytes | None) -> str:
        """The name, out of what was landed."""

    def key_of(self, key: str) -> str:
        """The system's own key, out of the landed one."""
        return key

    def change(self, key: str | None, name: str) -> Mapping[str, Any] | None:
        """The fields that write back a name; for a new record where key is None. None where the connector does not write."""
        del key, name
        return None

    def declaration(self, *, page: int = 200, per_second: float = 200.0) -> SourceDeclaration:
        """As crosswalk.toml would have it; the secret is where the declaration says."""
        (declaration,) = sources.parse(self.entry(page, per_second))
        return declaration

    def entry(self, page: int = 200, per_second: float = 200.0) -> str:
        """The system's entry in a crosswalk.toml."""
        self.tell()
        return f'[[source]]\nname = "{self.kind}"\nkind = "{self.kind}"\nsecret = "env:{self.variable()}"\n{self.toml(page, per_second)}\n'

    def variable(self) -> str:
        return f"CROSSWALK_LIVE_{self.kind.upper()}"

    def tell(self) -> None:
        """Whoever rotates a credential puts the new one where the declaration says."""
        os.environ[self.variable()] = self.secret()


@dataclass(frozen=True, slots=True)
class Synced:
    """A system's stream in a database."""

    system: System
    database: Database

    def sync(self, progress: Callable[[StreamReport], None] | None = None, **settings: Any) -> StreamReport:
        return sync_stream(self.database, self.system.declaration(**settings), self.system.stream, progress)

    def landed(self) -> dict[str, str]:
        columns = landing.record.c
        query = select(columns.key, columns.payload, columns.body).where(
            columns.source == self.system.kind, columns.stream == self.system.stream, columns.deleted_at.is_(None)
        )
        with self.database.begin() as connection:
            return {self.system.key_of(row.key): self.system.name_of(row.payload, row.body) for row in connection.execute(query)}

    def count(self) -> int:
        with self.database.begin() as connection:
            return int(connection.execute(select(func.count()).select_from(landing.record)).scalar_one())


def sync_in_a_process(url: str, declaration: SourceDeclaration, stream: str) -> None:
    """What is killed."""
    sync_stream(Database(url), declaration, stream)


@contextmanager
def acting(database: Database, act: Callable[[], None]) -> Iterator[None]:
    """Act once between two requests of a sync, in the thread that sends them; each leaves a row in the access log."""

    def look(*said: Any) -> None:
        if "access_log" in said[2] and next(requests) == REQUESTS:
            act()

    requests = itertools.count(1)
    event.listen(database.engine, "after_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(database.engine, "after_cursor_execute", look)
    assert next(requests) > REQUESTS + 1, "it ended before it was acted on"


def unique(word: str) -> str:
    return f"{word} {uuid.uuid4().hex[:8]}"


class Proof:
    """The tests. Each has a fresh database and reads everything into it first; what it changes in the system stays."""

    @pytest.fixture
    def synced(self, system: System, database: Database) -> Synced:
        return Synced(system, database)

    def test_everything_is_loaded_and_mapped(self, system: System, database: Database) -> None:
        declaration = system.declaration()
        assert check(declaration).ok
        reports = {stream: sync_stream(database, declaration, stream).counts for stream in system.streams}
        assert sum(one.written for one in reports.values()) >= RECORDS, reports
        assert sum(one.quarantined for one in reports.values()) == 0
        assert Synced(system, database).landed() == system.truth()
        mapped = map_pending(database, [declaration])
        assert mapped.mapped >= RECORDS
        assert (mapped.quarantined, mapped.doubts) == (0, 0)
        assert {stream: sync_stream(database, declaration, stream).counts.written for stream in reports} == dict.fromkeys(reports, 0)

    def test_only_what_changed_is_written(self, system: System, synced: Synced) -> None:
        system.create(unique("Latest"))  # what is as old as the latest change, give or take the lookback, is read again
        first = synced.sync()
        created = system.create(unique("Created"))
        changed = next(key for key in system.truth() if key != created)
        system.update(changed, unique("Changed"))
        report = synced.sync()
        assert synced.landed() == system.truth()
        assert report.counts.written == 2
        if system.asks_for_changes:
            assert report.counts.fetched < first.counts.fetched / 10

    def test_what_is_deleted_is_marked(self, system: System, synced: Synced) -> None:
        gone = system.create(unique("Short-lived"))
        synced.sync()
        system.delete(gone)
        assert synced.sync().counts.tombstoned == 1
        assert synced.landed() == system.truth()

    def test_a_sync_that_is_killed_goes_on_from_its_last_page(self, system: System, synced: Synced) -> None:
        declaration = system.declaration(page=20, per_second=2)
        url = synced.database.url.render_as_string(hide_password=False)
        process = PROCESSES.Process(target=sync_in_a_process, args=(url, declaration, system.stream))
        process.start()
        while process.is_alive() and synced.count() < 60:
            time.sleep(0.02)
        process.kill()
        process.join()
        held, all_there_is = synced.count(), len(system.truth())
        assert 60 <= held < all_there_is, "it was killed too late to show anything"
        report = synced.sync(page=20)
        assert report.counts.fetched <= all_there_is - held + 2 * 20
        assert synced.landed() == system.truth()

    def test_a_credential_that_ends_stops_the_sync_until_there_is_a_new_one(self, system: System, synced: Synced) -> None:
        with pytest.raises(system.refused), acting(synced.database, system.expire):
            synced.sync(page=10)
        assert 0 < synced.count() < len(system.truth())
        system.rotate()
        synced.sync()
        assert synced.landed() == system.truth()

    def test_a_credential_that_is_rotated_is_picked_up_on_the_way(self, system: System, synced: Synced) -> None:
        def rotate() -> None:
            system.rotate()
            system.tell()

        with acting(synced.database, rotate):
            synced.sync(page=10)
        assert synced.landed() == system.truth()

    def test_one_record_is_read_at_the_moment_of_the_question(self, system: System, synced: Synced) -> None:
        key = system.create(unique("Asked for"))
        synced.sync()
        name = unique("Just now")
        system.update(key, name)
        columns = landing.record.c
        with synced.database.begin() as connection:
            keys = {system.key_of(one): one for one in connection.execute(select(columns.key)).scalars()}
        connector = open_connector(system.declaration())
        try:
            if not isinstance(connector, Fetches):
                pytest.skip("its connector does not read one record")
            found = connector.fetch(system.stream, keys[key])
            assert found is not None
            assert system.name_of(found.payload, found.body) == name
            system.delete(key)
            gone = connector.fetch(system.stream, keys[key])
            assert gone is None or gone.deleted
        finally:
            connector.close()

    def test_what_is_written_back_is_there_once(self, system: System, database: Database) -> None:
        new, changed = unique("Written"), unique("Rewritten")
        fields = system.change(None, new)
        if fields is None:
            pytest.skip("its connector does not write")
        connector = open_connector(system.declaration())
        try:
            made = Change(system.stream, None, fields, unique("make"))
            key = writeback.apply(database, connector, made, "proof").key
            assert writeback.apply(database, connector, made, "proof").again
            assert [system.key_of(key)] == [known for known, name in system.truth().items() if name == new]
            other = Change(system.stream, key, system.change(key, changed) or {}, unique("change"), expected=fields)
            assert writeback.apply(database, connector, other, "proof").key == key
            assert system.truth()[system.key_of(key)] == changed
            with pytest.raises(PreconditionError):
                writeback.apply(database, connector, replace(other, idempotency_key=unique("late")), "proof")
            if isinstance(connector, Finds):
                assert connector.find(system.stream, system.change(key, changed) or {}) == [key]
        finally:
            connector.close()
