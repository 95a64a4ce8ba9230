"""How a request proves whose it is. A secret is read where it is needed, so that a rotated one is picked up while a sync runs."""

import base64
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import httpx

from connectors.account.shared import Shared, Token
from connectors.errors import ConfigurationError, TransientError
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
    """A key as it is, in a header: `Authorization: Bearer KEY` unless said otherwise. secret: the reference to it, or None. or_oauth: the
    vendor has OAuth too, which who declared neither is told."""

    source: str
    secret: str | None
    header: str = "Authorization"
    form: str = "Bearer {}"
    or_oauth: bool = False

    def headers(self) -> Mapping[str, str]:
        return {self.header: self.form.format(known(self.source, self.secret, or_oauth=self.or_oauth))}

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


class Renewed(ABC):
    """A token that ends. It is kept where every process that speaks for the account sees it; one of them renews it, a little before its end
    or when the source refuses it."""

    def __init__(self, account: str, shared: Shared) -> None:
        self.account, self.shared = account, shared
        self._held: Token | None = None

    @abstractmethod
    def origin(self) -> str:
        """A fingerprint of what the first token is got with: a kept token of another origin is not used."""

    @abstractmethod
    def make(self, held: Token | None) -> Token:
        """A new token; `held` is the one that was kept last, whatever its origin. Raises ConnectorError."""

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token().access}"}

    def token(self) -> Token:
        """A token that is good for a while. Where it can't be renewed just now, it is used to its end."""
        if self._held is None or self._held.is_due():
            kept = self.shared.token(self.account)
            if kept is None or kept.origin != self.origin() or kept.is_due():
                kept = self._renewed(kept)
            self._held = kept
        return self._held

    def renew(self) -> None:
        """The source refused the token."""
        self._held = self.shared.renew(self.account, self._held, self.make)

    def _renewed(self, kept: Token | None) -> Token:
        try:
            return self.shared.renew(self.account, kept, self.make)
        except TransientError:
            if kept is None or kept.origin != self.origin() or kept.left() <= 0:
                raise
            return replace(kept, lifetime=kept.left())  # the next try is when three quarters of what is left are over


class Session(Renewed):
    """What a login gives: `login()` returns the headers of its session. who: what it logs in as. lifetime: seconds, where it is known."""

    def __init__(
        self, account: str, shared: Shared, login: Callable[[], Mapping[str, str]], who: str = "", lifetime: float | None = None
    ) -> None:
        super().__init__(account, shared)
        self.login, self.who, self.lifetime = login, who, lifetime

    def origin(self) -> str:
        return fingerprint("session", self.who)

    def make(self, held: Token | None) -> Token:
        del held
        return Token.lasting(json.dumps(dict(self.login())), self.lifetime, self.origin())

    def headers(self) -> Mapping[str, str]:
        headers: Mapping[str, str] = json.loads(self.token().access)
        return headers


def fingerprint(*parts: str) -> str:
    """Tells one set of values from another, and not what they are."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def known(source: str, secret: str | None, *, or_oauth: bool = False) -> str:
    """What the reference stands for. ConfigurationError where the source has none."""
    if not secret:
        declared = f'secret = "env:{source.upper()}_SECRET"'
        if or_oauth:
            action = f"Add [source.oauth] to it, or {declared}: `crosswalk init --config example.toml` writes an example of each kind."
            raise ConfigurationError(f"source {source} has neither [source.oauth] nor a secret", action=action)
        raise ConfigurationError(f"source {source} has no secret", action=f"Add {declared} to it.")
    return resolve(secret).value
