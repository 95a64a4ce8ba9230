"""Pull the plug at any moment: nothing is lost, nothing is doubled, and the end is the same as if it had never happened."""

import multiprocessing
import random
import signal
from pathlib import Path

from dagster_project.resources import Rooms
from dagster_project.run import run
from sql.database import Database
from tests.acceptance.conftest import Company
from tests.conftest import copy_of
from tests.state import digests, rows

KILLS = 20
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["dagster_project.run", "connectors.registry", "context_api.app"])


def sync_and_resolve(config: Path, url: str) -> None:
    """The process that is killed: it does everything there is to do."""
    rooms = Rooms(config, Database(url))
    if run(rooms, [declaration.name for declaration in rooms.declarations]).failed:
        raise SystemExit(1)


def killed_after(seconds: float, config: Path, database: Database) -> bool:
    """Start the process and kill it after so long; whether it was still running."""
    process = FORKS.Process(target=sync_and_resolve, args=(config, database.url.render_as_string(hide_password=False)))
    process.start()
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def test_killed_twenty_times_it_ends_as_if_uninterrupted(company: Company, database: Database, server: Database, synced: str) -> None:
    moments = random.Random(11)
    hits = sum(killed_after(moments.uniform(0.3, 3.0), company.config, database) for _ in range(KILLS))
    assert hits >= KILLS / 2, "most runs ended before they were killed: the moments are too late to show anything"
    company.sync(database)
    with copy_of(server, synced) as uninterrupted, database.begin() as found, uninterrupted.begin() as wanted:
        differing = [name for name, digest in digests(found).items() if digest != digests(wanted)[name]]
        shown = {name: sorted(set(rows(found, name)) ^ set(rows(wanted, name)))[:6] for name in differing}
    assert shown == {}
