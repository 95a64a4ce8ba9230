"""What is believed of each party. A value is never overwritten: its row is closed (`known_to_at`) and another is opened."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from sql.tables.metadata import identifier, metadata, moment

pending = Table(
    "pending",
    metadata,
    Column("party_id", Text, primary_key=True),
    schema="golden",
)

attribute = Table(
    "attribute",
    metadata,
    identifier(),
    Column("party_id", Text, nullable=False),
    Column("attribute", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    Column("rule", Text, nullable=False),  # override, authority, most_recent, most_frequent, most_complete, only_value
    Column("source", Text, nullable=False),
    Column("record_ref", Text, nullable=False),
    Column("override_id", BigInteger),
    Column("losing", JSONB, nullable=False, server_default=text("'[]'")),  # [{"value", "source", "record_ref", "observed_at"}]
    moment("valid_from_at"),  # true in the world from (the source's business date), to
    moment("valid_to_at"),
    moment("known_from_at", now=True),  # believed by us from, to
    moment("known_to_at"),
    Index(
        "uq_attribute_current", "party_id", "attribute", unique=True, postgresql_where=text("known_to_at is null and valid_to_at is null")
    ),
    Index("ix_attribute_party_id", "party_id"),
    schema="golden",
)

override = Table(
    "override",
    metadata,
    identifier(),
    Column("party_id", Text, nullable=False),
    Column("record_ref", Text, nullable=False),  # anchors the override: it follows this record through merges and splits
    Column("attribute", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("created_at", now=True),
    moment("withdrawn_at"),
    Index("uq_override_current", "record_ref", "attribute", unique=True, postgresql_where=text("withdrawn_at is null")),
    schema="golden",
)

record = Table(
    "record",
    metadata,
    Column("party_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("document", JSONB, nullable=False),  # attribute -> {"value", "source", "record_ref", "rule", "since", "losing"}
    Column("content_hash", LargeBinary, nullable=False),  # the ETag
    Column("confidence", Float, nullable=False),  # the weakest link's probability; 1 for a single record
    Column("records", Integer, nullable=False),
    Column("sources", ARRAY(Text), nullable=False),
    moment("changed_at", now=True),
    Index("ix_record_name", "name"),
    Index("ix_record_words", text("to_tsvector('simple', name)"), postgresql_using="gin"),
    schema="golden",
)

relationship = Table(
    "relationship",
    metadata,
    identifier(),
    Column("from_party_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # employment, parent, branch
    Column("to_party_id", Text, nullable=False),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),
    Column("evidence", ARRAY(Text), nullable=False),  # refs of the landing records that claim it
    moment("valid_from_at"),
    moment("valid_to_at"),
    moment("known_from_at", now=True),
    moment("known_to_at"),
    Index("uq_relationship_current", "from_party_id", "kind", "to_party_id", unique=True, postgresql_where=text("known_to_at is null")),
    Index("ix_relationship_to_party_id", "to_party_id"),
    schema="golden",
)
