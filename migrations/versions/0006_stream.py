"""How far each stream of changes has been applied.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "bridge_streams",
        sa.Column("name", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("slot", "publication", "system_id")
        ),
        sa.Column("timeline", sa.BigInteger, nullable=False),
        sa.Column("database", sa.Text, nullable=False),
        sa.Column("domains", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("applied_lsn", sa.Text, nullable=False),
        sa.Column("source_at", time, nullable=False),
        sa.Column("applied_at", time, nullable=False),
        sa.Column("copied_at", time, nullable=True),
        *(
            sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0"))
            for name in ("transactions", "rows")
        ),
        sa.Column("epoch", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("fault", sa.Text, nullable=True),
    )


def downgrade() -> None:
    op.drop_table("bridge_streams")
