"""What the sources sent, as they sent it. A raw record is never lost: a deletion is a tombstone, an unreadable one is quarantined."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSON, JSONB

from sql.tables.metadata import identifier, metadata, moment

source = Table(
    "source",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # hubspot, odoo, mailbox, documents, csv
    Column("authority", Float, nullable=False),  # 0..1, what survivorship trusts it for where no attribute says otherwise
    Column("attribute_authority", JSONB, nullable=False, server_default=text("'{}'")),  # attribute -> 0..1
    Column("settings", JSONB, nullable=False, server_default=text("'{}'")),  # without secrets
    schema="landing",
)

sync_run = Table(
    "sync_run",
    metadata,
    identifier(),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("status", Text, nullable=False),  # running, succeeded, backfilled (a range only), failed, abandoned (its process died)
    Column("correlation_id", Text, nullable=False),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("fetched", BigInteger, nullable=False, server_default="0"),
    Column("written", BigInteger, nullable=False, server_default="0"),
    Column("unchanged", BigInteger, nullable=False, server_default="0"),
    Column("tombstoned", BigInteger, nullable=False, server_default="0"),
    Column("quarantined", BigInteger, nullable=False, server_default="0"),
    Column("retries", BigInteger, nullable=False, server_default="0"),
    Column("faults", JSONB),  # what went wrong on the way and was got over: what it was -> how often
    Column("error", JSONB),  # {"class", "code", "message", "action"}
    moment("started_at", now=True),
    moment("finished_at"),
    Index("ix_sync_run_source_stream_started_at", "source", "stream", "started_at"),
    schema="landing",
)

cursor = Table(
    "cursor",
    metadata,
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("position", JSONB, nullable=False),  # the connector's own; committed with the page that it speaks of
    moment("updated_at", now=True),
    schema="landing",
)

record = Table(
    "record",
    metadata,
    identifier(),
    Column("ref", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("payload", JSON, nullable=False),  # json and not jsonb: it keeps what jsonb refuses (a NUL, a lone surrogate)
    Column("body", LargeBinary),  # the bytes of a message or file
    Column("content_hash", LargeBinary, nullable=False),  # 16 bytes of payload and body
    moment("source_updated_at"),  # the source's own word
    moment("first_seen_at", now=True),
    moment("changed_at", now=True),  # when payload, body or tombstone last changed here
    moment("deleted_at"),  # tombstone
    Index("ix_record_source_stream", "source", "stream"),  # a record is found by its ref
    schema="landing",
)

place = Table(
    "place",
    metadata,
    # The keys begin with what tells most, so that the planner takes the right one even of a table that it has never looked at.
    Column("place", Text(collation="C"), primary_key=True),  # the source's own: folder and number of a mail
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # of the record that was found there
    Column("gone", Boolean, nullable=False, server_default="false"),  # until the sync ends: then it goes, and who has no other
    Index("ix_place_key_source_stream", "key", "source", "stream"),
    Index("ix_place_gone", "source", "stream", postgresql_where=text("gone")),
    schema="landing",
)

schema_fingerprint = Table(
    "schema_fingerprint",
    metadata,
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("fields", JSONB, nullable=False),  # path -> type
    Column("shares", JSONB),  # path -> tenths of the records that had it, in the last run that read enough to tell
    moment("changed_at", now=True),
    schema="landing",
)

drift_event = Table(
    "drift_event",
    metadata,
    identifier(),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("path", Text, nullable=False),
    Column("change", Text, nullable=False),  # new, type, gone
    Column("before", Text),  # the type
    Column("after", Text),
    moment("noticed_at", now=True),
    Index("ix_drift_event_source_stream", "source", "stream"),
    schema="landing",
)

hold = Table(
    "hold",
    metadata,
    identifier(),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    moment("held_at", now=True),
    moment("released_at"),
    Column("released_by", Text),
    # One at a time for a stream: what waits is not mapped until it is released.
    Index("uq_hold_open", "source", "stream", unique=True, postgresql_where=text("released_at is null")),
    schema="landing",
)

quarantine = Table(
    "quarantine",
    metadata,
    identifier(),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("key", Text, nullable=False),  # the record's key, or a hash of what came where it has none
    Column("stage", Text, nullable=False),  # pull, map
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary),
    Column("attempts", Integer, nullable=False, server_default="1"),
    moment("first_at", now=True),
    moment("last_at", now=True),
    moment("resolved_at"),  # read after all, or dropped
    Column("dropped_by", Text),  # who decided that it is not wanted; the same again is not quarantined anew
    UniqueConstraint("source", "stream", "key", "stage"),
    schema="landing",
)

inbox = Table(
    "inbox",
    metadata,
    identifier(),
    Column("source", Text, nullable=False),
    Column("event_key", Text, nullable=False),  # the vendor's id of the event, or a hash of the body: handled once
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    moment("received_at", now=True),
    moment("processed_at"),
    UniqueConstraint("source", "event_key"),
    Index("ix_inbox_unprocessed", "source", postgresql_where=text("processed_at is null")),
    schema="landing",
)

access_log = Table(
    "access_log",
    metadata,
    identifier(),
    Column("source", Text, nullable=False),
    Column("run_id", BigInteger),
    Column("correlation_id", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),  # without the query string: it may hold personal data
    Column("status", Integer),  # null where no answer came
    Column("attempt", Integer, nullable=False),
    Column("milliseconds", Float, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("failed", Boolean, nullable=False, server_default="false"),
    Column("actor", Text, nullable=False, server_default="sync"),  # sync, check, or the account for which something was read live
    Column("purpose", Text),  # the stream, or what the account said
    moment("requested_at", now=True),
    schema="landing",
)
