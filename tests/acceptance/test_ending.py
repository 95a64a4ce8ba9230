"""Whatever ends a command, the embedded server does not outlive the last process that uses it."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

Process = subprocess.Popen[str]

#: Uses the server until it is told to go on.
HOLD = """
import sys
from pathlib import Path
from sql import embedded
embedded.start(Path(sys.argv[1]))
print("started", flush=True)
input()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="crosswalk-ending-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def started(home: Path, *command: str, **environment: str) -> Iterator[Process]:
    known = {"CROSSWALK_HOME": str(home), "CROSSWALK_CONFIG": str(home / "crosswalk.toml"), **environment}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *command], stdin=pipe, stdout=pipe, text=True, env={**os.environ, **known}) as process:
        try:
            yield process
        finally:
            process.kill()


def crosswalk(home: Path, *arguments: str) -> str:
    with started(home, "-m", "crosswalk.cli", *arguments) as process:
        told, _ = process.communicate()
        assert process.returncode == 0
        return told


def server_runs(home: Path) -> bool:
    return (home / "postgres" / "postmaster.pid").exists()


def users(home: Path) -> list[int]:
    found: list[int] = json.loads((home / "postgres" / ".handle_pids.json").read_text())
    return found


def line(process: Process) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def ended(home: Path, command: str, works: Callable[[Process], object], **environment: str) -> None:
    """Start the command, wait until it works, tell it to end; then neither it nor the server runs."""
    with started(home, "-m", "crosswalk.cli", *command.split(), **environment) as process:
        works(process)
        assert server_runs(home)
        process.terminate()
        process.wait(timeout=60)
    assert (server_runs(home), users(home)) == (False, [])


def test_serving_that_is_told_to_end_stops_the_server(home: Path) -> None:
    ended(home, "serve --port 0", line)


def test_a_sync_that_is_told_to_end_stops_the_server(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        (home / "crosswalk.toml").write_text(f'[[source]]\nname = "crm"\nkind = "hubspot"\nurl = "{url}"\nsecret = "env:TOKEN"\n')
        ended(home, "sync", lambda _: silent.accept()[0].close(), TOKEN="t")


def test_mcp_that_is_told_to_end_stops_the_server(home: Path) -> None:
    def greeted(process: Process) -> None:
        about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        assert process.stdin is not None
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}) + "\n")
        process.stdin.flush()
        assert json.loads(line(process))["id"] == 1

    made = re.search(r"cw_\S+", crosswalk(home, "keys", "create", "agent", "--scope", "read"))
    assert made
    ended(home, "mcp", greeted, CROSSWALK_API_KEY=made[0])


def test_a_process_that_was_killed_outright_does_not_keep_the_server_running(home: Path) -> None:
    with started(home, "-c", HOLD, str(home)) as killed:
        line(killed)
        killed.kill()
        killed.wait()
    assert server_runs(home)
    crosswalk(home, "migrate")
    assert (server_runs(home), users(home)) == (False, [])


def test_the_last_that_uses_the_server_stops_it_though_another_was_killed_meanwhile(home: Path) -> None:
    with started(home, "-c", HOLD, str(home)) as last, started(home, "-c", HOLD, str(home)) as killed:
        assert (line(last), line(killed)) == ("started\n", "started\n")
        killed.kill()
        killed.wait()
        last.communicate("\n")
    assert (server_runs(home), users(home)) == (False, [])
