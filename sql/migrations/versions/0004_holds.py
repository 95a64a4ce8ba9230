"""Drift as events, and syncs whose publication waits for somebody to look."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def moment(name: str, *, now: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()") if now else None, nullable=not now)


def upgrade() -> None:
    op.add_column("sync_run", sa.Column("faults", postgresql.JSONB()), schema="landing")
    op.add_column("schema_fingerprint", sa.Column("shares", postgresql.JSONB()), schema="landing")
    op.add_column("quarantine", sa.Column("dropped_by", sa.Text()), schema="landing")
    op.create_index("ix_record_source_stream", "record", ["source", "stream"], schema="landing")
    op.drop_index("ix_record_source_stream_key", table_name="record", schema="landing")
    op.create_table(
        "drift_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        moment("noticed_at", now=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift_event")),
        schema="landing",
    )
    op.create_index("ix_drift_event_source_stream", "drift_event", ["source", "stream"], schema="landing")
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        moment("held_at", now=True),
        moment("released_at"),
        sa.Column("released_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        schema="landing",
    )
    open_hold = sa.text("released_at is null")
    op.create_index("uq_hold_open", "hold", ["source", "stream"], unique=True, schema="landing", postgresql_where=open_hold)
