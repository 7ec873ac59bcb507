"""`strangler sync strays` and `sync conflicts`: what they print, and their exit codes."""

import json
from collections.abc import Iterator
from itertools import count
from threading import Event

import psycopg
import pytest

from legacy_bridge.replication.init import init
from legacy_bridge.replication.run import follow
from legacy_bridge.replication.way_back import prepare
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.apply.live import Seen
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import FEW, MAPPINGS, ROWS, TABLES, Sides, ask, run
from tests.proxy.cli.commands import strangler

NUMBERS = count(1)


@pytest.fixture
def sides(stack: EmbeddedStack, native_template: str) -> Iterator[Sides]:
    number = next(NUMBERS)
    legacy = stack.create_database(f"strays_legacy_{number}")
    run(legacy, TABLES.decode())
    run(legacy, ROWS)
    both = Sides(legacy, stack.create_database(f"strays_native_{number}", native_template))
    wanted = {name: MAPPINGS[name] for name in FEW}
    prepare(both.legacy, both.native, wanted)
    init(both.legacy, both.native, wanted)
    settle(both)
    yield both
    drop_slots(both.legacy)
    drop_slots(both.native)


def settle(sides: Sides) -> None:
    for _ in range(2):
        follow(sides.legacy, sides.native, MAPPINGS, Seen(), Event(), once=True)


def test_strays_are_refused_and_carried_again(sides: Sides) -> None:
    done = strangler(sides, "sync", "strays", "downloads", "reject")
    assert (done.exit_code, done.stdout) == (
        0,
        (
            "downloads belongs to the legacy side; changes of it in the native database are "
            "refused.\n"
        ),
    )
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        run(sides.native, "UPDATE releases SET name = 'stray'")
    run(sides.native, "UPDATE boxes SET content = 'stray'")
    done = strangler(sides, "sync", "strays", "downloads", "capture", "--json")
    assert json.loads(done.stdout) == {
        "ok": True, "domain": "downloads", "owner": "legacy", "strays": "capture", "epoch": 2
    }  # fmt: skip
    run(sides.native, "UPDATE releases SET name = 'stray'")
    settle(sides)
    assert ask(sides.legacy, "SELECT DISTINCT name FROM downloads_release") == [("stray",)]
    assert sides.unequal() == []


def test_conflicts_are_listed_and_settled(sides: Sides) -> None:
    none = strangler(sides, "sync", "conflicts")
    assert (none.exit_code, none.stdout) == (0, "no conflicts are kept\n")
    for key in (1, 2):
        with psycopg.connect(sides.native) as native, psycopg.connect(sides.legacy) as legacy:
            native.execute("UPDATE operating_systems SET name = 'stray' WHERE id = %s", [key])
            legacy.execute("UPDATE downloads_os SET name = 'owner' WHERE id = %s", [key])
    settle(sides)
    listed = strangler(sides, "sync", "conflicts", "--domain", "downloads")
    assert listed.exit_code == 1
    first, second, *_ = listed.stdout.splitlines()
    assert first.startswith(
        "legacy-1  downloads_os id=1: changed by both, from the native side at 2"
    )
    assert second == (
        "    the owner changed the row before it had seen this change; "
        "differs from the owner's row in name"
    )
    assert strangler(sides, "sync", "conflicts", "--domain", "boxes").exit_code == 0
    (one, two) = json.loads(strangler(sides, "sync", "conflicts", "--json").stdout)["conflicts"]
    shown = (one["id"], one["table"], one["losing"]["name"], one["differing"], two["id"])
    assert shown == ("legacy-1", "downloads_os", "stray", ["name"], "legacy-2")
    applied = strangler(sides, "sync", "conflicts", "--apply", "legacy-1")
    assert (applied.exit_code, applied.stdout) == (0, "legacy-1 applied: the row was changed\n")
    dropped = strangler(sides, "sync", "conflicts", "--drop", "legacy-2")
    assert (dropped.exit_code, dropped.stdout) == (0, "legacy-2 dropped\n")
    settle(sides)
    assert sides.unequal() == []
    assert ask(sides.native, "SELECT name FROM operating_systems ORDER BY id") == [
        ("stray",), ("owner",), ("macOS",)
    ]  # fmt: skip


def test_what_cannot_be(sides: Sides) -> None:
    missing = strangler(sides, "sync", "conflicts", "--drop", "native-7")
    assert (missing.exit_code, missing.stderr) == (
        2,
        "there is no conflict native-7 — strangler sync conflicts lists them\n",
    )
    both = strangler(sides, "sync", "conflicts", "--drop", "native-7", "--apply", "native-7")
    assert (both.exit_code, "choose one of --apply and --drop" in both.stderr) == (2, True)
    assert strangler(sides, "sync", "strays", "unknown", "reject").exit_code == 2
