"""The bridge's own tables: what it did, and what it had to leave out.

They are in the native database; what the reverse stream writes down, it has to write with its rows,
so that the legacy database has the same tables in a schema of their own (`home`).
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Identity,
    MetaData,
    Table,
    Text,
    text,
)
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

# Rows that were in quarantine, with the end of this database's log when they had left it: what was
# changed here before that had not seen them. Until nobody can come with such a change any more.
let_in = Table(
    "bridge_let_in",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("key", JSONB, primary_key=True),
    Column("position", Text, nullable=False),
)

# One row per stream of changes. `applied_lsn` is written in the transaction that applies what ends
# there; only then does the source hear of it. Before `copied_at` the first copy is not complete;
# from `whole_from` on the rows are those of one moment (NULL: since the copy).
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
    Column("whole_from", Text, nullable=True),
    Column("transactions", BigInteger, nullable=False, server_default=text("0")),
    Column("rows", BigInteger, nullable=False, server_default=text("0")),
    Column("epoch", BigInteger, nullable=False, server_default=text("0")),
    Column("fault", Text, nullable=True),
    # Of the target, as numbers of its transactions: what was finished below `horizon` had been
    # seen on the source by `applied_lsn`; `own_xids` above it are rows that the stream put there.
    Column("horizon", BigInteger, nullable=True),
    Column("own_xids", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
)

# One row per domain that was ever given away: who owns its rows, `legacy` (as without a row) or
# `native`. `strays`: what becomes of changes on the other side, `capture` or `reject`; `retired`:
# they are refused, and nothing of the domain is carried any more. `epoch` grows with each change of
# the row, and none is ever deleted: the sum tells whether all is known.
owners = Table(
    "bridge_owners",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("strays", Text, nullable=False, server_default=text("'capture'")),
    Column("epoch", BigInteger, nullable=False),
    Column("since", _Time, nullable=False, server_default=text("now()")),
)

# Changes made on the side that does not own the row, which lost against the owner's. `losing` is
# the row as it was there, by the names of the table here; NULL where it was deleted there.
conflicts = Table(
    "bridge_conflicts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("domain", Text, nullable=False),
    Column("table_name", Text, nullable=False),
    Column("key", JSONB, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("losing", JSONB, nullable=True),
    Column("source", Text, nullable=False),
    Column("source_lsn", Text, nullable=False),
    Column("source_at", _Time, nullable=False),
    Column("found_at", _Time, nullable=False, server_default=text("clock_timestamp()")),
)

# One row per native table: its last comparison with the legacy one, which was clean if no row was
# `differing`. What was committed before `position` was looked at, on the side that owned it then.
verifies = Table(
    "bridge_verifies",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("at", _Time, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("differing", BigInteger, nullable=False),
    Column("position", Text, nullable=False),
)

# One row per native table that the first copy of a stream fills in chunks, until it is complete.
# Written with each chunk: `through` is the legacy key up to which rows are there (NULL: none yet,
# or all). `snapshot_lsn` is that of the newest chunk. `form` changes with what is copied, and how:
# rows of two forms are not put together.
chunks = Table(
    "bridge_chunks",
    metadata,
    Column("table_name", Text, primary_key=True),
    Column("form", Text, nullable=False),
    Column("through", ARRAY(Text), nullable=True),
    Column("complete", Boolean, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("inserted", BigInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("snapshot_lsn", Text, nullable=False),
    Column("snapshot_at", _Time, nullable=False),
    Column("started_at", _Time, nullable=False),
)
