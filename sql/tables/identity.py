"""Which records are one party, and why. A judgement is superseded, never deleted; a membership is closed, never deleted.

`profile` and `blocking_key` are of live records as they were when they were last resolved."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Float, Index, Integer, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from sql.tables.metadata import identifier, metadata, moment

pending = Table(
    "pending",
    metadata,
    Column("record_id", BigInteger, primary_key=True),  # a staging.party_record to resolve (again)
    schema="identity",
)

ungrouped = Table(
    "ungrouped",
    metadata,
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),  # its pairs are as they have to be, its party is not yet
    Column("changed", Boolean, nullable=False),  # whether it says something else than when it was last resolved
    schema="identity",
)

blocking_key = Table(
    "blocking_key",
    metadata,
    Column("key", BigInteger, primary_key=True),  # 64-bit hash of rule and value
    Column("record_id", BigInteger, primary_key=True),
    Column("rule", SmallInteger, nullable=False),
    Index("ix_blocking_key_record_id", "record_id"),
    schema="identity",
)

profile = Table(
    "profile",
    metadata,
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("ref", Text, nullable=False),
    Column("kind", SmallInteger, nullable=False),  # settled from the values where the source did not say
    Column("terms", JSONB, nullable=False),  # column -> normalised terms
    Column("content_hash", LargeBinary, nullable=False),  # of the record that was normalised
    schema="identity",
)

model = Table(
    "model",
    metadata,
    Column("version", Text, primary_key=True),  # hash of the parameters
    Column("kind", Text, nullable=False),  # fellegi_sunter, supervised
    Column("status", Text, nullable=False),  # in_force, shadow, retired
    Column("parameters", JSONB, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    moment("created_at", now=True),
    Index("uq_model_in_force", "status", unique=True, postgresql_where=text("status = 'in_force'")),
    schema="identity",
)

pair = Table(
    "pair",
    metadata,
    Column("left_id", BigInteger, primary_key=True),  # left_id < right_id
    Column("right_id", BigInteger, primary_key=True),
    Column("weight", Float, nullable=False),  # match weight, bits; the prior is in it
    Column("probability", Float, nullable=False),
    Column("rule", Text),  # the deterministic rule that decides it, if one does
    Column("verdict", SmallInteger, nullable=False, server_default="0"),  # of that rule: 1 match, -1 never, 0 none
    Column("linked", Boolean, nullable=False),  # whether it joins its records' components: by a judgement, else the rule, else the weight
    Column("levels", JSONB, nullable=False),  # comparison -> level; the rest of the evidence follows from the model
    Column("model_version", Text, nullable=False),
    CheckConstraint("left_id < right_id", name="ordered"),
    Index("ix_pair_right_id", "right_id"),
    schema="identity",
)

judgement = Table(
    "judgement",
    metadata,
    identifier(),
    Column("left_id", BigInteger, nullable=False),
    Column("right_id", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),  # match, no_match, unsure
    Column("authority", Text, nullable=False),  # language_model, steward; what rules and the model say is in `pair`
    Column("actor", Text, nullable=False),  # account or prompt version
    Column("reason", Text, nullable=False, server_default=""),
    Column("evidence", JSONB, nullable=False, server_default=text("'{}'")),
    Column("decision_id", Text, nullable=False),  # judgements made by one act share it, and are undone together
    moment("created_at", now=True),
    moment("superseded_at"),
    Column("superseded_by", Text),  # decision_id of the later act, or the undo's
    CheckConstraint("left_id < right_id", name="ordered"),
    Index("uq_judgement_current", "left_id", "right_id", "authority", unique=True, postgresql_where=text("superseded_at is null")),
    Index("ix_judgement_right_id", "right_id"),
    Index("ix_judgement_decision_id", "decision_id"),
    schema="identity",
)

party = Table(
    "party",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    moment("created_at", now=True),
    moment("retired_at"),  # merged into another (see redirect) or left without records
    schema="identity",
)

redirect = Table(
    "redirect",
    metadata,
    Column("from_id", Text, primary_key=True),
    Column("to_id", Text, nullable=False),
    moment("created_at", now=True),
    Index("ix_redirect_to_id", "to_id"),
    schema="identity",
)

membership = Table(
    "membership",
    metadata,
    identifier(),
    Column("record_id", BigInteger, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("confidence", Float, nullable=False),  # probability that the record belongs
    moment("valid_from_at", now=True),
    moment("valid_to_at"),
    Index("uq_membership_current", "record_id", unique=True, postgresql_where=text("valid_to_at is null")),
    Index("ix_membership_party_id", "party_id"),
    Index("ix_membership_record_id", "record_id"),
    schema="identity",
)

review = Table(
    "review",
    metadata,
    identifier(),
    Column("kind", Text, nullable=False),  # pair, conflict (trusted sources disagree)
    Column("subject", Text, nullable=False),  # "left_ref|right_ref", or "party_id:attribute": one open review for each
    Column("left_id", BigInteger),
    Column("right_id", BigInteger),
    Column("party_id", Text),
    Column("status", Text, nullable=False),  # open, decided, withdrawn (no longer in doubt)
    Column("probability", Float),
    Column("priority", Float, nullable=False, server_default="0"),  # value of the answer
    Column("evidence", JSONB, nullable=False),
    Column("decision_id", Text),
    Column("decided_by", Text),
    moment("opened_at", now=True),
    moment("closed_at"),
    Index("uq_review_open", "kind", "subject", unique=True, postgresql_where=text("status = 'open'")),
    Index("ix_review_status_priority", "status", "priority"),
    Index("ix_review_left_id", "left_id", postgresql_where=text("status = 'open'")),
    Index("ix_review_right_id", "right_id", postgresql_where=text("status = 'open'")),
    schema="identity",
)

event = Table(
    "event",
    metadata,
    identifier("sequence"),
    Column("kind", Text, nullable=False),  # created, joined, left, merged, split, retired, changed
    Column("party_id", Text, nullable=False),
    Column("record_ref", Text),
    Column("other_party_id", Text),
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False, server_default="resolver"),
    moment("occurred_at", now=True),
    Index("ix_event_party_id", "party_id"),
    schema="identity",
)

shared_identifier = Table(
    "shared_identifier",
    metadata,
    Column("key", BigInteger, primary_key=True),  # 64-bit hash of the identifier's meaning and value
    Column("meaning", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("records", Integer, nullable=False),
    Column("by_steward", Boolean, nullable=False, server_default="false"),
    moment("since_at", now=True),
    schema="identity",
)
