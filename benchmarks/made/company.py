"""A made company, served on loopback as in life, on an embedded server in a folder that goes in the end."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crosswalk.demo import declare
from crosswalk.sandbox import Sandbox, build, serve
from dagster_project.resources import Rooms
from sql import embedded
from sql.database import Database
from sql.migrate import migrate


@dataclass(frozen=True, slots=True)
class Company:
    sandbox: Sandbox
    rooms: Rooms

    @property
    def database(self) -> Database:
        return self.rooms.database


@contextmanager
def empty_database() -> Iterator[Database]:
    """A migrated database on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="crosswalk-bench-", ignore_cleanup_errors=True) as folder:  # its server still writes
        Path(folder).chmod(0o755)  # the server is another user's, where we are root
        with Database(embedded.start(Path(folder))) as database:
            migrate(database)
            yield database


@contextmanager
def company(organizations: int) -> Iterator[Company]:
    """Served and declared, and nothing of it synced yet."""
    with tempfile.TemporaryDirectory(prefix="crosswalk-company-") as name, empty_database() as database:
        folder = Path(name)
        sandbox = build(folder / "sandbox", organizations=organizations)
        with serve(sandbox) as served:
            yield Company(sandbox, Rooms(declare(folder, sandbox, served), database))
