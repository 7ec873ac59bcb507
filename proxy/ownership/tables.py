"""What replicas of the proxy share about ownership, in the native database.

Who owns the rows of a domain is in the bridge's `bridge_owners`; here is what leads to a change.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Identity,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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

# How far each domain has been let: what a worker serves is this or less, as routing.yaml says.
# `epoch` grows with each change; `asked` is what was asked for when it was decided, and `trouble`
# why it is not, or not any more, what is asked for.
phases = Table(
    "ownership_phases",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("phase", Text, nullable=False),
    Column("weight", Float, nullable=True),
    Column("epoch", BigInteger, nullable=False),
    Column("since", _Time, nullable=False),
    Column("asked", Text, nullable=False),
    Column("trouble", Text, nullable=False),
)

# Requests by who answered them. `at` is when a bucket of time begins; merged ones have no worker.
# `buckets` are counts by duration, as the metrics have them; `errors`: 5xx, and what failed.
traffic = Table(
    "traffic",
    metadata,
    Column("at", _Time, primary_key=True),
    Column("worker", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("buckets", ARRAY(Integer), nullable=False),
)

# When each rule of routing.yaml was last answered by which side, and how often.
route_hits = Table(
    "route_hits",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("last_at", _Time, nullable=False),
    Column("requests", BigInteger, nullable=False),
)

# What comparing both sides' answers found, by bucket of time.
parity_tallies = Table(
    "parity_tallies",
    metadata,
    Column("at", _Time, primary_key=True),
    Column("worker", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("tally", JSONB, nullable=False),
)

# What a legacy write did to the rows, beside what the native handler would have done.
parity_writes = Table(
    "parity_writes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", _Time, nullable=False, server_default=sql_text("clock_timestamp()")),
    Column("domain", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("equal", Boolean, nullable=False),
    Column("differences", JSONB, nullable=False),
    Column("note", Text, nullable=False),
)
