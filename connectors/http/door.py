"""The one HTTP door: every request to a source goes through `Door.send`.

Each attempt waits for its place among the account's requests, is classified, and leaves an entry in the access log; neither the log nor
an error ever holds the query string, the body or the secret. What may be retried is, with full jitter (and no sooner than the vendor says),
until the deadline. Redirects are not followed: they would carry the secret to another host. An answer whose bytes are those of the answer
before, though something else was asked, is asked for again: a proxy or a vendor's cache may have given the wrong one. No cache is to answer
for the source at all (RFC 9111, 5.2.1.4).
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from connectors.account.entrance import Access, Account, Entrance
from connectors.errors import (
    AuthenticationError,
    ConnectorError,
    PermanentError,
    RateLimitedError,
    SchemaError,
    TransientError,
    classify,
)
from connectors.http.authentication import Anonymous, Authentication, Signs
from connectors.http.messages import Answer, Parameters, Request, is_json, read_at_most, retry_after

MAX_ANSWER = 64 * 1024 * 1024

#: An answer given again so many times in a row is taken as true; a small one ("nothing more"), which may well be, after once.
REPEATS, SMALL = 5, 200

#: A vendor that asks for a longer pause than a day is asked again after a day.
LONGEST_HOLD = 86400.0

for _name in ("httpx", "httpcore"):  # they print addresses with their query strings, and headers
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Vendor:
    """What one vendor says in its own way.

    error_code: the vendor's code out of the body of an error, as `decode` reads it: JSON, unless the vendor writes something else.
    refusal:    the same out of a body that comes with status 200 and refuses all the same; '' where it does not.
    pause:      seconds to wait before the next request, out of the headers of an answer.
    errors:     (status, vendor code) -> error, before the common table.
    headers:    sent with each request, such as the version of the API that the connector was written for.
    decode:     the bytes of an error's body read; ValueError where they can't be.
    secret_paths: the path itself lets in whoever knows it, so no log and no error shows it.
    """

    error_code: Callable[[Any], str] = lambda _: ""
    refusal: Callable[[Any], str] = lambda _: ""
    pause: Callable[[httpx.Headers], float] = lambda _: 0.0
    errors: Mapping[tuple[int, str], type[ConnectorError]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    decode: Callable[[bytes], Any] = json.loads
    secret_paths: bool = False


class Door(Entrance):
    """Requests to one account of a source; `account` names what limits, breaker and token are shared by."""

    def __init__(self, base_url: str, authentication: Authentication, account: Account, vendor: Vendor | None = None) -> None:
        super().__init__(account)
        self.vendor = vendor or Vendor()
        self.authentication = authentication
        self._former: tuple[Request, int, bytes] | None = None
        self._client = httpx.Client(base_url=base_url, timeout=self.patience.timeout, follow_redirects=False)

    def get(self, path: str, params: Parameters | None = None) -> Any:
        """The JSON at the path."""
        return self.send(Request(path, params=params or {})).json()

    def post(self, path: str, body: Any) -> Any:
        """The JSON that answers the body. Only for reading: it is retried."""
        return self.send(Request(path, "POST", body=body)).json()

    def close(self) -> None:
        self._client.close()

    def send(self, request: Request, *, again: bool = True) -> Answer:
        """The answer, its body JSON unless the request's Accept header says otherwise. `again`: it may be retried, which a write without an
        idempotency key may not. Raises ConnectorError, classified, once what can be retried has been."""
        return self.admitted(lambda: self._new(request) if again else self._renewed(request, 1))

    def _new(self, request: Request) -> Answer:
        """The answer, asked for again, at once, where it is the one before."""
        again = 0

        def once(number: int) -> Answer:
            nonlocal again
            answer = self._renewed(request, number)
            for _ in range(REPEATS if len(answer.content) > SMALL else 1):
                if not self._repeats(request, answer):
                    break
                again += 1
                answer = self._renewed(request, number)
            return answer

        answer = self.patiently(once)
        if again and not self._repeats(request, answer):  # else it was true
            self.retries += again
            self.faults["repeated"] += again
        self._former = (request, len(answer.content), _digest(answer))
        return answer

    def _repeats(self, request: Request, answer: Answer) -> bool:
        if self._former is None or not answer.content:
            return False
        asked, size, digest = self._former
        return size == len(answer.content) and asked != request and digest == _digest(answer)

    def _renewed(self, request: Request, number: int) -> Answer:
        """A credential that the source refuses is renewed, or read again, once; one that can't be had is not asked for twice."""
        ready = self._ready(request)
        try:
            return self._attempt(ready, number)
        except AuthenticationError:
            if isinstance(self.authentication, Anonymous):  # there is nothing to renew: a wrong password may be counted
                raise
            self.authentication.renew()
            return self._attempt(self._ready(request), number)

    def _attempt(self, built: httpx.Request, number: int) -> Answer:
        began = time.perf_counter()
        status, content, error = None, b"", None
        try:
            answer = self._send(built)
            status, content = answer.status, answer.content
            error = self._error(built, answer)
            if error is None:
                return answer
        except httpx.HTTPError as cause:
            error = TransientError(f"{built.method} {self._shown(built)}: no answer ({type(cause).__name__})", code=type(cause).__name__)
        except ConnectorError as cause:
            error = cause
        finally:
            if error is not None:
                self.faults[error.fault] += 1
            milliseconds = (time.perf_counter() - began) * 1000
            self.on_access(Access(built.method, self._shown(built), status, number, milliseconds, len(content), error is not None))
        raise error from None

    def _ready(self, request: Request) -> httpx.Request:
        """The request in its place, with what proves whose it is. The secret goes to the door's own host only, whatever address an answer
        named as its next page."""
        self.take_place()
        try:
            built = self._client.build_request(
                request.method,
                request.path,
                params=request.params or None,
                json=request.body,
                data=request.form,
                content=request.content,
                headers={"Cache-Control": "no-cache", **self.vendor.headers, **request.headers, "X-Correlation-Id": self.correlation_id},
                timeout=self.patience.timeout,
            )
        except httpx.InvalidURL as error:
            raise SchemaError(f"the source names an address that is none ({type(error).__name__})") from None
        base = self._client.base_url
        if (built.url.scheme, built.url.host, built.url.port) != (base.scheme, base.host, base.port):
            raise SchemaError(f"the source names an address of another host, {built.url.host}", action="It is not followed: report this.")
        own = self.authentication
        built.headers.update(own.sign(built) if isinstance(own, Signs) else own.headers())
        return built

    def _send(self, request: httpx.Request) -> Answer:
        response = self._client.send(request, stream=True)
        self.answered = True
        try:
            content = read_at_most(response, MAX_ANSWER, self.patience.deadline)
        finally:
            response.close()
        self._hold(self.vendor.pause(response.headers))
        return Answer(response.status_code, response.headers, content)

    def _shown(self, request: httpx.Request) -> str:
        """What may be told of an address: never its query string."""
        return f"{request.url.host}/..." if self.vendor.secret_paths else request.url.path

    def _hold(self, seconds: float) -> None:
        if seconds > 0:
            self.account.shared.hold(self.account.name, min(seconds, LONGEST_HOLD))

    def _error(self, request: httpx.Request, answer: Answer) -> ConnectorError | None:
        """What is wrong with an answer; None where nothing is. Raises what `Answer.json` does."""
        fine = 200 <= answer.status < 300
        if fine and not is_json(request, answer):
            return None
        code = self._code(answer, fine=fine)
        if fine and not code:
            return None
        wait = retry_after(answer.headers)
        kind = PermanentError if fine else classify(answer.status)
        kind = self.vendor.errors.get((answer.status, code), kind)
        if wait is not None and issubclass(kind, RateLimitedError):
            self._hold(wait)
        message = f"{request.method} {self._shown(request)}: {answer.status}{f' {code}' if code else ''}"
        return kind(message, code=code or str(answer.status), wait=wait if issubclass(kind, TransientError) else None)

    def _code(self, answer: Answer, *, fine: bool) -> str:
        """The vendor's code of an error, '' where it gives none; a body that answers an error need not be JSON."""
        if fine:
            return self.vendor.refusal(answer.json())
        try:
            return self.vendor.error_code(self.vendor.decode(answer.content))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return ""


def _digest(answer: Answer) -> bytes:
    return hashlib.blake2b(answer.content, digest_size=16).digest()
