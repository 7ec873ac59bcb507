"""Who owns the rows of each domain, and what lost against the owner.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.add_column("bridge_streams", sa.Column("horizon", sa.BigInteger, nullable=True))
    op.add_column(
        "bridge_streams",
        sa.Column(
            "own_xids", sa.ARRAY(sa.BigInteger), nullable=False, server_default=sa.text("'{}'")
        ),
    )
    op.create_table(
        "bridge_owners",
        sa.Column("domain", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("strays", sa.Text, nullable=False, server_default=sa.text("'capture'")),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("since", time, nullable=False, server_default=sa.text("now()")),
    )
    op.create_table(
        "bridge_conflicts",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("key", JSONB, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("losing", JSONB, nullable=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_lsn", sa.Text, nullable=False),
        sa.Column("source_at", time, nullable=False),
        sa.Column("found_at", time, nullable=False, server_default=sa.text("clock_timestamp()")),
    )


def downgrade() -> None:
    op.drop_table("bridge_conflicts")
    op.drop_table("bridge_owners")
    op.drop_column("bridge_streams", "own_xids")
    op.drop_column("bridge_streams", "horizon")
