"""The bridge's figures on the Prometheus page."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from proxy.bridge.status import Reading, StreamReading

_STREAM = ("stream",)
_TABLE = ("table",)

_GAUGES: tuple[tuple[str, str, Callable[[StreamReading], float | None]], ...] = (
    (
        "strangler_bridge_lag_bytes",
        "Log of the source that has not been applied yet.",
        lambda stream: stream.lag_bytes,
    ),
    (
        "strangler_bridge_lag_seconds",
        "How long ago, by the source's clock, it was what is applied now.",
        lambda stream: stream.lag_seconds,
    ),
    (
        "strangler_bridge_retained_wal_bytes",
        "Log that the source keeps for the stream.",
        lambda stream: stream.retained_bytes,
    ),
    (
        "strangler_bridge_wal_left_bytes",
        "How much more it keeps before it gives the stream up; absent without a limit.",
        lambda stream: stream.left_bytes,
    ),
    (
        "strangler_bridge_applier",
        "1 while somebody applies the stream.",
        lambda stream: stream.applier is not None,
    ),
    (
        "strangler_bridge_fault",
        "1 where the stream cannot go on: `strangler sync status` says why.",
        lambda stream: stream.fault is not None,
    ),
)
_COUNTERS: tuple[tuple[str, str, Callable[[StreamReading], int]], ...] = (
    (
        "strangler_bridge_applied_transactions",
        "Transactions applied since the first copy.",
        lambda stream: stream.transactions,
    ),
    (
        "strangler_bridge_applied_rows",
        "Rows applied since the first copy.",
        lambda stream: stream.rows,
    ),
)


def families(reading: Reading, now: float) -> Iterator[Metric]:
    """`now` in seconds since 1970."""
    age = "How old the other figures of the bridge are; it grows while a database is unreachable."
    yield GaugeMetricFamily("strangler_bridge_status_age_seconds", age, max(0.0, now - reading.at))
    for name, text, figure in _GAUGES:
        found = ((stream.name, figure(stream)) for stream in reading.streams)
        yield _gauge(name, text, _STREAM, ((k, v) for k, v in found if v is not None))
    for name, text, count in _COUNTERS:
        family = CounterMetricFamily(name, text, labels=_STREAM)
        for stream in reading.streams:
            family.add_metric([stream.name], count(stream))
        yield family
    yield _gauge(
        "strangler_bridge_quarantined_rows",
        "Rows set apart, as the target refuses them.",
        _TABLE,
        sorted(reading.quarantined.items()),
    )
    yield _gauge(
        "strangler_bridge_conflicts",
        "Changes that lost against the owner's and wait for a person.",
        _TABLE,
        sorted(reading.conflicts.items()),
    )
    verifies = reading.verifies
    yield _gauge(
        "strangler_bridge_last_verify_timestamp_seconds",
        "When both sides of a table were last compared.",
        _TABLE,
        ((one.table, one.at) for one in verifies),
    )
    yield _gauge(
        "strangler_bridge_differing_rows",
        "Rows that differed then, without those in quarantine.",
        _TABLE,
        ((one.table, one.differing) for one in verifies),
    )


def _gauge(
    name: str, text: str, labels: tuple[str, ...], values: Iterable[tuple[str, float]]
) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for label, value in values:
        family.add_metric([label], float(value))
    return family
