"""The Prometheus page."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from proxy.telemetry import families
from proxy.telemetry.families import Gauge
from proxy.telemetry.tally import ANSWERS, BUCKETS, RECEIVED, SECONDS, SENT, Labels, Tally

_BOUNDS = (*map(str, BUCKETS), "+Inf")

Readings = Mapping[str, Mapping[Labels, float]]
"""What one worker's gauges showed, by name and labels."""


def page(
    tally: Tally,
    gauges: Iterable[Gauge],
    readings: Iterable[Readings],
    further: Iterable[Metric] = (),
) -> bytes:
    """Text format 0.0.4: the counters, each gauge across the workers that were read, and `further`.

    These are what all workers would show alike.
    """
    registry = CollectorRegistry()
    registry.register(_Figures(tally, tuple(gauges), tuple(readings), tuple(further)))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(
        self,
        tally: Tally,
        gauges: tuple[Gauge, ...],
        readings: tuple[Readings, ...],
        further: tuple[Metric, ...],
    ) -> None:
        self._tally = tally
        self._gauges = gauges
        self._readings = readings
        self._further = further

    def collect(self) -> Iterator[Metric]:
        yield self._requests()
        yield self._seconds()
        yield self._bytes()
        for counter in families.COUNTERS:
            family = CounterMetricFamily(counter.name, counter.help, labels=counter.labels)
            for labels, number in sorted(self._tally.counts.get(counter.name, {}).items()):
                family.add_metric(labels, number)
            yield family
        for gauge in self._gauges:
            yield self._gauge(gauge)
        yield from self._further

    def _requests(self) -> Metric:
        name, text, names = families.REQUESTS
        family = CounterMetricFamily(name, text, labels=names)
        for (owner, domain, status), row in sorted(self._tally.requests.items()):
            family.add_metric((owner, domain, str(status)), sum(row[ANSWERS]))
        return family

    def _seconds(self) -> Metric:
        """One histogram for all statuses of an owner and domain."""
        rows: dict[Labels, list[float]] = {}
        for (owner, domain, _), row in sorted(self._tally.requests.items()):
            ours = rows.get((owner, domain))
            rows[owner, domain] = [a + b for a, b in zip(ours, row, strict=True)] if ours else row
        family = HistogramMetricFamily(
            families.SECONDS_NAME, families.SECONDS_HELP, labels=families.SECONDS_LABELS
        )
        for labels, row in rows.items():
            buckets = list(zip(_BOUNDS, accumulate(row[ANSWERS]), strict=True))
            family.add_metric(labels, buckets, row[SECONDS])
        return family

    def _bytes(self) -> Metric:
        name, text, names = families.BYTES
        family = CounterMetricFamily(name, text, labels=names)
        rows = self._tally.requests.values()
        family.add_metric(("received",), sum(row[RECEIVED] for row in rows))
        family.add_metric(("sent",), sum(row[SENT] for row in rows))
        return family

    def _gauge(self, gauge: Gauge) -> Metric:
        seen: dict[Labels, list[float]] = {}
        for reading in self._readings:
            for labels, value in reading.get(gauge.name, {}).items():
                seen.setdefault(labels, []).append(value)
        family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
        for labels, values in sorted(seen.items()):
            family.add_metric(labels, gauge.across(values))
        return family
