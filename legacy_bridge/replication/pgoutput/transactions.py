"""Messages to whole transactions, however large: what does not fit in memory waits on the disk.

Row messages are kept as they came and decoded when somebody reads the changes, so that the memory
of a transaction is the bytes of its messages, and a written-out one reads like any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from legacy_bridge.replication.pgoutput.decode import decode
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.pgoutput.messages import (
    Begin,
    Commit,
    Delete,
    Insert,
    Message,
    Origin,
    PgoutputError,
    Relation,
    Truncate,
    Type,
    Update,
)
from legacy_bridge.replication.pgoutput.spill import Spill

MEGABYTE = 1 << 20
SPILL_BYTES = 8 * MEGABYTE

Relations = Mapping[int, Relation]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that came, changed or went. The rows have as many values as `relation` columns.

    While a table stays as it is, `relation` is the same object in every change and transaction.
    """

    relation: Relation
    row: Insert | Update | Delete


@dataclass(frozen=True, slots=True)
class Emptied:
    """TRUNCATE. With `cascade` the server names every table it emptied that is published."""

    relations: tuple[Relation, ...]
    cascade: bool
    restart_identity: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A committed transaction. Close it, or use it as a context manager: it may own a file.

    Its rows share one position. `end_lsn` alone tells whether it was applied before, and is what
    to acknowledge once it is. `messages` are the transactional ones with the prefix asked for;
    `rows` counts changes, `size` their bytes on the way here.
    """

    xid: int
    commit_lsn: Lsn
    end_lsn: Lsn
    committed_at: datetime
    origin: Origin | None
    messages: tuple[Message, ...]
    rows: int
    size: int
    _spill: Spill = field(repr=False, compare=False)
    _before: Relations = field(repr=False, compare=False)
    _after: Relations = field(repr=False, compare=False)

    @property
    def changes(self) -> Iterator[Change | Emptied]:
        """In the order they were made, decoded one by one. Raises `PgoutputError`."""
        relations = dict(self._before)
        for data in self._spill:
            message = decode(data)
            if isinstance(message, Relation):
                after = self._after[message.oid]
                relations[message.oid] = after if after == message else message
            else:
                yield _change(message, relations)

    @property
    def relations(self) -> frozenset[Relation]:
        """The tables that it changed, found without decoding the rows. Raises `PgoutputError`."""
        oids: set[int] = set()
        for data in self._spill:
            if data[:1] == b"T":
                oids.update(_emptied(data))
            elif data[:1] in _ROWS:
                oids.add(int.from_bytes(data[1:5], "big"))
        known = {**self._before, **self._after}
        return frozenset(_known(oid, known) for oid in oids)

    @property
    def spilled(self) -> bool:
        return self._spill.on_disk

    def close(self) -> None:
        self._spill.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _change(message: object, relations: Relations) -> Change | Emptied:
    match message:
        case Insert(relation=oid, new=new):
            return Change(_fitting(oid, relations, len(new)), message)
        case Update(relation=oid, new=new, old=old):
            return Change(_fitting(oid, relations, len(new), len(old or new)), message)
        case Delete(relation=oid, old=old):
            return Change(_fitting(oid, relations, len(old)), message)
        case Truncate(relations=oids, cascade=cascade, restart_identity=restart):
            return Emptied(tuple(_known(oid, relations) for oid in oids), cascade, restart)
    raise AssertionError(message)  # the assembler keeps no other kind


def _emptied(data: bytes) -> tuple[int, ...]:
    message = decode(data)
    return message.relations if isinstance(message, Truncate) else ()


def _known(oid: int, relations: Relations) -> Relation:
    if relation := relations.get(oid):
        return relation
    raise PgoutputError(1, f"table {oid} was not described before")


def _fitting(oid: int, relations: Relations, *counts: int) -> Relation:
    relation = _known(oid, relations)
    for count in counts:
        if count != len(relation.columns):
            raise PgoutputError(
                5,
                f"a row of {count} values for {relation.schema}.{relation.name},"
                f" which has {len(relation.columns)} columns",
            )
    return relation


class Assembler:
    """Of messages, in the order of the stream. Keeps what tables look like between transactions.

    `prefix`: messages of others are nobody's business here and are dropped. `skipped`: rows that
    follow a transactional message with this prefix, in its transaction, are not kept.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        skipped: str | None = None,
        spill_bytes: int = SPILL_BYTES,
        folder: Path | None = None,
    ) -> None:
        self._prefix = prefix
        self._skipped = skipped
        self._spill_bytes = spill_bytes
        self._folder = folder
        self._relations: Relations = {}
        self._open: _Open | None = None

    @property
    def within_transaction(self) -> bool:
        return self._open is not None

    def feed(self, data: bytes) -> Transaction | Message | None:
        """What is complete with this message: a transaction, or a message that stands for itself.

        Raises `PgoutputError` for bytes that are no message or do not follow on the ones before,
        and `OSError` if the disk does not take what it should.
        """
        if data[:1] in _ROWS:
            opened = self._open or self._transaction(data)
            if not opened.skipping:
                opened.spill.append(data)
                opened.rows += 1
            return None
        match message := decode(data):
            case Begin():
                if self._open:
                    raise PgoutputError(0, f"a begin within transaction {self._open.begin.xid}")
                spill = Spill(self._spill_bytes, self._folder)
                self._open = _Open(message, self._relations, spill)
            case Commit():
                return self._finish(self._transaction(data), message)
            case Relation():
                self._transaction(data).spill.append(data)
                self._relations = {**self._relations, message.oid: message}
            case Origin():
                self._transaction(data).origin = message
            case Message():
                return self._message(data, message)
            case Type():
                pass  # its values are text like those of any other
        return None

    def close(self) -> None:
        """Drop the transaction that has not come whole."""
        if self._open:
            self._open.spill.close()
            self._open = None

    def _transaction(self, data: bytes) -> "_Open":
        if self._open is None:
            raise PgoutputError(0, f"{data[:1]!r} outside of a transaction")
        return self._open

    def _message(self, data: bytes, message: Message) -> Message | None:
        if not message.prefix.startswith(self._prefix):
            return None
        if not message.transactional:
            return message
        opened = self._transaction(data)
        opened.messages.append(message)
        opened.skipping |= message.prefix == self._skipped
        return None

    def _finish(self, opened: "_Open", commit: Commit) -> Transaction:
        begin = opened.begin
        if commit.commit_lsn != begin.commit_lsn:
            raise PgoutputError(
                2, f"a commit at {commit.commit_lsn} of a transaction for {begin.commit_lsn}"
            )
        self._open = None
        return Transaction(
            xid=begin.xid,
            commit_lsn=commit.commit_lsn,
            end_lsn=commit.end_lsn,
            committed_at=commit.committed_at,
            origin=opened.origin,
            messages=tuple(opened.messages),
            rows=opened.rows,
            size=opened.spill.size,
            _spill=opened.spill,
            _before=opened.relations,
            _after=self._relations,
        )


_ROWS = frozenset((b"I", b"U", b"D", b"T"))


@dataclass(slots=True)
class _Open:
    """A transaction of which there is more to come."""

    begin: Begin
    relations: Relations
    spill: Spill
    rows: int = 0
    skipping: bool = False
    origin: Origin | None = None
    messages: list[Message] = field(default_factory=list)
