"""Mapping tables: what a vendor's payload says in our words, as data.

A cell is a path (`properties.email`; a number steps into a list) and the name of a transform; an attribute may have several cells, and all
of their values count. A value that its transform refuses is left out and reported as a doubt; the rest of the record stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from connectors.errors import ConfigurationError
from connectors.mapping import locales
from connectors.mapping.staged import Activity, Claim, Mapped, Participant, Party, clean, ref_of
from connectors.mapping.transforms import Choice, Transform

Cell = tuple[str, str | Transform]
Cells = Cell | Sequence[Cell]

#: Where the source gives no time at all: long ago, so that it never counts as recent.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Claimed:
    """A claim of relationship that a party record makes: from itself to every record of `stream` that the paths name (or the other way
    round, where `reverse`)."""

    kind: str
    to: Cells
    stream: str
    attributes: Mapping[str, Cell] = field(default_factory=dict)
    reverse: bool = False


@dataclass(frozen=True)
class PartyTable:
    """A stream whose records are parties. `attributes` may name a source with {source}, as in `key:{source}`.

    kind:   person or organization; where the record says it, `kind_of` names the cell, and `kinds` what its values (as text) mean; a value
            that is not there means `kind`.
    people: attributes that only a person has, organizations those that only an organisation has; the others' are left out.
    address: its parts; where a part has several cells, their values are put together. addresses: the path of a list of further ones, and
            the parts of each.
    """

    kind: str
    attributes: Mapping[str, Cells]
    address: Mapping[str, Cells] = field(default_factory=dict)
    addresses: tuple[str, Mapping[str, Cells]] | None = None
    observed_at: Cell | None = None
    kind_of: Cell | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Cells] = field(default_factory=dict)
    organizations: Mapping[str, Cells] = field(default_factory=dict)
    claims: Sequence[Claimed] = ()


@dataclass(frozen=True)
class Link:
    """Who takes part: every id at the path names a record of that stream of the same source."""

    role: str
    path: Cell
    stream: str
    name: Cell | None = None


@dataclass(frozen=True)
class ActivityTable:
    """A stream whose records are activities. `body` is filled from the readings; a line whose values are missing is left out. Where there
    are several cells of the status, the first that says something does."""

    kind: str
    title: Sequence[Cell]
    data_class: str
    occurred_at: Sequence[Cell]
    body: Sequence[tuple[str, Cell]] = ()
    status: Cells = ()
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
            if value is None or value is False or value == "" or value == [] or value == {}:
                continue
            try:
                found += (transform if callable(transform) else locales.named(transform))(value)
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
    for part, rest in _steps(path):
        if isinstance(here, dict):
            if rest in here:
                return here[rest]
            here = here.get(part)
        elif isinstance(here, list) and part.isdigit() and int(part) < len(here):
            here = here[int(part)]
        else:
            return None
    return here


@cache
def _steps(path: str) -> tuple[tuple[str, str], ...]:
    """Each part of a path, with all of it from there on."""
    parts = path.split(".")
    return tuple((part, ".".join(parts[place:])) for place, part in enumerate(parts))


def party(reader: Reader, table: PartyTable, place: tuple[str, str, str], own: Mapping[str, Any]) -> Party:
    """The party record of a payload. place: (source, stream, key); own: the user's own fields for the stream."""
    source, stream, key = place
    kind = table.kinds.get(str(reader.one(table.kind_of)), table.kind)
    of_kind = table.people if kind == "person" else table.organizations
    cells = {name.replace("{source}", source): value for name, value in {**table.attributes, **of_kind}.items()}
    attributes = {name: reader.all(value) for name, value in cells.items()}
    if addresses := list(_addresses(reader, table)):
        attributes["address"] = addresses
    for name, cell in own_cells(own).items():
        attributes[name] = list(dict.fromkeys([*attributes.get(name, []), *reader.all(cell)]))
    kept = {name: [str(one) if not isinstance(one, dict) else one for one in values] for name, values in attributes.items() if values}
    return Party(stream, key, kind, kept, observed_at=reader.one(table.observed_at))


