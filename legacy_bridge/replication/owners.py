"""Who owns the rows of each domain: the one side whose word counts where both have changed a row.

What is written down in the native database holds for everybody; a domain without a row there is
the legacy side's. Changes on the other side are strays. Of a retired domain nothing travels any
more: the native side owns it for good.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import LiteralString, TypeVar

import psycopg

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import NOT_UP_TO_DATE, BridgeError
from legacy_bridge.replication.pairs import Direction


class Owner(StrEnum):
    LEGACY = "legacy"
    NATIVE = "native"

    @property
    def other(self) -> "Owner":
        return Owner.NATIVE if self is Owner.LEGACY else Owner.LEGACY

    @property
    def direction(self) -> Direction:
        """The way that its rows travel."""
        return Direction.FORWARD if self is Owner.LEGACY else Direction.REVERSE


class Strays(StrEnum):
    """What becomes of a change on the side that does not own the row."""

    CAPTURE = "capture"  # it is carried to the owner
    REJECT = "reject"  # the database refuses it
    RETIRED = "retired"  # it is refused as well, and nothing travels either way: for good


CHANGEABLE = (Strays.CAPTURE, Strays.REJECT)
"""Between these an operator may choose."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """Of one domain. `epoch` grows with each change."""

    owner: Owner = Owner.LEGACY
    strays: Strays = Strays.CAPTURE
    epoch: int = 0

    @property
    def retired(self) -> bool:
        return self.strays is Strays.RETIRED


@dataclass(frozen=True, slots=True)
class Owners:
    """Of all domains, as of `version`."""

    known: Mapping[str, Ownership] = field(default_factory=dict)

    @property
    def version(self) -> int:
        return sum(one.epoch for one in self.known.values())

    def of(self, domain: str) -> Ownership:
        return self.known.get(domain, Ownership())

    def owns(self, domain: str, direction: Direction) -> bool:
        """Whether what travels that way comes from the owner."""
        return self.of(domain).owner.direction is direction

    @property
    def retired(self) -> frozenset[str]:
        return frozenset(name for name, one in self.known.items() if one.retired)


Mapped = TypeVar("Mapped")


def travelling(domains: Mapping[str, Mapped], owners: Owners) -> dict[str, Mapped]:
    """Those of `domains` whose rows are carried, copied and compared: all that are not retired."""
    return {name: mapped for name, mapped in domains.items() if name not in owners.retired}


def travelling_now(native: Connection, domains: Mapping[str, Mapped]) -> dict[str, Mapped]:
    """The same as the native database says; without the bridge's tables none is retired, and that
    they are missing is for others to say."""
    try:
        return travelling(domains, read_owners(native))
    except BridgeError:
        return dict(domains)


def ended(domain: str) -> str:
    """What is to be said to whoever asks for rows of a retired domain to be carried or compared."""
    return (
        f"{domain} is retired: its rows are the native side's alone, and nothing of them is "
        "carried, copied or compared any more"
    )


def owned_by_legacy(domains: Mapping[str, Mapped], owners: Owners) -> dict[str, Mapped]:
    """Those of `domains` whose native rows a copy of the legacy ones may overwrite."""
    return {
        name: mapped for name, mapped in domains.items() if owners.of(name).owner is Owner.LEGACY
    }


def left_alone(domains: Iterable[str], owners: Owners) -> tuple[str, ...]:
    """What is to be said of those that it may not; of retired ones everybody knows."""
    given = travelling(dict.fromkeys(domains), owners)
    kept = sorted(name for name in given if owners.of(name).owner is Owner.NATIVE)
    if not kept:
        return ()
    said = (
        f"{', '.join(kept)}: the native side owns these rows, so that they are not copied from the "
        "legacy side — where that has others, `strangler sync repair` makes it like the owner"
    )
    return (said,)


class OwnersChangedError(BridgeError):
    """A domain has another owner than when this applier looked; nothing was written since."""


def read_owners(native: Connection) -> Owners:
    """Raises `BridgeError` for a database that was never upgraded."""
    try:
        found = native.execute("SELECT domain, owner, strays, epoch FROM bridge_owners").fetchall()
    except psycopg.errors.UndefinedTable:
        raise BridgeError(NOT_UP_TO_DATE) from None
    return Owners({name: Ownership(Owner(o), Strays(s), epoch) for name, o, s, epoch in found})


def require_same_owners(native: Connection, owners: Owners) -> None:
    """At the end of a transaction that took them for what they were. Raises `BridgeError`."""
    if read_owners(native).version != owners.version:
        raise BridgeError(
            "a domain has changed its owner meanwhile, so that the wrong side may have been taken "
            "for right: nothing was written — repeat it"
        )


VERSION: LiteralString = "SELECT coalesce(sum(epoch), 0)::bigint FROM bridge_owners"


def write_owner(
    native: Connection,
    domain: str,
    owner: Owner,
    strays: Strays = Strays.CAPTURE,
    seen: Ownership | None = None,
) -> Ownership:
    """Within the transaction that makes it so; nothing else is done here. Raises `BridgeError` for
    a domain that is retired, which stands whatever else was going on; and for one that is not as
    `seen` any more."""
    row = native.execute(
        """
        INSERT INTO bridge_owners (domain, owner, strays, epoch) VALUES (%s, %s, %s, 1)
        ON CONFLICT (domain) DO UPDATE SET
            owner = excluded.owner, strays = excluded.strays,
            epoch = bridge_owners.epoch + 1, since = clock_timestamp()
            WHERE bridge_owners.strays <> 'retired'
                  AND bridge_owners.epoch = coalesce(%s, bridge_owners.epoch)
        RETURNING epoch
        """,
        [domain, owner, strays, seen.epoch if seen else None],
    ).fetchone()
    if row is None and read_owners(native).of(domain).retired:
        raise BridgeError(ended(domain))
    if row is None:
        raise BridgeError(f"{domain} was handed over, or changed, meanwhile — repeat this")
    return Ownership(owner, strays, row[0])


def write_retired(native: Connection, domain: str, seen: Ownership) -> bool:
    """Whether the domain still was as `seen`, the native side's; it is retired when the caller's
    transaction is committed. Until then whoever writes its rows through the site waits."""
    written = native.execute(
        """
        UPDATE bridge_owners SET strays = 'retired', epoch = epoch + 1, since = clock_timestamp()
        WHERE domain = %s AND owner = 'native' AND epoch = %s AND strays <> 'retired'
        """,
        [domain, seen.epoch],
    )
    return written.rowcount == 1
