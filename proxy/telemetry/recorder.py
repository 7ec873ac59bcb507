"""What a worker calls: a record for each request, counters, gauges, the page."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from prometheus_client.core import Metric

from proxy.forwarding.faults import Fault, Side
from proxy.telemetry.access_log import AccessLog
from proxy.telemetry.events import Seldom
from proxy.telemetry.exposition import page
from proxy.telemetry.families import FAULTS, LOST, Counter, Gauge
from proxy.telemetry.line import Line
from proxy.telemetry.sheets import Sheet, Sheets
from proxy.telemetry.tally import BUCKETS, RECEIVED, SECONDS, SENT, Labels, Row, Tally

PUBLISH_SECONDS = 1.0

Read = Callable[[], Mapping[Labels, float]]
"""What a gauge shows now, by the values of its labels; `{(): 3}` for one without labels."""
Collect = Callable[[], Iterable[Metric]]


class Telemetry:
    """Counts in this worker's memory; with a `folder`, tells all workers' sums.

    `start`, `record` and `close` belong inside the event loop. `clock` gives seconds since 1970.
    """

    __slots__ = (
        "_access_log",
        "_clock",
        "_failed",
        "_further",
        "_gauges",
        "_requests",
        "_second",
        "_sheets",
        "_stamp",
        "_tally",
        "_timer",
        "_unpublished",
    )

    def __init__(
        self,
        access_log: AccessLog,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._access_log = access_log
        self._clock = clock
        self._tally = Tally()
        self._requests = self._tally.requests
        self._failed: dict[tuple[str, str], int] = {}
        self._gauges: dict[Gauge, Read] = {}
        self._further: Collect = tuple
        self._sheets = Sheets(folder) if folder else None
        self._unpublished = Seldom("metrics_unpublished")
        self._timer: asyncio.TimerHandle | None = None
        self._second = 0.0
        self._stamp = ""

    def start(self) -> None:
        """From now on, once a second, let the other workers see what changed."""
        self._timer = asyncio.get_running_loop().call_later(PUBLISH_SECONDS, self.start)
        self._publish()
        self._access_log.settle()

    def record(
        self,
        method: bytes,
        path: bytes,
        client: str,
        request_id: bytes,
        owner: str,
        domain: str | None,
        status: int,
        seconds: float,
        sent: int,
        received: int,
        fault: Fault | None,
        upstream_seconds: float | None,
        upstream: str | None,
    ) -> None:
        """One request, when its answer has ended: one line in the log, and the counters.

        `path` as sent, without the query; `status` 0 where none was sent; `sent` and `received`
        octets of the bodies; `upstream` host:port.
        """
        domain = domain or "-"
        try:
            row = self._requests[owner, domain, status]
        except KeyError:
            row = self._tally.row(owner, domain, status)
        row[bisect_left(BUCKETS, seconds)] += 1
        row[SECONDS] += seconds
        row[SENT] += sent
        row[RECEIVED] += received
        now = self._clock()
        if not 0 <= now - self._second < 1:
            self._second = now // 1
            self._stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        # Hundredths of a millisecond so, as `round` would take longer than all the counting.
        self._access_log.write(
            Line(
                self._stamp,
                "request",
                method.decode("latin-1"),
                path.decode("latin-1"),
                status,
                owner,
                domain,
                int(seconds * 100_000 + 0.5) / 100,
                sent,
                received,
                client,
                request_id.decode("latin-1"),
                upstream,
                None if upstream_seconds is None else int(upstream_seconds * 100_000 + 0.5) / 100,
                None if fault is None else self._fault(fault, owner, domain, status),
            )
        )

    @property
    def requests(self) -> Mapping[tuple[str, str, int], Row]:
        """What this worker recorded so far, by owner, domain or `-`, and status."""
        return self._requests

    @property
    def failed(self) -> Mapping[tuple[str, str], int]:
        """By owner and domain, requests that failed on our side or upstream without saying so by
        their status: the answer had begun, or none was sent."""
        return self._failed

    def count(self, counter: Counter, *labels: str, by: int = 1) -> None:
        """Add to one of `families.COUNTERS`. Raises `ValueError` for a label too few or many."""
        if len(labels) != len(counter.labels):
            raise ValueError(f"{counter.name} has the labels {counter.labels}, not {labels}")
        self._tally.count(counter.name, labels, by)

    def gauge(self, gauge: Gauge, read: Read) -> None:
        """Show on the page what `read` gives at that time."""
        self._gauges[gauge] = read

    def show(self, collect: Collect) -> None:
        """Show on the page also what `collect` gives at that time: figures that are not ours."""
        self._further = collect

    def page(self) -> bytes:
        """The Prometheus page, over all workers. Raises `OSError` where the folder is gone."""
        self._publish()
        ours = self._sheet()
        tally, live = self._sheets.others() if self._sheets else (Tally(), [])
        for sheet in (ours, *live):
            tally.add(sheet.tally)
        readings = [sheet.gauges for sheet in (ours, *live)]
        return page(tally, self._gauges, readings, self._further())

    def close(self) -> None:
        """Write what waits; from now on this worker counts as ended."""
        if self._timer is not None:
            self._timer.cancel()
        self._access_log.close()
        self._publish()
        if self._sheets:
            self._sheets.close()
        self._unpublished.close()

    def _fault(self, fault: Fault, owner: str, domain: str, status: int) -> str:
        # A switched connection ends as it will; 5xx says by itself that it failed.
        if fault.side is not Side.CLIENT and status < 500 and status != 101:
            self._failed[owner, domain] = self._failed.get((owner, domain), 0) + 1
        self._tally.count(FAULTS.name, (fault.stage.value, fault.side.value, fault.cause.value))
        return "/".join(fault)

    def _publish(self) -> None:
        if self._sheets is None:
            return
        try:
            self._sheets.publish(self._sheet())
        except OSError as error:
            self._unpublished.add(1, str(error))

    def _sheet(self) -> Sheet:
        self._tally.counts[LOST.name] = {(): self._access_log.lost}
        return Sheet(
            self._tally, {gauge.name: dict(read()) for gauge, read in self._gauges.items()}
        )
