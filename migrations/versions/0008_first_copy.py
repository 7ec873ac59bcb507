"""How far the first copy of each table is, and from where on the rows of a stream are whole.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.add_column("bridge_streams", sa.Column("whole_from", sa.Text, nullable=True))
    op.create_table(
        "bridge_chunks",
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("through", sa.ARRAY(sa.Text), nullable=True),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("inserted", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("snapshot_lsn", sa.Text, nullable=False),
        sa.Column("snapshot_at", time, nullable=False),
        sa.Column("started_at", time, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("bridge_chunks")
    op.drop_column("bridge_streams", "whole_from")
