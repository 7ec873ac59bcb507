"""What replicas of the proxy share about ownership, in the native database.

Who owns the rows of a domain is in the bridge's `bridge_owners`; here is what leads to a change.
"""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Float, Identity, MetaData, Table, Text
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})

_Time = DateTime(timezone=True)

# A domain that is being handed over: requests that may write to it are held until `until`, or until
# the row is gone. `epoch`: a number of its own, which grows.
fences = Table(
    "ownership_fences",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("to_owner", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("until", _Time, nullable=False),
)

# Workers that serve. One that has not renewed its lease holds requests that may write. `seen` is
# {domain: epoch} of the fences behind which nothing of its requests is under way; `digest` that of
# the routing.yaml in force.
workers = Table(
    "ownership_workers",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("lease_until", _Time, nullable=False),
    Column("seen", JSONB, nullable=False),
    Column("digest", Text, nullable=False),
)

# One row: the replica that carries out what routing.yaml wants.
leader = Table(
    "ownership_leader",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=sql_text("true")),
    Column("holder", Text, nullable=False),
    Column("until", _Time, nullable=False),
)

# Everything that was changed, or refused, by whom and why.
changes = Table(
    "ownership_changes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", _Time, nullable=False, server_default=sql_text("clock_timestamp()")),
    Column("domain", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("pause_seconds", Float, nullable=True),
    Column("steps", JSONB, nullable=False),
)
