"""The door to a database: statements that only read, each in a short transaction that is rolled back, each in the access log."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Executable, create_engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from connectors.account.entrance import Access, Account, Entrance
from connectors.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectorError,
    NotFoundError,
    PermanentError,
    PermissionDeniedError,
    TransientError,
)

Row = Mapping[str, Any]

#: What makes a transaction one that can't write, where the database has it.
READ_ONLY: Mapping[str, str] = {
    "mariadb": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "postgresql": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}

#: The beginning of an SQLSTATE, or words that the driver says -> what it is. The first that fits.
REFUSALS: Sequence[tuple[str, type[ConnectorError]]] = (
    ("28", AuthenticationError),
    ("authentication failed", AuthenticationError),
    ("access denied for user", AuthenticationError),
    ("login failed", AuthenticationError),
    ("42501", PermissionDeniedError),
    ("denied", PermissionDeniedError),
    ("unable to open", NotFoundError),
    ("3D", NotFoundError),
    ("42", ConfigurationError),
    ("no such", ConfigurationError),
    ("syntax error", ConfigurationError),
    ("unknown column", ConfigurationError),
    ("doesn't exist", ConfigurationError),
)


class Database(Entrance):
    """url: asked for each connection, so that a rotated password is picked up."""

    def __init__(self, url: Callable[[], URL], account: Account) -> None:
        super().__init__(account)
        self.url = url
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._one_at_a_time = threading.RLock()  # who reads and who closes may be threads of their own, which drivers do not forgive

    def rows(self, name: str, statement: Executable) -> list[Row]:
        """What the statement selects. name: of the stream, for the access log. Raises ConnectorError, once what may be tried again was."""
        return self.admitted(lambda: self.patiently(lambda number: self._once(name, statement, number)))

    def close(self) -> None:
        with self._one_at_a_time:
            connection, self._connection = self._connection, None
            if connection is not None:
                with suppress(SQLAlchemyError):
                    connection.close()
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _once(self, name: str, statement: Executable, number: int) -> list[Row]:
        self.take_place()
        began, error = time.perf_counter(), None
        try:
            with self._one_at_a_time:
                return self._read(statement)
        except ConnectorError as cause:
            error = cause
        except DBAPIError as cause:
            error = self._refused(name, cause)
        except SQLAlchemyError as cause:
            error = PermanentError(f"{name}: {type(cause).__name__}")
        finally:
            if error is not None:
                self.faults[error.fault] += 1
            milliseconds = (time.perf_counter() - began) * 1000
            self.on_access(Access("SELECT", f"/{name}", None, number, milliseconds, 0, error is not None))
        self.close()
        raise error

    def _read(self, statement: Executable) -> list[Row]:
        connection = self._opened()
        with connection.begin() as transaction:
            if only := READ_ONLY.get(connection.dialect.name):
                connection.exec_driver_sql(only)
            found: list[Row] = [dict(row) for row in connection.execute(statement).mappings()]
            transaction.rollback()
        return found

    def _opened(self) -> Connection:
        if self._connection is None:
            try:
                self._engine = create_engine(reading(self.url()), poolclass=NullPool, hide_parameters=True)
            except (NoSuchModuleError, ModuleNotFoundError) as error:
                named = getattr(error, "name", None) or "one"
                raise ConfigurationError("there is no driver for this database", action=f"Install {named}, the driver.") from None
            except (ArgumentError, ValueError):
                raise ConfigurationError("the url is not one of a database", action="Write dialect://user@host/database.") from None
            self._connection = self._engine.connect()
        return self._connection

    def _refused(self, name: str, error: DBAPIError) -> ConnectorError:
        """By the SQLSTATE, or by what the driver says; what says nothing we know is tried again where the driver thinks it may help."""
        state = str(getattr(error.orig, "sqlstate", None) or "")
        said = str(error.orig).partition("\n")[0][:200]
        kind: type[ConnectorError] = TransientError
        for sign, one in REFUSALS:
            if state.startswith(sign) if sign[0].isdigit() else sign in said.lower():
                kind = one
                break
        else:
            if type(error).__name__ in ("ProgrammingError", "DataError", "NotSupportedError"):
                kind = PermanentError
        return kind(f"{name}: {self._without_password(said)}", code=state or type(error.orig).__name__)

    def _without_password(self, said: str) -> str:
        password = self._engine.url.password if self._engine is not None else None
        return said.replace(str(password), "***") if password else said


def reading(url: URL) -> URL:
    """The URL; of a file of SQLite one that makes no new file and can't write."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    return url.set(database=f"file:{quote(url.database)}", query={**url.query, "mode": "ro", "uri": "true"})
