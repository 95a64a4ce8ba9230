"""A steward's word against all sources. It hangs on one record of the party, and goes where that record goes: through merges and splits.

An override is withdrawn, never deleted; one of another value takes the place of the one before. Each act has its audit row, and puts the
party on the list of golden records to build, in the same transaction.
"""

import json
import re
from typing import Any

from sqlalchemy import Connection

from resolution.errors import ConflictError, NotFoundError, PartyNotFoundError, ResolutionError
from resolution.records import ADDRESS, KEY_PREFIX, TEXT_ATTRIBUTES
from resolution.store import golden as store
from resolution.store import records
from resolution.store.identity import party_of_record, resolve_party_id
from sql import audit
from sql.database import Database, lock

#: Characters of the JSON of a value.
LONGEST = 10_000
ADDRESS_PARTS = frozenset({"street", "city", "region", "postcode", "country"})

_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]*(:[a-z0-9_]+)?")


class OverrideNotFoundError(NotFoundError):
    """There is no override with this id."""


class OverrideWithdrawnError(ConflictError):
    """This override is withdrawn already."""


class InvalidOverrideError(ResolutionError):
    """This cannot be set."""


def set(database: Database, party_id: str, attribute: str, value: Any, actor: str, reason: str) -> int:  # noqa: A001
    """Set one attribute of a party; returns the override's id. Setting the value that is set already changes nothing.

    value: text, or for "address" its parts; for an attribute of a source's own any JSON. A merged party's id stands for what it is now.
    Raises PartyNotFoundError and InvalidOverrideError.
    """
    _check(attribute, value, actor, reason)
    with database.begin() as connection:
        _wait(connection)
        current = resolve_party_id(connection, party_id)
        anchor = store.find_anchor(connection, current, attribute) if current else None
        if current is None or anchor is None:
            raise PartyNotFoundError(f"{party_id} is not known, or has no records any longer.")
        before = _in_force(connection, current, attribute)
        if before is not None and before.value == value:
            return int(before.id)
        if before is not None and party_of_record(connection, before.record_ref) == current:
            anchor = before.record_ref
        replaced = {each.id for each in (before, store.find_override(connection, anchor, attribute)) if each is not None}
        for override_id in replaced:
            store.withdraw_override(connection, override_id)
        told = {"party_id": current, "record_ref": anchor, "attribute": attribute, "value": value, "reason": reason}
        override_id = store.add_override(connection, {**told, "actor": actor})
        detail = {**told, "override_id": override_id, "in_place_of": sorted(replaced)}
        audit.append(connection, audit.Entry(actor, "override.set", current, detail))
        records.mark_golden_pending(connection, [current])
        return override_id


def withdraw(database: Database, override_id: int, actor: str, reason: str) -> None:
    """Let the sources decide again. Raises OverrideNotFoundError, OverrideWithdrawnError and InvalidOverrideError."""
    _check_act(actor, reason)
    with database.begin() as connection:
        _wait(connection)
        override = store.read_override(connection, override_id)
        if override is None:
            raise OverrideNotFoundError(f"Asked for {override_id}.")
        if override.withdrawn_at is not None:
            raise OverrideWithdrawnError(f"Asked for {override_id}.")
        store.withdraw_override(connection, override_id)
        holder = party_of_record(connection, override.record_ref) or resolve_party_id(connection, override.party_id) or override.party_id
        detail = {"override_id": override_id, "record_ref": override.record_ref, "attribute": override.attribute, "reason": reason}
        audit.append(connection, audit.Entry(actor, "override.withdraw", holder, detail))
        records.mark_golden_pending(connection, [holder])


def _wait(connection: Connection) -> None:
    """Nobody builds while an override is set, and nobody moves the record that it is hung on."""
    lock(connection, "golden")
    lock(connection, "resolve")


def _in_force(connection: Connection, party_id: str, attribute: str) -> Any | None:
    """The override that decides the attribute of a party now: the latest made."""
    mine = [override for override in store.read_overrides(connection, [party_id])[party_id] if override.attribute == attribute]
    return store.read_override(connection, max(override.id for override in mine)) if mine else None


def _check_act(actor: str, reason: str) -> None:
    if not actor.strip() or not reason.strip():
        raise InvalidOverrideError("Say who does it and why.")


def _check(attribute: str, value: Any, actor: str, reason: str) -> None:
    _check_act(actor, reason)
    if not _ATTRIBUTE.fullmatch(attribute):
        raise InvalidOverrideError(f"{attribute!r} is no name of an attribute: lower-case letters, digits and _, such as phone or key:erp.")
    if value in ("", None, {}, []):
        raise InvalidOverrideError("An empty value is no value. Withdraw an override to let the sources decide.")
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError) as error:
        raise InvalidOverrideError(f"The value is no JSON: {error}.") from error
    if len(text) > LONGEST or "\\u0000" in text:
        raise InvalidOverrideError(f"The value holds a NUL, or is longer than {LONGEST:,} characters.")
    if (attribute in TEXT_ATTRIBUTES or attribute.startswith(KEY_PREFIX)) and not (isinstance(value, str) and value.strip()):
        raise InvalidOverrideError(f"The value of {attribute} is a text.")
    if attribute == ADDRESS and not _is_address(value):
        raise InvalidOverrideError(f"An address is an object of texts with some of {', '.join(sorted(ADDRESS_PARTS))}.")


def _is_address(value: Any) -> bool:
    return isinstance(value, dict) and ADDRESS_PARTS.issuperset(value) and all(isinstance(part, str) for part in value.values())
