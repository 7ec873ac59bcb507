"""What replicas of the proxy share while the ownership of a domain changes.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "ownership_fences",
        sa.Column("domain", sa.Text, primary_key=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        *_texts("to_owner", "holder"),
        sa.Column("until", _TIME, nullable=False),
    )
    op.create_table(
        "ownership_workers",
        sa.Column("worker", sa.Text, primary_key=True),
        sa.Column("lease_until", _TIME, nullable=False),
        sa.Column("seen", JSONB, nullable=False),
        *_texts("digest"),
    )
    op.create_table(
        "ownership_leader",
        sa.Column("one", sa.Boolean, primary_key=True, server_default=sa.text("true")),
        *_texts("holder"),
        sa.Column("until", _TIME, nullable=False),
    )
    op.create_table(
        "ownership_changes",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("at", _TIME, nullable=False, server_default=sa.text("clock_timestamp()")),
        *_texts("domain", "action", "before", "after", "made_by", "why", "result", "reason"),
        sa.Column("pause_seconds", sa.Float, nullable=True),
        sa.Column("steps", JSONB, nullable=False),
    )


def downgrade() -> None:
    for name in ("changes", "leader", "workers", "fences"):
        op.drop_table(f"ownership_{name}")
