"""A whole system in shadow: right, and made wrong on purpose in one thing after the other."""

import signal
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import httpx
import psycopg
import pytest

from proxy.parity.finding import Kind
from proxy.parity.tally import Parity
from proxy.shadow.door import WINDOW
from tests.proxy.shadow.system import System, until

pytestmark = pytest.mark.timeout(600)
PAGES = ("/downloads/", "/downloads/feed.rss", "/api/v2/downloads/os/", "/downloads/none/")
API = "/api/v2/downloads/os/"
ROUTE = ("downloads", "/api/v2/downloads/**")


@pytest.fixture
def visitor(shadowed: System) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shadowed.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(autouse=True)
def right_at_first(shadowed: System) -> Iterator[None]:
    shadowed.forget()
    yield
    shadowed.wrong()


def ask(
    system: System,
    visitor: httpx.Client,
    page: str,
    times: int,
    between: Callable[[int], object] = lambda number: None,
) -> Parity:
    """Until so many were compared, a few at a time, and what came of it. Of those that a busy
    machine is late with nothing is said."""
    before = system.unsaid()
    asked = 0
    while asked < times + system.unsaid() - before:
        assert visitor.get(page).headers["strangler-owner"] == "legacy"
        asked += 1
        between(asked)
        if asked % 8 == 0 or asked >= times:
            system.caught_up(asked, before)
        assert asked < 10 * times, system.counts()
    return system.parity()


def found(parity: Parity) -> dict[str, tuple[int, list[Kind]]]:
    """By field path: how often it differed there, and in which ways."""
    tally = parity.routes[ROUTE]
    return {
        path: (found.differing, list(found.kinds))
        for path, found, verdict in tally.verdicts()
        if verdict.shown
    }


@pytest.mark.parametrize("page", PAGES)
def test_a_right_native_side_differs_nowhere(
    shadowed: System, visitor: httpx.Client, page: str
) -> None:
    parity = ask(shadowed, visitor, page, 4)
    assert parity.equal
    assert parity.totals()["asked"] == parity.totals()["equal"] >= 4


@pytest.mark.parametrize(
    ("fault", "path", "kind"),
    [
        ({"body": ['"name":"Windows"', '"name":"Fenster"']}, "json:/[*]/name", Kind.DIFFERS),
        ({"body": ['"slug":"windows",', ""]}, "json:/[*]/slug", Kind.MISSING),
        ({"header": ["x-frame-options", "SAMEORIGIN-NOT"]}, "header:x-frame-options", Kind.DIFFERS),
        ({"header": ["x-new", "one"]}, "header:x-new", Kind.EXTRA),
        ({"status": 418}, "status", Kind.DIFFERS),
        ({"raise": True}, "status", Kind.DIFFERS),
    ],
)
def test_one_fault_is_found_and_named(
    shadowed: System, visitor: httpx.Client, fault: dict[str, Any], path: str, kind: Kind
) -> None:
    shadowed.wrong(path=API, **fault)
    parity = ask(shadowed, visitor, API, 4)
    assert found(parity) == {path: (4, [kind])}
    example = parity.routes[ROUTE].paths[path].examples[0]
    assert (example.method, example.target) == ("GET", API)


def test_a_fault_of_2_percent_is_found(shadowed: System, visitor: httpx.Client) -> None:
    shadowed.wrong(path=API, every=50, body=['"name":"Windows"', '"name":"Fenster"'])
    parity = ask(shadowed, visitor, API, 104)
    assert found(parity) == {"json:/[*]/name": (2, [Kind.DIFFERS])}


def test_a_change_meanwhile_is_no_fault(shadowed: System, visitor: httpx.Client) -> None:
    """The rows change on the legacy side, with every request."""
    with psycopg.connect(shadowed.site.database_url, autocommit=True) as legacy:

        def change(number: int) -> None:
            legacy.execute("UPDATE downloads_os SET name = %s WHERE slug = 'source'", [str(number)])
            time.sleep(0.1)

        parity = ask(shadowed, visitor, API, 12, change)
    assert parity.equal
    assert parity.totals()["equal"] == 12


WAITED_SECONDS = 0.5
"""Whoever waits for a process that is not there does so for longer. How much slower others are made
by one that starts anew is not looked at here."""


@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL])
def test_whatever_happens_to_the_process_visitors_do_not_notice(
    shadowed: System, visitor: httpx.Client, how: signal.Signals
) -> None:
    process = shadowed.shadow_process()
    before = [timed(visitor) for _ in range(40)]
    shadowed.wrong(absent=True)  # its successor is not there before these have asked
    process.send_signal(how)
    dropped = shadowed.metric("dropped")
    after = [timed(visitor) for _ in range(40)]
    assert median(after) < median(before) + WAITED_SECONDS
    least = dropped + 40 - WINDOW  # so many had credit before
    until(lambda: shadowed.metric("dropped"), lambda number: number >= least)
    shadowed.wrong()
    if how is signal.SIGSTOP:
        process.send_signal(signal.SIGCONT)
    until(lambda: shadowed.shadow_process().status() != "stopped", bool)
    before_that = shadowed.parity().totals()["asked"]

    def goes_on() -> bool:
        timed(visitor)
        return shadowed.parity().totals()["asked"] > before_that

    until(goes_on, bool)
    assert shadowed.parity().equal


def timed(visitor: httpx.Client) -> float:
    began = time.monotonic()
    assert visitor.get(API).status_code == 200
    return time.monotonic() - began
