"""What all processes share that speak with one account of a source, and what was written back. One row for each account: nothing here grows
but `applied`."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from sql.tables.metadata import metadata, moment

account = Table(
    "account",
    metadata,
    Column("name", Text, primary_key=True),  # the source's, or SOURCE:token for those that give it tokens
    moment("full_at"),  # when the bucket of requests will be full again
    moment("held_until"),  # the source asked to be left alone until then
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("openings", Integer, nullable=False, server_default="0"),  # of the breaker, since the source last answered
    moment("open_until"),  # null: the breaker is closed
    moment("probing_until"),  # one process tries whether the source is back
    schema="landing",
)

credential = Table(
    "credential",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # access and refresh token, encrypted
    Column("origin", Text, nullable=False),  # a fingerprint of what the first token was got with
    Column("lifetime", Float),  # seconds
    moment("expires_at"),
    moment("renewed_at", now=True),
    schema="landing",
)

applied = Table(
    "applied",
    metadata,
    Column("key", Text, primary_key=True),  # the change's idempotency key
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("record_key", Text),  # null while a new record is being made
    Column("fingerprint", LargeBinary, nullable=False),  # of the change: another one under the same key is refused
    Column("state", Text, nullable=False),  # sent (or about to be), applied, refused
    Column("error", JSONB),  # {"class", "code", "message", "action"}
    Column("actor", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="1"),
    moment("claimed_at", now=True),
    moment("ended_at"),
    Index("ix_applied_source_stream_record_key", "source", "stream", "record_key"),
    schema="landing",
)
