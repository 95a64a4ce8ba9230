"""What all processes share of an account, kept in PostgreSQL by its server's clock, each thing in a short transaction of its own.

Places are taken several at once, so that a place costs less than a statement; those that a process took and did not use within a second
are lost to the account, which is at most half a second's worth. A token is sealed (sealing.py), and its renewal is held to one
process by a session lock: what the vendor gave is kept before it is used, and an interrupt waits until it is.
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import OperationalError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from connectors.account.sealing import Seal
from connectors.account.shared import Rate, Token
from connectors.errors import BreakerOpenError, ConfigurationError, ConnectorError, RateLimitedError, TransientError
from sql import queries
from sql.database import Database, DatabaseUnavailableError, LockedError
from sql.tables import accounts

#: Seconds' worth of places taken at once, and after how many seconds one that was not used is given up.
AT_ONCE, STALE = 0.5, 1.0

#: A place is never given farther ahead: no request waits so long.
FARTHEST = 600.0

#: Requests without an answer, each with all its retries, until the breaker opens; and for how many seconds it does, first and at most.
SILENCES, FIRST, LONGEST = 3, 30.0, 3600.0

#: Seconds that one request has to try if a source is back; and for which a breaker that was closed is taken to be so still.
PROBE, BELIEVED = 60.0, 5.0

#: How long one process waits for another's renewal.
PATIENCE = 90.0


@dataclass(slots=True)
class _Places:
    """Places of one account that this process took and has not used: each the time, by its monotonic clock, that the schedule gave it."""

    taken: deque[float] = field(default_factory=deque)
    at_once: int = 1


class InDatabase:
    """asks_now: it asks a source whose breaker is open too, as `crosswalk check` does."""

    def __init__(self, database: Database, seal: Seal | None = None, *, asks_now: bool = False) -> None:
        self.database, self.asks_now = database, asks_now
        self.seal = seal or Seal()
        self._lock = threading.Lock()
        self._places: dict[str, _Places] = defaultdict(_Places)
        self._held: dict[str, float] = defaultdict(float)
        self._closed_at: dict[str, float] = {}
        self._doubted: set[str] = set()

    def reserve(self, account: str, rate: Rate) -> float:
        with self._lock:
            places, now = self._places[account], time.monotonic()
            if places.taken and places.taken[0] < now - STALE:
                places.taken.clear()
                places.at_once = 1
            if not places.taken:
                self._take(account, rate, places)
            return max(0.0, places.taken.popleft() - now - rate.burst / rate.per_second, self._held[account] - now)

    def _take(self, account: str, rate: Rate, places: _Places) -> None:
        count = places.at_once
        with self.database.begin() as connection:
            # A place that is forgotten with the machine does no harm: no request waits for the disk.
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            values = {"name": account, "seconds": count / rate.per_second, "farthest": FARTHEST}
            found = connection.execute(queries.take_places, values).one()
        now = time.monotonic()
        places.taken.extend(now + found.ahead - (count - 1 - number) / rate.per_second for number in range(count))
        places.at_once = max(1, min(2 * count, int(rate.per_second * AT_ONCE), rate.burst))
        self._held[account] = now + found.held if found.held > 0 else 0.0

    def hold(self, account: str, seconds: float) -> None:
        with self.database.begin() as connection:
            connection.execute(queries.hold_account, {"name": account, "seconds": seconds})
        with self._lock:
            self._held[account] = max(self._held[account], time.monotonic() + seconds)
            self._places[account].taken.clear()

    def admit(self, account: str) -> bool:
        if self.asks_now or time.monotonic() - self._closed_at.get(account, -BELIEVED) < BELIEVED:
            return False
        table = accounts.account.c
        left = func.extract("epoch", table.open_until - func.clock_timestamp())
        found = self._one(select(table.failures, table.open_until, left.label("left")).where(table.name == account))
        if found is None or found.open_until is None:
            self._closed_at[account] = time.monotonic()
            (self._doubted.add if found and found.failures else self._doubted.discard)(account)
            return False
        if self._one(queries.take_probe, {"name": account, "seconds": PROBE}) is None:
            again = f"it is asked again in {float(found.left):.0f} seconds" if found.left > 0 else "one request is trying it now"
            raise BreakerOpenError(f"{account} did not answer lately: {again}")
        self._doubted.add(account)
        return True

    def heard(self, account: str, error: ConnectorError | None) -> None:
        if isinstance(error, RateLimitedError | BreakerOpenError):
            return
        if isinstance(error, TransientError):
            self._closed_at.pop(account, None)
            self._doubted.add(account)
            with self.database.begin() as connection:
                connection.execute(queries.note_silence, {"name": account, "most": SILENCES, "first": FIRST, "longest": LONGEST})
        elif (error is None or error.code) and (account in self._doubted or self.asks_now):
            self._doubted.discard(account)
            closed = {"failures": 0, "openings": 0, "open_until": None, "probing_until": None}
            with self.database.begin() as connection:
                connection.execute(update(accounts.account).where(accounts.account.c.name == account).values(closed))

    def token(self, account: str) -> Token | None:
        table = accounts.credential.c
        left = func.extract("epoch", table.expires_at - func.clock_timestamp())
        found = self._one(select(table.sealed, table.origin, table.lifetime, left.label("left")).where(table.name == account))
        if found is None:
            return None
        try:
            held = self.seal.opened(found.sealed, account)
        except ConfigurationError as error:
            return Token("", ends=0.0, origin=found.origin, lost=error)
        ends = time.monotonic() + float(found.left) if found.left is not None else None
        return Token(held["access"], held["refresh"], found.lifetime, ends, found.origin)

    def renew(self, account: str, stale: Token | None, make: Callable[[Token | None], Token]) -> Token:
        """In a thread of its own, which an interrupt of this one does not reach."""
        with ThreadPoolExecutor(1) as once:
            return once.submit(self._renewed, account, stale, make).result()

    def _renewed(self, account: str, stale: Token | None, make: Callable[[Token | None], Token]) -> Token:
        try:
            with self.database.alone(f"token:{account}", PATIENCE):
                return self._renewed_alone(account, stale, make)
        except LockedError as error:
            raise TransientError(f"another process has been renewing the token of {account} for {PATIENCE:.0f} seconds") from error

    def _renewed_alone(self, account: str, stale: Token | None, make: Callable[[Token | None], Token]) -> Token:
        held = self.token(account)
        if held is not None and (stale is None or held.access != stale.access):
            return held
        self.seal.sealed({})  # what the vendor gives has to be kept: that it can be is seen before it is asked
        made = make(held)
        for attempt in Retrying(
            retry=retry_if_exception_type((OperationalError, DatabaseUnavailableError)),
            stop=stop_after_attempt(8),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            reraise=True,
        ):
            with attempt, self.database.begin() as connection:
                self._keep(connection, account, made)
        return made

    def _keep(self, connection: Connection, account: str, token: Token) -> None:
        values = {
            "sealed": self.seal.sealed({"access": token.access, "refresh": token.refresh}),
            "origin": token.origin,
            "lifetime": token.lifetime,
            "expires_at": None if token.ends is None else func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, token.left()),
            "renewed_at": func.clock_timestamp(),
        }
        row = upsert(accounts.credential).values(name=account, **values)
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))

    def _one(self, query: Any, parameters: dict[str, Any] | None = None) -> Any:
        with self.database.begin() as connection:
            return connection.execute(query, parameters or {}).one_or_none()
