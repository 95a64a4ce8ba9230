"""What party records normalise to, kept (the resolver notices that they are missing, and makes them); open reviews by record;
records whose pairs are made anew, and whose parties are not yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_profile")),
        schema="identity",
    )
    op.create_table(
        "ungrouped",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_ungrouped")),
        schema="identity",
    )
    for side in ("left_id", "right_id"):
        op.create_index(f"ix_review_{side}", "review", [side], unique=False, schema="identity", postgresql_where=sa.text("status = 'open'"))
