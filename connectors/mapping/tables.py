"""Mapping tables: what a vendor's payload says in our words, as data.

A cell is a path (`properties.email`; a number steps into a list) and the name of a transform; an attribute may have several cells, and all
of their values count. A value that its transform refuses is left out and reported as a doubt; the rest of the record stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.errors import ConfigurationError
from connectors.mapping.staged import Activity, Participant, Party, clean
from connectors.mapping.transforms import TRANSFORMS, Transform

Cell = tuple[str, str | Transform]
Cells = Cell | Sequence[Cell]

#: Where the source gives no time at all: long ago, so that it never counts as recent.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PartyTable:
    """A stream whose records are parties. `attributes` may name a source with {source}, as in `key:{source}`."""

    kind: str
    attributes: Mapping[str, Cells]
    address: Mapping[str, Cell] = field(default_factory=dict)
    observed_at: Cell | None = None


@dataclass(frozen=True)
class Link:
    """Who takes part: every id at the path names a record of that stream of the same source."""

    role: str
    path: Cell
    stream: str
    name: Cell | None = None


@dataclass(frozen=True)
class ActivityTable:
    """A stream whose records are activities. `body` is filled from the readings; a line whose values are missing is left out."""

    kind: str
    title: Sequence[Cell]
    data_class: str
    occurred_at: Sequence[Cell]
    body: Sequence[tuple[str, Cell]] = ()
    status: Cell | None = None
    amount: Cell | None = None
    currency: Cell | None = None
    attributes: Mapping[str, Cell] = field(default_factory=dict)
    links: Sequence[Link] = ()
    untrusted: bool = False


class Reader:
    """Reads cells of one payload and gathers doubts."""

    def __init__(self, payload: Any) -> None:
        self.payload = clean(payload)
        self.doubts: list[str] = []

    def all(self, cells: Cells) -> list[Any]:
        """The values of one or more cells, each once, in order."""
        found: list[Any] = []
        for path, transform in _listed(cells):
            value = at(self.payload, path)
            if value is None or value is False or value in ("", [], {}):
                continue
            try:
                found += (transform if callable(transform) else TRANSFORMS[transform])(value)
            except ValueError as error:
                self.doubts.append(f"{path}: {error}; left out")
        return list(dict.fromkeys(found))

    def one(self, *cells: Cell | None) -> Any:
        """The first value that there is, or None."""
        for cell in cells:
            if cell and (values := self.all(cell)):
                return values[0]
        return None


def at(payload: Any, path: str) -> Any:
    """The value at a path, or None where the way ends before. A key that holds dots itself is found whole."""
    here = payload
    parts = path.split(".")
    for place, part in enumerate(parts):
        if isinstance(here, Mapping):
            rest = ".".join(parts[place:])
            if rest in here:
                return here[rest]
            here = here.get(part)
        elif isinstance(here, list) and part.isdigit() and int(part) < len(here):
            here = here[int(part)]
        else:
            return None
    return here


def party(reader: Reader, table: PartyTable, place: tuple[str, str, str], own: Mapping[str, Any]) -> Party:
    """The party record of a payload. place: (source, stream, key); own: the user's own fields for the stream."""
    source, stream, key = place
    cells = {**{name.replace("{source}", source): value for name, value in table.attributes.items()}}
    attributes = {name: reader.all(value) for name, value in cells.items()}
    address = {part: value for part, cell in table.address.items() if (value := reader.one(cell))}
    if len(address) > ("country" in address):
        attributes["address"] = [address]
    for name, cell in own_cells(own).items():
        attributes[name] = list(dict.fromkeys([*attributes.get(name, []), *reader.all(cell)]))
    kept = {name: [str(one) if not isinstance(one, dict) else one for one in values] for name, values in attributes.items() if values}
    return Party(stream, key, table.kind, kept, observed_at=reader.one(table.observed_at))


def activity(reader: Reader, table: ActivityTable, source: str, own: Mapping[str, Any]) -> Activity:
    """The activity of a payload."""
    lines = [form.format(value) for form, cell in table.body if (value := reader.one(cell)) is not None]
    participants = [
        Participant(link.role, f"{source}/{link.stream}/{key}", reader.one(link.name))
        for link in table.links
        for key in reader.all(link.path)
    ]
    attributes = {
        name: _plain(value) for name, cell in {**table.attributes, **own_cells(own)}.items() if (value := reader.one(cell)) is not None
    }
    currency = reader.one(table.currency)
    return Activity(
        kind=table.kind,
        title=" ".join(str(value) for cell in table.title if (value := reader.one(cell)) is not None)
        or f"{table.kind.title()} without a title",
        occurred_at=reader.one(*table.occurred_at) or UNDATED,
        data_class=table.data_class,
        untrusted=table.untrusted,
        body="\n".join(lines),
        status=reader.one(table.status),
        amount=reader.one(table.amount),
        currency=currency.upper() if isinstance(currency, str) else None,
        attributes=attributes,
        participants=participants,
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool) else str(value)


def own_cells(own: Mapping[str, Any]) -> dict[str, Cell]:
    """The user's own fields as cells. ConfigurationError where one is neither a path nor [path, transform]."""
    cells: dict[str, Cell] = {}
    for name, said in own.items():
        path, transform = [said, "text"] if isinstance(said, str) else said if isinstance(said, list) and len(said) == 2 else [None, None]
        if not isinstance(path, str) or not isinstance(transform, str) or transform not in TRANSFORMS:
            raise ConfigurationError(
                f'mapping of {name!r}: say "path" or ["path", "transform"], a transform being one of {", ".join(TRANSFORMS)}'
            )
        cells[name] = (path, transform)
    return cells


def cells_of(table: PartyTable | ActivityTable) -> list[Cell]:
    """Every cell of a table, for a vendor that has to be asked for each field by name."""
    if isinstance(table, PartyTable):
        cells: list[Cell | None] = [table.observed_at, *table.address.values()]
        for value in table.attributes.values():
            cells += _listed(value)
    else:
        cells = [*table.title, *table.occurred_at, table.status, table.amount, table.currency, *table.attributes.values()]
        cells += [cell for _, cell in table.body] + [link.path for link in table.links]
    return [cell for cell in cells if cell]


def _listed(cells: Cells) -> list[Cell]:
    return [cells] if isinstance(cells[0], str) else list(cells)  # type: ignore[list-item,arg-type]
