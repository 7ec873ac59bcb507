"""Messages to bytes, by the manual's "Logical Replication Message Formats": for tests alone."""

from datetime import UTC, datetime, timedelta
from struct import pack

from legacy_bridge.replication.pgoutput.messages import (
    UNCHANGED,
    Begin,
    Binary,
    Commit,
    Delete,
    Insert,
    Message,
    Origin,
    PgoutputMessage,
    Relation,
    Row,
    Truncate,
    Type,
    Update,
    Value,
)


def encode(message: PgoutputMessage) -> bytes:  # noqa: C901  # one line for each kind
    match message:
        case Begin(lsn, at, xid):
            return b"B" + pack("!QqI", lsn, clock(at), xid)
        case Commit(lsn, end, at):
            return b"C" + pack("!BQQq", 0, lsn, end, clock(at))
        case Origin(lsn, name):
            return b"O" + pack("!Q", lsn) + text(name)
        case Relation():
            return relation(message)
        case Type(oid, schema, name):
            return b"Y" + pack("!I", oid) + text(schema) + text(name)
        case Insert(oid, new):
            return b"I" + pack("!I", oid) + b"N" + row(new)
        case Update(oid, old, whole, new):
            before = b"" if old is None else (b"O" if whole else b"K") + row(old)
            return b"U" + pack("!I", oid) + before + b"N" + row(new)
        case Delete(oid, old, whole):
            return b"D" + pack("!I", oid) + (b"O" if whole else b"K") + row(old)
        case Truncate(oids, cascade, restart):
            options = cascade | restart << 1
            return b"T" + pack(f"!IB{len(oids)}I", len(oids), options, *oids)
        case Message(transactional, lsn, prefix, content):
            head = pack("!BQ", transactional, lsn) + text(prefix)
            return b"M" + head + pack("!I", len(content)) + content


def clock(moment: datetime) -> int:
    return (moment - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def text(value: str) -> bytes:
    return value.encode() + b"\0"


def relation(message: Relation) -> bytes:
    head = b"R" + pack("!I", message.oid) + text(message.schema) + text(message.name)
    columns = b"".join(
        pack("!B", column.key) + text(column.name) + pack("!Ii", column.type_oid, column.modifier)
        for column in message.columns
    )
    return head + message.identity.encode() + pack("!H", len(message.columns)) + columns


def row(values: Row) -> bytes:
    return pack("!H", len(values)) + b"".join(map(value, values))


def value(value: Value) -> bytes:
    match value:
        case None:
            return b"n"
        case bytes():
            return b"t" + pack("!I", len(value)) + value
        case Binary(data):
            return b"b" + pack("!I", len(data)) + data
        case _:
            assert value is UNCHANGED
            return b"u"
