"""OAuth 2.0: an access token is got for a refresh token, the client's own credentials, or a signed assertion (RFC 6749, 7521, 7523).

A vendor may give a new refresh token with each access token, and take the second use of an old one for theft. So a renewal is made by one
process at a time, and what it got is kept before anything is done with it. What is kept outranks the declared refresh token, which is only
the first of its line; when a new one is declared, a new line begins. A process that is killed between the vendor's answer and our keeping
it loses the line where the vendor allows no second use: the error then says to authorise anew, and what is declared then is taken up.

A refusal is not remembered: each sync asks again, once a stream. `invalid_grant` is the word for a token that is over, and also for one
that is good again once an administrator consents, with nothing new to declare (Microsoft's AADSTS65001,
learn.microsoft.com/entra/identity-platform/reference-error-codes).
"""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Self

import httpx
import jwt
from pydantic import BaseModel, ConfigDict, model_validator

from connectors.account.entrance import Account, Patience
from connectors.account.shared import Rate, Token
from connectors.errors import AuthenticationError, ConfigurationError, PermanentError, RateLimitedError, SchemaError, TransientError
from connectors.http.authentication import Anonymous, Authentication, Basic, Renewed, fingerprint
from connectors.http.door import Door, Vendor
from connectors.http.messages import Request
from connectors.secrets import check_reference, resolve

#: An assertion is good for so many seconds, and from so many before our clock says now: the vendor's may be behind.
GOOD_FOR, BEHIND = 150, 30

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANTS = {"jwt_bearer": "urn:ietf:params:oauth:grant-type:jwt-bearer"}

#: Who waits for a token holds up all that need it.
PATIENCE = Patience(deadline=30, longest_wait=5)


class _RefusedError(PermanentError):
    """The credentials for a token: asking a second time could be taken for theft."""


#: Beside the words of RFC 6749, 5.2: those of Slack, which come with status 200 (docs.slack.dev/reference/methods/oauth.v2.access).
REFUSED = ("invalid_grant", "invalid_client", "unauthorized_client", "invalid_token", "access_denied")
REFUSED_BY_SLACK = ("invalid_refresh_token", "bad_client_secret", "invalid_client_id", "invalid_grant_type")
NOT_NOW = ("fatal_error", "internal_error", "request_timeout", "service_unavailable")


def _error(body: Any) -> str:
    """The word of an error, '' where there is none."""
    return str(body.get("error") or "") if isinstance(body, dict) and not body.get("access_token") else ""


VENDOR = Vendor(
    error_code=_error,
    refusal=_error,
    errors={
        **{(status, code): _RefusedError for status in (200, 400, 401, 403) for code in (*REFUSED, *REFUSED_BY_SLACK)},
        **{(200, code): TransientError for code in NOT_NOW},
        (200, "ratelimited"): RateLimitedError,
    },
)


