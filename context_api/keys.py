"""Service accounts and their keys: "cw_<id>_<secret>", shown once, held as a hash.

The secret is 256 random bits, so it can't be guessed from its hash however fast the hash is: a slow one (scrypt, argon2) protects words
that people choose, and would cost each request tens of milliseconds. Hashes are compared in constant time. A key that was looked up is
remembered for a few seconds at most, so a revoked key, a disabled account and an ended grant lose their power that soon.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from context_api.access import DATA_CLASSES
from sql import audit
from sql.database import Database
from sql.tables import governance

KEY = re.compile(r"cw_(?P<id>[0-9a-f]{16})_(?P<secret>[0-9a-f]{64})")
SCOPE = re.compile(rf"read|steward|admin|source:(\*|[a-z][a-z0-9_]*)|class:(\*|{'|'.join(DATA_CLASSES)})")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class InvalidScopeError(ValueError):
    """There is no such scope. Scopes are read, steward, admin, source:<name>, source:*, class:<data class> and class:*."""


class InvalidAccountNameError(ValueError):
    """An account's name is up to 64 letters, digits, dots, dashes, underscores or @, beginning with a letter or digit."""


class AccountScopesDifferError(Exception):
    """The account exists with other scopes. Give the same scopes to add a key, choose another name, or grant the scope for a time."""


class KeyNotFoundError(Exception):
    """There is no such key in force. `crosswalk keys list` shows the ids of keys."""


class AccountNotFoundError(Exception):
    """There is no such account in force. `crosswalk keys list` shows the accounts."""


class NewKey(NamedTuple):
    """An account and the key made for it; the key is held nowhere else."""

    account: str
    key: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a key belongs to, and what that account may do now, grants included."""

    account: str
    scopes: frozenset[str]


def create(database: Database, name: str, scopes: Iterable[str], actor: str = "command line") -> NewKey:
    """Make a key for the account, and the account where it is new.

    Raises InvalidAccountNameError, InvalidScopeError, AccountScopesDifferError.
    """
    wanted = checked(scopes)
    if not NAME.fullmatch(name):
        raise InvalidAccountNameError(f"{name!r}: {InvalidAccountNameError.__doc__}")
    key_id, secret = secrets.token_hex(8), secrets.token_hex(32)
    accounts = governance.service_account
    with database.begin() as connection:
        connection.execute(upsert(accounts).values(name=name, scopes=wanted).on_conflict_do_nothing())
        held = connection.scalar(select(accounts.c.scopes).where(accounts.c.name == name, accounts.c.disabled_at.is_(None)))
        if held is None or sorted(held) != wanted:
            raise AccountScopesDifferError(f"{name}: {AccountScopesDifferError.__doc__}")
        connection.execute(insert(governance.api_key).values(id=key_id, account=name, secret_hash=digest(secret)))
        _audit(connection, actor, "create_key", name, {"key": key_id, "scopes": wanted})
    return NewKey(name, f"cw_{key_id}_{secret}")


def revoke(database: Database, key_id: str, actor: str = "command line") -> None:
    """End a key by its public part; raises KeyNotFoundError."""
    table = governance.api_key
    with database.begin() as connection:
        query = update(table).where(table.c.id == key_id, table.c.revoked_at.is_(None)).values(revoked_at=func.now())
        account = connection.scalar(query.returning(table.c.account))
        if account is None:
            raise KeyNotFoundError(f"{key_id!r}: {KeyNotFoundError.__doc__}")
        _audit(connection, actor, "revoke_key", account, {"key": key_id})


def grant(database: Database, account: str, scopes: Iterable[str], until: datetime, grounds: tuple[str, str]) -> int:
    """Give an account more scopes until a moment; `grounds` is (who grants, why). Returns the grant's id; raises AccountNotFoundError."""
    actor, reason = grounds
    wanted = checked(scopes)
    accounts = governance.service_account
    with database.begin() as connection:
        known = connection.scalar(select(accounts.c.name).where(accounts.c.name == account, accounts.c.disabled_at.is_(None)))
        if known is None:
            raise AccountNotFoundError(f"{account!r}: {AccountNotFoundError.__doc__}")
        row = {"account": account, "scopes": wanted, "reason": reason, "granted_by": actor, "expires_at": until}
        grant_id = connection.execute(insert(governance.access_grant).values(row).returning(governance.access_grant.c.id)).scalar_one()
        _audit(connection, actor, "grant", account, {"grant": grant_id, "scopes": wanted, "until": until.isoformat(), "reason": reason})
    return int(grant_id)


