"""The engines that are measured, and the environment of those that are not the product's own dependency.

The peers are never in the project's lock: they live in a virtual environment under CROSSWALK_HOME that is made when it is missing. What
can't be installed (no network) is left out, and said.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = Path(os.environ.get("CROSSWALK_HOME", HERE.parents[1] / ".crosswalk")) / "bench" / "peers"
#: Name of an engine -> what pip is asked for.
PEERS = {"splink": ("splink>=5,<6", "pandas"), "goldenmatch": ("goldenmatch>=3.22,<4",)}
_VERSIONS = "import importlib.metadata as m, json; print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"


@dataclass(frozen=True, slots=True)
class Engine:
    """most: the largest file, in records, that it is asked to resolve: beyond it would need hours or all memory."""

    name: str
    version: str
    python: Path
    how: str
    most: int

    def command(self, shape: str, source: Path, out: Path) -> list[str]:
        """What a user types to resolve the file `source` into `out` (record_id, entity_id)."""
        if self.name == "crosswalk":
            return [str(self.python.with_name("crosswalk")), "dedupe", str(source), "--out", str(out), "--id-column", "record_id"]
        return [str(self.python), str(HERE / f"with_{self.name}.py"), shape, str(source), str(out)]


def engines() -> Iterator[Engine]:
    """Those that can run here, ours first."""
    ours = Path(sys.executable)
    yield Engine("crosswalk", version("crosswalk"), ours, "nothing configured", 10**9)
    installed = _installed()
    peers = ENVIRONMENT / "bin" / "python"
    if "splink" in installed:
        yield Engine("splink", installed["splink"], peers, "by hand", 10**9)
    yield Engine("recordlinkage", version("recordlinkage"), ours, "by hand", 20_000)
    if "goldenmatch" in installed:
        yield Engine("goldenmatch", installed["goldenmatch"], peers, "nothing configured", 200_000)


def _installed() -> Mapping[str, str]:
    """Version by name of what the peers' environment holds, made first where it is missing."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    found = _versions(python)
    for name, wanted in PEERS.items():
        if name not in found:
            print(f"installing {name} under {ENVIRONMENT}", flush=True)
            told = subprocess.run([str(python), "-m", "pip", "install", "-q", *wanted], capture_output=True, text=True)
            if told.returncode:
                print(f"{name} can't be installed, and is left out: {told.stderr.strip().splitlines()[-1]}")
    return _versions(python)


def _versions(python: Path) -> Mapping[str, str]:
    found: dict[str, str] = json.loads(subprocess.run([str(python), "-c", _VERSIONS], capture_output=True, check=True, text=True).stdout)
    return found
