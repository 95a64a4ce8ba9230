"""Where a system is set up: an environment of its own, made once and kept, so that what it needs never mixes with what we need.

What takes long (packages, an empty database) is kept under .crosswalk/live/NAME; the name of what is kept says what it was made of, so a
change of that makes it anew. What a test changes lies in a folder of the test's.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

HOME = Path(__file__).parents[3] / ".crosswalk" / "live"

#: Where other Pythons may lie beside those on the PATH.
ELSEWHERE = ("/root/.pyenv/versions", "~/.pyenv/versions", "/opt/python")


def environment(name: str, packages: Sequence[str], python: str = sys.executable) -> Path:
    """The folder of programs of an environment that has these packages."""
    folder = kept(name, "environment", [python, *packages], lambda folder: _install(folder, packages, python))
    return folder / "bin"


def kept(name: str, what: str, of: Sequence[str], make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills once; made anew where `of` differs from what it was made of. One process makes it, others wait."""
    digest = hashlib.sha256(repr(list(of)).encode()).hexdigest()[:12]
    home = HOME / name
    home.mkdir(parents=True, exist_ok=True)
    folder = home / f"{what}-{digest}"
    with alone(home / f"{what}.lock"):
        done = folder / ".complete"
        if not done.exists():
            for old in home.glob(f"{what}-*"):
                shutil.rmtree(old)
            folder.mkdir(mode=0o755)
            make(folder)
            done.touch()
    return folder


@contextmanager
def alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(folder: Path, packages: Sequence[str], python: str) -> None:
    said([python, "-m", "venv", str(folder)])
    said([str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *packages])


def said(command: Sequence[str], **settings: str) -> str:
    """What a command says, run where it may leave files of its own. Fails the test with its last words where it fails."""
    done = subprocess.run(command, cwd=HOME, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command[:4])} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def python_of(least: tuple[int, int]) -> str:
    """A Python of at least this version. Skips the test where the machine has none."""
    if sys.version_info >= least:
        return sys.executable
    for minor in range(least[1], least[1] + 8):
        name = f"python{least[0]}.{minor}"
        folders = [Path(one).expanduser().glob(f"{least[0]}.{minor}.*/bin/{name}") for one in ELSEWHERE]
        for found in [shutil.which(name), *(str(path) for paths in folders for path in paths)]:
            if found and subprocess.run([found, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
                return found
    pytest.skip(f"it wants Python {least[0]}.{least[1]} or later, and this machine has none")
