"""The bridge's own tables: what was copied when, and what was left out.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bridge_copies",
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("domain", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("rows_read", "inserted", "updated", "deleted", "quarantined")
        ),
        sa.Column("snapshot_lsn", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=False)
            for name in ("snapshot_at", "started_at", "finished_at")
        ),
        sa.Column("made_by", sa.Text, nullable=False),
    )
    op.create_table(
        "bridge_quarantine",
        sa.Column("table_name", sa.Text, primary_key=True),
        sa.Column("key", JSONB, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
    )


def downgrade() -> None:
    op.drop_table("bridge_quarantine")
    op.drop_table("bridge_copies")
