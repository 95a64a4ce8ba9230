"""A WebDAV server as it runs: what every system is shown to do, and what is particular to a folder of files."""

import shutil
from collections.abc import Iterator

import pytest

from sql.database import Database
from tests.live.proof import Proof, Synced, unique
from tests.live.systems.wsgidav import WsgiDav, wsgidav


@pytest.fixture(scope="module")
def running() -> Iterator[WsgiDav]:
    with wsgidav() as system:
        yield system


class TestWebDav(Proof):
    @pytest.fixture
    def system(self, running: WsgiDav) -> WsgiDav:
        return running

    def test_a_folder_that_is_moved_is_gone_from_where_it_was(self, system: WsgiDav, database: Database) -> None:
        synced = Synced(system, database)
        key = system.create(unique("Moved"))
        synced.sync()
        shutil.move(system.home / "files" / "new", system.home / "files" / "archive")
        synced.sync()
        assert key not in synced.landed()
        assert synced.landed() == system.truth()
        shutil.move(system.home / "files" / "archive", system.home / "files" / "new")
