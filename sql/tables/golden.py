"""What is believed of each party. A value is never overwritten: its row is closed (`known_to_at`) and another is opened."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from sql.tables.metadata import identifier, metadata, moment

pending = Table(
    "pending",
    metadata,
    Column("party_id", Text, primary_key=True),
    schema="golden",
)

relationship_pending = Table(
    "relationship_pending",
    metadata,
    Column("party_id", Text, primary_key=True),  # whose relationships are worked out (again), once every pending party is built
    schema="golden",
)

authority = Table(
    "authority",
    metadata,
    Column("source", Text, primary_key=True),
    Column("authority", Float, nullable=False),  # as the golden records were built with: where landing.source differs, they are built again
    Column("attribute_authority", JSONB, nullable=False),
    schema="golden",
)

record_version = Table(
    "record_version",
    metadata,
    identifier(),
    Column("record_ref", Text, nullable=False),
    Column("attributes", JSONB, nullable=False),
    Column("claims", JSONB, nullable=False),  # [{"kind", "to", "origin", "attributes", "from_on", "to_on"}]
    moment("observed_at"),  # the source's business date when it first said this
    moment("known_from_at", nullable=False),
    Index("ix_record_version_record_ref", "record_ref"),
    schema="golden",
)

affiliation_key = Table(
    "affiliation_key",
    metadata,
    Column("party_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),  # is (of an organization), works_at (of a person)
    Column("key", Text, primary_key=True),  # "domain:acme.com", "name:acme"
    Column("record_ref", Text, nullable=False),
    Index("ix_affiliation_key_key", "key", "role"),
    schema="golden",
)

attribute = Table(
    "attribute",
    metadata,
    identifier(),
    Column("party_id", Text, nullable=False),
    Column("attribute", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    Column("rule", Text, nullable=False),  # see resolution.golden.survivorship
    Column("source", Text, nullable=False),
    Column("record_ref", Text, nullable=False),
    Column("override_id", BigInteger),
    Column("losing", JSONB, nullable=False, server_default=text("'[]'")),  # [{"value", "source", "record_ref", "observed_at"}]
    Column("also", JSONB, nullable=False, server_default=text("'[]'")),  # as above: those that hold beside it
    Column("conflict", Boolean, nullable=False, server_default="false"),
    Column("content_hash", LargeBinary, nullable=False, server_default=text("'\\x'")),  # of all but the times of observation
    moment("observed_at"),  # when the source said so, as known when this row was opened
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
    Column("document", JSONB, nullable=False),  # attribute -> entry, see resolution.golden.survivorship.Entry
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
