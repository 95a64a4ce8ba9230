"""Who is signed in: a signed cookie that names an API key and never holds its secret.

The key is looked up at each request, so revoking it, or the end of a grant, ends what the session may do. A form carries a token
that only this session can have made; a POST without it is refused.
"""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

COOKIE = "crosswalk_session"
NOTICE = "crosswalk_notice"
FORM_FIELD = "csrf_token"
HOURS = 12.0  # how long a session lasts


class SignInNeededError(Exception):
    """Sign in first: the session has ended, or its key was revoked."""


class ForgedRequestError(Exception):
    """The form is from another session. Open the page again and repeat what you did; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Session:
    """key_id: public part of the API key; nonce: makes two sessions of one key differ; expires: seconds since 1970."""

    key_id: str
    nonce: str
    expires: int


class Signer:
    """Seals sessions with HMAC-SHA256 under one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def start(self, key_id: str, hours: float = HOURS) -> Session:
        """A new session of this key."""
        return Session(key_id, secrets.token_urlsafe(12), int(time.time() + hours * 3600))

    def seal(self, session: Session) -> str:
        """The cookie's value."""
        return self.sealed("session", f"{session.expires}|{session.nonce}|{session.key_id}")

    def open(self, cookie: str | None) -> Session:
        """The session that the cookie's value seals; raises SignInNeededError where it is missing, altered or past its time."""
        body = self.opened("session", cookie)
        if body is None:
            raise SignInNeededError
        expires, nonce, key_id = body.split("|", 2)
        if int(expires) < time.time():
            raise SignInNeededError
        return Session(key_id, nonce, int(expires))

    def sealed(self, meaning: str, body: str) -> str:
        """Text that a browser may keep and can't change; opened only under the same meaning."""
        return f"{urlsafe_b64encode(body.encode()).decode()}.{self._sign(meaning, body)}"

    def opened(self, meaning: str, text: str | None) -> str | None:
        """What `sealed` was given; None where this is not its result."""
        encoded, _, signature = (text or "").partition(".")
        try:
            body = urlsafe_b64decode(encoded.encode("ascii")).decode()
        except ValueError:
            return None
        return body if _same(signature, self._sign(meaning, body)) else None

    def token(self, session: Session) -> str:
        """What each form of this session carries."""
        return self._sign("form", f"{session.nonce}|{session.key_id}")

    def check(self, session: Session, token: str | None) -> None:
        """Raises ForgedRequestError where the token is not this session's."""
        if not _same(token or "", self.token(session)):
            raise ForgedRequestError

    def _sign(self, meaning: str, body: str) -> str:
        return hmac.new(self._secret, f"{meaning}:{body}".encode(), hashlib.sha256).hexdigest()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
