"""Both directions: what is committed on one side is applied on the other, until told to stop.

Each direction has its own connections and its own thread, and goes on when the other cannot.
"""

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

from legacy_bridge.replication import home
from legacy_bridge.replication.connections import LEGACY, NATIVE, connected
from legacy_bridge.replication.copy import Domains
from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.one_way import Followed, OneWay, Watch, required_stream
from legacy_bridge.replication.owners import read_owners
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.standbys import limited
from legacy_bridge.replication.streams import read_stream

RETRY_SECONDS = 30.0
"""A direction that somebody has to repair is tried again, as long as the other one goes on."""


@dataclass(frozen=True, slots=True)
class Both:
    """How it ended. `back` is None where nothing is carried back."""

    forward: Followed
    back: Followed | None


def follow(
    legacy_url: str,
    native_url: str,
    domains: Domains,
    watch: Watch,
    stop: Event,
    *,
    back: Watch | None = None,
    once: bool = False,
) -> Both:
    """Apply until `stop`; with `once` until everything committed before the call is applied.

    `domains` are all there are; the streams say which of them they carry. `back` watches the way
    back. Raises `BridgeError` for whatever does not pass by itself, and with `once` for a commit
    that waits too long for a standby; what was applied until then stays.
    """
    ends = Ends(legacy_url, native_url)
    if once:
        with limited(map(ends.source, Direction), stop.set):
            return _follow(ends, domains, watch, stop, back or watch, once=True)
    return _follow(ends, domains, watch, stop, back or watch, once=False)


def _follow(
    ends: Ends, domains: Domains, watch: Watch, stop: Event, back: Watch, *, once: bool
) -> Both:
    answered = has_way_back(ends.legacy_url)
    forward = OneWay(ends, Direction.FORWARD, domains, watch, stop, once=once, answered=answered)
    if not answered:
        return Both(forward.run(), None)
    reverse = OneWay(ends, Direction.REVERSE, domains, back, stop, once=once, answered=True)
    with ThreadPoolExecutor(2, thread_name_prefix="replication") as threads:
        running = {
            threads.submit(forward.run): (forward, watch),
            threads.submit(reverse.run): (reverse, back),
        }
        try:
            ended = _both(threads, running, stop, once=once)
        except BaseException:
            stop.set()
            raise
    return Both(ended[Direction.FORWARD], ended[Direction.REVERSE])


_Running = dict[Future[Followed], tuple[OneWay, Watch]]


def _both(
    threads: ThreadPoolExecutor, running: _Running, stop: Event, *, once: bool
) -> dict[Direction, Followed]:
    """Raises `BridgeError` when neither direction goes on; with `once`, when one ended badly."""
    ended: dict[Direction, Followed] = {}
    faults: list[BaseException] = []
    while running:
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            way, watch = running.pop(future)
            error = future.exception()
            if error is None:
                ended[way.direction] = future.result()
            elif once:
                faults.append(error)
            elif not isinstance(error, BridgeError) or not _goes_on(running):
                raise error
            else:
                way.progressed = False
                watch.lost(str(error), RETRY_SECONDS)
                running[threads.submit(_later, way, stop)] = (way, watch)
    if faults:
        raise faults[0]
    return ended


def _goes_on(running: _Running) -> bool:
    return any(way.progressed for way, _ in running.values())


def _later(way: OneWay, stop: Event) -> Followed:
    return way.summary() if stop.wait(RETRY_SECONDS) else way.run()


def has_way_back(legacy_url: str) -> bool:
    """Whether a stream from the native database has been prepared. Tables that an older version
    made get what they lack. Raises `BridgeError` if they cannot."""
    with connected(legacy_url, LEGACY) as legacy:
        if home.began(legacy):
            home.ensure(legacy)
        return home.found(legacy) and read_stream(legacy, Direction.REVERSE) is not None


def streaming(native_url: str) -> tuple[str, ...]:
    """The domains that a stream was made for, also those that were retired since; none before
    `sync init`, or in a database without tables.

    Raises `BridgeError` for one that cannot be reached.
    """
    with connected(native_url, NATIVE) as native:
        try:
            return tuple(required_stream(native, Direction.FORWARD).domains)
        except BridgeError:
            return ()


def retired(native_url: str) -> frozenset[str]:
    """Domains of which nothing is carried any more; none in a database without tables. Raises
    `BridgeError` for one that cannot be reached."""
    with connected(native_url, NATIVE) as native:
        try:
            return read_owners(native).retired
        except BridgeError:
            return frozenset()
