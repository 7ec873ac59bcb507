"""The jobs: to catch up where no stream is kept running, to compare the rows of both sides, to read
the feeds of other sites' blogs.

They block, and belong into a thread. `stop` ends them early; what they return then means nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Literal

from legacy_bridge.replication.apply.applied import Applied
from legacy_bridge.replication.connections import NATIVE, connected
from legacy_bridge.replication.copy import copy_domains
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.mapping import TableMapping
from legacy_bridge.replication.owners import owned_by_legacy, read_owners
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.records import last_copies
from legacy_bridge.replication.run import follow, retired, streaming
from legacy_bridge.replication.turns import appliers
from legacy_bridge.replication.verify.compare import VerifiedTable, verify_domains
from legacy_bridge.replication.verify.records import last_verifies
from ported_domains.look import look_of
from ported_domains.registry import DOMAINS, mappings
from ported_domains.shared.database import DatabaseDownError
from ported_domains.shared.look import LookOf
from ported_domains.shared.writing import NotOwnerError
from proxy.background.alone import alone
from proxy.background.blogs import read_blogs
from proxy.background.rounds import next_domain

SHOWN_ROWS = 5
"""Keys of differing rows in one line of the log."""


@dataclass(frozen=True, slots=True)
class Site:
    legacy_url: str
    native_url: str
    verify_every: float = 0
    """Seconds; a domain that was compared within them is left alone. 0: none is."""
    look: LookOf = field(default_factory=look_of)
    """The templates of what is written for pages."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line for the log."""

    level: Literal["info", "warning", "error"]
    event: str
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` as an exit code: 0 done, 1 rows differ or were left out, 2 it could not run."""

    code: int
    said: tuple[Said, ...] = ()


STOPPED = Outcome(2, (Said("warning", "job_stopped"),))
Job = Callable[[Site, Event], Outcome]


class Stopped(BaseException):
    """Not an `Exception`: nobody on the way up is to make another fault of it."""


class _Watch:
    """Ends what it watches when told to stop; of a stream it has nothing to say."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop

    def reading(self, table: str, rows: int, expected: int) -> None:
        if self._stop.is_set():
            raise Stopped

    def merging(self) -> None:
        """The copy is written down now: too late to stop."""

    def following(self, position: Lsn) -> None: ...

    def standing_by(self, holder: str | None) -> None: ...

    def applied(self, done: Applied, position: Lsn) -> None: ...

    def lost(self, fault: str, pause: float) -> None: ...


def perform(name: str, site: Site, stop: Event) -> Outcome:
    """One job, unless another worker is at it."""
    try:
        with alone(site.native_url, name) as ours:
            if not ours:
                return left_out("another worker does it now", code=2)
            return JOBS[name](site, stop)
    except BridgeError as error:
        return Outcome(2, (Said("error", "job_cannot_run", {"reason": str(error)}),))
    except Stopped:
        return STOPPED


def left_out(reason: str, code: int = 0) -> Outcome:
    return Outcome(code, (Said("info", "job_left_out", {"reason": reason}),))


def sync_once(site: Site, stop: Event) -> Outcome:
    """Catch up where nobody follows the stream; without a stream copy what was copied before."""
    if not streaming(site.native_url):
        return _copy(site, stop)
    with connected(site.native_url, NATIVE) as native:
        applier, _ = appliers(native, Direction.FORWARD)
    if applier:
        return left_out("a stream is kept running, so there is nothing to catch up with")
    domains = mappings()
    done = follow(site.legacy_url, site.native_url, domains, _Watch(stop), stop, once=True)
    if stop.is_set():
        return STOPPED
    ways = [way for way in (done.forward, done.back) if way is not None]
    details = {
        "transactions": sum(way.transactions for way in ways),
        "rows": sum(way.rows for way in ways),
        "up_to": [str(way.position) for way in ways],
    }
    return _brought(details, sum(way.quarantined for way in ways))


def _copy(site: Site, stop: Event) -> Outcome:
    """Nothing is begun that nobody has asked for: a first copy is made by hand."""
    copied = {copy.domain for copy in last_copies(site.native_url)}
    with connected(site.native_url, NATIVE) as native:
        owners = read_owners(native)
    known = {name: tables for name, tables in mappings().items() if name in copied}
    domains = owned_by_legacy(known, owners)
    if not domains:
        return left_out(
            "there is no stream and nothing was copied yet: `strangler sync init` begins one"
        )
    report = copy_domains(site.legacy_url, site.native_url, domains, _Watch(stop))
    rows = sum(table.rows for table in report.tables)
    refused = sum(len(table.refused) for table in report.tables)
    return _brought({"rows_read": rows, "domains": sorted(domains)}, refused)


def _brought(details: Mapping[str, object], quarantined: int) -> Outcome:
    done = Said("info", "synced", details)
    if not quarantined:
        return Outcome(0, (done,))
    remedy = "`strangler sync status`; their reasons are in the table bridge_quarantine"
    kept = Said("warning", "rows_left_out", {"rows": quarantined, "remedy": remedy})
    return Outcome(1, (done, kept))


def verify(site: Site, stop: Event) -> Outcome:
    """Compare the rows of one domain: that which was longest not compared."""
    with connected(site.native_url, NATIVE) as native:
        compared = {one.table_name: one.at.timestamp() for one in last_verifies(native)}
    brought = set(streaming(site.native_url))
    brought |= {copy.domain for copy in last_copies(site.native_url)}
    brought -= retired(site.native_url)
    tables = {name: _tables(DOMAINS[name].mapping) for name in DOMAINS if name in brought}
    name = next_domain(tables, compared, site.verify_every)
    if name is None:
        what = "all domains were compared a moment ago" if tables else "nothing was copied yet"
        return left_out(what)
    report = verify_domains(
        site.legacy_url, site.native_url, {name: DOMAINS[name].mapping}, _Watch(stop)
    )
    done = Said(
        "info",
        "verified",
        {
            "domain": name,
            "rows": sum(table.rows for table in report.tables),
            "equal": report.equal,
            "seconds": report.seconds,
        },
    )
    drift = (_drift(table) for table in report.tables if not table.equal)
    return Outcome(0 if report.equal else 1, (*drift, done))


def _tables(mapping: Iterable[TableMapping]) -> Sequence[str]:
    return [one.native for one in mapping]


def _drift(table: VerifiedTable) -> Said:
    """Where no stream runs, rows may just have changed since they were brought over."""
    details: dict[str, object] = {
        "domain": table.domain,
        "table": table.native,
        "differing": len(table.differences),
        "unsettled": len(table.unsettled),
        "rows": [{**row.key, "kind": row.kind} for row in table.differences[:SHOWN_ROWS]],
    }
    names = f"`strangler sync verify --domain {table.domain}` names all rows"
    repair = f"`strangler sync repair --domain {table.domain}` copies them again"
    if table.streaming or table.as_of is None:
        return Said("error", "drift_found", {**details, "remedy": f"{names}, {repair}"})
    since = {"brought_over_until": table.as_of.isoformat()}
    remedy = (
        "no `strangler sync run` is running: what changed since is among them — "
        f"`strangler worker --once sync_once`; then {names}, {repair}"
    )
    return Said("warning", "rows_differ", {**details, **since, "remedy": remedy})


def update_blogs(site: Site, stop: Event) -> Outcome:
    """Read the feeds, where the native side owns what they bring."""
    try:
        updated = read_blogs(site.native_url, site.look, stop)
    except NotOwnerError:
        return left_out("the legacy side owns blogs: its own command update_blogs reads the feeds")
    except DatabaseDownError as error:
        return Outcome(2, (Said("error", "job_cannot_run", {"reason": str(error)}),))
    if updated is None:
        return STOPPED
    faults = (Said("warning", "feed_left_out", {"reason": fault}) for fault in updated.faults)
    details = {"feeds": updated.feeds, "entries": updated.entries}
    return Outcome(1 if updated.faults else 0, (*faults, Said("info", "blogs_updated", details)))


JOBS: Mapping[str, Job] = {
    "sync_once": sync_once,
    "verify": verify,
    "update_blogs": update_blogs,
}
