"""What is read when a question comes: derived rows, each able to be made again from staging and golden."""

from pgvector.sqlalchemy import Vector
from sqlalchemy import Boolean, Column, Computed, Float, Index, Integer, LargeBinary, Numeric, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from sql.tables.metadata import identifier, metadata, moment

#: Dimensions of a passage's embedding; an embedder of another size needs a migration.
DIMENSIONS = 256

pending = Table(
    "pending",
    metadata,
    Column("step", Text, primary_key=True),  # timeline (subject: item ref, or party id), passages (item ref), summary (party id)
    Column("subject", Text, primary_key=True),
    schema="context",
)

timeline = Table(
    "timeline",
    metadata,
    Column("party_id", Text, primary_key=True),
    Column("item_ref", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("snippet", Text, nullable=False),
    Column("status", Text),
    Column("amount", Numeric(18, 2)),
    Column("currency", Text),
    Column("source", Text, nullable=False),
    Column("data_class", Text, nullable=False),
    Column("untrusted", Boolean, nullable=False),
    Column("url", Text),
    Column("importance", Float, nullable=False),  # 0..1, of its kind and status, before any question
    Column("via_ref", Text, nullable=False),  # the party record through which it belongs
    moment("occurred_at", nullable=False),
    Index("ix_timeline_party_id_occurred_at", "party_id", "occurred_at"),
    Index("ix_timeline_item_ref", "item_ref"),
    schema="context",
)

passage = Table(
    "passage",
    metadata,
    identifier(),
    Column("item_ref", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("embedding", Vector(DIMENSIONS), nullable=False),
    Column("embedder", Text, nullable=False),
    Column("words", TSVECTOR, Computed("to_tsvector('english', text)", persisted=True), nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    UniqueConstraint("item_ref", "position"),
    Index("ix_passage_words", "words", postgresql_using="gin"),
    schema="context",
)

summary = Table(
    "summary",
    metadata,
    Column("party_id", Text, primary_key=True),
    Column("length", Text, primary_key=True),  # card, brief, full
    Column("text", Text, nullable=False),
    Column("citations", JSONB, nullable=False),  # [{"mark": 1, "ref": ...}]
    Column("data_classes", JSONB, nullable=False),  # data classes and sources that went in: who may not see one, may not see the text
    Column("inputs_hash", LargeBinary, nullable=False),
    Column("model", Text, nullable=False),  # "extractive", or the language model's name
    Column("prompt_version", Text),
    moment("created_at", now=True),
    schema="context",
)

signal = Table(
    "signal",
    metadata,
    Column("party_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # open_invoices, overdue_invoices, open_tickets, last_contact, revenue, renewal
    Column("value", JSONB, nullable=False),
    Column("data_class", Text, nullable=False),
    Column("evidence", JSONB, nullable=False, server_default=text("'[]'")),
    schema="context",
)

term = Table(
    "term",
    metadata,
    Column("party_id", Text, primary_key=True),
    Column("record_ref", Text, primary_key=True),  # the party record that says it
    Column("meaning", Text, primary_key=True),  # name, email, phone, vat, key:erp, record key, ...
    Column("value", Text, primary_key=True),  # folded, so that both sides of a search are spelled alike: see context_api.context.terms
    Column("shown", Text, nullable=False),  # as the source writes it
    Column("source", Text, nullable=False),
    Column("data_class", Text, nullable=False),
    Column("words", TSVECTOR, Computed("to_tsvector('simple', value)", persisted=True), nullable=False),
    Index("ix_term_value", "value", postgresql_ops={"value": "text_pattern_ops"}),
    Index("ix_term_words", "words", postgresql_using="gin", postgresql_where=text("meaning = 'name'")),
    schema="context",
)
