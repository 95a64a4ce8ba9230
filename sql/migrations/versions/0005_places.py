"""Where a record was found, for sources in which one thing lies in several places."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(collation="C"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("gone", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("place", "source", "stream", "key", name=op.f("pk_place")),
        schema="landing",
    )
    op.create_index("ix_place_key_source_stream", "place", ["key", "source", "stream"], schema="landing")
    gone = sa.text("gone")
    op.create_index("ix_place_gone", "place", ["source", "stream"], schema="landing", postgresql_where=gone)
