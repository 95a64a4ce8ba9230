"""The first schema."""

import sqlalchemy as sa
from alembic import op

from sql.tables import SCHEMAS, metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    for schema in SCHEMAS:
        op.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    metadata.create_all(op.get_bind())
