"""What a domain has to show before its next step, and what it shows now."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.lag import StreamStatus, stream_statuses
from proxy.console.standing import Standing
from proxy.ownership.gates import Gate, is_open, judge
from proxy.ownership.measures import measure
from proxy.ownership.phases import Phase
from proxy.routing.config import GatesConfig

UNKNOWN_SINCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gates:
    """On the way `to` a phase. `off`: the file lets the domain go without them."""

    to: Phase
    gates: tuple[Gate, ...]
    off: bool


def next_phase(standing: Standing) -> Phase | None:
    """The one that is wanted, else the one that would come next; None at the end of the way."""
    order = list(Phase)
    place = order.index(standing.has.phase)
    if standing.wanted is not None and order.index(standing.wanted.phase) > place:
        return standing.wanted.phase
    return order[place + 1] if standing.has.phase in _WITH_NEXT else None


_WITH_NEXT = (Phase.LEGACY, Phase.SHADOW, Phase.CANARY, Phase.READS)


def read_gates(
    native: Connection,
    urls: tuple[str | None, str],
    domain: str,
    tables: Sequence[str],
    standing: Standing,
    config: GatesConfig,
) -> Gates | None:
    """`urls` of the legacy and the native database; `tables` are native ones whose rows move."""
    to = next_phase(standing)
    if to is None:
        return None
    streams: Sequence[StreamStatus] = ()
    legacy_url, native_url = urls
    if tables and legacy_url is not None:
        with suppress(BridgeError):  # then the gate says that the stream is not known
            streams = stream_statuses(legacy_url, native_url)
    since = standing.since or datetime.now(UTC) - UNKNOWN_SINCE
    measures = measure(native, streams, domain, tables, since, config.window)
    return Gates(to, judge(measures, standing.has.phase, to, config), is_open(config))
