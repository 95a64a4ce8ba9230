"""What the landed records say, in our words. Every row can be made again from `landing.record`."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, LargeBinary, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from sql.tables.metadata import identifier, metadata, moment

pending = Table(
    "pending",
    metadata,
    Column("landing_id", BigInteger, primary_key=True),  # a landing.record to map (again)
    schema="staging",
)

mapping = Table(
    "mapping",
    metadata,
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),  # of the mapping in force: when it changes, the stream is mapped again
    schema="staging",
)

party_record = Table(
    "party_record",
    metadata,
    identifier(),
    Column("ref", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("origin", Text),  # ref of the landing record it was mapped from; null where it is derived from participants
    Column("kind", Text, nullable=False),  # person, organization, unknown
    Column("attributes", JSONB, nullable=False),  # attribute -> list of values, see resolution.records
    Column("url", Text),  # where a person can open it in the source
    Column("content_hash", LargeBinary, nullable=False),
    moment("observed_at"),  # the source's own business date of these values
    moment("changed_at", now=True),
    moment("deleted_at"),
    Index("ix_party_record_origin", "origin"),
    Index("ix_party_record_source_stream", "source", "stream"),
    schema="staging",
)

activity = Table(
    "activity",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("kind", Text, nullable=False),  # deal, ticket, order, invoice, payment, email, meeting, note
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False, server_default=""),
    Column("status", Text),
    Column("amount", Numeric(18, 2)),
    Column("currency", Text),
    Column("thread", Text),  # activities of one conversation share it
    Column("url", Text),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),  # e.g. due_on, number, stage, direction
    Column("data_class", Text, nullable=False),  # public, internal, personal, financial, sensitive
    Column("untrusted", Boolean, nullable=False),  # written by an outsider
    Column("content_hash", LargeBinary, nullable=False),
    moment("occurred_at", nullable=False),
    moment("changed_at", now=True),
    Index("ix_activity_origin", "origin"),
    schema="staging",
)

document = Table(
    "document",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("kind", Text, nullable=False),  # contract, note, price_list, attachment, other
    Column("title", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("pages", Integer),
    Column("dated_on", Date),
    Column("url", Text),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),  # e.g. effective_on, expires_on
    Column("data_class", Text, nullable=False),
    Column("untrusted", Boolean, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    moment("changed_at", now=True),
    Index("ix_document_origin", "origin"),
    schema="staging",
)

participant = Table(
    "participant",
    metadata,
    Column("item_ref", Text, primary_key=True),  # of an activity or document
    Column("position", Integer, primary_key=True),
    Column("role", Text, nullable=False),  # from, to, cc, customer, contact, owner, party, mentioned
    Column("party_ref", Text, nullable=False),  # of a party record, which may not have come yet
    Column("name", Text),  # as written there
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),  # e.g. title and phone out of a signature
    Index("ix_participant_party_ref", "party_ref"),
    schema="staging",
)

claim = Table(
    "claim",
    metadata,
    Column("origin", Text, primary_key=True),  # ref of the landing record that claims
    Column("position", Integer, primary_key=True),
    Column("kind", Text, nullable=False),  # employment (person -> organization), parent, branch (the smaller -> the larger)
    Column("from_ref", Text, nullable=False),  # of a party record
    Column("to_ref", Text, nullable=False),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),  # e.g. title
    Column("valid_from_on", Date),
    Column("valid_to_on", Date),
    Index("ix_claim_from_ref", "from_ref"),
    Index("ix_claim_to_ref", "to_ref"),
    schema="staging",
)
