"""What the bridge says in the log of a database about its own transactions there.

Each begins with a mark, so that the opposite stream does not carry it back to where it came from.
The mark brings along how far the writer's source had come (`horizon`), from which the opposite
stream knows what its strays can have seen; and, where it is few of them, which transactions have
just been carried over (`HERE`): whoever changes their rows from then on changes what they wrote. A
transaction that keeps strays out asks for the rows
as they are to be sent back. One that takes rows away which their owner may not have known says so:
where the owner has them after all, they are sent again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

from legacy_bridge.replication.apply.coalesce import Key
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.pgoutput.messages import Delete, Insert, Relation, Update
from legacy_bridge.replication.pgoutput.transactions import Change, Transaction

MARK = "strangler.applied"
"""Prefix of the transactional logical message at the head of a transaction."""
HERE = "strangler.here"
"""Prefix of the one beside it that names transactions of the writer's source: their rows are here
with it."""
HERE_COUNT = 200
"""Of more than that, word comes with the horizon: a moment later, and at no cost."""
RESEND = "strangler.resend"
"""Prefix of those that name rows to be sent again, whole."""
DOUBT = "strangler.doubt"
"""Prefix of those that name rows which were taken away, and may be new to the owner."""
NAMED_KEYS = 1_000

_EMIT: LiteralString = "SELECT pg_logical_emit_message(true, %s, %s)"
_MARK: LiteralString = """
SELECT pg_logical_emit_message(true, %s, %s), set_config('strangler.applies', 'on', true),
       CASE WHEN %s::text <> '' THEN pg_logical_emit_message(true, %s, %s::text) END
"""


def mark(connection: Connection, horizon: int | None = None, here: Sequence[int] = ()) -> None:
    """At the head of a transaction. `horizon`: of the source, see `horizons`. `here`: transactions
    of the source whose rows are written in it. What follows passes where others may not write
    (`rejecting`)."""
    numbers = " ".join(map(str, here)) if len(here) <= HERE_COUNT else ""
    horizon_text = "" if horizon is None else str(horizon)
    connection.execute(_MARK, [MARK, horizon_text, numbers, HERE, numbers])


def ours(transaction: Transaction) -> bool:
    """Whether an applier of the opposite direction made this transaction."""
    said = transaction.messages
    return bool(said) and any(message.prefix == MARK for message in said)


def parts(transactions: Sequence[Transaction], *, strays: bool) -> Iterator[Sequence[Transaction]]:
    """To be applied one after the other. `strays`: the target owns rows of these.

    What the source had seen of such rows changes with our own transactions there, which may have
    been written over strays. These in a row end a part, and not each one. Rows that are asked for
    are sent before what happens to them later.
    """
    part: list[Transaction] = []
    marked = False
    for transaction in transactions:
        mine = ours(transaction)
        if marked and not mine:
            yield part
            part, marked = [], False
        part.append(transaction)
        marked = marked or (mine and (strays or bool(asked_for([transaction]))))
    if part:
        yield part


def horizon_of(transaction: Transaction) -> int | None:
    """What the mark of a transaction of ours says, if it does."""
    for message in transaction.messages:
        if message.prefix == MARK and message.content:
            return int(message.content)
    return None


@dataclass(frozen=True, slots=True)
class Heard:
    """What transactions say besides their rows: `theirs` are those that are not ours; `horizon` of
    the target, as the last of their marks has it that has one; `here`: the target's transactions
    whose rows they brought; `doubted`: table → keys of rows that were taken away in doubt."""

    transactions: Sequence[Transaction]
    theirs: Sequence[Transaction]
    horizon: int | None
    here: Sequence[int]
    doubted: Mapping[str, Mapping[Key, None]]

    @property
    def first(self) -> Transaction:
        return self.transactions[0]

    @property
    def last(self) -> Transaction:
        return self.transactions[-1]


def heard(transactions: Sequence[Transaction]) -> Heard:
    said = map(horizon_of, reversed(transactions))
    horizon = next((horizon for horizon in said if horizon is not None), None)
    return Heard(
        transactions,
        theirs=[transaction for transaction in transactions if not ours(transaction)],
        horizon=horizon,
        here=list(_here(transactions)),
        doubted=_named(transactions, DOUBT),
    )


def _here(transactions: Iterable[Transaction]) -> Iterator[int]:
    for transaction in transactions:
        for message in transaction.messages:
            if message.prefix == HERE:
                yield from map(int, message.content.split())


def only_marks(transactions: Sequence[Transaction]) -> bool:
    """Whether there is nothing to be done on account of them."""
    return all(map(ours, transactions)) and not any(
        message.prefix in (RESEND, DOUBT)
        for transaction in transactions
        for message in transaction.messages
    )


def put_by_us(
    transactions: Iterable[Transaction],
) -> Iterator[tuple[Relation, Insert | Update]]:
    """Rows that came or changed in transactions of ours. Those that were taken away, of versions
    that the owner may not know, are named in these transactions themselves (`DOUBT`)."""
    for transaction in filter(ours, transactions):
        for change in transaction.changes:
            if isinstance(change, Change) and not isinstance(change.row, Delete):
                yield change.relation, change.row


def ask_for(connection: Connection, table: str, keys: Sequence[Key]) -> None:
    """That rows of this table, with keys as texts, be sent to the other side as they are."""
    _name(connection, RESEND, table, keys)


def doubt(connection: Connection, table: str, keys: Sequence[Key]) -> None:
    """That these rows are not here, and that the other side may have them all the same."""
    _name(connection, DOUBT, table, keys)


def _name(connection: Connection, prefix: str, table: str, keys: Sequence[Key]) -> None:
    for start in range(0, len(keys), NAMED_KEYS):
        texts = [[_text(value) for value in key] for key in keys[start : start + NAMED_KEYS]]
        connection.execute(_EMIT, [prefix, json.dumps({"table": table, "keys": texts})])


def ask_again(transactions: Iterable[Transaction]) -> bool:
    """Whether any of these transactions wants rows to be sent."""
    return any(message.prefix == RESEND for one in transactions for message in one.messages)


def asked_for(transactions: Iterable[Transaction]) -> dict[str, dict[Key, None]]:
    """Table → keys of the rows that these transactions want to be sent."""
    return _named(transactions, RESEND)


def _named(transactions: Iterable[Transaction], prefix: str) -> dict[str, dict[Key, None]]:
    found: dict[str, dict[Key, None]] = {}
    for transaction in transactions:
        for message in transaction.messages:
            if message.prefix == prefix:
                asked = json.loads(message.content)
                keys = (tuple(text.encode() for text in key) for key in asked["keys"])
                found.setdefault(asked["table"], {}).update(dict.fromkeys(keys))
    return found


def _text(value: object) -> str:
    assert isinstance(value, bytes)  # noqa: S101  # a key is never null
    return value.decode()
