"""The door to an IMAP server: one connection, made when first needed and again when it broke. Every command is in the access log."""

import imaplib
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from connectors.account.entrance import Access, Account, Entrance
from connectors.errors import AuthenticationError, ConfigurationError, ConnectorError, PermanentError, TransientError
from connectors.http.authentication import Authentication
from connectors.vendors.imap import protocol
from connectors.vendors.imap.connection import Server, connect

LOOPBACK = ("localhost", "127.0.0.1", "::1")

Command = Callable[[imaplib.IMAP4], tuple[str, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder's state. validity: while it is the same, a number means the same mail; following: the next mail's number; modseq: rises with
    each change, None where the server keeps none."""

    validity: int
    following: int
    exists: int
    modseq: int | None


class RenumberedError(TransientError):
    """The server gave the folder's mails new numbers while it was read."""

    retryable = False


class MailServer(Entrance):
    """Commands to one server for one account. `authentication` gives the password, or the token, as a bearer."""

    def __init__(self, server: Server, authentication: Authentication, account: Account) -> None:
        super().__init__(account)
        self.server, self.authentication = server, authentication
        self._session: imaplib.IMAP4 | None = None
        self._open: tuple[str, int] | None = None
        if server.security == "none" and server.host not in LOOPBACK:
            raise ConfigurationError("without TLS the password could be read on the way", action='Set security = "tls" or "starttls".')

    def ask(self, name: str, command: Command, folder: str = "", *keys: str) -> list[Any]:
        """What the command gives; where keys are named, that, and what the server said of each. Raises ConnectorError, once what may be
        tried again was."""
        return self.admitted(lambda: self.patiently(lambda number: self._once(name, command, folder, keys, number)))

    def open(self, folder: str) -> Opened:
        """Look at a folder from now on, without changing it."""
        self._open = None
        opened = self._seen(folder, *self.ask("EXAMINE", examining(folder), folder, "UIDVALIDITY", "UIDNEXT", "HIGHESTMODSEQ"))
        self._open = (folder, opened.validity)
        return opened

    def capable(self, what: str) -> bool:
        return self._session is not None and what in self._session.capabilities

    def close(self) -> None:
        session, self._session = self._session, None
        if session:
            with suppress(OSError, imaplib.IMAP4.error):
                session.logout()

    def _seen(self, folder: str, exists: Sequence[Any], *said: Sequence[Any]) -> Opened:
        validity, following, modseq = (int(one[-1]) if one and one[-1] else None for one in said)
        if validity is None or following is None:
            raise PermanentError(f"the server does not number the mails of {folder}")
        return Opened(validity, following, int(exists[-1]), modseq)

    def _once(self, name: str, command: Command, folder: str, keys: Sequence[str], number: int) -> list[Any]:
        self.take_place()
        try:
            session = self._ready(number)
        except AuthenticationError:  # it may have been rotated: once more, with the secret of now
            self.authentication.renew()
            session = self._ready(number)
        data = self._logged(name, folder, number, lambda: command(session))
        return [data, *(session.response(key)[1] for key in keys)] if keys else data

    def _ready(self, number: int) -> imaplib.IMAP4:
        """The session, with the folder open that was."""
        if self._session is None:
            secret = self.authentication.headers()["Authorization"].removeprefix("Bearer ")
            session = self._logged("LOGIN", "", number, lambda: ("OK", [connect(self.server, secret, self.patience.timeout)]))[0]
            self._session = session
            if self._open:
                folder, validity = self._open
                self._logged("EXAMINE", folder, number, lambda: examining(folder)(session))
                if session.response("UIDVALIDITY")[1] != [str(validity).encode()]:
                    raise RenumberedError(f"{folder} was numbered anew while it was read", action="Nothing: the next sync reads it anew.")
        return self._session

    def _logged(self, name: str, folder: str, number: int, command: Callable[[], tuple[str, Sequence[Any]]]) -> list[Any]:
        began, data, error = time.perf_counter(), list[Any](), None
        try:
            kind, said = command()
            data = list(said)
            if kind == "OK" or b"[EXPUNGEISSUED]" in b"".join(one for one in data if isinstance(one, bytes)):
                return data
            error = self._refused(name, folder, data)
        except ssl.SSLCertVerificationError as cause:
            error = ConfigurationError(f"the certificate of {self.server.host} is not to be trusted: {cause.verify_message}")
        except (imaplib.IMAP4.abort, OSError) as cause:
            error = self._refused(name, folder, cause.args, broken=True)
        except imaplib.IMAP4.error as cause:
            error = self._refused(name, folder, cause.args)
        finally:
            if error is not None:
                self.faults[error.fault] += 1
            size = sum(len(part) for item in data for part in (item if isinstance(item, tuple) else (item,)) if isinstance(part, bytes))
            self.on_access(Access(name, f"/{folder}", None, number, (time.perf_counter() - began) * 1000, size, error is not None))
        raise error

    def _refused(self, name: str, folder: str, data: Sequence[Any], *, broken: bool = False) -> ConnectorError:
        """The error of a NO, a BAD, or a connection that broke, after which there is no session."""
        said = " ".join(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in data)
        kind, code = protocol.refusal(said, login=name == "LOGIN" and not broken)
        if broken and not issubclass(kind, TransientError):
            kind = TransientError
        if issubclass(kind, TransientError):
            session, self._session = self._session, None
            if session:
                with suppress(OSError, imaplib.IMAP4.error):
                    session.shutdown()
        what = "the connection broke" if broken else "refused"
        return kind(f"{name}{f' {folder}' if folder else ''}: {what}{f' ({code})' if code else ''}", code=code)


def examining(folder: str) -> Command:
    """Open a folder without the right to change it."""
    quoted = protocol.quoted(protocol.encoded(folder))
    return lambda session: session.select(quoted, readonly=True)
