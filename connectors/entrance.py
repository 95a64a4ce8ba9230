"""What every way into a source has, whatever it speaks: places among the account's requests, patience with it, a count of what went wrong,
and an entry in the access log for each try."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_random_exponential

from connectors.errors import ConnectorError, RateLimitedError
from connectors.http.shared import InProcess, Rate, Shared

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Access:
    """One request as the access log keeps it: of HTTP its method and path, without the query string; of another protocol its command, and
    the folder, table or bucket. status: None where no answer came, or the protocol has none. bytes: of the answer."""

    method: str
    path: str
    status: int | None
    attempt: int
    milliseconds: float
    bytes: int
    failed: bool


@dataclass(slots=True)
class AccessLog:
    """Where the requests of a connector are written down, set by who opens it; correlation_id goes to the source with each."""

    on_access: Callable[[Access], None] = lambda _: None
    correlation_id: str = "-"


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the door speaks for, how fast it may, what it shares with others that speak for the same, and where its requests are logged."""

    name: str
    rate: Rate = Rate(10, 10)  # noqa: RUF009  frozen
    shared: Shared = field(default_factory=InProcess)
    log: AccessLog = field(default_factory=AccessLog)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request is tried: no try begins after the deadline. Seconds, by a clock that is never set."""

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
        self._probing = False

    def close(self) -> None:
        """Leave."""

    @property
    def on_access(self) -> Callable[[Access], None]:
        return self.account.log.on_access

    @on_access.setter
    def on_access(self, keep: Callable[[Access], None]) -> None:
        self.account.log.on_access = keep

    @property
    def correlation_id(self) -> str:
        return self.account.log.correlation_id

    @correlation_id.setter
    def correlation_id(self, value: str) -> None:
        self.account.log.correlation_id = value

    def take_place(self) -> None:
        """Wait for a place among the account's requests. RateLimitedError, without asking, where that is beyond the deadline."""
        wait = self.account.shared.reserve(self.account.name, self.account.rate)
        if wait > self.patience.deadline:
            raise RateLimitedError(f"{self.account.name} is not to be asked for another {wait:.0f} seconds", wait=wait)
        time.sleep(wait)

    def admitted(self, ask: Callable[[], T]) -> T:
        """What `ask` gives, unless the account's source is thought dead; how it went is heard by all that share the account."""
        self._probing = self.account.shared.admit(self.account.name)
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
            stop=stop_after_attempt(1 if self._probing else self.patience.attempts) | stop_before_delay(self.patience.deadline),
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
        return jitter if asked is None else asked + min(jitter, 1.0)
