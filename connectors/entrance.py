"""What every way into a source has, whatever it speaks: places among the account's requests, patience with it, a count of what went wrong,
and an entry in the access log for each try."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random_exponential

from connectors.errors import ConnectorError
from connectors.http.shared import InProcess, Rate, Shared

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Access:
    """One request as the access log keeps it; `path` has no query string."""

    method: str
    path: str
    status: int | None
    attempt: int
    milliseconds: float
    bytes: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the door speaks for, how fast it may, and what it shares with others that speak for the same."""

    name: str
    rate: Rate = Rate(10, 10)  # noqa: RUF009  frozen
    shared: Shared = field(default_factory=InProcess)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request is tried. Seconds."""

    deadline: float = 300.0
    attempts: int = 8
    longest_wait: float = 60.0
    timeout: float = 30.0


class Entrance:
    """A way in for one account. faults: what went wrong on the way, by its kind, whether or not asking again mended it."""

    def __init__(self, account: Account) -> None:
        self.patience = Patience()
        self.account = account
        self.retries = 0
        self.faults: Counter[str] = Counter()
        self.on_access: Callable[[Access], None] = lambda _: None
        self.correlation_id = "-"

    def close(self) -> None:
        """Leave."""

    def take_place(self) -> None:
        """Wait for a place among the account's requests."""
        time.sleep(min(self.account.shared.reserve(self.account.name, self.account.rate), self.patience.deadline))

    def admitted(self, ask: Callable[[], T]) -> T:
        """What `ask` gives, unless the account's source is thought dead; how it went is heard by all that share the account."""
        self.account.shared.admit(self.account.name)
        try:
            found = ask()
        except ConnectorError as error:
            self.account.shared.heard(self.account.name, error)
            raise
        self.account.shared.heard(self.account.name, None)
        return found

    def patiently(self, once: Callable[[int], T]) -> T:
        """What `once` gives, asked again for what may be retried. `once` gets the number of the try, from 1 on."""
        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, ConnectorError) and error.retryable),
            stop=stop_after_attempt(self.patience.attempts) | stop_after_delay(self.patience.deadline),
            wait=self._wait,
            sleep=time.sleep,
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                number = attempt.retry_state.attempt_number
                self.retries += number > 1
                return once(number)
        raise AssertionError("tenacity returns or raises")

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, ConnectorError) else None
        jitter = wait_random_exponential(multiplier=0.5, max=self.patience.longest_wait)(state)
        if asked is None:
            return jitter
        if asked > self.patience.deadline:
            assert isinstance(error, ConnectorError)
            raise error
        return asked + min(jitter, 1.0)