class OAuthSettings(BaseModel):
    """`[source.oauth]`. Secrets are references.

    refresh_token: the first one; later ones are kept in the database. private_key: PEM, or a Google service account's JSON.
    audience, issuer, subject, key_id, claims: of the assertion. parameters: sent with each request for a token as they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    grant: Literal["refresh_token", "client_credentials", "jwt_bearer"] = "refresh_token"
    client_id: str = ""
    client_secret: str | None = None
    client_authentication: Literal["form", "basic"] = "form"
    refresh_token: str | None = None
    private_key: str | None = None
    algorithm: Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"] = "RS256"
    token_url: str = ""
    scope: str = ""
    audience: str = ""
    issuer: str = ""
    subject: str = ""
    key_id: str = ""
    claims: dict[str, Any] = {}
    parameters: dict[str, str] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for reference in (self.client_secret, self.refresh_token, self.private_key):
            try:
                if reference is not None:
                    check_reference(reference)
            except ConfigurationError as error:
                raise ValueError(str(error)) from None
        needed = {
            "refresh_token": (self.refresh_token, "refresh_token"),
            "client_credentials": (self.client_secret or self.private_key, "client_secret or private_key"),
            "jwt_bearer": (self.private_key, "private_key"),
        }
        there, name = needed[self.grant]
        if not there:
            raise ValueError(f"the grant {self.grant} needs {name}")
        return self


class OAuth(Renewed):
    """The account's access token, as a bearer. token_url: where the vendor gives tokens."""

    def __init__(self, settings: OAuthSettings, account: Account, token_url: str) -> None:
        super().__init__(account.name, account.shared)
        self.settings, self.token_url = settings, settings.token_url or token_url
        if not self.token_url.startswith(("https://", "http://")):
            message = f"source {account.name} does not say where tokens are given"
            raise ConfigurationError(message, action="Set token_url below [source.oauth].")
        self._account = replace(account, name=f"{account.name}:token", rate=Rate(1, 5))

    def origin(self) -> str:
        of = self.settings
        first = resolve(of.refresh_token).value if of.grant == "refresh_token" and of.refresh_token else ""
        return fingerprint(of.grant, self.token_url, of.client_id, of.scope, of.subject, first)

    def make(self, held: Token | None) -> Token:
        origin = self.origin()
        if held and held.lost and held.origin == origin and self.settings.grant == "refresh_token":
            raise held.lost
        refresh = held.refresh if held and held.origin == origin else None
        refresh = refresh or (resolve(self.settings.refresh_token).value if self.settings.refresh_token else None)
        answer = self._asked(self._form(refresh))
        access = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(access, str) or not access:
            raise SchemaError("the answer to the request for a token holds none", action="Check token_url below [source.oauth].")
        return Token.lasting(access, _seconds(answer.get("expires_in")), origin, answer.get("refresh_token") or refresh)

    def _asked(self, form: Mapping[str, str]) -> Any:
        url, of = httpx.URL(self.token_url), self.settings
        basic = of.client_authentication == "basic"
        own: Authentication = Basic(self.account, of.client_id, of.client_secret) if basic else Anonymous()
        door = Door(str(url.copy_with(raw_path=b"/")), own, self._account, VENDOR)
        door.patience = PATIENCE
        try:
            return door.send(Request(self.token_url, "POST", form=form, headers={"Accept": "application/json"})).json()
        except (_RefusedError, AuthenticationError) as error:
            action = "Authorise Crosswalk anew with the vendor, and put what it gives where [source.oauth] refers to."
            raise AuthenticationError(f"no token is given for {self.account}: {error}", code=error.code, action=action) from None
        finally:
            door.close()

    def _form(self, refresh: str | None) -> dict[str, str]:
        of = self.settings
        form = {"grant_type": GRANTS.get(of.grant, of.grant), **({"scope": of.scope} if of.scope else {}), **of.parameters}
        if of.grant == "refresh_token" and refresh:
            form["refresh_token"] = refresh
        if of.grant == "jwt_bearer":
            return {**form, "assertion": self._assertion()}
        if of.private_key:
            form |= {"client_assertion_type": ASSERTION, "client_assertion": self._assertion()}
        if of.client_authentication == "basic":
            return form
        secret = {"client_secret": resolve(of.client_secret).value} if of.client_secret else {}
        return {**form, **({"client_id": of.client_id} if of.client_id else {}), **secret}

    def _assertion(self) -> str:
        """A JSON Web Token that says who asks (RFC 7523)."""
        of, now = self.settings, int(time.time())
        key, issuer, key_id = _private_key(of.private_key or "")
        issuer = of.issuer or of.client_id or issuer
        claims: dict[str, Any] = {"iss": issuer, "sub": of.subject or issuer, "aud": of.audience or self.token_url, "jti": uuid.uuid4().hex}
        claims |= {"iat": now - BEHIND, "exp": now + GOOD_FOR, **({"scope": of.scope} if of.scope else {}), **of.claims}
        try:
            return jwt.encode(claims, key, of.algorithm, headers={"kid": of.key_id or key_id} if of.key_id or key_id else None)
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            raise ConfigurationError(f"the private key of source {self.account} is no key for {of.algorithm}") from error


def _private_key(reference: str) -> tuple[str, str, str]:
    """(PEM, issuer, key id); the latter two where the secret is the JSON of a Google service account."""
    value = resolve(reference).value
    try:
        held = json.loads(value) if value.startswith("{") else {"private_key": value}
        return held["private_key"], held.get("client_email", ""), held.get("private_key_id", "")
    except (ValueError, KeyError) as error:
        raise ConfigurationError(f"the secret {reference} holds no private key") from error


def _seconds(value: Any) -> float | None:
    """`expires_in`, which some vendors write as text; None where there is none, or it makes no sense."""
    try:
        return float(value) if value is not None and float(value) > 0 else None
    except (TypeError, ValueError):
        return None
