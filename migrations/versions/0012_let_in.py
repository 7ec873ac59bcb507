"""Which rows left quarantine, until nobody can come with a change from before

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bridge_let_in",
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("key", JSONB, primary_key=True),
        sa.Column("position", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("bridge_let_in")
