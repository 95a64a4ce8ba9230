"""Writing back: a change is made once, and only if the record still is what it was when the change was decided on.

The change's idempotency key is claimed before the vendor is asked. Where its answer is lost, or the process dies, the next call with the
same key finds out what came of it: it reads the record and compares, asks the vendor again where that makes a change once by itself, or
looks for the new record by what it holds; what can't be found out is left to a person, and never sent twice. Each change leaves an audit
row, in the transaction that records it; values are in neither.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from connectors.connector import Applies, Change, Connector, Fetches, Finds
from connectors.errors import (
    BreakerOpenError,
    ConfigurationError,
    ConnectorError,
    PermanentError,
    PreconditionError,
    RateLimitedError,
    TransientError,
    UnsettledError,
)
from connectors.landing.accesses import log_accesses
from connectors.mapping.staged import clean
from connectors.mapping.tables import at
from connectors.records import Raw
from sql import audit
from sql.database import Database, LockedError
from sql.tables import accounts

#: Nobody calls again with the key of a change that ended so long ago.
KEPT = timedelta(days=365)

#: Seconds to wait for another process that writes the same record.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Applied:
    """The record that was changed or made; `again`: it was so before this call."""

    key: str
    again: bool = False


def apply(database: Database, connector: Connector, change: Change, actor: str) -> Applied:
    """Make the change. actor: who wants it. Raises PreconditionError where the record is not what was expected, UnsettledError where it
    can't be found out whether a new record was made, and other ConnectorErrors; after one that passes, call again with the same key."""
    if not isinstance(connector, Applies):
        raise ConfigurationError(f"a source of kind {connector.kind} can't be written to", action="Change the record in the source itself.")
    source = connector.declaration.name
    connector.log.correlation_id = uuid.uuid4().hex
    log_accesses(database, connector, actor, "write back")
    place = f"write:{source}/{change.stream}/{change.key}" if change.key else f"write:{source}/{change.idempotency_key}"
    try:
        with database.alone(f"write:{source}/{change.idempotency_key}", PATIENCE), database.alone(f"record:{place}", PATIENCE):
            return _Write(database, connector, change, actor).made()
    except LockedError as error:
        raise TransientError(f"another process has been writing {change.stream} of {source} for {PATIENCE:.0f} seconds") from error


class _Write:
    """One change, under its locks."""

    def __init__(self, database: Database, connector: Connector, change: Change, actor: str) -> None:
        self.database, self.connector, self.change, self.actor = database, connector, change, actor
        self.source = connector.declaration.name

    def made(self) -> Applied:
        held = self._claim()
        if held is not None and held.state == "applied":
            return Applied(held.record_key, again=True)
        try:
            key = self._found() if held is not None and held.state == "sent" else None
            if key is not None:
                self._end("applied", key)
                return Applied(key, again=True)
            key = self._sent()
        except (RateLimitedError, BreakerOpenError) as error:  # nothing was made
            self._end("refused", self.change.key, error)
            raise
        except (TransientError, UnsettledError) as error:
            self._end("sent", self.change.key, error)
            raise
        except ConnectorError as error:
            self._end("refused", self.change.key, error)
            raise
        self._end("applied", key)
        return Applied(key)

    def _claim(self) -> Any:
        """The row as it was left by a former call; None where this is the first."""
        table, change = accounts.applied, self.change
        told = json.dumps([change.stream, change.key, change.fields, change.expected], sort_keys=True, default=str)
        fingerprint = hashlib.sha256(f"{self.source}\0{told}".encode("utf-8", "replace")).digest()
        with self.database.begin() as connection:
            held = connection.execute(select(table).where(table.c.key == change.idempotency_key)).one_or_none()
            if held is None:
                row = {"key": change.idempotency_key, "source": self.source, "stream": change.stream, "record_key": change.key}
                connection.execute(insert(table).values(**row, fingerprint=fingerprint, state="sent", actor=self.actor))
                return None
            if held.fingerprint != fingerprint:
                raise PermanentError("the idempotency key was used for another change", action="Give each change a key of its own.")
            if held.state != "applied":
                again = {"state": "sent", "attempts": held.attempts + 1, "error": None}
                connection.execute(update(table).where(table.c.key == held.key).values(again))
            return held

    def _found(self) -> str | None:
        """The key of the record where a former call has made the change after all; None where it has not. UnsettledError."""
        change = self.change
        if change.key:
            seen = self._seen()
            wanted = seen is not None and not _differing(change.fields, self.connector.fields_of(change.stream, seen.payload))
            return change.key if wanted else None
        if self.connector.applies_once:
            return None
        plain = any(isinstance(value, str | int | float) for value in change.fields.values())  # else any record would do
        found = self.connector.find(change.stream, change.fields) if plain and isinstance(self.connector, Finds) else None
        if found is None or len(found) > 1:
            raise UnsettledError(f"it is not known whether a record of {change.stream} was made for this change")
        return found[0] if found else None

    def _sent(self) -> str:
        change = self.change
        if change.key and isinstance(self.connector, Fetches):
            seen = self._seen()
            if seen is None:
                raise PreconditionError(f"{change.stream}/{change.key} is not there any more")
            differing = _differing(change.expected, self.connector.fields_of(change.stream, seen.payload))
            if differing:
                raise PreconditionError(f"{change.stream}/{change.key} was changed meanwhile: {', '.join(differing)}")
            change = replace(change, seen=seen.payload)
        assert isinstance(self.connector, Applies)
        return self.connector.apply(change)

    def _seen(self) -> Raw | None:
        if not isinstance(self.connector, Fetches) or not self.change.key:
            return None
        found = self.connector.fetch(self.change.stream, self.change.key)
        return None if found is None or found.deleted else found

    def _end(self, state: str, key: str | None, error: ConnectorError | None = None) -> None:
        table, change = accounts.applied, self.change
        values: dict[str, Any] = {"state": state, "record_key": key, "error": clean(error.as_json()) if error else None}
        values |= {"ended_at": func.now()} if state != "sent" else {}
        detail = {"idempotency_key": change.idempotency_key, "fields": sorted(change.fields), "outcome": state}
        with self.database.begin() as connection:
            connection.execute(update(table).where(table.c.key == change.idempotency_key).values(values))
            subject = f"{self.source}/{change.stream}/{key or ''}"
            connection.execute(delete(table).where(table.c.ended_at < func.now() - KEPT))
            audit.append(connection, audit.Entry(self.actor, "write_back", subject, detail))


def _differing(fields: Mapping[str, Any], record: Any) -> list[str]:
    """The names of the fields whose values the record does not have. A vendor may write names otherwise where it is read than where it is
    written to: companyname, companyName."""
    lower = {str(name).lower(): value for name, value in record.items()} if isinstance(record, dict) else {}
    return [name for name, value in fields.items() if not _same(value, lower.get(name.lower(), at(record, name)))]


def _same(one: Any, other: Any) -> bool:
    """Vendors give numbers as texts, texts as they were trimmed, and nothing as an empty text."""
    if one in (None, "") or other in (None, ""):
        return one in (None, "") and other in (None, "")
    if one == other or str(one).strip() == str(other).strip():
        return True
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        return False
