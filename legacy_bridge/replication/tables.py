"""The bridge's own tables in the native database: what it did, and what it had to leave out."""

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})

_Time = DateTime(timezone=True)

# One row per native table: its last copy, written in the transaction that made it.
copies = Table(
    "bridge_copies",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("domain", Text, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("inserted", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("deleted", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("snapshot_lsn", Text, nullable=False),
    Column("snapshot_at", _Time, nullable=False),
    Column("started_at", _Time, nullable=False),
    Column("finished_at", _Time, nullable=False),
    Column("made_by", Text, nullable=False),
)

# Rows that the native tables refused, as of the last copy. `key` is {"id": 7}; `since` is the
# first copy that met the row, without a good one in between.
quarantine = Table(
    "bridge_quarantine",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("key", JSONB, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("since", _Time, nullable=False, server_default=text("now()")),
)
