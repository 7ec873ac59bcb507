"""Fences, leases and the record of changes, as statements on a connection to the native database.

Every statement that decides something looks, in the same moment, whether whoever decides may still.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.owners import Owner
from proxy.ownership.phases import Phase
from proxy.ownership.standing import Placed
from proxy.ownership.watch import CHANNEL, version_of

LEAD_SECONDS = 3.0
FORGET_SECONDS = 60.0
NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)
FORCED = "forced"
"""The `reason` of a change of phase that was asked for with --force."""


class FenceLostError(Exception):
    """The fence is over, or another one is up: nothing was decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row of the record. `result`: done, refused or given up; `reason` says why."""

    domain: str
    action: str
    before: str
    after: str
    made_by: str
    why: str
    result: str
    reason: str = ""
    pause_seconds: float | None = None
    steps: Sequence[Mapping[str, Any]] = ()


def lead(native: Connection, holder: str) -> bool:
    """Whether `holder` leads now, for some seconds. What it decides hangs on its fences."""
    led = native.execute(
        """
        INSERT INTO ownership_leader AS l (holder, until)
        VALUES (%(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s))
        ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE l.holder = excluded.holder OR l.until < clock_timestamp()
        """,
        {"holder": holder, "seconds": LEAD_SECONDS},
    )
    return led.rowcount == 1


def resign(native: Connection, holder: str) -> None:
    """Another one need not wait."""
    native.execute("DELETE FROM ownership_leader WHERE holder = %s", [holder])


def put_up(native: Connection, domain: str, to: Owner, holder: str, seconds: float) -> int | None:
    """A fence for so long: its epoch; None where one is up already."""
    row = native.execute(
        """
        INSERT INTO ownership_fences AS f (domain, epoch, to_owner, holder, until)
        SELECT %(domain)s, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
               %(to)s, %(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s)
        ON CONFLICT (domain) DO UPDATE SET
            epoch = excluded.epoch, to_owner = excluded.to_owner,
            holder = excluded.holder, until = excluded.until
        WHERE f.until < clock_timestamp()
        RETURNING epoch
        """,
        {"domain": domain, "to": to, "holder": holder, "seconds": seconds},
    ).fetchone()
    announce(native)
    return row[0] if row else None


def require_fence(native: Connection, domain: str, epoch: int, margin: float) -> None:
    """Within the transaction that decides. Raises `FenceLostError` unless the fence stays up for
    `margin` seconds more; it cannot be taken down until the transaction ends."""
    row = native.execute(
        """
        SELECT 1 FROM ownership_fences
        WHERE domain = %s AND epoch = %s
              AND until > clock_timestamp() + make_interval(secs => %s)
        FOR UPDATE
        """,
        [domain, epoch, margin],
    ).fetchone()
    if row is None:
        raise FenceLostError(domain)


def take_down(native: Connection, domain: str, epoch: int) -> None:
    native.execute("DELETE FROM ownership_fences WHERE domain = %s AND epoch = %s", [domain, epoch])
    announce(native)


def clear(native: Connection) -> None:
    """What nobody counts on any more."""
    native.execute("DELETE FROM ownership_fences WHERE until < clock_timestamp()")
    native.execute(
        "DELETE FROM ownership_workers"
        " WHERE lease_until < clock_timestamp() - make_interval(secs => %s)",
        [FORGET_SECONDS],
    )


def missing(native: Connection, domain: str, epoch: int) -> tuple[str, ...]:
    """Workers with a lease that have not said that they keep the fence."""
    found = native.execute(
        """
        SELECT worker FROM ownership_workers
        WHERE lease_until > clock_timestamp()
              AND coalesce((seen ->> %s)::bigint, 0) <> %s
        ORDER BY worker
        """,
        [domain, epoch],
    )
    return tuple(worker for (worker,) in found)


def behind(native: Connection, digest: str) -> tuple[str, ...]:
    """Workers with a lease that have another routing.yaml in force."""
    found = native.execute(
        "SELECT worker FROM ownership_workers"
        " WHERE lease_until > clock_timestamp() AND digest <> %s ORDER BY worker",
        [digest],
    )
    return tuple(worker for (worker,) in found)


@dataclass(frozen=True, slots=True)
class Let:
    """How far a domain was let, since when, for which asking; `trouble` says why not further."""

    placed: Placed
    asked: str
    trouble: str
    since: datetime = NOT_YET


def read_phases(native: Connection) -> dict[str, Let]:
    """By domain."""
    found = native.execute(
        "SELECT domain, phase, coalesce(weight, 0), epoch, since, asked, trouble"
        " FROM ownership_phases"
    )
    return {
        domain: Let(Placed(Phase(phase), weight, epoch), asked, trouble, since)
        for domain, phase, weight, epoch, since, asked, trouble in found
    }


def write_phase(
    native: Connection, domain: str, new: Let, *, seen: Let | None, holder: str
) -> bool:
    """Whether it was written: if `holder` leads, and nobody wrote since the row was `seen`. Workers
    hear of it at once. `since` and the epoch stay while the phase does."""
    written = native.execute(
        """
        INSERT INTO ownership_phases AS p (domain, phase, weight, epoch, since, asked, trouble)
        SELECT %(domain)s, %(phase)s, %(weight)s,
               (extract(epoch FROM now) * 1000000)::bigint, now, %(asked)s, %(trouble)s
        FROM clock_timestamp() AS now
        WHERE EXISTS (
            SELECT 1 FROM ownership_leader WHERE holder = %(holder)s AND until > now
        )
        ON CONFLICT (domain) DO UPDATE SET
            phase = excluded.phase, weight = excluded.weight, asked = excluded.asked,
            trouble = excluded.trouble,
            epoch = CASE WHEN p.phase = excluded.phase THEN p.epoch
                         ELSE greatest(p.epoch + 1, excluded.epoch) END,
            since = CASE WHEN p.phase = excluded.phase THEN p.since ELSE excluded.since END
        WHERE p.epoch = %(seen_epoch)s AND p.asked = %(seen_asked)s
              AND coalesce(p.weight, 0) = %(seen_weight)s
        """,
        {
            "domain": domain,
            "phase": str(new.placed.phase),
            "weight": new.placed.weight if new.placed.phase is Phase.CANARY else None,
            "asked": new.asked,
            "trouble": new.trouble,
            "holder": holder,
            "seen_epoch": seen.placed.epoch if seen else -1,
            "seen_asked": seen.asked if seen else "",
            "seen_weight": seen.placed.weight if seen else 0,
        },
    )
    announce(native)
    return written.rowcount == 1


def write_retired(native: Connection, domain: str) -> None:
    """Within the transaction that retires it. Whoever leads writes over nothing that it has not
    seen (`write_phase`), and takes a retired domain nowhere."""
    native.execute(
        """
        INSERT INTO ownership_phases AS p (domain, phase, epoch, since, asked, trouble)
        SELECT %s, 'retired', (extract(epoch FROM now) * 1000000)::bigint, now, '', ''
        FROM clock_timestamp() AS now
        ON CONFLICT (domain) DO UPDATE SET
            phase = excluded.phase, weight = NULL, asked = '', trouble = '',
            epoch = greatest(p.epoch + 1, excluded.epoch), since = excluded.since
        """,
        [domain],
    )


def unaware(native: Connection, domain: str, placed: Placed) -> tuple[str, ...]:
    """Workers with a lease that have not said that this phase of the domain is in force."""
    found = native.execute(
        """
        SELECT worker FROM ownership_workers
        WHERE lease_until > clock_timestamp()
              AND coalesce(seen ->> %s, '') <> %s
        ORDER BY worker
        """,
        [f"{domain}/phase", version_of(placed)],
    )
    return tuple(worker for (worker,) in found)


def leads(native: Connection) -> bool:
    """Whether anybody carries out what the file wants."""
    row = native.execute(
        "SELECT count(*) FROM ownership_leader WHERE until > clock_timestamp()"
    ).fetchone()
    return bool(row and row[0])


def announce(native: Connection) -> None:
    native.execute("SELECT pg_notify(%s, '')", [CHANNEL])


@dataclass(frozen=True, slots=True)
class Asked:
    """The last wish for a phase of a domain. `number` tells it from the one before, 0 where nobody
    has asked; `wanted` is the phase, `forced`: in spite of differences."""

    number: int = 0
    wanted: str = ""
    forced: bool = False

    def forces(self, wanted: str) -> bool:
        """Whether it was for just that phase, and in spite of differences."""
        return self.forced and self.wanted == wanted


NOBODY_ASKED = Asked()


def last_askings(native: Connection) -> dict[str, Asked]:
    """By domain; of all at once, as the leader looks several times a second."""
    found = native.execute(
        "SELECT DISTINCT ON (domain) domain, id, after, reason = %s FROM ownership_changes"
        " WHERE action = 'phase' AND result = 'done' ORDER BY domain, id DESC",
        [FORCED],
    )
    return {domain: Asked(number, after, forced) for domain, number, after, forced in found}


def write_change(native: Connection, change: Change) -> int:
    """The number of the record."""
    row = native.execute(
        """
        INSERT INTO ownership_changes (domain, action, before, after, made_by, why, result, reason,
                                       pause_seconds, steps)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        RETURNING id
        """,
        [
            change.domain,
            change.action,
            change.before,
            change.after,
            change.made_by,
            change.why,
            change.result,
            change.reason,
            change.pause_seconds,
            json.dumps([dict(step) for step in change.steps]),
        ],
    ).fetchone()
    assert row is not None  # noqa: S101  # it was inserted
    return int(row[0])


def last_change(native: Connection) -> int:
    """The number of the newest record; 0 where there is none."""
    row = native.execute("SELECT coalesce(max(id), 0) FROM ownership_changes").fetchone()
    assert row is not None  # noqa: S101  # an aggregate has one row
    return int(row[0])


def take_back(native: Connection, number: int, reason: str) -> None:
    """What was written down did not come about."""
    native.execute(
        "UPDATE ownership_changes SET result = 'refused', reason = %s WHERE id = %s",
        [reason, number],
    )
