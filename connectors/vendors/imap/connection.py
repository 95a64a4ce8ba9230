"""A connection to an IMAP server, logged in.

imaplib does the wire, for it is kept with the language and lets any command through: the library that wraps it for comfort has neither
types nor QRESYNC. What a server may send at once is bounded here, which imaplib does not do.
"""

import imaplib
import ssl
from contextlib import suppress
from dataclasses import dataclass

from connectors.vendors.imap import protocol

LARGEST_LITERAL = 96 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """security: tls, starttls, or none, which is for this machine alone. xoauth2: the secret is a token and not a password."""

    host: str
    port: int
    security: str
    user: str
    xoauth2: bool = False


class _Bounded(imaplib.IMAP4):
    def read(self, size: int) -> bytes:
        if size > LARGEST_LITERAL:
            raise self.abort("the server sends more than was asked for")
        return super().read(size)


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    """The same over TLS."""


def connect(server: Server, secret: str, timeout: float) -> imaplib.IMAP4:
    """A session with QRESYNC where the server has it. Raises IMAP4.error, also where the login is refused, or OSError."""
    context = ssl.create_default_context()
    session: imaplib.IMAP4
    if server.security == "tls":
        session = _BoundedTls(server.host, server.port, ssl_context=context, timeout=timeout)
    else:
        session = _Bounded(server.host, server.port, timeout=timeout)
    try:
        if server.security == "starttls":
            session.starttls(context)
        _login(session, server, secret)
    except BaseException:
        with suppress(OSError):  # it may be broken already
            session.shutdown()
        raise
    return session


def _login(session: imaplib.IMAP4, server: Server, secret: str) -> None:
    """By SASL, which takes any letters, where the server has it."""
    if server.xoauth2:
        said = f"user={server.user}\x01auth=Bearer {secret}\x01\x01".encode()
        session.authenticate("XOAUTH2", lambda challenge: b"" if challenge else said)  # a refusal's challenge wants an empty answer
    elif "AUTH=PLAIN" in session.capabilities:
        session.authenticate("PLAIN", lambda _: f"\0{server.user}\0{secret}".encode())
    else:
        session.login(protocol.quoted(server.user), secret)
    said_now = session.capability()[1][0].decode("ascii", "replace").upper()  # they may be others once one is logged in
    session.capabilities = tuple(said_now.split())
    if "QRESYNC" in session.capabilities and not _enabled(session):
        session.capabilities = tuple(one for one in session.capabilities if one != "QRESYNC")


def _enabled(session: imaplib.IMAP4) -> bool:
    try:
        return session.enable("QRESYNC")[0] == "OK"
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return False
