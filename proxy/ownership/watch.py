"""A worker knows who owns what, and says that it does: a lease in the native database.

    LISTEN, or a quarter of a second
      ─▶ renew the lease, say which fences hold and which phases are in force
      ─▶ owners, fences, phases

While the lease holds, nobody takes a domain from under this worker: whoever hands one over waits
for its word, or for the end of its lease. A worker that finds its lease over, as after having been
frozen, holds requests that may write until it knows more. If the database cannot be asked, it goes
by what it knew: what is then written on a side that does not own the rows is carried over.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from time import monotonic

import asyncpg

from legacy_bridge.replication.owners import Owner
from proxy.ownership.phases import Phase
from proxy.ownership.standing import LEGACY_OWNS, NEW, NOTHING_KNOWN, Fence, Placed, Standing

CHANNEL = "strangler_ownership"
LEASE_SECONDS = 2.0
RENEW_SECONDS = 0.25
CONNECT_SECONDS = 3.0
PAUSE_SECONDS = 0.25

log = logging.getLogger(__name__)


class OwnershipWatch:
    """`changed` is called whenever a domain may stand otherwise than before. `quiet` says whether
    nothing that may write to a domain is under way; `digest` is of the routing.yaml in force.
    `told` is set when the owners are known for the first time."""

    def __init__(
        self,
        url: str,
        worker: str,
        *,
        quiet: Callable[[str], bool],
        digest: Callable[[], str],
        changed: Callable[[], None],
    ) -> None:
        self.told = asyncio.Event()
        self._url = url
        self._worker = worker
        self._quiet = quiet
        self._digest = digest
        self._changed = changed
        self._standings: dict[str, Standing] = {}
        self._unknown = NOTHING_KNOWN
        self._lease_until = 0.0
        self._blind = True
        self._poked = asyncio.Event()
        self._said = ""

    def of(self, domain: str) -> Standing:
        """Of a domain that nobody has said anything of: where all are new, as far as the file
        wants; else it is new itself, and where nobody could be asked yet, anything may be so."""
        return self._standings.get(domain, self._unknown)

    def must_hold(self, domain: str) -> bool:
        """Whether a request that may write to the domain has to wait."""
        if self._blind:
            return False
        # A fence that is over may have ended either way: it counts until that is known.
        return self.of(domain).fence is not None or monotonic() > self._lease_until

    def poke_for(self, domain: str) -> None:
        """Nothing that may write to the domain is under way any more."""
        if self.of(domain).fence is not None:
            self.poke()

    def poke(self) -> None:
        """Something is to be said at once."""
        self._poked.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._session()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                self._lost(error)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _session(self) -> None:
        connection = await asyncpg.connect(
            self._url,
            timeout=CONNECT_SECONDS,
            command_timeout=CONNECT_SECONDS,
            server_settings={"application_name": f"strangler {self._worker}"},
        )
        try:
            await connection.add_listener(CHANNEL, lambda *_: self.poke())
            while not connection.is_closed():
                await self._renew(connection)
                await self._wait()
            raise ConnectionResetError("the database has closed the connection")
        finally:
            connection.terminate()

    async def _renew(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Say what we keep, hear what there is. What is new is in force before it is said."""
        while True:
            self._poked.clear()
            asked = monotonic()
            seen = self._seen()
            found = await connection.fetch(
                _RENEW, self._worker, LEASE_SECONDS, json.dumps(seen), self._digest()
            )
            self._take(found, asked, monotonic())
            if self._seen() == seen:
                return

    def _seen(self) -> dict[str, int | str]:
        seen: dict[str, int | str] = {}
        for domain, standing in self._standings.items():
            if standing.fence and self._quiet(domain):
                seen[domain] = standing.fence.epoch
            if standing.allowed:
                seen[f"{domain}/phase"] = version_of(standing.allowed)
        return seen

    def _take(self, found: list[asyncpg.Record], asked: float, answered: float) -> None:
        """Times are rounded so that nobody else counts on a longer lease, or a shorter fence."""
        self._lease_until = asked + LEASE_SECONDS
        self._blind = False
        self._said = ""
        written = any(row["phase"] is not None for row in found)
        self._unknown = NEW if written else LEGACY_OWNS
        self._standings = {
            row["domain"]: _standing(row, answered, self._unknown.allowed) for row in found
        }
        self.told.set()
        # Not only for what is otherwise: a lease that was over held requests of every domain.
        self._changed()

    async def _wait(self) -> None:
        """Until something is to be said or heard, or a fence is over."""
        now = monotonic()
        ends = [s.fence.until - now for s in self._standings.values() if s.fence]
        try:
            async with asyncio.timeout(max(0.0, min([RENEW_SECONDS, *ends]))):
                await self._poked.wait()
        except TimeoutError:
            pass

    def _lost(self, error: Exception) -> None:
        self._blind = True
        fault = " ".join(str(error).split()) or type(error).__name__
        if fault != self._said:
            log.warning("the owners are not known any more, the last known ones count: %s", fault)
        self._said = fault
        self._changed()


def _standing(row: asyncpg.Record, now: float, allowed: Placed | None) -> Standing:
    """`allowed` where the row does not say it."""
    fence = None
    if row["fence"] is not None:
        fence = Fence(row["fence"], now + float(row["left"]))
    if row["phase"] is not None:
        allowed = Placed(Phase(row["phase"]), row["weight"] or 0.0, row["phase_epoch"])
    return Standing(Owner(row["owner"]), row["epoch"], fence, allowed)


def version_of(placed: Placed) -> str:
    """Tells one state of a domain's phase from the next."""
    return f"{placed.phase}:{placed.weight:g}:{placed.epoch}"


_RENEW = """
WITH renewed AS (
    INSERT INTO ownership_workers (worker, lease_until, seen, digest)
    VALUES ($1, clock_timestamp() + make_interval(secs => $2), $3::jsonb, $4)
    ON CONFLICT (worker) DO UPDATE SET
        lease_until = excluded.lease_until, seen = excluded.seen, digest = excluded.digest)
SELECT domain, coalesce(o.owner, 'legacy') AS owner, coalesce(o.epoch, 0) AS epoch,
       f.epoch AS fence, extract(epoch FROM f.until - clock_timestamp()) AS left,
       p.phase, p.weight, p.epoch AS phase_epoch
FROM bridge_owners AS o
FULL JOIN (SELECT * FROM ownership_fences WHERE until > clock_timestamp()) AS f USING (domain)
FULL JOIN ownership_phases AS p USING (domain)
"""
