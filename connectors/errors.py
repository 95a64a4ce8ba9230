"""What can go wrong between us and a source, and what is to be done about each.

    ConnectorError
    |-- TransientError        no answer, 5xx, broken connection: retry with jitter until the deadline, then next run
    |   |-- RateLimitedError  429 or the vendor's own word for it: wait as long as the vendor says, then retry
    |   `-- BreakerOpenError  the source did not answer for long: it is not asked again for a while
    |-- ConfigurationError    the declaration is wrong: stop, mend it
    |-- AuthenticationError   401, no secret: read the secret again once, then stop, renew it
    |-- PermissionDeniedError 403: stop this stream, keep what is there, grant the right
    |-- NotFoundError         404: stop this stream, check the address
    |-- SchemaError           an answer of another shape than documented: quarantine the record, or stop the stream
    |-- AlreadyRunningError   another process syncs this stream: leave it to that one
    |-- UnsettledError        it is not known whether a new record was made: look, never send it twice
    |-- PreconditionError     what was to be written back has changed meanwhile: nothing was written, read it again
    `-- PermanentError        anything else the vendor refuses: stop, read its message

An error's message says what is wrong; `action` says what to do. Neither ever holds a secret or a query string.
"""

from collections.abc import Mapping
from typing import ClassVar


class ConnectorError(Exception):
    """A source can't be read."""

    failure: ClassVar[str] = "permanent"
    advice: ClassVar[str] = "Read the message; if it does not help, run `crosswalk check`."
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str = "", action: str = "", wait: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.action = action or self.advice
        self.wait = wait

    @property
    def told(self) -> str:
        """What is wrong and what to do, for a person: sentences."""
        return f"{str(self).rstrip('.')}. {self.action}"

    @property
    def fault(self) -> str:
        """What the report of a run counts it as: its class, and its code where it has one."""
        return f"{self.failure} {self.code}".strip()

    def as_json(self) -> dict[str, str]:
        """As a sync run records it: class, code, message, action."""
        return {"class": self.failure, "code": self.code, "message": str(self), "action": self.action}


class TransientError(ConnectorError):
    """The source does not answer as it should just now."""

    failure = "transient"
    advice = "Nothing is lost: the next sync goes on where this one stopped. If it lasts, see whether the source is up."
    retryable = True


class RateLimitedError(TransientError):
    """The source asks us to wait; `wait` is its own word in seconds, where it gave one."""

    failure = "rate_limited"
    advice = "Sync less often, or give this source a lower `requests_per_second`; the next sync goes on where this one stopped."


class BreakerOpenError(TransientError):
    """The source did not answer for long, and is left alone for a while."""

    failure = "breaker_open"
    advice = "See whether the source is up. It is asked again by itself after a while; `crosswalk check` asks it now."
    retryable = False


class ConfigurationError(ConnectorError):
    """The declaration of the source is wrong."""

    failure = "configuration"
    advice = "Mend the source's entry where it is declared, then run `crosswalk check`."


class AuthenticationError(ConnectorError):
    """The source does not accept the secret, or there is none."""

    failure = "authentication"
    advice = "Renew the secret that the source's `secret` refers to, then run `crosswalk check`."


class PermissionDeniedError(ConnectorError):
    """The secret is accepted but may not read this."""

    failure = "permission"
    advice = "Give the key the right to read this stream, or leave the stream out of `streams`. What was synced before is kept."


class NotFoundError(ConnectorError):
    """There is nothing at this address."""

    failure = "not_found"
    advice = "Check the source's url or path, and that the vendor's module is installed."


class SchemaError(ConnectorError):
    """The answer has another shape than the vendor documents."""

    failure = "schema"
    advice = "See whether the vendor changed its interface; what can't be read is in landing.quarantine."


class AlreadyRunningError(ConnectorError):
    """Another process is syncing this stream."""

    failure = "already_running"
    advice = "Wait for the other sync to end; it does this one's work."


class PreconditionError(ConnectorError):
    """The record was changed meanwhile: nothing was written."""

    failure = "precondition"
    advice = "Read the record again, and decide anew."


class UnsettledError(ConnectorError):
    """A new record was sent, and it is not known whether it was made."""

    failure = "unsettled"
    advice = "Look for it in the source. If it is not there, make the change under another idempotency key."


class PermanentError(ConnectorError):
    """The source refuses the request."""


#: HTTP status -> error, whose class says what is done about it and whose advice what a person does. A status that is not here falls to its
#: hundred. A vendor's own table (http.door.Vendor.errors: status and the vendor's code -> error) comes first.
BY_STATUS: Mapping[int, type[ConnectorError]] = {
    401: AuthenticationError,
    402: PermissionDeniedError,  # the plan that was paid for does not hold it
    403: PermissionDeniedError,
    404: NotFoundError,
    408: TransientError,
    410: NotFoundError,
    412: PreconditionError,
    423: TransientError,  # locked by another
    425: TransientError,
    429: RateLimitedError,
    501: PermanentError,  # it never will
    505: PermanentError,
}


def classify(status: int) -> type[ConnectorError]:
    """The error for an HTTP status, where the vendor's own table says nothing."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    if 300 <= status < 400:
        return ConfigurationError
    return TransientError if status >= 500 else PermanentError
