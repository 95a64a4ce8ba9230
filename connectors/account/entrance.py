"""What every way into a source has, whatever it speaks: places among the account's requests, patience with it, a count of what went wrong,
and an entry in the access log for each try."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_before_delay, wait_random_exponential

from connectors.account.shared import InProcess, Rate, Shared
from connectors.errors import ConnectorError, RateLimitedError

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
    """How long one request is tried. Seconds, by a clock that is never set.

    deadline: no try begins after it. attempts: no more tries than that, where somebody waits for the answer. unanswered: no more tries than
    that of a source that has not answered anything yet: the address may be wrong. first_wait: the bound of the wait after the first try; it
    doubles with each, up to longest_wait. timeout: of one try.
    """

    deadline: float = 300.0
    attempts: int | None = None
    unanswered: int = 10
    first_wait: float = 0.5
    longest_wait: float = 10.0
    timeout: float = 30.0


class Entrance:
    """A way in for one account. faults: what went wrong on the way, by its kind, whether or not asking again mended it. answered: the
    source has, since it was opened, even if it said no (where the way in can tell that)."""

    def __init__(self, account: Account) -> None:
        self.patience = Patience()
        self.account = account
        self.retries = 0
        self.faults: Counter[str] = Counter()
        self.answered = False
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
        self.answered = True
        self.account.shared.heard(self.account.name, None)
        return found

    def patiently(self, once: Callable[[int], T]) -> T:
        """What `once` gives, asked again for what may be retried. `once` gets the number of the try, from 1 on."""
        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, ConnectorError) and error.retryable),
            stop=self._is_over,
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

    def _is_over(self, state: RetryCallState) -> bool:
        patience, tries = self.patience, state.attempt_number
        most = 1 if self._probing else patience.attempts
        if (most and tries >= most) or (tries >= patience.unanswered and not self.answered):
            return True
        return stop_before_delay(patience.deadline)(state)

    def _wait(self, state: RetryCallState) -> float:
        """Full jitter, on top of what the source asked for: one that always asks for no pause is left more and more time all the same."""
        error = state.outcome.exception() if state.outcome else None
        asked = (error.wait or 0.0) if isinstance(error, ConnectorError) else 0.0
        return asked + wait_random_exponential(multiplier=self.patience.first_wait, max=self.patience.longest_wait)(state)
