"""Who wants to know of changes, of which tables, under which name the server remembers them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import LiteralString

from legacy_bridge.reactions.changes import Committed, Gap
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.publication import Tables

_NAME = re.compile(r"[a-z][a-z0-9_]{0,35}")

News = Sequence[Committed] | Gap


@dataclass(frozen=True, slots=True)
class Subscription:
    """`tables` are native ones, each with the columns of its key.

    `take` is given every transaction that changed one of them, in the order of commits: one, or
    several that came together. What it returned from is not told again, but for a crash; what it
    raised at is, after a pause. So it is told at least once. After a `Gap` everything has to be
    looked at anew.

    `current` is called about twice a second while everything that was committed up to a second
    ago has been taken; who does not hear of it knows that news may be late.
    """

    name: str
    tables: Tables
    take: Callable[[News], None]
    current: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} is no name for a subscription: a letter, then up to 35 small "
                "letters, digits and underscores"
            )

    @property
    def publication(self) -> str:
        return f"strangler_react_{self.name}"

    def slot(self, native: Connection) -> str:
        """Of its database alone: a server keeps the slots of all its databases by one name each."""
        row = native.execute(_OF_DATABASE, [self.publication]).fetchone()
        return str(row[0]) if row else self.publication


_OF_DATABASE: LiteralString = """
SELECT format('%%s_%%s', %s::text, oid) FROM pg_database WHERE datname = current_database()
"""
