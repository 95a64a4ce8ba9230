"""A folder of this machine that may not be read, told by what lists it: the tests may run as a user whom nothing is forbidden."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def forbidding(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | None], None]:
    """Forbid this folder, and no other, from now on."""
    scandir, forbidden = os.scandir, set[str]()

    def refuse(path: Any = ".") -> Any:
        if str(path) in forbidden:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    def forbid(folder: Path | None) -> None:
        forbidden.clear()
        forbidden.update([str(folder)] if folder else [])

    monkeypatch.setattr(os, "scandir", refuse)
    return forbid