def listing(database: Database) -> list[Row[tuple[str, str, list[str], datetime, datetime | None]]]:
    """Each key's id, account, scopes, created_at and revoked_at, by account."""
    keys, accounts = governance.api_key, governance.service_account
    query = select(keys.c.id, keys.c.account, accounts.c.scopes, keys.c.created_at, keys.c.revoked_at)
    with database.begin() as connection:
        return list(connection.execute(query.join(accounts, accounts.c.name == keys.c.account).order_by(keys.c.account, keys.c.created_at)))


def checked(scopes: Iterable[str]) -> list[str]:
    """The scopes sorted and once each; raises InvalidScopeError."""
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if not SCOPE.fullmatch(scope)]
    if unknown or not wanted:
        raise InvalidScopeError(f"{', '.join(unknown) or 'none given'}: {InvalidScopeError.__doc__}")
    return wanted


def digest(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=32).digest()


def _audit(connection: Connection, actor: str, action: str, account: str, detail: dict[str, object]) -> None:
    audit.append(connection, audit.Entry(actor, action, f"account:{account}", detail))


class Keyring:
    """Tells whose a key is. One for each process."""

    def __init__(self, engine: AsyncEngine, cache_seconds: float = 5.0) -> None:
        self._engine = engine
        self._cache_seconds = cache_seconds
        self._known: dict[str, tuple[float, bytes, Holder]] = {}  # key id -> (good until, hash of the secret, holder)

    async def holder(self, key: str) -> Holder | None:
        """Whose key it is; None where it is malformed, unknown, revoked, expired, or its account disabled."""
        match = KEY.fullmatch(key)
        entry = await self._entry(match["id"]) if match else None
        if match is None or entry is None or not hmac.compare_digest(entry[1], digest(match["secret"])):
            return None
        return entry[2]

    async def named(self, key_id: str) -> Holder | None:
        """Whose key has that public part, for a session that the key opened; None where the key is not in force (any more)."""
        entry = await self._entry(key_id)
        return entry[2] if entry else None

    async def _entry(self, key_id: str) -> tuple[float, bytes, Holder] | None:
        known = self._known.get(key_id)
        return known if known is not None and known[0] > time.monotonic() else await self._look_up(key_id)

    async def _look_up(self, key_id: str) -> tuple[float, bytes, Holder] | None:
        self._known.pop(key_id, None)
        asked = time.monotonic()
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_holder_query(key_id))).all()
        if not rows:
            return None
        scopes = frozenset(rows[0].scopes).union(*(row.granted or () for row in rows))
        ends = [moment for row in rows for moment in (row.key_ends, row.grant_ends) if moment is not None]
        seconds = min([self._cache_seconds, *((moment - datetime.now(UTC)).total_seconds() for moment in ends)])
        self._known[key_id] = (asked + seconds, rows[0].secret_hash, Holder(rows[0].account, scopes))
        return self._known[key_id]


def _holder_query(key_id: str) -> Select[Any]:
    keys, accounts, grants = governance.api_key, governance.service_account, governance.access_grant
    live_grant = (grants.c.account == keys.c.account) & grants.c.ended_at.is_(None) & (grants.c.expires_at > func.now())
    return (
        select(
            keys.c.account,
            keys.c.secret_hash,
            keys.c.expires_at.label("key_ends"),
            accounts.c.scopes,
            grants.c.scopes.label("granted"),
            grants.c.expires_at.label("grant_ends"),
        )
        .join(accounts, accounts.c.name == keys.c.account)
        .outerjoin(grants, live_grant)
        .where(keys.c.id == key_id, keys.c.revoked_at.is_(None), accounts.c.disabled_at.is_(None))
        .where(or_(keys.c.expires_at.is_(None), keys.c.expires_at > func.now()))
    )
