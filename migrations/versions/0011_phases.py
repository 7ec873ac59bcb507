"""Which phase each domain has, and what speaks for or against the next one.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _key(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, primary_key=True) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "ownership_phases",
        *_key("domain"),
        *_texts("phase"),
        sa.Column("weight", sa.Float, nullable=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        *_texts("asked", "trouble"),
    )
    op.create_table(
        "traffic",
        sa.Column("at", _TIME, primary_key=True),
        *_key("worker", "domain", "side"),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("buckets", ARRAY(sa.Integer), nullable=False),
    )
    op.create_table(
        "route_hits",
        *_key("domain", "route", "side"),
        sa.Column("last_at", _TIME, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "parity_tallies",
        sa.Column("at", _TIME, primary_key=True),
        *_key("worker", "domain", "route"),
        sa.Column("tally", JSONB, nullable=False),
    )
    op.create_table(
        "parity_writes",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("at", _TIME, nullable=False, server_default=sa.text("clock_timestamp()")),
        *_texts("domain", "route", "method", "target"),
        sa.Column("equal", sa.Boolean, nullable=False),
        sa.Column("differences", JSONB, nullable=False),
        *_texts("note"),
    )


def downgrade() -> None:
    for name in ("parity_writes", "parity_tallies", "route_hits", "traffic", "ownership_phases"):
        op.drop_table(name)
