"""The one HTTP door: every request to a source goes through `Door.request`.

Each attempt waits for the token bucket, is classified, and leaves an entry in the access log; neither the log nor an error ever holds the
query string, the body or the secret. What may be retried is, with full jitter (or as long as the vendor says), until the deadline.
Redirects are not followed: they would carry the secret to another host.
"""

import email.utils
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random_exponential

from connectors.errors import AuthenticationError, ConnectorError, PermanentError, RateLimitedError, TransientError, classify

MAX_ANSWER = 64 * 1024 * 1024


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
class Vendor:
    """What one vendor says in its own way.

    error_code: the vendor's code out of the body of an error.
    pause:      seconds to wait before the next request, out of the headers of an answer.
    errors:     (status, vendor code) -> error, before the common table.
    """

    error_code: Callable[[Any], str] = lambda _: ""
    pause: Callable[[httpx.Headers], float] = lambda _: 0.0
    errors: Mapping[tuple[int, str], type[ConnectorError]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request is tried. Seconds."""

    deadline: float = 300.0
    attempts: int = 8
    longest_wait: float = 60.0
    timeout: float = 30.0


class TokenBucket:
    """At most `rate` requests a second in the long run, `burst` at once. Shared by threads."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, float(burst)
        self._tokens, self._at, self._lock = float(burst), time.monotonic(), threading.Lock()

    def reserve(self) -> float:
        """Take a token and return how many seconds to wait before using it."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
            self._at = now
            self._tokens -= 1
            return max(0.0, -self._tokens / self.rate)

    def hold(self, seconds: float) -> None:
        """Give no token for so long: the vendor said so."""
        with self._lock:
            self._tokens = min(self._tokens, 0.0) - seconds * self.rate


class Door:
    """Requests to one source. `headers` is called for each attempt, and again after a 401: a secret may have been renewed meanwhile."""

    def __init__(
        self,
        base_url: str,
        headers: Callable[[], Mapping[str, str]],
        *,
        vendor: Vendor | None = None,
        bucket: TokenBucket | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self.vendor = vendor or Vendor()
        self.bucket = bucket or TokenBucket(10, 10)
        self.retries = 0
        self.on_access: Callable[[Access], None] = lambda _: None
        self.correlation_id = "-"
        self._headers = headers
        self._client = httpx.Client(base_url=base_url, timeout=self.patience.timeout, follow_redirects=False)

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """The JSON at the path."""
        return self.request("GET", path, params=params)

    def post(self, path: str, body: Any) -> Any:
        """The JSON that answers the body. Only for reading: it is retried."""
        return self.request("POST", path, body=body)

    def close(self) -> None:
        self._client.close()

    def request(self, method: str, path: str, *, params: Mapping[str, str | int] | None = None, body: Any = None) -> Any:
        """The decoded JSON answer. Raises ConnectorError, classified, once what can be retried has been."""
        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, ConnectorError) and error.retryable),
            stop=stop_after_attempt(self.patience.attempts) | stop_after_delay(self.patience.deadline),
            wait=self._wait,
            sleep=time.sleep,
            reraise=True,
        )
        renewed = False
        for attempt in retrying:
            with attempt:
                number = attempt.retry_state.attempt_number
                self.retries += number > 1
                try:
                    return self._attempt(method, path, params, body, number)
                except AuthenticationError:
                    if renewed:
                        raise
                    renewed = True
                    return self._attempt(method, path, params, body, number)
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

    def _attempt(self, method: str, path: str, params: Mapping[str, str | int] | None, body: Any, number: int) -> Any:
        time.sleep(min(self.bucket.reserve(), self.patience.deadline))
        request = self._client.build_request(
            method, path, params=params, json=body, headers={**self._headers(), "X-Correlation-Id": self.correlation_id}
        )
        began = time.perf_counter()
        status, content, error = None, b"", None
        try:
            status, content, error = self._send(request)
            if error is None:
                return decode(content)
        except httpx.HTTPError as cause:
            error = TransientError(f"{method} {path}: no answer ({type(cause).__name__})")
        except ConnectorError as cause:
            error = cause
        finally:
            milliseconds = (time.perf_counter() - began) * 1000
            self.on_access(Access(method, request.url.path, status, number, milliseconds, len(content), error is not None))
        raise error

    def _send(self, request: httpx.Request) -> tuple[int, bytes, ConnectorError | None]:
        response = self._client.send(request, stream=True)
        try:
            content = read_at_most(response, MAX_ANSWER)
        finally:
            response.close()
        self.bucket.hold(min(self.vendor.pause(response.headers), self.patience.longest_wait))
        error = None if 200 <= response.status_code < 300 else self._error(request, response, content)
        return response.status_code, content, error

    def _error(self, request: httpx.Request, response: httpx.Response, content: bytes) -> ConnectorError:
        try:
            code = self.vendor.error_code(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError):
            code = ""
        wait = retry_after(response.headers)
        kind = classify(response.status_code, code, self.vendor.errors)
        if wait is not None and issubclass(kind, RateLimitedError):
            self.bucket.hold(min(wait, self.patience.longest_wait))
        message = f"{request.method} {request.url.path}: {response.status_code}{f' {code}' if code else ''}"
        return kind(message, code=code or str(response.status_code), wait=wait if issubclass(kind, TransientError) else None)


def decode(content: bytes) -> Any:
    """JSON out of an answer. TransientError where it is none: it was cut off, or a proxy on the way answered in the vendor's place."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise TransientError(f"the answer is not JSON ({len(content)} bytes)") from error


def read_at_most(response: httpx.Response, limit: int) -> bytes:
    """The body, or PermanentError where it is larger."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > limit:
            raise PermanentError(
                f"the answer is larger than {limit} bytes", action="Ask for smaller pages: set `page_size` for this source."
            )
        parts.append(part)
    return b"".join(parts)


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds of a Retry-After header, given in seconds or as a date (RFC 9110, 10.2.3); None where there is none to be read."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
