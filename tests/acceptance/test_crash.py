"""Pull the plug at any moment: nothing is lost, nothing is doubled, and the end is the same as if it had never happened."""

import multiprocessing
import random
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from dagster_project.resources import Rooms
from dagster_project.run import run
from sql.database import Database
from tests.acceptance.conftest import Company
from tests.conftest import copy_of
from tests.state import digests, rows

KILLS = 20
STATEMENTS = 300  # a run that finds nothing new makes 330, a whole one 480
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["dagster_project.run", "connectors.registry", "context_api.app"])


def sync_and_resolve(config: Path, url: str, told: Connection) -> None:
    """The process that is killed: it does everything there is to do, and tells of each statement as it begins."""
    event.listen(Engine, "before_cursor_execute", lambda *_: told.send_bytes(b"."))
    rooms = Rooms(config, Database(url))
    if run(rooms, [declaration.name for declaration in rooms.declarations]).failed:
        raise SystemExit(1)


def killed_at(statement: int, config: Path, database: Database) -> bool:
    """Start the process and kill it in that statement, counted from 1; whether it came so far.

    Statements and not seconds: a fast machine would be done before it is killed, and a busy one be killed before it has begun.
    """
    heard, told = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=sync_and_resolve, args=(config, url_of(database), told))
    process.start()
    told.close()
    begun = 0
    with heard:
        while begun < statement:
            try:
                heard.recv_bytes()
            except EOFError:
                break
            begun += 1
        process.kill()
        process.join()
    return begun == statement


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def test_killed_twenty_times_it_ends_as_if_uninterrupted(company: Company, database: Database, server: Database, synced: str) -> None:
    moments = random.Random(11)
    hits = sum(killed_at(moments.randint(1, STATEMENTS), company.config, database) for _ in range(KILLS))
    assert hits >= KILLS / 2, "most runs ended before they were killed: the moments are too late to show anything"
    company.sync(database)
    with copy_of(server, synced) as uninterrupted, database.begin() as found, uninterrupted.begin() as wanted:
        differing = [name for name, digest in digests(found).items() if digest != digests(wanted)[name]]
        shown = {name: sorted(set(rows(found, name)) ^ set(rows(wanted, name)))[:6] for name in differing}
    assert shown == {}
