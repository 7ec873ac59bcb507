"""What pgoutput says, version 1 of its protocol: one dataclass for each kind of message.

A transaction comes whole, after it was committed: `Begin`, then whatever it did, then `Commit`.
Names follow the manual's "Logical Replication Message Formats".
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import NamedTuple

from legacy_bridge.replication.pgoutput.lsn import Lsn


class PgoutputError(Exception):
    """Bytes that are no message. `offset` is where in the message, `fault` what is wrong there."""

    def __init__(self, offset: int, fault: str) -> None:
        super().__init__(f"byte {offset} of a replication message: {fault}")
        self.offset = offset
        self.fault = fault


class Unchanged(Enum):
    """The value of a large column that the update did not touch: it is not sent."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Binary:
    """A value in the type's binary format; comes only if the stream was asked for it."""

    data: bytes


Value = bytes | Binary | Unchanged | None
"""`bytes` is text as the type's output function writes it, in UTF-8; None is NULL."""

Row = tuple[Value, ...]
"""In the order of the relation's columns."""


class ReplicaIdentity(StrEnum):
    """Which old values come with an update or a delete."""

    DEFAULT = "d"  # those of the primary key
    NOTHING = "n"
    FULL = "f"  # all
    INDEX = "i"  # those of a chosen unique index


@dataclass(frozen=True, slots=True)
class RelationColumn:
    """`key`: belongs to the replica identity. `modifier` is the type's limit, -1 without one."""

    name: str
    type_oid: int
    modifier: int
    key: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """A table as it was when the rows that follow were written. Comes before the first of them."""

    oid: int
    schema: str
    name: str
    identity: ReplicaIdentity
    columns: tuple[RelationColumn, ...]


@dataclass(frozen=True, slots=True)
class Type:
    """A type that is not built in, used by a relation that follows."""

    oid: int
    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class Begin:
    commit_lsn: Lsn
    committed_at: datetime
    xid: int


@dataclass(frozen=True, slots=True)
class Commit:
    """`end_lsn` is where the transaction's last record ends: its identity, and where to go on."""

    commit_lsn: Lsn
    end_lsn: Lsn
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """The transaction was itself applied from elsewhere; `commit_lsn` is its position there."""

    commit_lsn: Lsn
    name: str


class Insert(NamedTuple):
    relation: int
    new: Row


class Update(NamedTuple):
    """`old` is None where the identity's values stayed as they were.

    Of a `whole_old` row every value is that before the update; otherwise only those of the
    identity's columns, and the others are None whatever they were.
    """

    relation: int
    old: Row | None
    whole_old: bool
    new: Row


class Delete(NamedTuple):
    """`old` as with `Update`."""

    relation: int
    old: Row
    whole_old: bool


@dataclass(frozen=True, slots=True)
class Truncate:
    relations: tuple[int, ...]
    cascade: bool
    restart_identity: bool


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote with `pg_logical_emit_message`.

    A transactional one belongs to its transaction; another stands for itself, is sent even if the
    transaction is rolled back, and comes between two whole transactions.
    """

    transactional: bool
    lsn: Lsn
    prefix: str
    content: bytes


PgoutputMessage = (
    Begin | Commit | Origin | Relation | Type | Insert | Update | Delete | Truncate | Message
)
