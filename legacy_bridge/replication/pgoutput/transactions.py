"""Messages to whole transactions, however large: what does not fit in memory waits on the disk.

Row messages are kept as they came and decoded when somebody reads the changes, so that the memory
of a transaction is the bytes of its messages, and a written-out one reads like any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

from legacy_bridge.replication.pgoutput.decode import (
    begin_fields,
    commit_fields,
    decode,
    new_row,
)
from legacy_bridge.replication.pgoutput.lsn import Lsn, moment
from legacy_bridge.replication.pgoutput.messages import (
    Delete,
    Insert,
    Message,
    Origin,
    PgoutputError,
    Relation,
    Row,
    Truncate,
    Type,
    Update,
)
from legacy_bridge.replication.pgoutput.spill import Spill

MEGABYTE = 1 << 20
SPILL_BYTES = 8 * MEGABYTE

Relations = Mapping[int, Relation]


class Change(NamedTuple):
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


class Transaction:
    """A committed transaction. Close it, or use it as a context manager: it may own a file.

    Its rows share one position. `end_lsn` alone tells whether it was applied before, and is what
    to acknowledge once it is. `messages` are the transactional ones with the prefix asked for;
    `rows` counts changes, `size` their bytes on the way here.
    """

    # By hand: a frozen dataclass takes longer to be made than a transaction of one row to be read.
    __slots__ = (
        "_after",
        "_before",
        "_committed",
        "_held",
        "commit_lsn",
        "end_lsn",
        "messages",
        "origin",
        "rows",
        "size",
        "xid",
    )

    def __init__(self, opened: "_Open", end_lsn: int, committed: int, after: Relations) -> None:
        """`committed`: microseconds, as `moment` takes them."""
        self.xid = opened.xid
        self.commit_lsn = Lsn(opened.commit_lsn)
        self.end_lsn = Lsn(end_lsn)
        self.origin = opened.origin
        self.messages = opened.messages
        self.rows = opened.rows
        self._committed = committed
        self.size = opened.spill.size
        # A tuple, as the collector of garbage need not look into it: thousands of these wait.
        self._held = opened.spill if opened.spill.on_disk else opened.spill.take()
        self._before = opened.relations
        self._after = after

    @property
    def committed_at(self) -> datetime:
        return moment(self._committed)

    @property
    def changes(self) -> Iterator[Change | Emptied]:
        """In the order they were made, decoded one by one. Raises `PgoutputError`."""
        known = self._before
        for data in self._held:
            if (new := new_row(data)) is not None:
                yield Change(_fitting(new.relation, known, new.new), new)
                continue
            message = decode(data)
            if isinstance(message, Relation):
                after = self._after[message.oid]
                known = {**known, message.oid: after if after == message else message}
            else:
                yield _change(message, known)

    @property
    def relations(self) -> frozenset[Relation]:
        """The tables that it changed, found without decoding the rows. Raises `PgoutputError`."""
        oids: set[int] = set()
        for data in self._held:
            if data[:1] == b"T":
                oids.update(_emptied(data))
            elif data[:1] in _ROWS:
                oids.add(int.from_bytes(data[1:5], "big"))
        known = {**self._before, **self._after}
        return frozenset(_known(oid, known) for oid in oids)

    @property
    def spilled(self) -> bool:
        return isinstance(self._held, Spill)

    def close(self) -> None:
        if isinstance(self._held, Spill):
            self._held.close()
        else:
            self._held = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _change(message: object, relations: Relations) -> Change | Emptied:
    match message:
        case Insert(relation=oid, new=new):
            return Change(_fitting(oid, relations, new), message)
        case Update(relation=oid, new=new, old=old):
            _fitting(oid, relations, old or new)
            return Change(_fitting(oid, relations, new), message)
        case Delete(relation=oid, old=old):
            return Change(_fitting(oid, relations, old), message)
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


def _fitting(oid: int, relations: Relations, row: Row) -> Relation:
    relation = relations.get(oid) or _known(oid, relations)
    if len(row) != len(relation.columns):
        raise PgoutputError(
            5,
            f"a row of {len(row)} values for {relation.schema}.{relation.name},"
            f" which has {len(relation.columns)} columns",
        )
    return relation


class Assembler:
    """Of messages, in the order of the stream. Keeps what tables look like between transactions.

    `prefix`: messages of others are nobody's business here and are dropped. `skipped`: rows that
    follow a transactional message with this prefix, in its transaction, are not kept as long as no
    other transaction has had any; `mixed`: one had some before.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        skipped: str | None = None,
        mixed: bool = False,
        spill_bytes: int = SPILL_BYTES,
        folder: Path | None = None,
    ) -> None:
        self._prefix = prefix
        self._skipped = skipped
        self._mixed = mixed
        self._spill_bytes = spill_bytes
        self._folder = folder
        self._relations: Relations = {}
        self._open: _Open | None = None
        self._empty: Spill | None = None

    @property
    def within_transaction(self) -> bool:
        return self._open is not None

    def feed(self, data: bytes) -> Transaction | Message | None:
        """What is complete with this message: a transaction, or a message that stands for itself.

        Raises `PgoutputError` for bytes that are no message or do not follow on the ones before,
        and `OSError` if the disk does not take what it should.
        """
        kind = data[:1]
        if kind in _ROWS:
            opened = self._open or self._transaction(data)
            if not opened.skipping:
                opened.spill.append(data)
                opened.rows += 1
            return None
        if kind == b"B":
            self._begin(data)
            return None
        if kind == b"C":
            return self._finish(self._transaction(data), data)
        return self._rarer(data)

    def _rarer(self, data: bytes) -> Message | None:
        match message := decode(data):
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

    def _begin(self, data: bytes) -> None:
        commit_lsn, _, xid = begin_fields(data)
        if self._open:
            raise PgoutputError(0, f"a begin within transaction {self._open.xid}")
        spill, self._empty = self._empty or Spill(self._spill_bytes, self._folder), None
        self._open = _Open(xid, commit_lsn, self._relations, spill)

    def _message(self, data: bytes, message: Message) -> Message | None:
        if not message.prefix.startswith(self._prefix):
            return None
        if not message.transactional:
            return message
        opened = self._transaction(data)
        opened.messages += (message,)
        opened.marked |= message.prefix == self._skipped
        opened.skipping = opened.marked and not self._mixed
        return None

    def _finish(self, opened: "_Open", data: bytes) -> Transaction:
        commit_lsn, end_lsn, committed = commit_fields(data)
        if commit_lsn != opened.commit_lsn:
            raise PgoutputError(
                2, f"a commit at {Lsn(commit_lsn)} of a transaction for {Lsn(opened.commit_lsn)}"
            )
        self._open = None
        self._mixed |= bool(opened.rows) and not opened.marked
        whole = Transaction(opened, end_lsn, committed, self._relations)
        self._empty = None if whole.spilled else opened.spill
        return whole


_ROWS = frozenset((b"I", b"U", b"D", b"T"))


class _Open:
    """A transaction of which there is more to come."""

    __slots__ = (
        "commit_lsn",
        "marked",
        "messages",
        "origin",
        "relations",
        "rows",
        "skipping",
        "spill",
        "xid",
    )

    def __init__(self, xid: int, commit_lsn: int, relations: Relations, spill: Spill) -> None:
        self.xid = xid
        self.commit_lsn = commit_lsn
        self.relations = relations
        self.spill = spill
        self.rows = 0
        self.marked = self.skipping = False
        self.origin: Origin | None = None
        self.messages: tuple[Message, ...] = ()
