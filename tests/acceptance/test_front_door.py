"""What is wrong with what was typed, or with what a command finds around it, is one line that says what to do: no traceback."""

import socket
import sys
from pathlib import Path

import pytest

from crosswalk import cli
from sql.database import Database


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """What the command line says on standard error as it fails."""
    monkeypatch.setattr(sys, "argv", ["crosswalk", *words])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code not in (0, None)
    return capsys.readouterr().err


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing in it but a file, and a home that can't be made."""
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CROSSWALK_DATABASE_URL", raising=False)
    monkeypatch.setenv("CROSSWALK_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("CROSSWALK_CONFIG", "crosswalk.toml")
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        ("init --config no/dir/x.toml", {}, "there is no folder no/dir. Make it first"),
        ("init --config file/x.toml", {}, "there is no folder file. Make it first"),
        ("status", {}, "home can't be made: Not a directory. Set CROSSWALK_HOME to one that can."),
        ("demo --no-serve", {}, "can't be made: Not a directory. Set CROSSWALK_HOME to one that can."),
        ("status", {"CROSSWALK_LOG_LEVEL": "LOUD"}, "CROSSWALK_LOG_LEVEL is 'LOUD'. Set it to DEBUG, INFO"),
        ("status", {"CROSSWALK_DATABASE_URL": "mysql://a:b@localhost/x"}, "is of mysql, and Crosswalk needs PostgreSQL. It looks like"),
        ("status", {"CROSSWALK_DATABASE_URL": "localhost"}, "CROSSWALK_DATABASE_URL is no URL. It looks like"),
        ("status", {"CROSSWALK_DATABASE_URL": "postgresql://a:s3cret@127.0.0.1:1/x"}, "Check CROSSWALK_DATABASE_URL, or unset it"),
        ("check", {}, "there is no crosswalk.toml. Run `crosswalk init`"),
        ("check --config file", {}, "file declares no source. `crosswalk init --config example.toml` writes an example"),
        ("check --config .", {}, ". can't be read: Is a directory. Give a file"),
        ("dedupe file --out no/dir/out.csv", {}, "no/dir"),
        ("serve --port 99999", {}, "65535"),
    ],
)
def test_a_command_that_can_not_go_on_says_why(
    words: str, environment: dict[str, str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    line = told(capsys, monkeypatch, *words.split())
    assert said in line
    assert "Traceback" not in line
    assert "s3cret" not in line


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_told_before_anything_is_done(
    command: str, nowhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSWALK_HOME", str(nowhere / "home"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = told(capsys, monkeypatch, command, "--port", str(port))
    assert f"Port {port} of 127.0.0.1 can't be had: Address already in use. Give another with --port." in line
    assert not (nowhere / "home" / "postgres").exists()


def test_a_setting_that_is_wrong_is_named(database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSWALK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CROSSWALK_KEY_CACHE_SECONDS", "long")
    line = told(capsys, monkeypatch, "serve", "--port", "0")
    assert line.startswith("crosswalk: CROSSWALK_KEY_CACHE_SECONDS in the environment is wrong: Input should be")


def test_who_stops_a_sync_is_told_that_it_goes_on(
    nowhere: Path, database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("CROSSWALK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setattr("dagster_project.run.run", stopped)
    (nowhere / "crosswalk.toml").write_text("")
    assert "Stopped. What came is kept" in told(capsys, monkeypatch, "sync")
