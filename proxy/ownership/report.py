"""What there is to tell about the ownership of each domain, from the native database."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from legacy_bridge.replication.connections import NATIVE, Connection, connected
from legacy_bridge.replication.faults import NOT_UP_TO_DATE, BridgeError
from legacy_bridge.replication.owners import Owner, read_owners
from proxy.ownership import store
from proxy.ownership.standing import Placed, Standing
from proxy.ownership.store import Let


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`flipped_at`, `flipped_by` and `pause_seconds` are of the last change of the owner.
    `trouble`: why the last attempt since came to nothing, or why the domain is not let further.
    `allowed`: how far it is let; None where nobody has said. `differing`: rows, by the last
    comparison of each table; None where there was none."""

    owner: Owner
    allowed: Placed | None = None
    flipped_at: datetime | None = None
    flipped_by: str | None = None
    pause_seconds: float | None = None
    trouble: str | None = None
    differing: int | None = None

    @property
    def standing(self) -> Standing:
        """In the terms of `placed`."""
        return Standing(self.owner, allowed=self.allowed)


UNTOLD = Told(owner=Owner.LEGACY)


def told(native_url: str, tables: dict[str, list[str]]) -> dict[str, Told]:
    """By domain; `tables` are the native ones of each. Raises `BridgeError`."""
    with connected(native_url, NATIVE) as native:
        try:
            owners, phases = read_owners(native), store.read_phases(native)
            return {
                domain: _told(native, domain, owners.of(domain).owner, phases.get(domain), names)
                for domain, names in tables.items()
            }
        except psycopg.errors.UndefinedTable:
            raise BridgeError(NOT_UP_TO_DATE) from None


def _told(
    native: Connection, domain: str, owner: Owner, let: Let | None, tables: list[str]
) -> Told:
    done = native.execute(
        "SELECT at, made_by, pause_seconds, id FROM ownership_changes"
        " WHERE domain = %s AND action = 'owner' AND result = 'done' ORDER BY id DESC LIMIT 1",
        [domain],
    ).fetchone()
    at, by, pause, last = done or (None, None, None, 0)
    failed = native.execute(
        "SELECT reason FROM ownership_changes"
        " WHERE domain = %s AND action = 'owner' AND result <> 'done' AND id > %s"
        " ORDER BY id DESC LIMIT 1",
        [domain, last],
    ).fetchone()
    row = native.execute(
        "SELECT count(*), sum(differing) FROM bridge_verifies WHERE table_name = ANY (%s)", [tables]
    ).fetchone()
    verified, differing = row or (0, None)
    return Told(
        owner=owner,
        flipped_at=at,
        flipped_by=by,
        pause_seconds=pause,
        allowed=let.placed if let else None,
        trouble=(let.trouble if let else None) or (failed[0] if failed else None),
        differing=int(differing) if tables and verified == len(tables) else None,
    )
