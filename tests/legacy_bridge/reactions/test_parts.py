"""What workers are told, and what can be seen of a commit: pure."""

import pytest

from legacy_bridge.reactions.announcement import (
    MOST_BYTES,
    Announcement,
    decode,
    encode,
    pulse,
    together,
)
from legacy_bridge.reactions.subscription import Subscription
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.visible import Snapshot

AT = Lsn.parse("1/16B3748")


@pytest.mark.parametrize(
    "announcement",
    [
        pulse(AT),
        Announcement(AT, None),
        together(AT, [frozenset({"books"}), frozenset({"books", 'odd "ñame"'})]),
    ],
)
def test_an_announcement_there_and_back(announcement: Announcement) -> None:
    assert decode(encode(announcement)) == announcement


def test_only_no_tables_at_all_is_a_pulse() -> None:
    assert pulse(AT).is_pulse
    assert not Announcement(AT, None).is_pulse
    assert not Announcement(AT, frozenset({"books"})).is_pulse


def test_with_too_many_tables_for_a_notify_all_count_as_changed() -> None:
    fits = frozenset(f"table_ñ_{n:03}" for n in range(400))
    assert decode(encode(Announcement(AT, fits))).tables == fits
    assert len(encode(Announcement(AT, fits)).encode()) <= MOST_BYTES
    many = fits | {f"table_{n:04}" for n in range(300)}
    assert decode(encode(Announcement(AT, many))).tables is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "hello", "[]", "1", "{}"),
        *('{"position": 1, "tables": []}', '{"position": "0/1"}'),
        *('{"position": "x", "tables": []}', '{"position": "0/1", "tables": [1]}'),
    ],
)
def test_what_is_no_announcement(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(text)


@pytest.mark.parametrize(
    ("text", "xid", "shown"),
    [
        ("10:20:10,14", 9, True),
        ("10:20:10,14", 10, False),
        ("10:20:10,14", 13, True),
        ("10:20:10,14", 14, False),
        ("10:20:10,14", 20, False),
        ("10:20:10,14", 21, False),
        ("10:10:", 9, True),
        # The stream tells 32 bits: here one of the epoch before, one of this, one to come.
        ("4294967290:4294967300:4294967295", 4294967295, False),
        ("4294967290:4294967300:4294967295", 4294967294, True),
        ("4294967290:4294967300:4294967295", 3, True),
        ("4294967290:4294967300:4294967295", 4, False),
    ],
)
def test_what_a_snapshot_shows(text: str, xid: int, shown: bool) -> None:
    assert Snapshot.parse(text).shows(xid) is shown


@pytest.mark.parametrize("name", ["", "Cache", "a-b", "1a", "a" * 41, "ö"])
def test_names_that_no_slot_can_have(name: str) -> None:
    with pytest.raises(ValueError, match="no name for a subscription"):
        Subscription(name, {}, lambda _: None)
