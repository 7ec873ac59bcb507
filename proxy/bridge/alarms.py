"""What of the bridge's state is worth a line in the log: said when it begins, and when it is over.

Decided here without effects; `watching` logs it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from proxy.bridge.status import Reading, StreamReading


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """`left_share`: of all the log that the source would keep, what should be left at least.

    `alone_seconds`: how long nobody may apply; a process that is replaced takes a moment.
    """

    lag_seconds: float = 10
    retained_bytes: int = 1_000_000_000
    left_share: float = 0.25
    alone_seconds: float = 30


@dataclass(frozen=True, slots=True)
class Note:
    """An event for the log."""

    level: Literal["info", "warning"]
    event: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Alarm:
    """How a stream is in one respect. `ok` and `alarm` name the events."""

    alarm: str
    ok: str
    on: bool
    details: Mapping[str, object]


class Alarms:
    """Remembers what has been said."""

    def __init__(self, limits: AlarmLimits) -> None:
        self._limits = limits
        self._on: set[tuple[str, str]] = set()
        self._alone_since: dict[str, float] = {}

    def take(self, reading: Reading) -> list[Note]:
        """What to log about a reading that is later than the one before. A stream that is gone is
        forgotten without a word.
        """
        self._on = {(name, event) for name, event in self._on if name in _names(reading)}
        return [note for stream in reading.streams for note in self._of_stream(stream, reading.at)]

    def _of_stream(self, stream: StreamReading, at: float) -> Iterator[Note]:
        for alarm in self._alarms(stream, at):
            key = (stream.name, alarm.alarm)
            details = {"stream": stream.name, **alarm.details}
            if alarm.on and key not in self._on:
                self._on.add(key)
                yield Note("warning", alarm.alarm, details)
            elif not alarm.on and key in self._on:
                self._on.remove(key)
                details.pop("remedy", None)
                yield Note("info", alarm.ok, details)

    def _alarms(self, stream: StreamReading, at: float) -> Iterator[_Alarm]:
        """A stream whose first copy goes on has nobody who applies it, and stays behind."""
        limits = self._limits
        yield _Alarm(
            "bridge_lags",
            "bridge_lag_over",
            stream.copied and stream.lag_seconds > limits.lag_seconds,
            {
                "seconds": round(stream.lag_seconds, 1),
                "limit": limits.lag_seconds,
                "remedy": "`strangler sync status` shows who applies and what stands in the way",
            },
        )
        yield _Alarm(
            "bridge_wal_retained",
            "bridge_wal_released",
            stream.retained_bytes > limits.retained_bytes or self._scarce(stream),
            {
                "retained_bytes": stream.retained_bytes,
                "left_bytes": stream.left_bytes,
                "limit": limits.retained_bytes,
                "remedy": "let it be applied (`strangler sync run`): the source's disk fills up, "
                "or it gives the stream up and everything has to be copied anew",
            },
        )
        yield _Alarm(
            "bridge_unapplied",
            "bridge_applied_again",
            self._alone(stream, at) >= limits.alone_seconds,
            {
                "reason": stream.fault,
                "remedy": "`strangler serve` keeps a bridge unless STRANGLER_BRIDGE=off; "
                "alone it is `strangler sync run`",
            },
        )

    def _scarce(self, stream: StreamReading) -> bool:
        if stream.left_bytes is None:
            return False
        most = stream.left_bytes + stream.retained_bytes
        return stream.left_bytes < self._limits.left_share * most

    def _alone(self, stream: StreamReading, at: float) -> float:
        """Seconds that nobody has applied it."""
        if stream.applier is not None or not stream.copied:
            self._alone_since.pop(stream.name, None)
            return 0
        return at - self._alone_since.setdefault(stream.name, at)


def _names(reading: Reading) -> set[str]:
    return {stream.name for stream in reading.streams}
