"""Who may see what, and who did what. Audit rows are only ever added, each sealed by the hash of the one before."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from sql.tables.metadata import identifier, metadata, moment

service_account = Table(
    "service_account",
    metadata,
    Column("name", Text, primary_key=True),
    Column("scopes", ARRAY(Text), nullable=False),  # see context_api.access
    moment("created_at", now=True),
    moment("disabled_at"),
    schema="governance",
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),  # the key's public part
    Column("account", Text, ForeignKey(service_account.c.name), nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    moment("created_at", now=True),
    moment("expires_at"),
    moment("revoked_at"),
    schema="governance",
)

access_grant = Table(
    "access_grant",
    metadata,
    identifier(),
    Column("account", Text, ForeignKey(service_account.c.name), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("reason", Text, nullable=False),
    Column("granted_by", Text, nullable=False),
    moment("created_at", now=True),
    moment("expires_at", nullable=False),
    moment("ended_at"),
    schema="governance",
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),  # without gaps
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("request_id", Text),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    moment("occurred_at", nullable=False),
    Index("ix_audit_subject", "subject"),
    schema="governance",
)

receipt = Table(
    "receipt",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("action", Text, nullable=False),  # context, expand, search, party, timeline, ...
    Column("purpose", Text),
    Column("party_id", Text),
    Column("request", JSONB, nullable=False),
    Column("returned", JSONB, nullable=False),  # refs of what was shown
    Column("omitted", JSONB, nullable=False, server_default=text("'[]'")),  # refs that a handle gets
    Column("withheld", JSONB, nullable=False, server_default=text("'{}'")),  # scope -> count
    Column("tokens", Integer),
    Column("request_id", Text, nullable=False),
    moment("created_at", now=True),
    Index("ix_receipt_account_created_at", "account", "created_at"),
    schema="governance",
)

model_call = Table(
    "model_call",
    metadata,
    identifier(),
    Column("purpose", Text, nullable=False),  # adjudicate, summarise
    Column("model", Text, nullable=False),
    Column("prompt_version", Text, nullable=False),
    Column("input_hash", LargeBinary, nullable=False),
    Column("output", JSONB),
    Column("error", Text),
    Column("input_tokens", Integer, nullable=False, server_default="0"),
    Column("output_tokens", Integer, nullable=False, server_default="0"),
    Column("milliseconds", Float, nullable=False),
    moment("called_at", now=True),
    Index("ix_model_call_input_hash", "input_hash"),
    schema="governance",
)

erasure = Table(
    "erasure",
    metadata,
    identifier(),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("removed", JSONB, nullable=False),  # table -> rows
    moment("erased_at", now=True),
    schema="governance",
)

suppression = Table(
    "suppression",
    metadata,
    identifier(),
    Column("erasure_id", BigInteger, ForeignKey(erasure.c.id), nullable=False),
    Column("kind", Text, nullable=False),  # ref, email, phone
    Column("value_hash", LargeBinary, nullable=False),  # keyed hash: the value itself is gone
    UniqueConstraint("kind", "value_hash"),
    schema="governance",
)
