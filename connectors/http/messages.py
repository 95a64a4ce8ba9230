"""What is asked of a source and what it answers, as values.

A Request can be made anew with more parameters; an Answer is read lazily and holds no secret.
"""

import email.utils
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx

from connectors.errors import PermanentError, SchemaError, TransientError
from connectors.mapping.tables import at

#: The code of the error for an answer that is larger than may be.
TOO_LARGE = "too_large"

Parameters = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is below the door's base, or a whole URL of the same host. body: JSON; form: urlencoded; content: as it is."""

    path: str
    method: str = "GET"
    params: Parameters = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def having(self, where: str, more: Mapping[str, Any]) -> "Request":
        """The same with more parameters, in the query string (`params`), the JSON body (`body`), an object in it (`body.variables`) or the
        headers (`headers`)."""
        if not more:
            return self
        if where.startswith("body."):
            inner = where.removeprefix("body.")
            return replace(self, body={**(self.body or {}), inner: {**(self.body or {}).get(inner, {}), **more}})
        if where == "body":
            return replace(self, body={**(self.body or {}), **more})
        if where == "headers":
            return replace(self, headers={**self.headers, **{name: str(value) for name, value in more.items()}})
        return replace(self, params={**self.params, **more})


@dataclass(frozen=True)
class Answer:
    """An answer: its status, headers and bytes."""

    status: int
    headers: httpx.Headers
    content: bytes

    def json(self) -> Any:
        """The decoded body, None where it is empty. TransientError where it is no JSON: cut off, or a proxy answered for the vendor.
        SchemaError where it is JSON that Python will not read however often it comes."""
        return self._decoded

    @cached_property
    def _decoded(self) -> Any:
        if not self.content.strip():
            return None
        try:
            return json.loads(self.content)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise TransientError(f"the answer is not JSON ({len(self.content)} bytes)", code="not_json") from error
        except ValueError as error:  # sys.get_int_max_str_digits
            raise SchemaError("the answer holds a number of more digits than can be read") from error
        except RecursionError as error:
            raise SchemaError("the answer is nested too deeply to be read") from error

    def at(self, path: str) -> Any:
        """The value at a path of the decoded body; the whole body for ''."""
        return at(self.json(), path) if path else self.json()

    def said_at(self) -> datetime | None:
        """The vendor's clock (the Date header), or None."""
        return _moment(self.headers.get("Date", ""))


def is_json(request: httpx.Request, answer: Answer) -> bool:
    """Whether the answer is to be JSON: unless the request asked for something else, it is, whatever type a proxy on the way says."""
    return bool(answer.content) and request.headers.get("Accept", "*/*") in ("*/*", "application/json")


def read_at_most(response: httpx.Response, limit: int, seconds: float) -> bytes:
    """The body. PermanentError where it is larger, TransientError where it takes longer: it may come a byte at a time."""
    parts, size, end = [], 0, time.monotonic() + seconds
    for part in response.iter_bytes():
        if time.monotonic() > end:
            raise TransientError(f"the answer did not end within {seconds:.0f} seconds")
        size += len(part)
        if size > limit:
            action = "Ask for smaller pages: set `page_size` for this source."
            raise PermanentError(f"the answer is larger than {limit} bytes", code=TOO_LARGE, action=action)
        parts.append(part)
    return b"".join(parts)


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds of a Retry-After header, given in seconds or as a date by the vendor's own clock (RFC 9110, 10.2.3); None where there is none
    to be read."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    at = _moment(value)
    return max(0.0, (at - (_moment(headers.get("Date", "")) or datetime.now(UTC))).total_seconds()) if at else None


def _moment(value: str) -> datetime | None:
    """A date of HTTP; None where it is none."""
    try:
        found = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)
