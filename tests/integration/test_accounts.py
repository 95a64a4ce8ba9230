"""What processes share of an account: places, pauses, the breaker and tokens, in PostgreSQL."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import event, select, text, update

from connectors.account.entrance import Access, Account, Patience
from connectors.account.in_database import InDatabase
from connectors.account.sealing import Seal
from connectors.account.shared import Rate, Token
from connectors.errors import (
    AuthenticationError,
    BreakerOpenError,
    ConfigurationError,
    NotFoundError,
    RateLimitedError,
    TransientError,
)
from connectors.http.authentication import Anonymous
from connectors.http.door import Door
from sql.database import Database
from sql.tables import accounts

SECRET = "conformance-secret-token"


@pytest.fixture
def seal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seal:
    monkeypatch.setenv("CROSSWALK_HOME", str(tmp_path / "home"))
    return Seal()


def count_statements(database: Database) -> list[str]:
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda c, cursor, statement, *rest: seen.append(statement))
    return seen


def open_breaker(shared: InDatabase) -> None:
    for _ in range(3):
        shared.heard("shop", TransientError("no answer"))


def let_pass(database: Database, seconds: float) -> None:
    """Time passes for the breaker."""
    account = accounts.account
    with database.begin() as connection:
        connection.execute(text(f"update landing.account set open_until = open_until - interval '{seconds} seconds'"))
        connection.execute(update(account).values(probing_until=account.c.probing_until - text(f"interval '{seconds} seconds'")))


def test_two_processes_together_keep_to_the_rate_and_the_burst(database: Database) -> None:
    one, other = InDatabase(database), InDatabase(database)
    rate, began = Rate(100, 10), time.monotonic()
    waits = [(shared.reserve("shop", rate), time.monotonic() - began) for _ in range(60) for shared in (one, other)]
    assert max(wait for wait, _ in waits[:6]) < 0.03  # without a burst the sixth would wait 0.05
    # Of 120 places ten are had at once (each process has taken some of them ahead), and the last one more than a second later.
    assert max(wait + asked for wait, asked in waits) > 1.05


def test_places_cost_less_than_a_statement_each(database: Database) -> None:
    shared = InDatabase(database)
    seen = count_statements(database)
    for _ in range(200):
        shared.reserve("shop", Rate(1000, 1000))
    assert len([one for one in seen if "landing.account" in one]) < 20


def test_a_pause_that_one_process_is_told_holds_for_the_others(database: Database) -> None:
    one, other = InDatabase(database), InDatabase(database)
    one.reserve("shop", Rate(100, 10))
    one.hold("shop", 30)
    assert 29 < one.reserve("shop", Rate(100, 10)) <= 30.1
    assert 29 < other.reserve("shop", Rate(100, 10)) <= 30.1
    one.hold("shop", 5)
    assert one.reserve("shop", Rate(100, 10)) > 28
    assert other.reserve("else", Rate(100, 10)) == 0


def test_a_servers_clock_that_is_set_back_keeps_nobody_waiting_for_long(database: Database) -> None:
    InDatabase(database).reserve("shop", Rate(10, 1))
    with database.begin() as connection:
        connection.execute(text("update landing.account set full_at = clock_timestamp() + interval '1 day'"))
    assert InDatabase(database).reserve("shop", Rate(10, 1)) < 601


def test_a_silent_source_is_left_alone_by_all_and_tried_by_one(database: Database) -> None:
    one, other = InDatabase(database), InDatabase(database)
    one.heard("shop", TransientError("no answer"))
    one.heard("shop", TransientError("no answer"))
    one.heard("shop", None)
    open_breaker(one)
    for shared in (one, other):
        with pytest.raises(BreakerOpenError, match=r"asked again in \d+ seconds"):
            shared.admit("shop")
    assert not InDatabase(database, asks_now=True).admit("shop")
    let_pass(database, 31)
    assert one.admit("shop")
    with pytest.raises(BreakerOpenError, match="is trying it now"):
        other.admit("shop")
    one.heard("shop", TransientError("no answer"))
    with database.begin() as connection:
        left = connection.scalar(text("select extract(epoch from open_until - clock_timestamp()) from landing.account"))
    assert 29 < float(left) <= 60  # twice as long as before
    let_pass(database, 61)
    assert other.admit("shop")
    other.heard("shop", None)
    assert not one.admit("shop")
    assert not other.admit("shop")


def test_a_dead_source_costs_nothing_and_a_try_is_one_request(database: Database) -> None:
    asked: list[Access] = []
    door = Door("http://127.0.0.1:9", Anonymous(), Account("shop", Rate(1000, 1000), InDatabase(database)))
    door.patience, door.on_access = Patience(attempts=2, longest_wait=0.01), asked.append
    for _ in range(3):
        with pytest.raises(TransientError):
            door.get("/")
    assert len(asked) == 6
    for _ in range(5):
        with pytest.raises(BreakerOpenError):
            door.get("/")
    assert len(asked) == 6
    let_pass(database, 31)
    with pytest.raises(TransientError, match="no answer"):
        door.get("/")
    assert len(asked) == 7
    door.close()


def test_a_probe_whose_process_died_is_made_by_another(database: Database) -> None:
    one, other = InDatabase(database), InDatabase(database)
    open_breaker(one)
    let_pass(database, 31)
    assert one.admit("shop")
    let_pass(database, 61)
    assert other.admit("shop")


def test_what_the_source_answers_is_an_answer_whatever_it_says(database: Database) -> None:
    shared = InDatabase(database)
    for _ in range(9):
        shared.heard("shop", RateLimitedError("429", code="429"))
        shared.heard("shop", NotFoundError("404", code="404"))
        shared.heard("shop", TransientError("no answer"))
        shared.heard("shop", AuthenticationError("401", code="401"))
    assert not shared.admit("shop")


def test_a_check_that_succeeds_closes_the_breaker(database: Database) -> None:
    open_breaker(InDatabase(database))
    InDatabase(database, asks_now=True).heard("shop", None)
    assert not InDatabase(database).admit("shop")


def test_a_token_is_kept_sealed_and_one_renews_it_for_all(database: Database, seal: Seal, tmp_path: Path) -> None:
    made: list[Token | None] = []

    def make(held: Token | None) -> Token:
        made.append(held)
        time.sleep(0.1)
        return Token.lasting(f"{SECRET}-{len(made)}", 3600, "first", refresh=f"{SECRET}-refresh")

    found: list[Token] = []
    threads = [threading.Thread(target=lambda: found.append(InDatabase(database, seal).renew("shop", None, make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert {one.access for one in found} == {f"{SECRET}-1"}
    kept = InDatabase(database, seal).token("shop")
    assert kept is not None
    assert (kept.refresh, kept.origin) == (f"{SECRET}-refresh", "first")
    assert 3590 < kept.left() < 3600
    assert SECRET not in repr(kept)
    assert InDatabase(database, seal).renew("shop", kept, make).access == f"{SECRET}-2"
    assert InDatabase(database, seal).renew("shop", kept, make).access == f"{SECRET}-2"
    with database.begin() as connection:
        (sealed,) = connection.execute(select(accounts.credential.c.sealed)).scalars()
    assert SECRET.encode() not in sealed
    key = tmp_path / "home" / "credentials.key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_without_the_key_kept_tokens_are_of_no_use_and_it_is_said(database: Database, seal: Seal, tmp_path: Path) -> None:
    InDatabase(database, seal).renew("shop", None, lambda held: Token("a"))
    key = tmp_path / "home" / "credentials.key"
    whole = key.read_text()
    key.write_text("not a key")
    assert "is no key" in lost(database, seal)
    asked: list[Token | None] = []
    with pytest.raises(ConfigurationError, match="is no key"):  # before the vendor is asked for what could not be kept
        InDatabase(database, seal).renew("else", None, lambda held: asked.append(held) or Token("a"))
    assert asked == []
    key.unlink()
    assert "is not there" in lost(database, seal)
    InDatabase(database, seal).renew("else", None, lambda held: Token("a"))
    assert "another key" in lost(database, seal)
    key.write_text(f"{key.read_text()}\n{whole}")  # both keys: the new one seals, the old one still opens
    assert lost(database, seal) == "None"


def lost(database: Database, seal: Seal) -> str:
    found = InDatabase(database, seal).token("shop")
    assert found is not None
    return str(found.lost)


def test_what_a_renewal_gave_is_kept_though_the_process_was_interrupted(database: Database, seal: Seal) -> None:
    """An interrupt comes while the vendor answers: what it answered is kept before the interrupt goes on."""
    import _thread

    def make(held: Token | None) -> Token:
        _thread.interrupt_main()
        time.sleep(0.3)
        return Token("second", "refresh-2")

    with pytest.raises(KeyboardInterrupt):
        InDatabase(database, seal).renew("shop", None, make)
    kept = InDatabase(database, seal).token("shop")
    assert kept is not None
    assert kept.refresh == "refresh-2"
