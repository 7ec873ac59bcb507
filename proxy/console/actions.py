"""What an operator's button does: in a thread, with the operator's name in the record of changes.

Whatever takes longer than a page may is left to go on: how it ends is in the record, too.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from legacy_bridge.replication.connections import LEGACY, NATIVE, connected
from legacy_bridge.replication.copy import require_tables, table_pairs
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import Strays, read_owners
from legacy_bridge.replication.rejecting import set_strays
from legacy_bridge.replication.resolving import Conflicts
from legacy_bridge.replication.verify.repair import RepairReport, repair_domains
from ported_domains.registry import mappings
from proxy import asking
from proxy.asking import Asking, Outcome, Plan
from proxy.console.off_loop import Crew
from proxy.console.reading.connection import looking
from proxy.ownership.phases import Phase
from proxy.ownership.store import Change, last_change, write_change
from proxy.settings import Settings

T = TypeVar("T")
THREADS = 8
PATIENCE_SECONDS = 2.0

log = structlog.get_logger("console")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asks for something, and why."""

    domain: str
    made_by: str
    why: str


@dataclass(frozen=True, slots=True)
class Begun:
    """`after`: the last change on record before it. `outcome` None: it is still going on."""

    after: int
    outcome: Outcome | None


class Actions:
    """Every one raises `BridgeError` or `RoutingError` where nothing was done."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._crew = Crew(THREADS)
        self._going_on: set[asyncio.Task[object]] = set()

    async def plan(self, asked: Asking) -> Plan:
        """What a flip would do, and what is in the way now."""
        return await self._crew.do(lambda: asking.plan(self._settings, asked))

    async def flip(self, asked: Asking) -> Begun:
        """Raises `BridgeError` or `RoutingError` if the file could not be changed."""
        after = await self._crew.do(self._last_change)
        ask = self._crew.do(lambda: asking.ask(self._settings, asked))
        return Begun(after, await self._wait(asyncio.create_task(ask)))

    async def phase_before(self, domain: str) -> tuple[Phase, float | None]:
        """To which a rollback leads. Raises `BridgeError` if there is nothing to go back to."""
        return await self._crew.do(lambda: asking.phase_before(self._settings, domain))

    async def settle(self, wish: Wish, conflict: str, *, apply: bool) -> str:
        """Write what lost to the owner's table, or forget it. Returns what was done."""
        verb = "apply" if apply else "drop"
        return await self._crew.do(
            lambda: self._recorded(wish, verb, conflict, lambda: self._settle(conflict, apply))
        )

    async def set_strays(self, wish: Wish, strays: Strays) -> str:
        """What becomes of changes on the side that does not own the rows."""
        return await self._crew.do(
            lambda: self._recorded(
                wish, "strays", str(strays), lambda: self._set_strays(wish.domain, strays)
            )
        )

    async def repair(self, wish: Wish) -> int:
        """Begin to copy the rows that differ once more; the last change on record before it."""
        after = await self._crew.do(self._last_change)
        task = asyncio.create_task(
            self._crew.do(
                lambda: self._recorded(wish, "repair", "", lambda: self._repair(wish.domain))
            )
        )
        await self._wait(task)
        return after

    async def _wait(self, task: "asyncio.Task[T]") -> T | None:
        """What came of it; None if it takes longer. It is kept, so that it is not collected."""
        done, _ = await asyncio.wait([task], timeout=PATIENCE_SECONDS)
        if done:
            return task.result()
        self._going_on.add(task)
        task.add_done_callback(self._ended)
        return None

    def _ended(self, task: "asyncio.Task[object]") -> None:
        self._going_on.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("console_action_failed", reason=" ".join(str(error).split()))

    # in a thread

    @property
    def _native_url(self) -> str:
        return self._settings.require("database_url", "what is changed is written down there")

    @property
    def _legacy_url(self) -> str:
        return self._settings.require("legacy_database_url", "the legacy side's rows are there")

    def _last_change(self) -> int:
        with looking(self._native_url) as native:
            return last_change(native)

    def _recorded(self, wish: Wish, action: str, what: str, do: Callable[[], str]) -> str:
        """Do it, and write down what came of it, also where that is nothing."""
        try:
            done = do()
        except BridgeError as error:
            self._write(wish, action, what, "refused", str(error))
            raise
        self._write(wish, action, what, "done", done)
        return done

    def _write(self, wish: Wish, action: str, what: str, result: str, reason: str) -> None:
        change = Change(
            domain=wish.domain,
            action=action,
            before="",
            after=what,
            made_by=wish.made_by,
            why=wish.why,
            result=result,
            reason=reason,
        )
        with connected(self._native_url, NATIVE) as native:
            write_change(native, change)

    def _settle(self, conflict: str, apply: bool) -> str:
        with (
            connected(self._native_url, NATIVE) as native,
            connected(self._legacy_url, LEGACY) as legacy,
        ):
            conflicts = Conflicts(legacy, native, mappings())
            if apply:
                return conflicts.apply(conflict)
            conflicts.drop(conflict)
            return "given up"

    def _set_strays(self, domain: str, strays: Strays) -> str:
        wanted = {domain: mappings()[domain]}
        with (
            connected(self._native_url, NATIVE) as native,
            connected(self._legacy_url, LEGACY) as legacy,
        ):
            require_tables(legacy, native, wanted[domain], rights=("SELECT",))
            pairs, _ = table_pairs(legacy, native, wanted)
            before = read_owners(native).of(domain).strays
            now = set_strays(legacy, native, pairs, strays)
        return f"{before} before; changes in the {now.owner.other} database: {now.strays}"

    def _repair(self, domain: str) -> str:
        report = repair_domains(self._legacy_url, self._native_url, mappings(domain), _Unseen())
        told = _told(report)
        if not report.equal:
            raise BridgeError(told)
        return told


class _Unseen:
    """Nobody looks how far a repair is."""

    def reading(self, table: str, rows: int, expected: int) -> None:
        return


def _told(report: RepairReport) -> str:
    tables = report.tables
    written = sum(table.inserted + table.updated + table.deleted for table in tables)
    remains = sum(len(table.remains) + len(table.refused) for table in tables)
    return f"{written} rows written in {report.seconds:.1f} s, {remains} remain different"
