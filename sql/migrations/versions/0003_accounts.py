"""What all processes that speak with one account of a source share, and what was written back."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
