"""How a request proves whose it is. A secret is read where it is needed, so that a rotated one is picked up while a sync runs."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import httpx

from connectors.errors import ConfigurationError
from connectors.secrets import resolve


class Authentication(Protocol):
    """`headers` is asked for each attempt; `renew` after the source refused one, once a request."""

    def headers(self) -> Mapping[str, str]: ...

    def renew(self) -> None: ...


@runtime_checkable
class Signs(Protocol):
    """An Authentication whose headers depend on the request, which it signs."""

    def sign(self, request: httpx.Request) -> Mapping[str, str]: ...


class Anonymous:
    """A source that wants none."""

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is, in a header: `Authorization: Bearer KEY` unless said otherwise. secret: the reference to it, or None."""

    source: str
    secret: str | None
    header: str = "Authorization"
    form: str = "Bearer {}"

    def headers(self) -> Mapping[str, str]:
        return {self.header: self.form.format(known(self.source, self.secret))}

    def renew(self) -> None:
        """It is read anew for each request: it may have been rotated."""


@dataclass(frozen=True, slots=True)
class Basic:
    """Name and password (RFC 7617)."""

    source: str
    user: str
    secret: str | None

    def headers(self) -> Mapping[str, str]:
        pair = f"{self.user}:{known(self.source, self.secret)}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def renew(self) -> None:
        """It is read anew for each request: it may have been rotated."""


def known(source: str, secret: str | None) -> str:
    """What the reference stands for. ConfigurationError where the source has none."""
    if not secret:
        raise ConfigurationError(f"source {source} has no secret", action=f'Add secret = "env:{source.upper()}_SECRET" to it.')
    return resolve(secret).value
