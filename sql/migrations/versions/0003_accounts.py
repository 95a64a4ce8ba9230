"""What all processes that speak with one account of a source share, and what was written back; who asked a source, and what for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def moment(name: str, *, now: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()") if now else None, nullable=not now)


def upgrade() -> None:
    op.add_column("access_log", sa.Column("actor", sa.Text(), server_default="sync", nullable=False), schema="landing")
    op.add_column("access_log", sa.Column("purpose", sa.Text()), schema="landing")
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        moment("full_at"),
        moment("held_until"),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("openings", sa.Integer(), server_default="0", nullable=False),
        moment("open_until"),
        moment("probing_until"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
        schema="landing",
    )
    op.create_table(
        "credential",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("lifetime", sa.Float()),
        moment("expires_at"),
        moment("renewed_at", now=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_credential")),
        schema="landing",
    )
    op.create_table(
        "applied",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("record_key", sa.Text()),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", postgresql.JSONB()),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        moment("claimed_at", now=True),
        moment("ended_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_applied")),
        schema="landing",
    )
    op.create_index("ix_applied_source_stream_record_key", "applied", ["source", "stream", "record_key"], schema="landing")
