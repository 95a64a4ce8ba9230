"""What all processes that speak with one account share: how many requests they may send, whether the source is thought dead, and the token
of an account whose token is renewed.

`InProcess` keeps it in this process alone, for a check or a test; `InDatabase` (in_database.py) keeps it where every process sees it.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from connectors.errors import ConnectorError

#: A token is renewed so many seconds before its end.
EARLY = 60.0


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `per_second` requests a second in the long run, `burst` at once."""

    per_second: float
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and what the next one is got with. Its representation does not tell them.

    lifetime, ends: how many seconds it was given for, and when it ends by this process's monotonic clock; None where nothing was said.
    origin:         a fingerprint of what it was first got with: a token of another origin is not used.
    lost:           why what was kept can't be read any more; such a token is over, and its refresh token unknown.
    """

    access: str
    refresh: str | None = None
    lifetime: float | None = None
    ends: float | None = None
    origin: str = ""
    lost: ConnectorError | None = None

    @classmethod
    def lasting(cls, access: str, seconds: float | None, origin: str, refresh: str | None = None) -> "Token":
        """A token that was given just now."""
        return cls(access, refresh, seconds, time.monotonic() + seconds if seconds is not None else None, origin)

    def left(self) -> float:
        """Seconds until it ends."""
        return float("inf") if self.ends is None else self.ends - time.monotonic()

    def is_due(self) -> bool:
        """Whether it ends within a minute, or the last quarter of its time where that is less."""
        return self.left() < min(EARLY, (self.lifetime or EARLY) / 4)

    def __repr__(self) -> str:
        return "Token(***)"


class Shared(Protocol):
    """One account is one name, such as the source's."""

    def reserve(self, account: str, rate: Rate) -> float:
        """Take a place and return how many seconds to wait before using it."""

    def hold(self, account: str, seconds: float) -> None:
        """Give no place for so long: the vendor said so."""

    def admit(self, account: str) -> bool:
        """Whether this request is the one that tries if a source thought dead is back; BreakerOpenError for every other one."""

    def heard(self, account: str, error: ConnectorError | None) -> None:
        """What came of a request, every retry counted: None where the source answered."""

    def token(self, account: str) -> Token | None:
        """The token that was kept last."""

    def renew(self, account: str, stale: Token | None, make: Callable[[Token | None], Token]) -> Token:
        """Under a lock: what `make` makes of the kept token, kept; or, where another has renewed `stale` meanwhile, that one's token."""


class InProcess:
    """Shared by the threads of this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._free: dict[str, float] = defaultdict(float)
        self._held: dict[str, float] = defaultdict(float)
        self._tokens: dict[str, Token] = {}

    def reserve(self, account: str, rate: Rate) -> float:
        """By the virtual schedule of the generic cell rate algorithm (ITU-T I.371): the time when the bucket would be full again."""
        with self._lock:
            now = time.monotonic()
            full = max(self._free[account], now) + 1 / rate.per_second
            self._free[account] = full
            return max(0.0, full - now - rate.burst / rate.per_second, self._held[account] - now)

    def hold(self, account: str, seconds: float) -> None:
        with self._lock:
            self._held[account] = max(self._held[account], time.monotonic() + seconds)

    def admit(self, account: str) -> bool:
        del account
        return False

    def heard(self, account: str, error: ConnectorError | None) -> None:
        del account, error

    def token(self, account: str) -> Token | None:
        return self._tokens.get(account)

    def renew(self, account: str, stale: Token | None, make: Callable[[Token | None], Token]) -> Token:
        with self._lock:
            held = self._tokens.get(account)
            if held is None or (stale is not None and held.access == stale.access):
                held = self._tokens[account] = make(held)
            return held
