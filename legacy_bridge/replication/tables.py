"""The bridge's own tables in the native database: what it did, and what it had to leave out."""

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, MetaData, Table, Text, text
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

# One row per stream of changes. `applied_lsn` is written in the transaction that applies what ends
# there; only then does the source hear of it. Before `copied_at` the copy is not complete, and the
# slot is of no use.
#
# `source_at`: by the source's clock, when it last was as it is here. `epoch` counts appliers: who
# took over later has the larger one. `fault`: why the last applier stopped, and what to do.
streams = Table(
    "bridge_streams",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slot", Text, nullable=False),
    Column("publication", Text, nullable=False),
    Column("system_id", Text, nullable=False),
    Column("timeline", BigInteger, nullable=False),
    Column("database", Text, nullable=False),
    Column("domains", ARRAY(Text), nullable=False),
    Column("applied_lsn", Text, nullable=False),
    Column("source_at", _Time, nullable=False),
    Column("applied_at", _Time, nullable=False),
    Column("copied_at", _Time, nullable=True),
    Column("transactions", BigInteger, nullable=False, server_default=text("0")),
    Column("rows", BigInteger, nullable=False, server_default=text("0")),
    Column("epoch", BigInteger, nullable=False, server_default=text("0")),
    Column("fault", Text, nullable=True),
)

# One row per native table: its last comparison with the legacy one, which was clean if no row was
# `differing`. What was committed on the legacy side before `position` was looked at.
verifies = Table(
    "bridge_verifies",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("at", _Time, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("differing", BigInteger, nullable=False),
    Column("position", Text, nullable=False),
)
