"""The shape of a stream's payloads: path -> types seen. A path that is new, is of another type, or is gone is drift: told, and kept as an
event.

What is known of the shape only grows, so it is the same whatever order the records came in. A null says nothing: a field that is null in
every record is as good as gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from connectors.landing.counts import Place
from connectors.mapping.staged import clean
from sql.tables import landing

MOST_PATHS = 2000
DEPTH = 4
LISTED = 20

#: A run of fewer records tells nothing of what is gone; nor is a field missed that fewer than so many tenths of the records had.
ENOUGH = 100
MOST = 5

#: Events kept of a stream.
KEPT = 1000

TYPES = {bool: "boolean", int: "number", float: "number", str: "text"}


@dataclass(frozen=True, slots=True)
class Drift:
    """One change of a stream's shape. change: new, type, gone; before, after: types."""

    path: str
    change: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        match self.change:
            case "new":
                return f"{self.path} is new ({self.after})"
            case "type":
                return f"{self.path} was {self.before}, is also {self.after}"
            case _:
                return f"{self.path} is gone: most records had it, and none does that this run has read"


@dataclass(slots=True)
class _Seen:
    """A path with one type, and what was seen below it. others: the same path with other types."""

    path: str
    kind: type
    inside: "dict[str, _Seen] | None"
    count: int = 0
    others: "dict[type, _Seen]" = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """How often the payloads of a run had each path. fresh: (path, type) seen for the first time since `take` was last asked.

    Below, `above` is the path and the depth of what holds the fields. This runs for every field of every record.
    """

    records: int = 0
    root: dict[str, _Seen] = field(default_factory=dict)
    fresh: list[tuple[str, str]] = field(default_factory=list)
    seen: list[_Seen] = field(default_factory=list)

    def add(self, payloads: Iterable[Any]) -> None:
        for payload in payloads:
            self.records += 1
            if payload.__class__ is dict:
                self._fields(self.root, payload, ("", 0))
            elif payload is not None:
                self._value(self.root, "", payload, ("", -1))

    def take(self) -> list[tuple[str, str]]:
        fresh, self.fresh = self.fresh, []
        return fresh

    def counts(self) -> dict[str, int]:
        """Path -> how often it was there, whatever its type."""
        found: dict[str, int] = {}
        for one in self.seen:
            if one.inside is None:
                found[one.path] = found.get(one.path, 0) + one.count
        return found

    def _fields(self, level: dict[str, _Seen], fields: Mapping[str, Any], above: tuple[str, int]) -> None:
        for key, value in fields.items():
            seen = level.get(key)
            if seen is not None and seen.kind is value.__class__ and seen.inside is None:
                seen.count += 1
            elif value is not None:
                self._value(level, key, value, above)

    def _value(self, level: dict[str, _Seen], key: str, value: Any, above: tuple[str, int]) -> None:
        kind = value.__class__
        seen = level.get(key)
        if seen is not None and seen.kind is not kind:
            seen = seen.others.get(kind)
        seen = seen or self._open(level, key, value, above)
        if seen is None:
            return
        seen.count += 1
        if seen.inside is not None:
            depth = above[1] + 1
            if kind is list:
                self._elements(seen.inside, value, (seen.path, depth))
            else:
                self._fields(seen.inside, value, (seen.path, depth))

    def _elements(self, level: dict[str, _Seen], values: Sequence[Any], above: tuple[str, int]) -> None:
        path, depth = above
        for value in values[:LISTED]:
            if value.__class__ is dict and depth + 1 < DEPTH:
                self._fields(level, value, (path, depth + 1))
            elif value is not None:
                self._value(level, "", value, above)

    def _open(self, level: dict[str, _Seen], key: str, value: Any, above: tuple[str, int]) -> _Seen | None:
        if len(self.seen) >= MOST_PATHS:
            return None
        path, depth = above
        kind, name = value.__class__, clean(str(key))[:120]
        whole = f"{path}.{name}" if path and name else path or name
        holds = kind in (dict, list) and depth + 1 < DEPTH
        seen = _Seen(f"{whole}[]" if holds and kind is list else whole, kind, {} if holds else None)
        if not holds:
            self.fresh.append((whole, TYPES.get(kind, "list" if kind is list else "object")))
        self.seen.append(seen)
        if key in level:
            level[key].others[kind] = seen
        else:
            level[key] = seen
        return seen