def _addresses(reader: Reader, table: PartyTable) -> Iterator[dict[str, Any]]:
    """Each address once; a country alone is none."""
    path, cells = table.addresses or ("", {})
    listed = at(reader.payload, path)
    further = [Reader(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    told: list[dict[str, Any]] = []
    for one, parts in ((reader, table.address), *((one, cells) for one in further)):
        address = {part: value for part, found in parts.items() if (value := " ".join(map(str, one.all(found))))}
        if len(address) > ("country" in address) and address not in told:
            told.append(address)
            yield address
    reader.doubts += [f"{path}: {doubt}" for one in further for doubt in one.doubts]


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
        status=reader.one(*_listed(table.status)),
        amount=reader.one(table.amount),
        currency=currency.upper() if isinstance(currency, str) else None,
        attributes=attributes,
        participants=participants,
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool) else str(value)


def mapped(payload: Any, table: PartyTable | ActivityTable, place: tuple[str, str, str], own: Mapping[str, Any]) -> Mapped:
    """What a payload says by its table alone. place: (source, stream, key)."""
    reader = Reader(payload)
    if isinstance(table, ActivityTable):
        return Mapped(activity=activity(reader, table, place[0], own), doubts=reader.doubts)
    found = party(reader, table, place, own)
    return Mapped(parties=[found], claims=list(claims(reader, table, place)), doubts=reader.doubts)


def claims(reader: Reader, table: PartyTable, place: tuple[str, str, str]) -> Iterator[Claim]:
    """The claims of relationship that a party's table names; none of a record with itself."""
    source, stream, key = place
    here = ref_of(source, stream, key)
    for one in table.claims:
        attributes = {name: str(value) for name, cell in one.attributes.items() if (value := reader.one(cell)) is not None}
        for other in reader.all(one.to):
            there = ref_of(source, one.stream, str(other))
            if there != here:
                yield Claim(one.kind, *((there, here) if one.reverse else (here, there)), attributes)


def own_cells(own: Mapping[str, Any]) -> dict[str, Cell]:
    """The user's own fields as cells. ConfigurationError where one is not as `own_cell` takes it."""
    return {name: own_cell(name, said) for name, said in own.items()}


def own_cell(name: str, said: Any) -> Cell:
    """`"path"`, `["path", "transform"]`, or `["path", {"theirs" = "ours"}]` for an enumeration."""
    if name == "address":
        raise ConfigurationError("mapping of 'address': it has parts, and the source's table says them; give the field another name")
    match said:
        case str():
            return said, "text"
        case [str(path), dict(words)] if all(isinstance(word, str) for word in words.values()):
            return path, Choice(words)
        case [str(path), str(transform)]:
            try:
                locales.named(transform)
            except ValueError as error:
                raise ConfigurationError(f"mapping of {name!r}: {error}") from error
            except KeyError:
                pass
            else:
                return path, transform
    raise ConfigurationError(
        f'mapping of {name!r}: say "path", ["path", "transform"] or ["path", {{ "theirs" = "ours" }}], a transform being one of '
        f"{locales.names()}"
    )


def cells_of(table: PartyTable | ActivityTable) -> list[Cell]:
    """Every cell of a table, for a vendor that has to be asked for each field by name."""
    if isinstance(table, PartyTable):
        cells: list[Cell | None] = [table.observed_at, table.kind_of]
        for part in table.address.values():
            cells += _listed(part)
        cells += [(table.addresses[0], "text")] if table.addresses else []
        for claim in table.claims:
            cells += [*_listed(claim.to), *claim.attributes.values()]
        for value in (*table.attributes.values(), *table.people.values(), *table.organizations.values()):
            cells += _listed(value)
    else:
        cells = [*table.title, *table.occurred_at, *_listed(table.status), table.amount, table.currency, *table.attributes.values()]
        cells += [cell for _, cell in table.body] + [cell for link in table.links for cell in (link.path, link.name)]
    return [cell for cell in cells if cell]


def _listed(cells: Cells) -> list[Cell]:
    return [cells] if cells and isinstance(cells[0], str) else list(cells)  # type: ignore[list-item,arg-type]
