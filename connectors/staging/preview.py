"""What a source's records say and what is made of it, side by side, and what of them is not mapped: for whoever writes a mapping."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from connectors.connector import Connector
from connectors.errors import ConfigurationError
from connectors.landing.drift import shape
from connectors.landing.sync import open_connector, streams_of
from connectors.mapping.tables import ActivityTable, PartyTable, at, cells_of, own_cells
from connectors.records import Landed
from connectors.sources import SourceDeclaration
from sql import queries
from sql.database import Database


@dataclass(frozen=True, slots=True)
class Sample:
    """A record, and what the mapping makes of it; or why it makes nothing."""

    ref: str
    raw: Any
    mapped: Mapping[str, Any]
    doubts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A path that no cell of the table names, how many of the sampled records have it, and what one of them says there. Of a list of
    objects it is that of the first which has it."""

    path: str
    records: int
    example: Any


@dataclass(frozen=True, slots=True)
class Preview:
    """A stream's samples. not_mapped: None where its mapping is no table, so that nobody can tell."""

    stream: str
    samples: Sequence[Sample]
    not_mapped: Sequence[Unmapped] | None


def previews(database: Database, declaration: SourceDeclaration, stream: str | None, sample: int) -> list[Preview]:
    """A preview of each stream, or of the one that is named. ConfigurationError where there is no such stream."""
    names = streams_of(declaration)
    if stream and stream not in names:
        raise ConfigurationError(f"source {declaration.name} has no stream {stream!r}; it has {', '.join(names)}")
    connector = open_connector(declaration)
    try:
        return [preview(database, connector, declaration, name, sample) for name in ([stream] if stream else names)]
    finally:
        connector.close()


def preview(database: Database, connector: Connector, declaration: SourceDeclaration, stream: str, sample: int) -> Preview:
    with database.begin() as connection:
        rows = connection.execute(queries.sample_landed, {"source": declaration.name, "stream": stream, "sample": sample}).all()
    landed = [Landed(row.ref, row.source, row.stream, row.key, row.payload, row.body, row.source_updated_at) for row in rows]
    named = paths_of(connector.mapping_table(stream))
    if named is not None:
        named |= {path for path, _ in own_cells(connector.own_fields(stream)).values()}
    payloads = [one.payload for one in landed]
    return Preview(stream, [mapped(connector, one) for one in landed], None if named is None else not_mapped(payloads, named))


def mapped(connector: Connector, record: Landed) -> Sample:
    try:
        said = connector.map(record)
    except Exception as error:  # noqa: BLE001  as in mapping itself: the others are shown
        return Sample(record.ref, record.payload, {}, [f"can't be mapped: {type(error).__name__}: {error}"])
    told = {name: kept for name, value in asdict(said).items() if name != "doubts" and (kept := _said(value))}
    return Sample(record.ref, record.payload, told, said.doubts)


def paths_of(table: object) -> set[str] | None:
    """The paths that a mapping table names, or a set of paths that code reads; None for what is neither, and holds none."""
    match table:
        case PartyTable() | ActivityTable():
            return {path for path, _ in cells_of(table)}
        case frozenset():
            return set(table)
        case tuple():
            found = [paths for one in table if (paths := paths_of(one)) is not None]
            return set[str]().union(*found) if found else None
    return None


def not_mapped(payloads: Sequence[Any], named: set[str]) -> list[Unmapped]:
    """The paths that no named path is, or leads to, those that most records have first."""
    plain = {re.sub(r"\.\d+(?=\.|$)", "[]", path) for path in named}
    found: dict[str, list[Any]] = {}
    for payload in payloads:
        for path in dict.fromkeys(path for path, _ in shape([payload])):
            if not any(_leads(name, path) for name in plain):
                found.setdefault(path, []).append(payload)
    told = [Unmapped(first, len(holders), example) for path, holders in found.items() for first, example in [_first(holders[0], path)]]
    return sorted(told, key=lambda one: (-one.records, one.path))


def _leads(name: str, path: str) -> bool:
    return path == name or path.startswith((f"{name}.", f"{name}["))


def _first(payload: Any, path: str) -> tuple[str, Any]:
    """The first value that there is at a path of `shape`, and where: as a mapping names it, for which a list of values is one path."""
    path = path.lstrip(".")
    head, _, rest = (path, "", "") if at(payload, path) is not None else path.partition("[]")
    here = at(payload, head) if head else payload
    if not rest.strip("[]"):
        while isinstance(here, list) and here:
            here = here[0]
        return head, here
    for place, one in enumerate(here if isinstance(here, list) else ()):
        within, value = _first(one, rest)
        if value is not None:
            return ".".join(filter(None, (head, str(place), within))), value
    return path, None


def made(said: Mapping[str, Any]) -> Iterator[str]:
    """The lines of what was made of a record. What most records are, one party or one activity, is told without its name."""
    parties, activity = said.get("parties", ()), said.get("activity")
    alone = "" if len(parties) + bool(activity) != 1 else "parties." if parties else "activity."
    for line in lines(said):
        path, mark, text = line.partition(": ")
        if not alone or path not in ("parties.stream", "parties.key"):
            yield path.replace(".attributes.", ".").removeprefix(alone) + mark + text


def lines(value: Any, path: str = "") -> Iterator[str]:
    """`path: value` for each value that is there, for a person to read. The paths of a payload are those that a mapping names; of what was
    made of it (whose lists are tuples) a number is left out where there is but one, or where the elements are values."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from lines(one, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            numbered = isinstance(value, list) or (isinstance(one, Mapping) and len(value) > 1)
            yield from lines(one, f"{path}.{place}" if numbered else path)
    elif value not in (None, ""):
        yield f"{path}: {shown(value)}"


def shown(value: Any) -> str:
    """A value of a payload on one line, as JSON has it."""
    text = str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
    return text if len(text) <= 160 else text[:157] + "..."


def _said(value: Any) -> Any:
    """Without what says nothing; its lists as tuples."""
    if isinstance(value, Mapping):
        return {name: kept for name, one in value.items() if (kept := _said(one)) not in (None, "", (), {})}
    if isinstance(value, list | tuple):
        return tuple(_said(one) for one in value)
    return value
