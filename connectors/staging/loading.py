"""Writing a batch's mapping into staging: rows that come out as they were are not touched, and what changed is queued for the next steps.

A record's rows are found by their origin, the record's ref; what it no longer says goes: a party record gets a tombstone (the resolver has
to hear of it), other rows are deleted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, text

from connectors.mapping.staged import LONGEST_ATTRIBUTE, Activity, Document, Mapped, Participant, Party, clean, digest, fitting, ref_of
from connectors.records import Landed
from sql import queries
from sql.database import copy_rows

Row = tuple[Any, ...]

#: The temporary tables that a batch is loaded into, by name: column -> type.
TEMPORARY = {
    "scope_origin": {"origin": "text"},
    "new_party": {
        "ref": "text", "source": "text", "stream": "text", "key": "text", "origin": "text", "kind": "text", "attributes": "jsonb",
        "url": "text", "observed_at": "timestamptz", "content_hash": "bytea",
    },
    "new_activity": {
        "ref": "text", "source": "text", "stream": "text", "kind": "text", "title": "text", "body": "text", "status": "text",
        "amount": "numeric", "currency": "text", "thread": "text", "url": "text", "attributes": "jsonb", "data_class": "text",
        "untrusted": "boolean", "occurred_at": "timestamptz", "content_hash": "bytea",
    },
    "new_document": {
        "ref": "text", "source": "text", "stream": "text", "origin": "text", "kind": "text", "title": "text", "media_type": "text",
        "text": "text", "pages": "integer", "dated_on": "date", "url": "text", "attributes": "jsonb", "data_class": "text",
        "untrusted": "boolean", "content_hash": "bytea",
    },
    "new_participant": {
        "item_ref": "text", "position": "integer", "role": "text", "party_ref": "text", "name": "text", "attributes": "jsonb",
    },
    "new_claim": {
        "origin": "text", "position": "integer", "kind": "text", "from_ref": "text", "to_ref": "text", "attributes": "jsonb",
        "valid_from_on": "date", "valid_to_on": "date",
    },
    "touched_item": {"ref": "text"},
    "touched_party": {"ref": "text"},
}  # fmt: skip


#: A batch is a thousand records and staging may hold millions, which the planner would rather read than look a thousand up. The driver
#: keeps the plans of when there were few, with joins by hash: so the queries look a list up in staging (`= ANY (ARRAY(...))`), and fence
#: in what they ask for each row (`OFFSET 0`).
_BY_INDEX = text("SELECT set_config('enable_seqscan', 'off', true), set_config('enable_mergejoin', 'off', true)")


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows changed."""

    parties: int = 0
    activities: int = 0
    documents: int = 0
    claims: int = 0


def write(connection: Connection, mapped: Sequence[tuple[Landed, Mapped]]) -> Written:
    """Bring staging to what the records say, in the connection's transaction."""
    connection.execute(_BY_INDEX)
    for name, columns in TEMPORARY.items():
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(text(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({declared}) ON COMMIT DELETE ROWS"))
    load(connection, "scope_origin", [(record.ref,) for record, _ in mapped])
    load(connection, "new_party", [party_row(record.source, record.ref, one) for record, said in mapped for one in said.parties])
    load(connection, "new_activity", [_activity(record, said.activity) for record, said in mapped if said.activity])
    load(connection, "new_document", [_document(record, one) for record, said in mapped for one in said.documents])
    load(connection, "new_participant", [row for record, said in mapped for row in _participants(record, said)])
    load(connection, "new_claim", [row for record, said in mapped for row in _claims(record, said)])
    connection.execute(queries.note_touched_items)
    connection.execute(queries.note_touched_parties)
    parties = connection.execute(queries.merge_party_records).scalar_one()
    activities = connection.execute(queries.merge_activities).scalar_one()
    documents = connection.execute(queries.merge_documents).scalar_one()
    connection.execute(queries.remove_participants)
    connection.execute(queries.add_participants)
    claims = connection.execute(queries.remove_claims).scalar_one() + connection.execute(queries.add_claims).scalar_one()
    return Written(int(parties), int(activities), int(documents), int(claims))


def load(connection: Connection, name: str, rows: Sequence[Row]) -> None:
    """Copy rows into a temporary table of the batch."""
    if rows:
        copy_rows(connection, name, list(TEMPORARY[name]), rows)


def party_row(source: str, origin: str | None, party: Party) -> Row:
    """A row of new_party."""
    attributes = {name: [_shortened(value) for value in values] for name, values in party.attributes.items()}
    content = clean({"kind": party.kind, "attributes": attributes, "url": party.url, "observed_at": party.observed_at, "origin": origin})
    ref = ref_of(source, party.stream, party.key)
    return (
        ref, source, party.stream, fitting(party.key), origin, party.kind, Jsonb(content["attributes"]), content["url"], party.observed_at,
        digest(content),
    )  # fmt: skip


def _shortened(value: Any) -> Any:
    """An attribute is a value and no text: what is longer came by mistake or malice, and an index could not hold it."""
    if isinstance(value, Mapping):
        return {name: _shortened(one) for name, one in value.items()}
    return value[:LONGEST_ATTRIBUTE] if isinstance(value, str) else value


def _activity(record: Landed, one: Activity) -> Row:
    attributes = clean(dict(one.attributes))
    row = (
        record.ref, record.source, record.stream, one.kind, clean(one.title), clean(one.body), clean(one.status), one.amount,
        clean(one.currency), clean(one.thread), clean(one.url), attributes, one.data_class, one.untrusted, one.occurred_at,
    )  # fmt: skip
    return (*row[:11], Jsonb(attributes), *row[12:], digest(row))


def _document(record: Landed, one: Document) -> Row:
    attributes = clean(dict(one.attributes))
    row = (
        f"{record.ref}{one.suffix}", record.source, record.stream, record.ref, one.kind, clean(one.title), one.media_type, clean(one.text),
        one.pages, one.dated_on, clean(one.url), attributes, one.data_class, one.untrusted,
    )  # fmt: skip
    return (*row[:11], Jsonb(attributes), *row[12:], digest(row))


def _participants(record: Landed, said: Mapped) -> Iterator[Row]:
    if said.activity:
        yield from _of_item(record.ref, said.activity.participants)
    for document in said.documents:
        yield from _of_item(f"{record.ref}{document.suffix}", document.participants)


def _of_item(ref: str, participants: Sequence[Participant]) -> Iterator[Row]:
    for position, one in enumerate(participants):
        yield ref, position, one.role, _ref(one.party_ref), clean(one.name), Jsonb(clean(dict(one.attributes)))


def _claims(record: Landed, said: Mapped) -> Iterator[Row]:
    for position, one in enumerate(said.claims):
        refs = (_ref(one.from_ref), _ref(one.to_ref))
        yield record.ref, position, one.kind, *refs, Jsonb(clean(dict(one.attributes))), one.valid_from_on, one.valid_to_on


def _ref(ref: str) -> str:
    """A ref that a record names, as that record's own ref is written."""
    return ref_of(*ref.split("/", 2))
