"""What of the bridge's state is warned about: once when it begins, once when it is over."""

from typing import Any

import msgspec
import pytest

from proxy.bridge.alarms import AlarmLimits, Alarms, Note
from proxy.bridge.status import Reading, StreamReading
from tests.proxy.bridge.test_figures import FORWARD

LIMITS = AlarmLimits(lag_seconds=10, retained_bytes=1000)
CALM = msgspec.structs.replace(FORWARD, lag_seconds=0, retained_bytes=0, left_bytes=None)


class Story:
    def __init__(self) -> None:
        self._alarms = Alarms(LIMITS)
        self.now = 0.0

    def tell(self, after: float = 10, **changes: Any) -> list[str]:
        """What is said when the stream is so, that much later."""
        return [note.event for note in self.notes(after, msgspec.structs.replace(CALM, **changes))]

    def notes(self, after: float, *streams: StreamReading) -> list[Note]:
        self.now += after
        return self._alarms.take(Reading(at=self.now, streams=streams))


def test_lag() -> None:
    story = Story()
    assert story.tell(lag_seconds=10) == []
    assert story.tell(lag_seconds=10.1) == ["bridge_lags"]
    assert story.tell(lag_seconds=500) == []
    assert story.tell(lag_seconds=9.9) == ["bridge_lag_over"]
    assert story.tell() == []


def test_what_is_said_of_it() -> None:
    slow = msgspec.structs.replace(CALM, lag_seconds=12.345)
    (note,) = Story().notes(0, slow)
    remedy = "`strangler sync status` shows who applies and what stands in the way"
    details = {"stream": "forward", "seconds": 12.3, "limit": 10, "remedy": remedy}
    assert note == Note("warning", "bridge_lags", details)


@pytest.mark.parametrize(
    ("retained", "left", "alarming"),
    [
        (1000, None, False),
        (1001, None, True),
        (750, 250, False),
        (751, 249, True),
        (0, 0, False),
        (10, 0, True),
    ],
)
def test_log_that_is_kept(retained: int, left: int | None, alarming: bool) -> None:
    story = Story()
    said = story.tell(retained_bytes=retained, left_bytes=left)
    assert said == (["bridge_wal_retained"] if alarming else [])
    assert story.tell() == (["bridge_wal_released"] if alarming else [])


def test_nobody_applies() -> None:
    story = Story()
    assert story.tell(applier=None) == []
    assert story.tell(applier=None, after=29.9) == []
    assert story.tell(applier=None, after=0.1) == ["bridge_unapplied"]
    assert story.tell(applier=None, after=600) == []
    assert story.tell() == ["bridge_applied_again"]
    assert story.tell(applier=None, after=600) == []


def test_the_first_copy_has_nobody_who_applies() -> None:
    story = Story()
    assert story.tell(applier=None, copied=False, lag_seconds=100) == []
    assert story.tell(applier=None, copied=False, after=600) == []


def test_streams_are_told_apart_and_one_that_is_gone_is_forgotten() -> None:
    story = Story()
    slow = msgspec.structs.replace(CALM, lag_seconds=60)
    other = msgspec.structs.replace(slow, name="reverse")
    assert len(story.notes(0, slow)) == 1
    assert [note.details["stream"] for note in story.notes(10, slow, other)] == ["reverse"]
    assert story.notes(10) == []
    assert len(story.notes(10, slow)) == 1