def shape(payloads: Iterable[Any]) -> list[tuple[str, str]]:
    """(path, type) of all that the payloads hold; an element of a list goes under `[]`."""
    tally = Tally()
    tally.add(payloads)
    return tally.take()


def widen(known: Mapping[str, str], seen: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[Drift]]:
    """(the shape with what was seen added, the paths that are new or have a new type)."""
    fields, drifts = dict(known), []
    for path, kind in seen:
        before = fields.get(path)
        if before is None and len(fields) < MOST_PATHS:
            fields[path] = kind
            drifts.append(Drift(path, "new", None, kind))
        elif before is not None and kind not in before.split("|"):
            fields[path] = "|".join(sorted([*before.split("|"), kind]))
            drifts.append(Drift(path, "type", before, kind))
    return fields, drifts


def gone(before: Mapping[str, int], fields: Mapping[str, str], tally: Tally) -> list[Drift]:
    """The paths that most records had (`before`: path -> tenths of them) and that no record of the tally has."""
    if tally.records < ENOUGH:
        return []
    counts = tally.counts()
    missed = sorted(path for path, tenths in before.items() if tenths >= MOST and not counts.get(path))
    return [Drift(path, "gone", fields.get(path), None) for path in missed]


def shares(tally: Tally) -> dict[str, int]:
    """Path -> tenths of the records that had it."""
    return {path: min(10, round(10 * count / tally.records)) for path, count in sorted(tally.counts().items())}


def note(connection: Connection, place: Place, fresh: Sequence[tuple[str, str]], *, settled: bool) -> tuple[str, ...]:
    """Add paths and types to what is known of the stream; a line for each drift. Until the stream
    was read to its end once (`settled`), a field that is new is not news."""
    if not fresh:
        return ()
    known, _ = _known(connection, place)
    fields, drifts = widen(known, fresh)
    if fields == known:
        return ()
    _keep(connection, place, fields=fields)
    if not settled or not known:
        return ()
    _tell(connection, place, drifts)
    return tuple(str(one) for one in drifts)


def end(connection: Connection, place: Place, tally: Tally) -> tuple[str, ...]:
    """At the end of a run that changed something: a line for each path that is gone. A run that read few records tells nothing."""
    if tally.records < ENOUGH:
        return ()
    fields, before = _known(connection, place)
    drifts, now = gone(before, fields, tally), shares(tally)
    if now != before:
        _keep(connection, place, shares=now)
    _tell(connection, place, drifts)
    return tuple(str(one) for one in drifts)


def _known(connection: Connection, place: Place) -> tuple[dict[str, str], dict[str, int]]:
    table = landing.schema_fingerprint
    query = select(table.c.fields, table.c.shares).where(table.c.source == place.source, table.c.stream == place.stream)
    row = connection.execute(query).one_or_none()
    return (row.fields, row.shares or {}) if row else ({}, {})


def _keep(connection: Connection, place: Place, **values: Mapping[str, Any]) -> None:
    table = landing.schema_fingerprint
    row = upsert(table).values(source=place.source, stream=place.stream, **{"fields": {}, **values})
    connection.execute(row.on_conflict_do_update(index_elements=["source", "stream"], set_={**values, "changed_at": func.now()}))


def _tell(connection: Connection, place: Place, drifts: Sequence[Drift]) -> None:
    if not drifts:
        return
    here = {**place.names, "run_id": place.run_id}
    rows = [{**here, "path": one.path, "change": one.change, "before": one.before, "after": one.after} for one in drifts]
    connection.execute(insert(landing.drift_event), rows)
    old = "(select id from landing.drift_event where source = :source and stream = :stream order by id desc offset :kept limit 1)"
    connection.execute(
        text(f"delete from landing.drift_event where source = :source and stream = :stream and id <= {old}"),
        {**place.names, "kept": KEPT},
    )
