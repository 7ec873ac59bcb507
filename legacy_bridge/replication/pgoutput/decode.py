"""Bytes to messages, one at a time: no state, no I/O. Each length is checked before it is used."""

from collections.abc import Callable, Mapping
from struct import Struct
from struct import error as struct_error

from legacy_bridge.replication.pgoutput.lsn import EARLIEST, LATEST, Lsn
from legacy_bridge.replication.pgoutput.messages import (
    Begin,
    Commit,
    Delete,
    Insert,
    Message,
    Origin,
    PgoutputError,
    PgoutputMessage,
    Relation,
    RelationColumn,
    ReplicaIdentity,
    Row,
    Truncate,
    Type,
    Update,
)
from legacy_bridge.replication.pgoutput.reading import Reader, moment_at, values


def decode(data: bytes) -> PgoutputMessage:
    """The message that these bytes are, all of them. Raises `PgoutputError`."""
    if read := _KINDS.get(data[:1]):
        reader = Reader(data, at=1)
        message = read(reader)
        reader.end()
        return message
    if not data:
        raise PgoutputError(0, "an empty message")
    raise PgoutputError(0, f"{data[:1]!r} is no kind of message of protocol version 1")


# Where there are many transactions, these come as often as rows do. So there is a way for each that
# makes no objects; what is unusual about a message, or wrong, is left to `decode`.

_BEGIN = Struct("!QqI")
_COMMIT = Struct("!xQQq")
"""First the flags, of which none is defined."""
_NEW = Struct("!cIcH")


def begin_fields(data: bytes) -> tuple[int, int, int]:
    """`commit_lsn`, the microseconds of `committed_at`, `xid` of a `Begin`."""
    if len(data) != 1 + _BEGIN.size:
        decode(data)
    fields: tuple[int, int, int] = _BEGIN.unpack_from(data, 1)
    return fields


def commit_fields(data: bytes) -> tuple[int, int, int]:
    """`commit_lsn`, `end_lsn`, the microseconds of `committed_at` of a `Commit`."""
    if len(data) != 1 + _COMMIT.size:
        decode(data)
    fields: tuple[int, int, int] = _COMMIT.unpack_from(data, 1)
    if not EARLIEST <= fields[2] <= LATEST:
        decode(data)
    return fields


def new_row(data: bytes) -> Insert | Update | None:
    """An insert, or an update that brings no old values; None for whatever else it may be."""
    if len(data) < _NEW.size:
        return None
    kind, relation, new, count = _NEW.unpack_from(data)
    if new != b"N" or (kind != b"I" and kind != b"U"):
        return None
    try:
        row, end = values(data, _NEW.size, count)
    except struct_error:
        return None
    if end != len(data):
        return None
    return Insert(relation, row) if kind == b"I" else Update(relation, None, False, row)


def _begin(reader: Reader) -> Begin:
    start = reader.at
    commit_lsn, committed_at, xid = reader.fields(_BEGIN)
    return Begin(Lsn(commit_lsn), moment_at(start + 8, committed_at), xid)


def _commit(reader: Reader) -> Commit:
    start = reader.at
    commit_lsn, end_lsn, committed_at = reader.fields(_COMMIT)
    return Commit(Lsn(commit_lsn), Lsn(end_lsn), moment_at(start + 17, committed_at))


def _origin(reader: Reader) -> Origin:
    return Origin(reader.lsn(), reader.text())


def _relation(reader: Reader) -> Relation:
    return Relation(
        oid=reader.unsigned(4),
        schema=reader.text() or "pg_catalog",  # sent as nothing, to save space
        name=reader.text(),
        identity=_identity(reader),
        columns=tuple(_column(reader) for _ in range(reader.unsigned(2))),
    )


def _identity(reader: Reader) -> ReplicaIdentity:
    start, found = reader.at, reader.unsigned(1)
    try:
        return ReplicaIdentity(chr(found))
    except ValueError:
        raise PgoutputError(start, f"{chr(found)!r} is no kind of replica identity") from None


def _column(reader: Reader) -> RelationColumn:
    key = bool(reader.unsigned(1) & 1)
    name, type_oid, modifier = reader.text(), reader.unsigned(4), reader.signed(4)
    return RelationColumn(name, type_oid, modifier, key)


def _type(reader: Reader) -> Type:
    return Type(reader.unsigned(4), reader.text() or "pg_catalog", reader.text())


def _insert(reader: Reader) -> Insert:
    relation = reader.unsigned(4)
    return Insert(relation, _new(reader))


def _update(reader: Reader) -> Update:
    relation = reader.unsigned(4)
    if reader.data[reader.at : reader.at + 1] == b"N":
        return Update(relation, None, False, _new(reader))
    whole, old = _old(reader)
    return Update(relation, old, whole, _new(reader))


def _delete(reader: Reader) -> Delete:
    relation = reader.unsigned(4)
    whole, old = _old(reader)
    return Delete(relation, old, whole)


def _new(reader: Reader) -> Row:
    if reader.data[reader.at : reader.at + 1] != b"N":
        raise PgoutputError(reader.at, "expected a new row (b'N')")
    reader.at += 1
    return reader.row()


def _old(reader: Reader) -> tuple[bool, Row]:
    whole = reader.flag(true=b"O", false=b"K")
    return whole, reader.row()


def _truncate(reader: Reader) -> Truncate:
    count, options = reader.unsigned(4), reader.unsigned(1)
    if count * 4 > len(reader.data) - reader.at:
        raise PgoutputError(1, f"{count} tables are more than the message has")
    relations = tuple(reader.unsigned(4) for _ in range(count))
    return Truncate(relations, cascade=bool(options & 1), restart_identity=bool(options & 2))


def _message(reader: Reader) -> Message:
    return Message(
        transactional=reader.flag(true=b"\1", false=b"\0"),
        lsn=reader.lsn(),
        prefix=reader.text(),
        content=reader.take(reader.unsigned(4)),
    )


_KINDS: Mapping[bytes, Callable[[Reader], PgoutputMessage]] = {
    b"B": _begin,
    b"C": _commit,
    b"O": _origin,
    b"R": _relation,
    b"Y": _type,
    b"I": _insert,
    b"U": _update,
    b"D": _delete,
    b"T": _truncate,
    b"M": _message,
}
